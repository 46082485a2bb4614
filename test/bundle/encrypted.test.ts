import { createHash } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { armor, Decrypter, generateHybridIdentity, generateIdentity, identityToRecipient } from 'age-encryption';
import { beforeAll, describe, expect, it } from 'vitest';
import { openSource } from '../../src/bundle/archive-source.ts';
import type { FileInput } from '../../src/bundle/collect-file.ts';
import { EncryptedOutput, requireRecipients } from '../../src/bundle/encrypted-output.ts';
import { LIMITS } from '../../src/bundle/limits.ts';
import { Redactor } from '../../src/bundle/redaction/redactor.ts';
import { Spool } from '../../src/bundle/spool.ts';
import { fixed } from '../../src/bundle/redaction/redacted.ts';
import { verifyBundle } from '../../src/bundle/verify.ts';
import { collect, KEY, withApi } from '../support/collect-file.ts';
import { withTemporary } from '../support/bundles.ts';

let identities: readonly string[];
let recipients: readonly string[];

beforeAll(async () => {
  identities = [await generateIdentity(), await generateHybridIdentity()];
  recipients = await Promise.all(identities.map((identity) => identityToRecipient(identity)));
});

async function decrypted(file: string, identity: string): Promise<Buffer> {
  const decrypter = new Decrypter();
  decrypter.addIdentity(identity);
  return Buffer.from(await decrypter.decrypt(await readFile(file)));
}

/** Everything in a folder that begins like gzip or a tar of ours, and so could be read by anybody. */
async function readable(folder: string): Promise<string[]> {
  const names = await readdir(folder);
  const heads = await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name))] as const));
  return heads.flatMap(([name, bytes]) =>
    bytes.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b])) || bytes.includes('crewai-org') ? [name] : [],
  );
}

