import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateRawSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { unpacked } from '../../src/bundle/byte-source.ts';
import { snapshotOfBundle } from '../../src/bundle/bundle-snapshot.ts';
import { LIMITS, type Limits } from '../../src/bundle/limits.ts';
import { checksum, encodeHeader, END_OF_ARCHIVE, padding } from '../../src/bundle/tar-header.ts';
import { readTar } from '../../src/bundle/tar-reader.ts';
import { withTemporary } from '../support/bundles.ts';

/** A tar header with fields as a malicious tool would write them, its checksum right unless told otherwise. */
function header(fields: { name: string; size?: string; type?: string; target?: string; sum?: number }): Buffer {
  const block = encodeHeader('x', 0, 0);
  block.fill(0, 0, 100);
  block.write(fields.name, 0, 100, 'utf8');
  if (fields.size !== undefined) block.write(fields.size, 124, 12, 'latin1');
  if (fields.type !== undefined) block.write(fields.type, 156, 1, 'latin1');
  if (fields.target !== undefined) block.write(fields.target, 157, 100, 'latin1');
  block.write(`${(fields.sum ?? checksum(block)).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

const octal = (size: number): string => `${size.toString(8).padStart(11, '0')}\0`;
const named = (name: string, content = ''): Buffer =>
  Buffer.concat([header({ name, size: octal(content.length) }), Buffer.from(content), padding(content.length)]);
const pax = (records: string, type = 'x'): Buffer =>
  Buffer.concat([
    header({ name: 'pax', size: octal(Buffer.byteLength(records)), type }),
    Buffer.from(records),
    padding(Buffer.byteLength(records)),
  ]);
const record = (key: string, value: string): string => {
  const rest = ` ${key}=${value}\n`;
  const bytes = Buffer.byteLength(rest);
  let length = bytes + 1;
  while (String(length).length + bytes !== length) length += 1;
  return `${String(length)}${rest}`;
};
const tar = (...entries: readonly Buffer[]): Buffer => Buffer.concat([...entries, END_OF_ARCHIVE]);

async function read(bytes: Buffer, limits: Limits = LIMITS): Promise<string[]> {
  return withTemporary(async (folder) => {
    const file = join(folder, 'a');
    await writeFile(file, bytes);
    const paths: string[] = [];
    for await (const entry of readTar(unpacked(file, limits), limits)) {
      paths.push(entry.path);
      for await (const piece of entry.content()) expect(piece.length).toBeGreaterThan(0);
    }
    return paths;
  });
}

const REFUSED: Readonly<Record<string, readonly [Buffer, string]>> = {
  'a name that leads outside': [tar(named('../x')), 'leads outside'],
  'a name that leads outside from within': [tar(named('a/../../x')), 'leads outside'],
  'an absolute name': [tar(named('/etc/x')), 'root of the disk'],
  'a drive': [tar(named('C:x')), 'drive'],
  backslashes: [tar(named('a\\..\\b')), 'backslash'],
  'a control character': [tar(named('a\u001b[31m')), 'control character'],
  'a bidirectional override': [tar(named('a\u202eb')), 'control character'],
  'a NUL in a PAX name': [tar(pax(record('path', 'a\0b')), named('x')), 'malformed'],
  'ten thousand levels': [tar(pax(record('path', 'a/'.repeat(10_000))), named('x')), '1024 characters'],
  'too many levels': [tar(named('a/'.repeat(40) + 'x')), 'folders deep'],
  'a PAX header of 5 MiB': [tar(pax(record('comment', 'x'.repeat(5 * 1024 ** 2))), named('x')), '65536 bytes'],
  'a PAX size that differs': [tar(pax(record('size', '9')), named('x', 'abc')), 'another size'],
  'a PAX record without end': [tar(pax('99 path=x'), named('x')), 'malformed'],
  'a negative size': [tar(header({ name: 'x', size: '-0000000001\0' })), 'no number'],
  'a size in base 256': [tar(header({ name: 'x', size: '\x80\0\0\0\0\0\0\0\0\0\0\x05' })), 'no number'],
  'a size that is not octal': [tar(header({ name: 'x', size: '00000000009\0' })), 'no number'],
  'a size beyond the end': [header({ name: 'x', size: octal(5000) }), 'ends too early'],
  'a wrong checksum': [tar(header({ name: 'x', sum: 1 })), 'checksum'],
  'a sparse file': [tar(header({ name: 'x', type: 'S' })), 'sparse'],
  'a sparse file by PAX': [tar(pax(record('GNU.sparse.major', '1')), named('x')), 'sparse'],
  'a hard link': [tar(header({ name: 'x', type: '1', target: '/etc/passwd' })), 'hard link'],
  'a device': [tar(header({ name: 'x', type: '3' })), 'device'],
  'a pipe': [tar(header({ name: 'x', type: '6' })), 'pipe'],
  'a file and then a folder of one name': [tar(named('a'), header({ name: 'a/', type: '5' })), 'one name'],
  'a folder and then a file of one name': [tar(header({ name: 'a/', type: '5' }), named('a')), 'one name'],
  'two files of one name': [tar(named('manifest.json'), named('manifest.json')), 'one name'],
  'two names that differ in case': [tar(named('a/B'), named('a/b')), 'one name'],
  'two names that differ in Unicode form': [tar(named('\u00e9'), named('e\u0301')), 'one name'],
  'two archives behind each other': [Buffer.concat([tar(named('a')), tar(named('b'))]), 'behind its end'],
  'no end': [named('a'), 'no end'],
  'no archive at all': [Buffer.from('hello'), 'no tar archive'],
  'gzip that was cut': [gzipSync(tar(named('a', 'x'.repeat(5000)))).subarray(0, -20), 'too early'],
  'garbage behind gzip': [Buffer.concat([gzipSync(tar(named('a'))), Buffer.from('garbage')]), 'broken'],
  'gzip with a changed byte': [flipped(gzipSync(tar(named('a', 'x'.repeat(99))))), 'broken'],
};

function flipped(bytes: Buffer): Buffer {
  const at = bytes.length - 6;
  bytes[at] = (bytes[at] ?? 0) ^ 1;
  return bytes;
}

describe('an archive is refused, in one sentence and with exit code 4, for', () => {
  it.each(Object.entries(REFUSED))('%s', async (_name, [bytes, why]) => {
    const start = performance.now();
    await expect(read(bytes)).rejects.toMatchObject({ exitCode: 4, message: expect.stringContaining(why) as string });
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('a name that is no UTF-8', async () => {
    const block = header({ name: 'x' });
    block.fill(0xff, 0, 3);
    block.write(`${checksum(block).toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    await expect(read(tar(block))).rejects.toMatchObject({ exitCode: 4 });
  });

  it('what unpacks to too much', async () => {
    // Deflate makes a thousandth of zeros; the members are repeated, so that the test itself stays small.
    const member = gzipSync(Buffer.alloc(32 * 1024 ** 2));
    const bomb = Buffer.concat([
      gzipSync(header({ name: 'x', size: octal(1024 ** 3) })),
      ...Array.from({ length: 4 }, () => member),
    ]);
    const limits = { ...LIMITS, entryBytes: 2 * 1024 ** 3 };
    await expect(read(bomb, limits)).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('200 times') as string,
    });
    await expect(read(bomb)).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining('more than') as string,
    });
    await expect(read(bomb, { ...limits, totalBytes: 1024 })).rejects.toMatchObject({ exitCode: 4 });
  });

  it('too many entries', async () => {
    const many = tar(...Array.from({ length: 20 }, (_, index) => named(`f${String(index)}`)));
    await expect(read(many, { ...LIMITS, entries: 10 })).rejects.toMatchObject({ exitCode: 4 });
  });
});

