import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync, chmodSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readManifests, readObjects, type LocatedObject } from '../../src/manifests/read.ts';

const pod = (name: string): string => `apiVersion: v1\nkind: Pod\nmetadata:\n  name: ${name}\n`;
const jsonPod = (name: string): string => JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: { name } });
const nameOf = ({ object, location }: LocatedObject): string => `${object.metadata.name}@${String(location.line)}`;
const read = (text: string) => readObjects(text, 'f.yaml');

describe('objects of a text', () => {
  it.each<[string, string, string[]]>([
    ['one document', pod('a'), ['a@1']],
    ['several', `${pod('a')}---\n${pod('b')}`, ['a@1', 'b@6']],
    ['empty ones between', `---\n# x\n---\n\n${pod('a')}---\n---\n${pod('b')}---\n`, ['a@5', 'b@11']],
    ['null documents', `null\n---\n~\n---\n${pod('a')}`, ['a@5']],
    ['a separator with a comment', `--- # one\n${pod('a')}--- \t\n${pod('b')}`, ['a@2', 'b@7']],
    ['CRLF', `${pod('a')}---\n${pod('b')}`.replaceAll('\n', '\r\n'), ['a@1', 'b@6']],
    ['an end marker', `${pod('a')}...\n---\n${pod('b')}...\n`, ['a@1', 'b@7']],
    ['JSON', `\n${jsonPod('a')}\n`, ['a@2']],
    ['JSON in a row', `${jsonPod('a')}${jsonPod('b')}\n${jsonPod('c')}`, ['a@1', 'b@1', 'c@2']],
    ['JSON between separators', `${jsonPod('a')}\n---\n${jsonPod('b')}\n---\n${pod('c')}`, ['a@1', 'b@3', 'c@5']],
    ['YAML in braces', '{apiVersion: v1, kind: Pod, metadata: {name: a}}\n', ['a@1']],
    [
      'a list as kubectl prints it',
      `apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: a\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: b\nkind: List\n`,
      ['a@3', 'b@7'],
    ],
    [
      'a JSON list',
      `{"apiVersion": "v1",\n "kind": "List",\n "items": [\n${jsonPod('a')},\n${jsonPod('b')}\n]}`,
      ['a@4', 'b@5'],
    ],
    [
      'lists in a list',
      `kind: List\napiVersion: v1\nitems:\n- kind: List\n  apiVersion: v1\n  items:\n  - {apiVersion: v1, kind: Pod, metadata: {name: a}}\n  - {apiVersion: v1, kind: Pod, metadata: {name: b}}\n- {apiVersion: v1, kind: Pod, metadata: {name: c}}\n`,
      ['a@7', 'b@8', 'c@9'],
    ],
    [
      'lists in a JSON list',
      `{"kind":"List","items":[\n{"kind":"List","items":[\n${jsonPod('a')},\n${jsonPod('b')}]},\n${jsonPod('c')}]}`,
      ['a@3', 'b@4', 'c@5'],
    ],
    ['an empty list', 'apiVersion: v1\nkind: List\nitems: []\n', []],
    ['an empty typed list', '{"kind":"PodList","apiVersion":"v1","metadata":{"resourceVersion":"1"},"items":null}', []],
    ['a kind that only sounds like a list', 'apiVersion: x/v1\nkind: IPAllowList\nmetadata: {name: a}\n', ['a@1']],
  ])('%s', (_, text, names) => {
    const { objects, problems } = read(text);
    expect(problems).toEqual([]);
    expect(objects.map(nameOf)).toEqual(names);
  });

  it('gives items of a typed list the kind of the list', () => {
    const { objects } = read('{"kind":"RoleBindingList","apiVersion":"x/v1","items":[{"metadata":{"name":"a"}}]}');
    expect(objects[0]?.object).toMatchObject({ apiVersion: 'x/v1', kind: 'RoleBinding' });
  });

  it('keeps what it does not know, and takes null labels for empty ones', () => {
    const { objects } = read(`${pod('a')}  labels: {x: , z: "1"}\nspec:\n  futureField: [0644]\n`);
    expect(objects[0]?.object).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'a', labels: { x: '', z: '1' } },
      spec: { futureField: [420] },
    });
  });

  it.each<[string, string, RegExp, number]>([
    ['no kind', 'apiVersion: v1\n', /no kind/, 1],
    ['no apiVersion', 'kind: Pod\nmetadata: {name: a}\n', /no apiVersion/, 1],
    ['no metadata', 'apiVersion: v1\nkind: Pod\n', /no metadata\.name/, 1],
    ['no name', 'apiVersion: v1\nkind: Pod\nmetadata:\n  generateName: a-\n', /no metadata\.name/, 3],
    ['a number as name', 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: 0777\n', /metadata\.name is a number/, 4],
    ['a boolean label', `${pod('a')}  labels:\n    x: yes\n`, /metadata\.labels\.x is a boolean/, 6],
    ['labels in a list', `${pod('a')}  labels: [x]\n`, /metadata\.labels is a list, not a map/, 5],
    ['finalizers in a text', `${pod('a')}  finalizers: x\n`, /metadata\.finalizers is a text, not a list/, 5],
    ['a list document', '- a\n', /a list, not a Kubernetes object/, 1],
    ['a text document', 'hello\n', /a text, not a Kubernetes object/, 1],
    ['a JSON array', '[1]', /a list, not a Kubernetes object/, 1],
    ['a null item', 'kind: List\nitems:\n-\n', /null, not a Kubernetes object/, 3],
    [
      'a kustomization',
      'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []\n',
      /output of kubectl kustomize/,
      1,
    ],
    [
      'a list that was cut',
      '{"kind":"PodList","apiVersion":"v1",\n"metadata":{"continue":"x"},"items":[]}',
      /a list that was cut/,
      1,
    ],
    ['broken YAML', 'a: [\n', /not YAML/, 1],
    ['JSON that ends early', '{"apiVersion": "v1",\n "kind": "Po', /ends in the middle/, 2],
    ['JSON with a mistake', '{"apiVersion": "v1",\n "kind" "Pod"}', /not JSON: expected :/, 2],
    ['unrendered Helm', 'apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Release.Name }}\n', /Helm template/, 4],
  ])('%s is one problem, and the rest is read', (_, text, message, line) => {
    const { objects, problems } = read(`${pod('before')}---\n${text}\n---\n${pod('after')}`);
    expect(problems).toEqual([
      expect.objectContaining({ level: 'error', file: 'f.yaml', line: line + 5, document: 2 }),
    ]);
    expect(problems[0]?.message).toMatch(message);
    expect(objects.map(({ object }) => object.metadata.name)).toEqual(['before', 'after']);
  });

  it('keeps the good items of a list beside the bad ones, and counts those', () => {
    const { objects, problems } = read(
      'kind: List\nitems:\n- {}\n- {}\n- {apiVersion: v1, kind: Pod, metadata: {name: a}}\n',
    );
    expect(objects.map(nameOf)).toEqual(['a@5']);
    expect(problems).toEqual([expect.objectContaining({ line: 3, level: 'error' })]);
    expect(problems[0]?.message).toContain('and 1 more in this document');
  });

  it('keeps the JSON objects before a broken one', () => {
    const { objects, problems } = read(`${jsonPod('a')}\n${jsonPod('b')}\n{"kind":`);
    expect(objects.map(nameOf)).toEqual(['a@1', 'b@2']);
    expect(problems).toEqual([expect.objectContaining({ level: 'error', line: 3 })]);
  });

  it('names the template that helm rendered', () => {
    const { problems } = read('---\n# Source: crewai/templates/web.yaml\napiVersion: v1\nkind: Pod\n');
    expect(problems[0]?.message).toBe('no metadata.name (from crewai/templates/web.yaml)');
  });

  it('warns about what kubectl reads otherwise than people think', () => {
    const { objects, problems } = read(`${pod('a')}kind: Service\n`);
    expect(objects[0]?.object.kind).toBe('Service');
    expect(problems).toEqual([expect.objectContaining({ level: 'warning', line: 5 })]);
  });
});

