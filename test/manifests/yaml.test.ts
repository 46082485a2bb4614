import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseYaml, parseYamlDocuments, stringifyYaml, YamlError } from '../../src/manifests/yaml.ts';

// What kubectl 1.32 prints for each scalar (`kubectl annotate --local -f - x=y -o json`).
const SCALARS: readonly (readonly [string, unknown])[] = [
  ['0777', 511],
  ['0644', 420],
  ['0o17', 15],
  ['0O17', 15],
  ['0x1F', 31],
  ['0b11', 3],
  ['-0b1', -1],
  ['+0x1', 1],
  ['0778', 778],
  ['08', 8],
  ['00', 0],
  ['0_7', 7],
  ['1_000', 1000],
  ['1_', 1],
  ['_1', '_1'],
  ['.5', 0.5],
  ['5.', 5],
  ['+.5', 0.5],
  ['.1_0', 0.1],
  ['._1', '._1'],
  ['.1__0', '.1__0'],
  ['1e3', 1000],
  ['1.e3', 1000],
  ['1e400', '1e400'],
  ['e1', 'e1'],
  ['1e', '1e'],
  ['-0', 0],
  ['-0.0', 0],
  ['18446744073709551615', 2 ** 64],
  ['0xFFFFFFFFFFFFFFFFFF', '0xFFFFFFFFFFFFFFFFFF'],
  ['1:30', '1:30'],
  ['190:20:30', '190:20:30'],
  ['2001-12-14', '2001-12-14'],
  ['2001-12-14t21:59:43.10-05:00', '2001-12-14t21:59:43.10-05:00'],
  ['1,000', '1,000'],
  ['yes', true],
  ['Yes', true],
  ['y', true],
  ['on', true],
  ['True', true],
  ['tRue', 'tRue'],
  ['no', false],
  ['N', false],
  ['off', false],
  ['OFF', false],
  ['~', null],
  ['null', null],
  ['Null', null],
  ['nuLL', 'nuLL'],
  ['', null],
  ['<<', '<<'],
  ['=', '='],
  ['"no"', 'no'],
  ["'0777'", '0777'],
  ['!!str 0777', '0777'],
  ['!!bool "yes"', true],
];

describe('scalars as kubectl reads them', () => {
  it.each(SCALARS)('%s is %j', (source, value) => {
    expect(parseYaml(`v: ${source}\n`)).toEqual({ v: value });
  });

  it.each([
    ['no', 'false'],
    ['0777', '511'],
    ['1.50', '1.5'],
    ['"no"', 'no'],
    ['<<x', '<<x'],
    ['__proto__', '__proto__'],
    ['constructor', 'constructor'],
  ])('the key %s becomes %s', (source, key) => {
    expect(Object.keys(parseYaml(`${source}: x\n`) as object)).toEqual([key]);
  });
});

