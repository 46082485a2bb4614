import { describe, expect, it } from 'vitest';
import { setInYaml } from '../../src/manifests/edit-yaml.ts';
import { parseYaml, YamlError } from '../../src/manifests/yaml.ts';

const PATH = ['supportBundle', 'crewLogNamespaces'];

describe('setInYaml', () => {
  it.each<[string, string, unknown]>([
    ['replaces', 'supportBundle:\n  crewLogNamespaces: [a]\nweb: 1\n', { web: 1 }],
    ['adds a key', 'supportBundle:\n  enabled: true\n', {}],
    ['adds maps', 'web: 1\n', { web: 1 }],
    ['fills what is empty', 'supportBundle:\n', {}],
    ['fills an empty file', '', {}],
    ['fills one of comments', '# nothing yet\n', {}],
    ['takes JSON', '{"web": 1}', { web: 1 }],
    ['keeps CRLF readable', 'web: 1\r\nsupportBundle:\r\n  x: 1\r\n', { web: 1 }],
  ])('%s', (_, text, rest) => {
    const values = parseYaml(setInYaml(text, PATH, ['n-1', 'n-2'])) as {
      supportBundle: { crewLogNamespaces: unknown };
    };
    expect(values).toMatchObject(rest as object);
    expect(values.supportBundle.crewLogNamespaces).toEqual(['n-1', 'n-2']);
  });

  it('keeps comments, order and quotes', () => {
    const text =
      "# ours\nweb: 'on' # quoted\n\nsupportBundle:\n  crewLogNamespaces: [old]\n  enabled: true # yes\nlast: |\n  a\n  b\n";
    expect(setInYaml(text, PATH, ['n'])).toBe(
      "# ours\nweb: 'on' # quoted\n\nsupportBundle:\n  crewLogNamespaces:\n    - n\n  enabled: true # yes\nlast: |\n  a\n  b\n",
    );
  });

  it.each(['- a\n', 'text\n', 'supportBundle: [1]\n', 'supportBundle: text\n'])('refuses %j', (text) => {
    expect(() => setInYaml(text, PATH, [])).toThrow(/is not a map/);
  });

  it('refuses what is no YAML, without quoting it', () => {
    expect(() => setInYaml('a: [example-secret', PATH, [])).toThrow(YamlError);
    expect(() => setInYaml('a: [example-secret', PATH, [])).not.toThrow(/example-secret/);
  });
});
