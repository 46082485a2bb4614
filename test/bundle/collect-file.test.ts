import { existsSync } from 'node:fs';
import { readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readBundle } from '../../src/bundle/bundle-reader.ts';
import { Redactor } from '../../src/bundle/redaction/redactor.ts';
import { readResume } from '../../src/bundle/resume-state.ts';
import type { FakeApi } from '../cluster/fake-api.ts';
import { collect, KEY, withApi } from '../support/collect-file.ts';

/** A run that ends without a word after so many items, as by kill -9. */
async function killedAfter(url: string, file: string, items: number): Promise<void> {
  const killed = new Error('killed');
  await expect(
    collect(url, file, {
      onItem: (_item, done) => {
        if (done >= items) throw killed;
      },
    }),
  ).rejects.toBe(killed);
}

describe('a bundle in a file', () => {
  it('has its name only once it is whole, and leaves nothing else behind', async () => {
    await withApi({}, async ({ url }, folder) => {
      const file = join(folder, 'b.tar.gz');
      const seen: string[][] = [];
      const { file: written, manifest } = await collect(url, file, {
        onItem: async (_item, done) => {
          if (done === 5) seen.push((await readdir(folder)).sort());
        },
      });
      expect(written).toBe(file);
      expect(manifest.state).toBe('complete');
      expect(seen).toEqual([['b.tar.gz.partial', 'b.tar.gz.partial.json', 'b.tar.gz.reserve']]);
      expect(await readdir(folder)).toEqual(['b.tar.gz']);
    });
  });

  it('does not replace another one', async () => {
    await withApi({}, async ({ url }, folder) => {
      const file = join(folder, 'b.tar.gz');
      await writeFile(file, 'mine');
      await expect(collect(url, file)).rejects.toMatchObject({
        exitCode: 4,
        message: expect.stringContaining('exists already') as string,
      });
      expect(await readFile(file, 'utf8')).toBe('mine');
    });
  });

  it('cannot be written into a folder that does not exist', async () => {
    await withApi({}, async ({ url }, folder) => {
      await expect(collect(url, join(folder, 'no', 'b.tar.gz'))).rejects.toMatchObject({ exitCode: 4 });
    });
  });

  it.each([1, 2, 20, 60, 100])('is gone on with after %i items as if it had never been cut off', async (items) => {
    await withApi({}, async ({ url, asked }, folder) => {
      const whole = await collect(url, join(folder, 'whole.tar.gz'));
      const file = join(folder, 'b.tar.gz');
      await killedAfter(url, file, items);
      expect(existsSync(file)).toBe(false);
      await expect(collect(url, file)).rejects.toMatchObject({
        suggestions: [`go on with it: --resume ${file}.partial`, 'or remove it'],
      });
      // What was written after the last whole item does not count.
      await writeFile(`${file}.partial`, 'half of the next item', { flag: 'a' });
      await writeFile(`${file}.partial.json`, '{"item":{"id":"li', { flag: 'a' });
      const before = asked.length;
      const resumed = await readResume(`${file}.partial`);
      expect(resumed.items.length).toBe(items);
      const again = await collect(url, file, { resumed, key: resumed.key });
      expect(again.tarDigest).toBe(whole.tarDigest);
      expect((await readFile(file)).equals(await readFile(join(folder, 'whole.tar.gz')))).toBe(true);
      expect(await readdir(folder)).toEqual(['b.tar.gz', 'whole.tar.gz']);
      if (items > 90) expect(asked.slice(before).some((line) => line.includes('/limitranges'))).toBe(false);
    });
  });

  it.each<readonly [string, (partial: string) => Promise<void>]>([
    ['without its state', async (partial) => truncate(`${partial}.json`, 0)],
    ['with a state that is none', async (partial) => writeFile(`${partial}.json`, '{"a":1}\n')],
    ['that was cut', async (partial) => truncate(partial, 100)],
  ])('an unfinished one %s is not gone on with', async (_name, spoil) => {
    await withApi({}, async ({ url }, folder) => {
      const file = join(folder, 'b.tar.gz');
      await killedAfter(url, file, 3);
      await spoil(`${file}.partial`);
      await expect(readResume(`${file}.partial`)).rejects.toMatchObject({ exitCode: 4 });
    });
  });

  it('keeps the name of a part with --strict where something is missing, and can be gone on with', async () => {
    await withApi({ forbidden: (path) => path.endsWith('/nodes') }, async ({ url }, folder) => {
      const file = join(folder, 'b.tar.gz');
      const { file: written, manifest } = await collect(url, file, { strict: true });
      expect(written).toBe(`${file}.partial`);
      expect(manifest.state).toBe('partial');
      expect((await readBundle(written, () => Promise.resolve())).manifest.items).toEqual(manifest.items);
      expect((await readResume(written)).items).toHaveLength(manifest.items.length);
    });
  });

  it('is withheld where a secret is left in it', async () => {
    await withApi({}, async ({ url }, folder) => {
      const file = join(folder, 'b.tar.gz');
      const redaction = new Redactor({ key: KEY });
      redaction.leaks = () => ({ write: () => undefined, end: () => [{ rule: 'jwt', offset: 7 }] });
      await expect(collect(url, file, { redaction })).rejects.toMatchObject({
        exitCode: 70,
        message: expect.stringContaining('rule jwt') as string,
      });
      expect(await readdir(folder)).toEqual(['b.tar.gz.quarantine']);
    });
  });

  it('holds nothing of what the redactor withholds, or throws at', async () => {
    await withApi({}, async ({ url }, folder) => {
      const redaction = new Redactor({ key: KEY });
      const object = redaction.object.bind(redaction);
      redaction.object = (value) => {
        if (JSON.stringify(value).includes('"restarted"')) throw new Error('quotes a secret');
        return object(value);
      };
      const { manifest } = await collect(url, join(folder, 'b.tar.gz'), { redaction });
      const item = manifest.items.find(({ id }) => id === 'list:crewai-org-7/pods');
      expect(item).toMatchObject({ status: 'redactionFailed', detail: 'error: Error' });
      expect(item?.path).toBeUndefined();
      expect(manifest.redaction.withheld).toBe(1);
    });
  });

  it('is none where nothing could be read', async () => {
    const answer: FakeApi['intercept'] = (_request, response) => {
      response.writeHead(403, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ kind: 'Status', message: 'no list for you', code: 403 }));
      return true;
    };
    await withApi({ intercept: answer }, async ({ url }, folder) => {
      await expect(collect(url, join(folder, 'b.tar.gz'))).rejects.toMatchObject({
        exitCode: 4,
        message: 'nothing could be collected: no list for you',
      });
      expect(await readdir(folder)).toEqual([]);
    });
  });

  it('on a disk that gets full holds what came before, and its manifest', async () => {
    await withApi({}, async ({ url }, folder) => {
      const file = join(folder, 'b.tar.gz');
      const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
      const { manifest } = await collect(url, file, {
        onItem: (_item, done) => {
          if (done === 30) throw full;
        },
      });
      expect(manifest).toMatchObject({ ended: 'disk-full', state: 'partial' });
      expect(manifest.items.filter(({ cause }) => cause === 'disk-full')).toHaveLength(manifest.items.length - 30);
      expect((await readBundle(file, () => Promise.resolve())).manifest.ended).toBe('disk-full');
      expect(await readdir(folder)).toEqual(['b.tar.gz']);
    });
  });
});