describe('an archive is read', () => {
  it('with names as PAX and GNU tar write them, links, folders and zeros behind its end', async () => {
    const long = `${'d/'.repeat(20)}${'n'.repeat(150)}`;
    const gnu = Buffer.concat([
      header({ name: '././@LongLink', size: octal(long.length), type: 'L' }),
      Buffer.from(long),
      padding(long.length),
    ]);
    const link = header({ name: 'link', type: '2', target: '../../etc/passwd' });
    const bytes = tar(
      pax(record('path', 'ü/ö')),
      named('x', 'abc'),
      gnu,
      named('y'),
      header({ name: 'd/', type: '5' }),
      link,
      named('./con', 'x'),
    );
    expect(await read(Buffer.concat([bytes, Buffer.alloc(20 * 512)]))).toEqual(['ü/ö', long, 'link', 'con']);
    expect(await read(gzipSync(Buffer.concat([bytes, Buffer.alloc(512)])))).toHaveLength(4);
  });
});

/** An archive like ours with these documents in it. */
async function snapshotWith(files: Readonly<Record<string, string>>): Promise<unknown> {
  return withTemporary(async (folder) => {
    const file = join(folder, 'b.tar.gz');
    await writeFile(file, gzipSync(tar(...Object.entries(files).map(([path, text]) => named(path, text)))));
    return snapshotOfBundle(file);
  });
}