describe('places', () => {
  const fields = 'spec:\n  a/b:\n  - name: x\n    value: 1\n  - {name: y, "value": 2}\n';
  const listed = `apiVersion: v1\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: a\n${fields.replaceAll(/^(?=.)/gm, '  ')}- {}\nkind: List\n`;
  it.each<[string, string, string, [number, number]]>([
    ['the object', pod('a') + fields, '', [1, 1]],
    ['a field', pod('a') + fields, '/metadata/name', [4, 3]],
    ['an escaped step', pod('a') + fields, '/spec/a~1b/1/value', [9, 15]],
    ['as far as it exists', pod('a') + fields, '/spec/a~1b/7/value', [6, 3]],
    ['a later document', `a\n---\n${pod('a')}${fields}`, '/spec/a~1b/0/value', [10, 5]],
    ['an item of a list', listed, '/spec/a~1b/0/value', [10, 7]],
    ['a field of braces in a list', listed, '/spec/a~1b/1/value', [11, 17]],
    [
      'braces over several lines',
      '  {apiVersion: v1,\n kind: Pod,\n metadata: {name: a,\n labels: {x: z}}}\n',
      '/metadata/labels/x',
      [4, 11],
    ],
    ['JSON', '{"apiVersion":"v1","kind":"Pod",\n"metadata":{\n "name":"a"}}', '/metadata/name', [3, 2]],
    [
      'JSON in a list',
      '{"kind":"List","items":[\n {"apiVersion":"v1","kind":"Pod","metadata":\n  {"labels":{}, "name":"a"}}]}',
      '/metadata/name',
      [3, 17],
    ],
    ['JSON in a row', `${jsonPod('b')}\n  ${jsonPod('a')}`, '/kind', [2, 22]],
    ['CRLF', (pod('a') + fields).replaceAll('\n', '\r\n'), '/spec/a~1b/0/value', [8, 5]],
  ])('of %s', (_, text, pointer, [line, column]) => {
    const found = read(text).objects.at(-1);
    expect(found?.locate(pointer)).toMatchObject({ file: 'f.yaml', line, column });
  });
});