describe('documents as kubectl reads them', () => {
  it.each<[string, string, unknown]>([
    ['merge after an explicit key wins', 'b: &b {k: 1}\na:\n  k: 2\n  <<: *b\n', { b: { k: 1 }, a: { k: 1 } }],
    ['merge before an explicit key loses', 'b: &b {k: 1}\na:\n  <<: *b\n  k: 2\n', { b: { k: 1 }, a: { k: 2 } }],
    [
      'of several merged maps the first wins',
      'b: &b {k: 1}\nc: &c {k: 2, l: 3}\na:\n  <<: [*b, *c]\n',
      { b: { k: 1 }, c: { k: 2, l: 3 }, a: { k: 1, l: 3 } },
    ],
    ['a quoted << is a key', 'a: {"<<": 1}\n', { a: { '<<': 1 } }],
    ['an alias follows redefinition', 'a: &x 1\nb: *x\nc: &x 2\nd: *x\n', { a: 1, b: 1, c: 2, d: 2 }],
    [
      'an expanded anchor does not set inner anchors again',
      'a: &a {x: &x 1}\nb: &x 2\nc: *a\nd: *x\n',
      { a: { x: 1 }, b: 2, c: { x: 1 }, d: 2 },
    ],
    ['the last of duplicate keys wins', '1: a\n0x1: b\n', { 1: 'b' }],
    ['tabs and CRLF', 'a:\r\n- b\t# c\r\n', { a: ['b'] }],
    ['JSON', '{"a": [1, null]}', { a: [1, null] }],
    ['a byte order mark', '\ufeffa: 1\n', { a: 1 }],
    ['nothing', '# only a comment\n', null],
    ['only the first document', 'a: 1\n---\nb: 2\n', { a: 1 }],
  ])('%s', (_, text, value) => {
    expect(parseYaml(text)).toEqual(value);
  });

  it.each<[string, string, RegExp, number, number]>([
    ['a null key', 'a: 1\n~: x\n', /a key is null/, 2, 1],
    ['an empty key', 'a: 1\n: x\n', /a key is null/, 2, 1],
    ['a list as key', 'a: 1\n? [a]\n: x\n', /a key is a map or a list/, 2, 3],
    ['a value in Helm braces', 'a: 1\nb: {{ .Values.x }}\n', /unrendered Helm template/, 2, 5],
    ['a line in Helm braces', 'a: 1\n{{- if .Values.x }}\nb: 2\n{{- end }}\n', /unrendered Helm template/, 2, 1],
    ['a Helm include', 'a:\n  {{- include "x" . | nindent 2 }}\n', /unrendered Helm template/, 2, 5],
    ['an int tag on a text', 'a: !!int "0777"\n', /a tag \(!\) that is not read here/, 1, 4],
    ['a binary tag', 'a: !!binary aGk=\n', /a tag/, 1, 4],
    ['a tag of its own', 'a: !foo 0777\n', /a tag/, 1, 4],
    ['infinity', 'a: .inf\n', /no JSON numbers/, 1, 4],
    ['an unknown alias', 'a: *x\n', /alias/, 1, 4],
    ['an anchor inside itself', 'a: &a [*a]\n', /contains itself/, 1, 8],
    ['a merged text', 'a: {<<: x}\n', /not a map/, 1, 9],
    ['an open quote', 'a: "x\n', /not YAML: missing closing "quote/, 1, 6],
    ['a tab as indentation', 'a:\n\tb: 1\n', /not YAML: tabs/, 2, 1],
    ['a control character', 'a: x\u0007\n', /control character/, 1, 5],
    ['a directive without document', '%YAML 1.2\na: 1\n', /not YAML/, 2, 1],
  ])('%s is refused', (_, text, message, line, column) => {
    const [document] = parseYamlDocuments(text);
    expect(document?.error).toBeInstanceOf(YamlError);
    expect(document?.error?.message).toMatch(message);
    expect(document?.error).toMatchObject({ line, column });
    expect(() => parseYaml(text)).toThrow(message);
  });

  it('does not take text in braces of a later mistake for a Helm template', () => {
    const text = 'rule: |\n  {{ $labels.pod }} is down\na: 1\nb: 2\nc: 3\n? [a]\n: x\n';
    expect(parseYamlDocuments(text)[0]?.error?.message).toMatch(/a key is a map or a list/);
  });

  it.each<[string, string, RegExp, number]>([
    ['duplicate keys', 'a: 1\na: 2\n', /given twice/, 2],
    ['a merge that overrides', 'b: &b {k: 1}\na:\n  k: 2\n  <<: *b\n', /kubectl takes the merged value/, 4],
    ['text after the end', 'a: 1\n...\nb: 2\n', /is ignored/, 2],
    ['content on the separator', '--- {a: 1}\n', /on the line of ---/, 1],
  ])('%s are reported', (_, text, message, line) => {
    const [document] = parseYamlDocuments(text);
    expect(document?.error).toBeUndefined();
    expect(document?.warnings.map((warning) => warning.message)).toEqual([expect.stringMatching(message)]);
    expect(document?.warnings[0]?.line).toBe(line);
  });

  it('keeps its word about every document of a stream', () => {
    const text = '# Source: a\n---\n# nothing\n---\na: 1\n---\nb: [\n---\nc: 3\n';
    expect(parseYamlDocuments(text).map(({ value, error, line }) => [value ?? error?.line, line])).toEqual([
      [{ a: 1 }, 5],
      [expect.any(Number), expect.any(Number)],
      [{ c: 3 }, 9],
    ]);
  });

  it.each([
    'password: s3cr3t-value "x"\n  y: z\n',
    'password: "s3cr3t-value\\q"\n',
    'password: !s3cr3t-value x\n',
    'password: *s3cr3t-value\n',
    'password: @s3cr3t-value\n',
    '{"password": "s3cr3t-value}',
    '{"password": s3cr3t-value"',
    '{"password": "s3cr3t-value" "x"}',
    'password: |s3cr3t-value\n  x\n',
    '%s3cr3t-value\na: 1\n',
    'a: 1\n- s3cr3t-value\n',
    '? {s3cr3t-value: x}\n: s3cr3t-value\n',
  ])('never quotes the text of a broken document: %j', (text) => {
    const error = parseYamlDocuments(text)[0]?.error;
    expect(error).toBeInstanceOf(YamlError);
    expect(JSON.stringify([error?.message, String(error)])).not.toContain('s3cr3t-value');
  });
});

describe('lists in block style', () => {
  const whole = `apiVersion: v1
items:
# first
- kind: A
  text: |
    - not an item

    items:
  list:
  - 1
-
  kind: B
- {kind: C,
   x: 1}
kind: List
metadata:
  resourceVersion: ""
`;

  it.each<[string, (text: string) => string]>([
    ['as kubectl prints', (text) => text],
    ['with CRLF', (text) => text.replaceAll('\n', '\r\n')],
    ['without a last line break', (text) => text.trimEnd()],
    [
      'indented',
      (text) =>
        text.replace(/items:\n([\s\S]*)kind: List/, (_, items: string) => {
          return `items:\n${items.replaceAll(/^/gm, '  ').trimEnd()}\nkind: List`;
        }),
    ],
  ])('read the same %s', (_, change) => {
    const value = parseYaml(change(whole));
    expect(value).toEqual({
      apiVersion: 'v1',
      kind: 'List',
      metadata: { resourceVersion: '' },
      items: [{ kind: 'A', text: '- not an item\n\nitems:\n', list: [1] }, { kind: 'B' }, { kind: 'C', x: 1 }],
    });
  });

  it('read anchors across items and items given twice', () => {
    expect(parseYaml('items:\n- &a {x: 1}\n- *a\nkind: List\n')).toEqual({ items: [{ x: 1 }, { x: 1 }], kind: 'List' });
    expect(parseYaml('items:\n- 1\nitems:\n- 2\n')).toEqual({ items: [2] });
  });

  it('name the place of a fault in an item and behind the items', () => {
    expect(parseYamlDocuments('items:\n- a: 1\n- ~: 1\nkind: List\n')[0]?.error).toMatchObject({ line: 3, column: 3 });
    expect(parseYamlDocuments('kind: List\nitems:\n- a: 1\n~: 1\n')[0]?.error).toMatchObject({ line: 4, column: 1 });
    const [twice] = parseYamlDocuments('kind: List\nitems:\n- a: 1\nx: 1\nx: 2\n');
    expect(twice?.warnings[0]).toMatchObject({ line: 5, column: 1 });
  });
});

describe('writing', () => {
  const json = fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' }).map((value) => {
    // What JSON itself does not keep: minus zero and lone surrogates.
    return JSON.parse(JSON.stringify(value).replaceAll(/\\ud[89a-f][\da-f]{2}/gi, '?')) as unknown;
  });

  it('reads back what it wrote', () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(parseYaml(stringifyYaml({ value }))).toEqual({ value });
      }),
      {
        numRuns: 500,
        examples: [[{ '<<': { a: 1 } }], ['\u0085'], ['a\u2028b\n'], [['.1_0', '1_000', '0o7']], [{ 0.5: '1:30' }]],
      },
    );
  });

  it('reads back any text that looks like something else', () => {
    const tricky = fc.string({
      unit: fc.constantFrom(
        ...Array.from(' \n\t\r#:-?,[]{}&*!|>\'"%@`=~<0178._+exobynulfa\u0085\u2028\u2029\u007f\ufeff'),
      ),
      maxLength: 8,
    });
    fc.assert(
      fc.property(fc.array(fc.tuple(tricky, tricky)), (pairs) => {
        const value = Object.fromEntries(pairs);
        expect(parseYaml(stringifyYaml({ value, list: pairs }))).toEqual({ value, list: pairs });
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ['yes', '"yes"'],
    ['y', '"y"'],
    ['0777', '"0777"'],
    ['1_000', '"1_000"'],
    ['.5', '".5"'],
    ['null', '"null"'],
    ['~', '"~"'],
    ['', '""'],
    ['<<', '"<<"'],
    ['1:30', '1:30'],
    ['2001-12-14', '2001-12-14'],
    ['a\u0085b', '"a\\u0085b"'],
    ['a\u2028b\u2029', '"a\\u2028b\\u2029"'],
    ['a\u007f', '"a\\u007f"'],
    ['a\nb\n', '|\n  a\n  b'],
    [true, 'true'],
    [null, 'null'],
    [1e21, '1e+21'],
    [[], '[]'],
    [[{ a: 1 }], '\n- a: 1'],
  ])('%j is written as %s', (value, text) => {
    expect(stringifyYaml({ v: value }).replace(/^v: ?/, '').trimEnd()).toBe(text);
  });
});
