import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readObjects } from '../../src/manifests/read.ts';
import { parseYaml, parseYamlDocuments } from '../../src/manifests/yaml.ts';

const pod = (name: string): string => `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n`;
const messageOf = (text: string): string | undefined => parseYamlDocuments(text)[0]?.error?.message;

describe('hostile input', () => {
  it('refuses aliases that multiply', () => {
    const lines = ['a: &a [lol, lol, lol, lol, lol, lol, lol, lol, lol]'];
    for (let code = 98; code < 107; code += 1) {
      const name = String.fromCharCode(code);
      const before = String.fromCharCode(code - 1);
      lines.push(`${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join(', ')}]`);
    }
    expect(messageOf(lines.join('\n'))).toMatch(/aliases multiply/);
  });

  it('reads an alias that is used now and then', () => {
    const text = `a: &a [1, 2, 3]\nb: [${'*a, '.repeat(1000)}*a]\n`;
    expect((parseYaml(text) as { b: unknown[] }).b).toHaveLength(1001);
  });

  it.each<[string, string]>([
    ['lists', '['.repeat(10_000)],
    ['closed lists', `a: ${'['.repeat(10_000)}${']'.repeat(10_000)}`],
    ['maps in braces', '{a: '.repeat(10_000)],
    ['JSON', `${'{"a":['.repeat(10_000)}${']}'.repeat(10_000)}`],
    ['dashes', '- '.repeat(10_000)],
    ['questions', '? '.repeat(10_000)],
    ['blocks', Array.from({ length: 2000 }, (_, depth) => `${' '.repeat(depth)}a:`).join('\n')],
  ])('refuses 10,000 levels of %s, and reads what follows', (_, text) => {
    const { objects, problems } = readObjects(`${text}\n---\n${pod('a')}`, 'f');
    expect(problems).toEqual([expect.objectContaining({ level: 'error', document: 1 })]);
    expect(objects).toHaveLength(1);
  });

  it('reads a million lines', () => {
    const script = '    x\n'.repeat(500_000);
    const text = `${'# c\n\n'.repeat(250_000)}${pod('a')}data:\n  script: |\n${script}---\n${pod('b')}`;
    const { objects, problems } = readObjects(text, 'f');
    expect(problems).toEqual([]);
    expect(objects.map(({ location }) => location.line)).toEqual([500_001, 1_000_008]);
  });

  it('refuses a document that is too large to parse, and reads what follows', () => {
    const { objects, problems } = readObjects(`a: [${'x, '.repeat(3_000_000)}]\n---\n${pod('a')}`, 'f');
    expect(problems[0]?.message).toBe('larger than 8 MiB');
    expect(objects).toHaveLength(1);
  });

  it('reads a list of any size whose items are small', () => {
    const filler = 'x'.repeat(30_000);
    const item = (index: number): string =>
      `- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: p${String(index)}\n    annotations:\n      x: ${filler}\n`;
    const items = Array.from({ length: 400 }, (_, index) => item(index)).join('');
    const text = `apiVersion: v1\nitems:\n${items}kind: List\nmetadata:\n  resourceVersion: ""\n`;
    expect(text.length).toBeGreaterThan(8 * 1024 * 1024);
    const { objects, problems } = readObjects(text, 'f');
    expect(problems).toEqual([]);
    expect(objects).toHaveLength(400);
    expect(objects.at(-1)?.location.line).toBe(3 + 399 * 6);
  });

  it.each<[string, string]>([
    [
      'YAML',
      `${pod('a')}  labels: {"__proto__": polluted}\n__proto__: {polluted: true}\nspec: {constructor: {prototype: {polluted: true}}}\n`,
    ],
    ['a merge', `x: &x {"__proto__": {polluted: true}}\n<<: *x\n${pod('a')}`],
    ['JSON', '{"apiVersion":"v1","kind":"Pod","__proto__":{"polluted":true},"metadata":{"name":"a"}}'],
    [
      'a list',
      `items:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\n  __proto__: {polluted: true}\n__proto__: {polluted: true}\n`,
    ],
  ])('keeps __proto__ in %s an ordinary key', (_, text) => {
    const { objects, problems } = readObjects(text, 'f');
    expect(problems).toEqual([]);
    const object = objects[0]?.object as unknown as Record<string, unknown>;
    expect(Object.keys(object)).toContain('__proto__');
    expect(object.polluted).toBeUndefined();
    expect(Object.getPrototypeOf(object)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  it('survives JSON and YAML that is cut or changed anywhere', () => {
    const good = [
      `${pod('a')}  labels: {x: "1", 'y': z}\nspec: &s\n- |\n  text\n- *s\n---\n# Source: x\n${pod('b')}...\n`,
      JSON.stringify(
        { kind: 'List', items: [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a\\"\u2028' } }] },
        null,
        1,
      ),
      `apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata: {name: a}\nkind: List\n`,
    ];
    const change = fc.tuple(
      fc.constantFrom(...good),
      fc.nat(),
      fc.nat(6),
      fc.string({ unit: fc.constantFrom(...Array.from('{}[]:-,#&*!|>\'"%@`?\n \t\\\0a0~<.\ud800')), maxLength: 4 }),
    );
    fc.assert(
      fc.property(change, ([text, at, removed, inserted]) => {
        const start = at % text.length;
        const broken = text.slice(0, start) + inserted + text.slice(start + removed);
        const { objects, problems } = readObjects(broken, 'f');
        for (const object of objects) {
          expect(object.location.line).toBeGreaterThan(0);
          expect(object.locate('/metadata/name').line).toBeGreaterThanOrEqual(object.location.line);
        }
        for (const problem of problems) expect(problem.line).toBeLessThanOrEqual(broken.split('\n').length);
      }),
      { numRuns: 800 },
    );
  });

  it('survives any bytes', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 60 }), (text) => {
        expect(readObjects(text, 'f').objects).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});