describe('an encrypted bundle', () => {
  it('is, decrypted by any of its readers, the very bundle that it would have been', async () => {
    await withApi({}, async ({ url }, folder) => {
      const open = join(folder, 'open.tar.gz');
      const file = join(folder, 'b.tar.gz.age');
      const whole = await collect(url, open);
      const seen: string[][] = [];
      const {
        plain,
        tarDigest,
        file: written,
      } = await collect(url, file, {
        readers: { recipients },
        onItem: async (_item, done) => {
          if (done === 50) seen.push(await readdir(folder), await readable(folder));
        },
      });
      expect(written).toBe(file);
      expect(tarDigest).toBe(whole.tarDigest);
      // No state to go on with either: it holds the key of the fingerprints.
      expect(seen).toEqual([['b.tar.gz.age.partial', 'b.tar.gz.age.reserve', 'open.tar.gz'], ['open.tar.gz']]);
      expect(await readdir(folder)).toEqual(['b.tar.gz.age', 'open.tar.gz']);
      const bytes = await readFile(open);
      for (const identity of identities) expect((await decrypted(file, identity)).equals(bytes)).toBe(true);
      expect(plain).toEqual({ size: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
      await expect(decrypted(file, await generateIdentity())).rejects.toThrow();
      // One stanza for each of those who were named, and nobody else.
      expect((await readFile(file, 'latin1')).match(/^-> /gm)).toHaveLength(recipients.length);
    });
  });

  it('is opened by its passphrase, which is nowhere in the file, and is looked through before', async () => {
    await withApi({}, async ({ url }, folder) => {
      const open = join(folder, 'open.tar.gz');
      const file = join(folder, 'b.tar.gz.age');
      await collect(url, open);
      const passphrase = 'größte battery staple';
      const looked: number[] = [];
      const redaction = new Redactor({ key: KEY });
      redaction.leaks = () => ({ write: (bytes) => void looked.push(bytes.length), end: () => [] });
      const collected = await collect(url, file, { readers: { passphrase }, redaction });
      expect(collected.passphrase).toBe(true);
      expect(looked.length).toBeGreaterThan(10);
      expect(JSON.stringify(collected)).not.toContain(passphrase);
      const bytes = await readFile(file);
      expect(bytes.includes(passphrase)).toBe(false);
      expect(bytes.toString('latin1').match(/^-> \w+/gm)).toEqual(['-> scrypt']);
      const decrypter = new Decrypter();
      decrypter.addPassphrase(passphrase);
      expect(Buffer.from(await decrypter.decrypt(bytes)).equals(await readFile(open))).toBe(true);
      for (const content of [bytes, armor.encode(bytes)]) {
        await writeFile(file, content);
        await expect(openSource(file, LIMITS)).rejects.toMatchObject({
          suggestions: [expect.stringMatching(/^age -d \S+\.age > \S+\.tar\.gz, and then again$/)],
        });
      }
    });
  }, 60_000);

  it.each([
    ['that fails', 'EIO'],
    ['on a disk that gets full', 'ENOSPC'],
  ])('leaves nothing behind %s', async (_name, code) => {
    await withApi({}, async ({ url }, folder) => {
      const file = join(folder, 'b.tar.gz.age');
      const onItem: FileInput['onItem'] = (_item, done) => {
        if (done === 30) throw Object.assign(new Error('on disk'), { code });
      };
      const run = collect(url, file, { readers: { recipients }, onItem });
      await expect(run).rejects.toThrow();
      expect(await readdir(folder)).toEqual([]);
    });
  });

  it('is whole and encrypted when it is interrupted', async () => {
    await withApi({}, async ({ url }, folder) => {
      const file = join(folder, 'b.tar.gz.age');
      const abort = new AbortController();
      const { manifest } = await collect(url, file, {
        readers: { recipients },
        signal: abort.signal,
        onItem: (_item, done) => {
          if (done === 30) abort.abort();
        },
      });
      expect(manifest.ended).toBe('interrupted');
      expect(await readdir(folder)).toEqual(['b.tar.gz.age']);
      const open = join(folder, 'open.tar.gz');
      await writeFile(open, await decrypted(file, identities[0] ?? ''));
      expect(await verifyBundle(open)).toMatchObject({ outcome: 'intact', manifest: { ended: 'interrupted' } });
    });
  });

  it('is looked through for secrets after it was encrypted, and withheld', async () => {
    await withApi({}, async ({ url }, folder) => {
      const redaction = new Redactor({ key: KEY });
      let read = 0;
      redaction.leaks = () => ({
        write: (bytes) => void (read += bytes.length),
        end: () => (read > 10_000 ? [{ rule: 'jwt', offset: 7 }] : []),
      });
      const run = collect(url, join(folder, 'b.tar.gz.age'), { readers: { recipients }, redaction });
      await expect(run).rejects.toMatchObject({ exitCode: 70 });
      expect(await readdir(folder)).toEqual(['b.tar.gz.age.quarantine']);
      expect(await readable(folder)).toEqual([]);
    });
  });

  it('says why the file under it could not be written', async () => {
    const full = Object.assign(new Error('no space left on device'), { code: 'ENOSPC' });
    let taken = 0;
    const output = await EncryptedOutput.open(
      { recipients },
      {
        write: (bytes) => {
          taken += bytes.length;
          return taken > 200_000 ? Promise.reject(full) : Promise.resolve();
        },
      },
    );
    const writeAll = async (): Promise<void> => {
      for (let at = 0; at < 100; at += 1) await output.write(Buffer.alloc(64 * 1024));
      await output.end();
    };
    await expect(writeAll()).rejects.toBe(full);
    expect(taken).toBeLessThan(400_000);
  });

  it('is recognised by all that reads bundles, in bytes and in letters', async () => {
    await withTemporary(async (folder) => {
      const { Encrypter } = await import('age-encryption');
      const encrypter = new Encrypter();
      encrypter.addRecipient(recipients[0] ?? '');
      const bytes = await encrypter.encrypt('anything');
      const file = join(folder, "it's.tar.gz.age");
      for (const content of [bytes, armor.encode(bytes)]) {
        await writeFile(file, content);
        const refused = {
          exitCode: 4,
          message: 'this archive is not read: it is encrypted with age',
          suggestions: [expect.stringMatching(/^age -d -i KEY '.*\.tar\.gz\.age' > '.*\.tar\.gz', and then again$/)],
        };
        await expect(openSource(file, LIMITS)).rejects.toMatchObject(refused);
        await expect(verifyBundle(file)).rejects.toMatchObject(refused);
      }
    });
  });
});

describe('recipients', () => {
  it('are taken in every form that age has', async () => {
    await expect(requireRecipients(recipients)).resolves.toBeUndefined();
  });

  it.each([
    ['', 'that value'],
    ['age1', 'age1…'],
    ['ssh-ed25519 AAAA', 'that value'],
    // A point of low order: everybody could read it.
    ['age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq5cu47z', 'age1qqqqqqqqqqqqqqqq…'],
  ])('%j is none', async (text, shown) => {
    await expect(requireRecipients([text])).rejects.toMatchObject({
      exitCode: 2,
      message: `--recipient: ${shown} is no recipient of age (age1…)`,
    });
  });

  it('are not secret keys, and one that was given is not repeated', async () => {
    const secret = identities[0] ?? '';
    await expect(requireRecipients([secret])).rejects.toMatchObject({
      exitCode: 2,
      message: '--recipient was given a secret key: it takes the public one, age1…',
    });
  });
});

describe('what waits on the disk', () => {
  it('comes back as it was, in pieces of any size', async () => {
    const spool = new Spool();
    const piece = fixed`a list of something `;
    for (let at = 0; at < 60_000; at += 1) await spool.append(at % 2 === 0 ? 'a' : 'b', piece);
    const parts: Buffer[] = [];
    for await (const part of spool.content('a')) parts.push(Buffer.from(part.buffer, part.byteOffset, part.byteLength));
    expect(Buffer.concat(parts).toString()).toBe('a list of something '.repeat(30_000));
    await spool.close();
  });
});