const HEAD = { format: 'crewiso.bundle/v1', createdAt: '2026-11-20T10:00:00Z', cluster: {}, tool: {} };
const plan = (more: object = {}): string =>
  JSON.stringify({ ...HEAD, kind: 'Plan', namespaces: [], items: [], ...more });
const manifest = (more: object = {}): string =>
  JSON.stringify({ ...HEAD, kind: 'Manifest', readme: { size: 0, sha256: '' }, items: [], ...more });

describe('a bundle is refused for', () => {
  it.each<readonly [string, Readonly<Record<string, string>>, string]>([
    [
      'another format',
      { 't/plan.json': plan({ format: 'crewiso.bundle/v9' }), 't/manifest.json': manifest() },
      'format',
    ],
    ['no plan', { 't/manifest.json': manifest() }, 'plan.json'],
    ['a plan that is not first', { 't/manifest.json': manifest(), 't/plan.json': plan() }, 'plan.json'],
    ['no manifest', { 't/plan.json': plan() }, 'manifest.json'],
    ['something behind the manifest', { 't/plan.json': plan(), 't/manifest.json': manifest(), 't/x': '' }, 'behind'],
    ['two folders', { 't/plan.json': plan(), 'u/x': '', 't/manifest.json': manifest() }, 'several folders'],
    ['JSON without end', { 't/plan.json': '['.repeat(1_000_000), 't/manifest.json': manifest() }, 'levels deep'],
    ['no JSON', { 't/plan.json': '{', 't/manifest.json': manifest() }, 'no JSON'],
    ['items that are none', { 't/plan.json': plan({ items: [7] }), 't/manifest.json': manifest() }, 'no item'],
    [
      'an unknown status',
      { 't/plan.json': plan(), 't/manifest.json': manifest({ items: [{ id: 'x', status: '?' }] }) },
      'no item',
    ],
    [
      'an item that is planned twice',
      {
        't/plan.json': plan({
          items: [
            { id: 'x', path: 'x' },
            { id: 'x', path: 'y' },
          ],
        }),
        't/manifest.json': manifest(),
      },
      'twice',
    ],
  ])('%s', async (_name, files, why) => {
    await expect(snapshotWith(files)).rejects.toMatchObject({
      exitCode: 4,
      message: expect.stringContaining(why) as string,
    });
  });

  it('objects that no API server lists, and takes a key called __proto__ for data', async () => {
    const items = [
      { id: 'list:nodes', path: 'cluster/nodes.json' },
      { id: 'list:clusterroles.rbac.authorization.k8s.io', path: 'cluster/r.json' },
    ];
    const recorded = (sha256: string): string =>
      manifest({ items: [{ id: items[1]?.id, status: 'ok', path: 'cluster/r.json', size: 1, sha256 }] });
    const listOf = (...objects: readonly object[]): string => JSON.stringify({ kind: 'List', items: objects });
    const files = (list: string, sha256 = ''): Readonly<Record<string, string>> => ({
      't/plan.json': plan({ items }),
      't/cluster/r.json': list,
      't/manifest.json': recorded(sha256),
    });
    await expect(snapshotWith(files('{"items":[7]}'))).rejects.toMatchObject({ exitCode: 4 });
    await expect(snapshotWith(files(listOf({ metadata: { name: 7 } })))).rejects.toMatchObject({ exitCode: 4 });
    await expect(snapshotWith(files(listOf({ metadata: { name: 'a', labels: { a: [] } } })))).rejects.toMatchObject({
      exitCode: 4,
    });
    await expect(snapshotWith(files(listOf()))).rejects.toMatchObject({
      message: expect.stringContaining('not what manifest.json says') as string,
    });
    const list = '{"items":[{"metadata":{"name":"a"},"__proto__":{"polluted":true}}]}';
    const { createHash } = await import('node:crypto');
    await snapshotWith(files(list, createHash('sha256').update(list).digest('hex')));
    expect('polluted' in {}).toBe(false);
  });
});

it('a raw deflate stream is no archive', async () => {
  await expect(read(deflateRawSync(tar(named('a'))))).rejects.toMatchObject({ exitCode: 4 });
});
