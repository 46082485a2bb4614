import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Redacted } from '../../src/bundle/redaction/redacted.ts';
import { ArchiveWriter } from '../../src/bundle/archive-writer.ts';
import { BundleWriter } from '../../src/bundle/bundle-writer.ts';
import type { Plan } from '../../src/bundle/format.ts';
import { Redactor } from '../../src/bundle/redaction/redactor.ts';
import { SEAL_BYTES } from '../../src/bundle/gzip-member.ts';
import { verifyBundle, type Verified } from '../../src/bundle/verify.ts';
import { BUDGETS, HEAD, withTemporary } from '../support/bundles.ts';

const bytes = (text: string): Redacted => Buffer.from(text) as Redacted;

const PLAN: Plan = {
  ...HEAD,
  kind: 'Plan',
  namespaces: [{ name: 'crewai' }],
  narrow: false,
  selection: { tail: 10, logs: 'all' },
  budgets: BUDGETS,
  knownValues: 'off',
  items: [
    { id: 'list:nodes', path: 'cluster/nodes.json' },
    { id: 'log:crewai/web/main/current', path: 'namespaces/crewai/logs/web/main.log' },
    { id: 'list:persistentvolumes', path: 'cluster/persistentvolumes.json' },
  ],
};

/** A small bundle; `between` may write what does not belong there. */
async function bundle(between?: (archive: ArchiveWriter) => Promise<unknown>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  const archive = new ArchiveWriter(
    { write: (chunk) => Promise.resolve(void chunks.push(Buffer.from(chunk))) },
    'b',
    HEAD.createdAt,
  );
  const writer = await BundleWriter.start(archive, new Redactor({ key: Buffer.alloc(32) }), PLAN);
  const file = (text: string): { size: number; pieces: Redacted[] } => ({ size: text.length, pieces: [bytes(text)] });
  await writer.put(PLAN.items[0]!, { status: 'ok', objects: 0 }, file('{"items":[]}\n'));
  await between?.(archive);
  await writer.put(PLAN.items[1]!, { status: 'ok' }, file('hello\n'));
  await writer.put(PLAN.items[2]!, { status: 'forbidden', detail: 'no' });
  await writer.seal('finished', 'on');
  return Buffer.concat(chunks);
}

async function verify(content: Buffer, leaks?: Redactor): Promise<Verified> {
  return withTemporary(async (folder) => {
    const file = join(folder, 'b.tar.gz');
    await writeFile(file, content);
    return verifyBundle(file, leaks);
  });
}

/** What stands where in the bundle: a member for each file, and one for the end; what follows is the seal. */
function regions(archive: Buffer): readonly { readonly name: string; readonly end: number }[] {
  const files = PLAN.items.slice(0, 2).map(({ path }) => path);
  const names = ['plan.json', 'README.txt', ...files, 'manifest.json', 'the end of the archive'];
  const header = archive.subarray(0, 10);
  const starts = names.reduce<number[]>((found) => [...found, archive.indexOf(header, (found.at(-1) ?? -1) + 1)], []);
  expect(starts.every((start) => start >= 0)).toBe(true);
  return names.map((name, index) => ({ name, end: starts[index + 1] ?? archive.length - SEAL_BYTES }));
}

let intact: Buffer;
beforeAll(async () => {
  intact = await bundle();
});