describe('sources', () => {
  let root: string;
  const at = (path: string): string => join(root, path);
  const put = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), content);
  };
  const names = async (...sources: Parameters<typeof readManifests>): Promise<string[]> =>
    (await readManifests(...sources)).objects.map(({ object }) => object.metadata.name);

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'manifests-'));
    put('b.yaml', pod('b'));
    put('a.json', jsonPod('a'));
    put('c.yml', pod('c'));
    put('notes.txt', 'not: [yaml');
    put('sub/d.yaml', pod('d'));
    put('sub/sub/e.yaml', pod('e'));
    put('a/f.yaml', pod('f'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  it('reads a folder as kubectl does', async () => {
    expect(await names([root])).toEqual(['a', 'b', 'c']);
    expect(await names([root], { recursive: true })).toEqual(['f', 'a', 'b', 'c', 'd', 'e']);
  });

  it('reads a file whatever it is called, and each file once', async () => {
    put('pod', pod('x'));
    expect(await names([at('pod'), root, at('b.yaml')])).toEqual(['x', 'a', 'b', 'c']);
  });

  it('reads standard input', async () => {
    const stdin = (async function* () {
      yield* await Promise.resolve([Buffer.from(pod('é')).subarray(0, 42), Buffer.from(pod('é')).subarray(42)]);
    })();
    const { objects, files } = await readManifests(['-', at('b.yaml'), '-'], { stdin });
    expect(objects.map(({ object }) => object.metadata.name)).toEqual(['é', 'b']);
    expect(objects[0]?.location.file).toBe('stdin');
    expect(files).toEqual(['stdin', at('b.yaml')]);
  });

  it.each<[string, Uint8Array]>([
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${pod('x')}`)],
    ['UTF-16, as PowerShell writes', Buffer.from(`\ufeff${pod('x')}`, 'utf16le')],
  ])('reads %s', async (_, bytes) => {
    put('x.yaml', bytes);
    expect(await names([at('x.yaml')])).toEqual(['x']);
  });

  it.each<[string, Uint8Array, RegExp]>([
    ['bytes that are no text', Uint8Array.from([0xde, 0xad, 0xbe, 0xef, 0xff]), /not a text in UTF-8/],
    ['text with zero bytes', Buffer.from('a: \0\n'), /control character/],
    ['gzip', Uint8Array.from([0x1f, 0x8b, 8, 0]), /unpack it first/],
  ])('%s are one problem', async (_, bytes, message) => {
    put('x.yaml', bytes);
    const { objects, problems } = await readManifests([at('x.yaml'), at('b.yaml')]);
    expect(objects).toHaveLength(1);
    expect(problems).toEqual([expect.objectContaining({ level: 'error', file: at('x.yaml') })]);
    expect(problems[0]?.message).toMatch(message);
  });

  it('throws for a source that does not exist', async () => {
    await expect(readManifests([at('missing.yaml')])).rejects.toMatchObject({ exitCode: 4 });
    await expect(readManifests(['https://example.com/x.yaml'])).rejects.toMatchObject({ exitCode: 2 });
  });

  it.skipIf(process.getuid?.() === 0)('tells what may not be read (not as root, who may)', async () => {
    chmodSync(at('b.yaml'), 0);
    await expect(readManifests([at('b.yaml')])).rejects.toMatchObject({ exitCode: 4 });
    const { problems } = await readManifests([root]);
    expect(problems).toEqual([{ level: 'error', file: at('b.yaml'), message: 'permission denied' }]);
  });

  it('is not caught by links that go in circles', async () => {
    symlinkSync(root, at('sub/loop'));
    symlinkSync(at('l2.yaml'), at('l1.yaml'));
    symlinkSync(at('l1.yaml'), at('l2.yaml'));
    symlinkSync(at('gone'), at('dangling.yaml'));
    symlinkSync(at('b.yaml'), at('linked.yaml'));
    const { objects, problems } = await readManifests([root], { recursive: true });
    expect(objects).toHaveLength(6);
    expect(problems.map(({ file, message }) => [file.slice(root.length + 1), message])).toEqual([
      ['dangling.yaml', 'no such file or folder'],
      ['l1.yaml', 'symbolic links that go in a circle'],
      ['l2.yaml', 'symbolic links that go in a circle'],
    ]);
  });

  it('says when a folder holds nothing', async () => {
    mkdirSync(at('empty/below'), { recursive: true });
    const { problems } = await readManifests([at('empty')]);
    expect(problems).toEqual([expect.objectContaining({ level: 'error', file: at('empty') })]);
    expect(problems[0]?.message).toContain('-R');
    put('none.yaml', '---\n');
    expect((await readManifests([at('none.yaml')])).problems).toEqual([
      { level: 'error', file: at('none.yaml'), message: 'no Kubernetes object in it' },
    ]);
  });

  it('keeps to its limits', async () => {
    put('b.yaml', `${pod('b')}${'#'.repeat(2 ** 20)}`);
    const small = await readManifests([root], { limits: { fileBytes: 2 ** 20 } });
    expect(small.problems).toEqual([{ level: 'error', file: at('b.yaml'), message: 'larger than 1 MiB' }]);
    const few = await readManifests([root], { limits: { files: 1 } });
    expect(few.objects).toHaveLength(1);
    expect(few.problems).toEqual([expect.objectContaining({ level: 'error', file: at('b.yaml') })]);
    const little = await readManifests([root], { limits: { totalBytes: 10 } });
    expect(little.objects).toHaveLength(1);
    expect(little.problems).toHaveLength(1);
  });

  it('lets the last of two equal objects count', async () => {
    put('b2.yaml', `${pod('b')}spec: {x: 1}\n`);
    const { objects, problems } = await readManifests([at('b2.yaml'), at('b.yaml')]);
    expect(objects.map(({ location }) => location.file)).toEqual([at('b.yaml')]);
    expect(problems).toEqual([expect.objectContaining({ level: 'warning', file: at('b2.yaml'), line: 1 })]);
  });
});
