import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ArchiveWriter } from '../../src/bundle/archive-writer.ts';
import { unpacked } from '../../src/bundle/byte-source.ts';
import { SEAL_BYTES, sealOf } from '../../src/bundle/gzip-member.ts';
import { LIMITS } from '../../src/bundle/limits.ts';
import { join as joined, omission, type Redacted } from '../../src/bundle/redaction/redacted.ts';
import { readTar } from '../../src/bundle/tar-reader.ts';
import { createHash } from 'node:crypto';
import { withTemporary } from '../support/bundles.ts';

const CREATED = '2026-11-20T10:00:00Z';

/** So many bytes that compress badly. */
function content(size: number): Redacted {
  let pieces: Redacted[] = [];
  for (let n = 1; joined(pieces).length < size; n += 1) pieces = [joined(pieces), omission(n * 7919)];
  return joined(pieces).subarray(0, size) as Redacted;
}

async function archiveOf(files: Readonly<Record<string, Redacted>>): Promise<{ bytes: Buffer; tarDigest: string }> {
  const chunks: Buffer[] = [];
  const writer = new ArchiveWriter(
    { write: (bytes) => Promise.resolve(void chunks.push(Buffer.from(bytes))) },
    'top',
    CREATED,
  );
  for (const [path, bytes] of Object.entries(files)) await writer.add(path, bytes.length, [bytes]);
  return { tarDigest: await writer.end(), bytes: Buffer.concat(chunks) };
}

async function readBack(file: string): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {};
  for await (const entry of readTar(unpacked(file, LIMITS), LIMITS)) {
    let size = 0;
    for await (const piece of entry.content()) size += piece.length;
    sizes[entry.path] = size;
  }
  return sizes;
}

const LONG = `namespaces/${'n'.repeat(63)}/logs/${'p'.repeat(80)}/${'c'.repeat(63)}.previous.log`;
const FILES = {
  'plan.json': content(700),
  'empty.log': content(0),
  'block.log': content(512),
  [LONG]: content(70_000),
  'large.log': content(300_000),
};

describe('an archive', () => {
  it('is read by GNU tar, gzip and Python as it was written', async () => {
    const { bytes } = await archiveOf(FILES);
    await withTemporary(async (folder) => {
      const file = join(folder, 'a.tar.gz');
      await writeFile(file, bytes);
      execFileSync('gzip', ['-t', file]);
      const listed = execFileSync('tar', ['--list', '--gzip', '--file', file], { encoding: 'utf8' }).trim().split('\n');
      expect(listed).toEqual(Object.keys(FILES).map((path) => `top/${path}`));
      const script = 'import sys,tarfile; print([m.size for m in tarfile.open(sys.argv[1])])';
      expect(JSON.parse(execFileSync('python3', ['-c', script, file], { encoding: 'utf8' }))).toEqual(
        Object.values(FILES).map(({ length }) => length),
      );
      expect(await readBack(file)).toEqual(
        Object.fromEntries(Object.entries(FILES).map(([path, { length }]) => [`top/${path}`, length])),
      );
    });
  });

  it('says nothing of the machine, the user or the time of writing', async () => {
    const { bytes, tarDigest } = await archiveOf(FILES);
    const tar = gunzipSync(bytes);
    expect(createHash('sha256').update(tar).digest('hex')).toBe(tarDigest);
    const header = tar.subarray(0, 512);
    expect(header.toString('latin1', 100, 124)).toBe('0000600\u00000000000\u00000000000\u0000');
    expect(header.toString('latin1', 136, 147)).toBe((Date.parse(CREATED) / 1000).toString(8));
    expect(header.subarray(265, 345).every((byte) => byte === 0)).toBe(true);
    // Every member begins with a header without time and with an unknown system.
    for (let at = bytes.indexOf('1f8b0800', 0, 'hex'); at >= 0; at = bytes.indexOf('1f8b0800', at + 1, 'hex'))
      expect(bytes.toString('hex', at + 4, at + 10)).toBe('0000000000ff');
  });

  it('is the same however its content comes in pieces', async () => {
    const whole = await archiveOf(FILES);
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 90_000 }), { maxLength: 8 }), async (cuts) => {
        const chunks: Buffer[] = [];
        const writer = new ArchiveWriter(
          { write: (bytes) => Promise.resolve(void chunks.push(bytes)) },
          'top',
          CREATED,
        );
        for (const [path, bytes] of Object.entries(FILES)) {
          const ends = [...new Set([...cuts.filter((cut) => cut < bytes.length), bytes.length])].sort((a, b) => a - b);
          const pieces = ends.map((end, index) => bytes.subarray(ends[index - 1] ?? 0, end) as Redacted);
          await writer.add(path, bytes.length, pieces);
        }
        expect(await writer.end()).toBe(whole.tarDigest);
        expect(Buffer.concat(chunks).equals(whole.bytes)).toBe(true);
      }),
      { numRuns: 20 },
    );
  });

  it('ends with a seal over all bytes before it, which gzip passes over', async () => {
    const { bytes } = await archiveOf(FILES);
    const body = bytes.subarray(0, -SEAL_BYTES);
    expect(bytes.subarray(-SEAL_BYTES).equals(sealOf(createHash('sha256').update(body).digest('hex')))).toBe(true);
    expect(gunzipSync(bytes).equals(gunzipSync(body))).toBe(true);
  });

  it('goes back to where it was marked, as if nothing had come after', async () => {
    const expected = await archiveOf({ 'plan.json': FILES['plan.json'], 'block.log': FILES['block.log'] });
    let bytes = Buffer.alloc(0);
    const output = { write: (chunk: Buffer) => Promise.resolve(void (bytes = Buffer.concat([bytes, chunk]))) };
    const writer = new ArchiveWriter(output, 'top', CREATED);
    await writer.add('plan.json', 700, [FILES['plan.json']]);
    const mark = writer.mark();
    await writer.add('large.log', 300_000, [FILES['large.log']]);
    bytes = bytes.subarray(0, writer.reset(mark));
    await writer.add('block.log', 512, [FILES['block.log']]);
    expect(await writer.end()).toBe(expected.tarDigest);
    expect(bytes.equals(expected.bytes)).toBe(true);
  });

  it('refuses a content of another size than it was said to have', async () => {
    const writer = new ArchiveWriter({ write: () => Promise.resolve() }, 'top', CREATED);
    await expect(writer.add('a.log', 5, [content(4)])).rejects.toThrow('4 bytes instead of 5');
  });
});