describe('a bundle is', () => {
  it('intact as it was written, gaps or not', async () => {
    const verified = await verify(intact, new Redactor({ key: Buffer.alloc(32) }));
    expect(verified).toMatchObject({ outcome: 'intact', problems: [], files: 4, size: intact.length });
    expect(verified.manifest?.state).toBe('partial');
  });

  it('not intact with any bit of it flipped, and the file is named that holds it', async () => {
    const named = regions(intact);
    await withTemporary(async (folder) => {
      const file = join(folder, 'b.tar.gz');
      // Bytes in the middle of a member stand for their neighbours: a bit each is enough to see that none is spared.
      for (let at = 0; at < intact.length; at += 1) {
        const changed = Buffer.from(intact);
        changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
        await writeFile(file, changed);
        const { outcome, problems } = await verifyBundle(file);
        const where = `bit ${String(at % 8)} of byte ${String(at)}`;
        expect.soft(outcome, where).toBe('changed');
        const region = named.find(({ end }) => at < end)?.name;
        const words = problems.map(({ path, what }) => path ?? what);
        expect.soft(words[0], where).toBe(region ?? 'the seal at its end itself was changed');
      }
    });
  }, 300_000);

  it('not intact with a byte more or less anywhere, or two swapped', async () => {
    for (let at = 0; at < intact.length; at += 37) {
      const more = Buffer.concat([intact.subarray(0, at), Buffer.from('x'), intact.subarray(at)]);
      const less = Buffer.concat([intact.subarray(0, at), intact.subarray(at + 1)]);
      expect((await verify(more)).outcome).not.toBe('intact');
      expect((await verify(less)).outcome).not.toBe('intact');
    }
  }, 60_000);

  it('cut where only a part of it is there, wherever it ends', async () => {
    for (let length = 600; length < intact.length; length += 211) {
      const { outcome } = await verify(intact.subarray(0, length));
      expect(['cut', 'unreadable', 'changed']).toContain(outcome);
      expect(outcome).not.toBe('intact');
    }
    expect((await verify(intact.subarray(0, intact.length - 600))).outcome).toBe('cut');
  });

  it.each<readonly [string, string, string, string]>([
    ['a log', 'hello', 'jello', 'namespaces/crewai/logs/web/main.log'],
    ['the README', 'This is a support', 'That is a support', 'README.txt'],
    ['the plan', '"tail":10', '"tail":11', 'plan.json'],
    ['the manifest', '"status":"forbidden"', '"status":"notAvail!"', 'manifest.json'],
    ['a status', '"status":"forbidden"', '"status":"truncated"', 'manifest.json'],
    ['the digest of all before', '"prefixDigest":"sha256:', '"prefixDigest":"sha255:', 'manifest.json'],
    ['a time', '"createdAt"', '"createdAs"', ''],
  ])('changed by whoever changes %s and compresses it anew', async (_name, from, to, path) => {
    const tar = gunzipSync(intact).toString('latin1');
    expect(tar).toContain(from);
    const { outcome, problems } = await verify(gzipSync(Buffer.from(tar.replaceAll(from, to), 'latin1')));
    expect(outcome).not.toBe('intact');
    expect(problems.map((problem) => problem.path ?? '').join(' ')).toContain(path);
  });

  it('changed by whoever changes an owner in a header, with the right checksum', async () => {
    const tar = gunzipSync(intact);
    tar.write('0000001', 108, 'latin1');
    const sum = (Number.parseInt(tar.toString('latin1', 148, 154), 8) + 1).toString(8).padStart(6, '0');
    tar.write(sum, 148, 'latin1');
    const { problems } = await verify(gzipSync(tar));
    expect(problems).toContainEqual({ what: 'a header is not as it was written' });
  });

  it('not intact with a file more, by name', async () => {
    const { outcome, problems } = await verify(
      await bundle((archive) => archive.add('namespaces/x.json', 2, [bytes('{}')])),
    );
    expect(outcome).toBe('changed');
    expect(problems).toContainEqual({ path: 'namespaces/x.json', what: 'is not in manifest.json' });
  });

  it('not intact with a secret in it, by the file it is in', async () => {
    const redactor = new Redactor({ key: Buffer.alloc(32) });
    const key = `AKIAABCDEFGH23456722`;
    const { outcome, problems } = await verify(
      await bundle((archive) => archive.add('leak.log', key.length + 1, [bytes(`${key}\n`)])),
      redactor,
    );
    expect(outcome).toBe('changed');
    expect(problems).toContainEqual({
      path: 'leak.log',
      what: expect.stringMatching(/^a secret at byte 0 \(rule aws/) as string,
    });
  });

  it('unreadable where it is none', async () => {
    expect((await verify(Buffer.from('hello'))).outcome).toBe('unreadable');
    expect((await verify(gzipSync('hello'))).outcome).toBe('unreadable');
    expect((await verify(await readFile(new URL(import.meta.url)))).outcome).toBe('unreadable');
  });
});
