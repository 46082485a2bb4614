import { generateKeyPairSync } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { Decrypter, generateIdentity, identityToRecipient } from 'age-encryption';
import { describe, it } from 'vitest';
import type { FaultRequest } from '../../src/apiserver/options.ts';
import { crewaiPlatform } from '../fixtures/crewai.ts';
import { crewiso, withFolder, withServer } from './program.ts';

describe.concurrent('an encrypted bundle', () => {
  it('is read once it is decrypted, and by nothing before', async ({ expect }) => {
    const identity = await generateIdentity();
    const recipient = await identityToRecipient(identity);
    const keys = generateKeyPairSync('ed25519');
    await withServer({ objects: crewaiPlatform() }, (_server, flags) =>
      withFolder(async (folder) => {
        const [file, open] = [join(folder, 'b.tar.gz.age'), join(folder, 'b.tar.gz')];
        const [key, publicKey] = [join(folder, 'key.pem'), join(folder, 'public.pem')];
        writeFileSync(key, keys.privateKey.export({ type: 'pkcs8', format: 'pem' }));
        writeFileSync(publicKey, keys.publicKey.export({ type: 'spki', format: 'pem' }));
        const ended = await crewiso([
          ...['bundle', 'collect', ...flags, '-O', file, '--recipient', recipient],
          ...['--recipient', recipient, '--sign', key],
        ]);
        expect(ended).toMatchObject({ code: 0, stderr: '' });
        expect(ended.stdout).toContain(`next      age -d -i KEY ${file} > ${open}`);
        expect(readdirSync(folder).sort()).toEqual(['b.tar.gz.age', 'b.tar.gz.sig', 'key.pem', 'public.pem']);
        for (const argv of [
          ['bundle', 'inspect', file],
          ['bundle', 'verify', file, '--key', publicKey],
          ['bundle', 'diff', file, file],
          ['bundle', 'redact', file, join(folder, 'r.tar.gz')],
          ['doctor', '--from', file],
        ]) {
          const refused = await crewiso(argv);
          expect({ argv, code: refused.code, stdout: refused.stdout }).toEqual({ argv, code: 4, stdout: '' });
          expect(refused.stderr).toContain('it is encrypted with age');
          expect(refused.stderr).toContain(`age -d -i KEY ${file} > ${open}`);
        }
        const decrypter = new Decrypter();
        decrypter.addIdentity(identity);
        writeFileSync(open, await decrypter.decrypt(readFileSync(file)));
        expect(await crewiso(['bundle', 'verify', open, '--key', publicKey])).toMatchObject({ code: 0, stderr: '' });
        expect((await crewiso(['doctor', '--from', open])).code).toBe(0);
      }),
    );
  });

  it('leaves nothing that can be read behind when it is killed', async ({ expect }) => {
    const recipient = await identityToRecipient(await generateIdentity());
    let asked = (): void => undefined;
    const fault = ({ path }: FaultRequest): { delayMs: number } | undefined => {
      if (!path.includes('/limitranges')) return undefined;
      asked();
      return { delayMs: 300 };
    };
    await withServer({ objects: crewaiPlatform(), faults: fault }, (_server, flags) =>
      withFolder(async (folder) => {
        const temporary = join(folder, 'tmp');
        mkdirSync(temporary);
        const file = join(folder, 'b.tar.gz.age');
        const killed = await crewiso(['bundle', 'collect', ...flags, '-O', file, '--recipient', recipient], {
          env: { TMPDIR: temporary },
          started: (child) => {
            asked = () => setTimeout(() => child.kill('SIGKILL'), 100);
          },
        });
        expect(killed.signal).toBe('SIGKILL');
        expect(readdirSync(folder).sort()).toEqual(['b.tar.gz.age.partial', 'b.tar.gz.age.reserve', 'tmp']);
        expect(readdirSync(temporary)).toEqual([]);
        const partial = readFileSync(`${file}.partial`);
        expect(partial.subarray(0, 22).toString()).toBe('age-encryption.org/v1\n');
        expect(partial.includes(Buffer.from([0x1f, 0x8b, 0x08, 0x00]))).toBe(false);
        expect(readFileSync(`${file}.reserve`).includes('crew')).toBe(false);
      }),
    );
  });

  it('takes its passphrase from a file, and nobody else hears of it', async ({ expect }) => {
    const passphrase = 'correct horse battery staple';
    await withServer({ objects: crewaiPlatform() }, (server, flags) =>
      withFolder(async (folder) => {
        const [file, open, words] = ['b.tar.gz.age', 'b.tar.gz', 'words'].map((name) => join(folder, name)) as [
          string,
          string,
          string,
        ];
        writeFileSync(words, `${passphrase}\r\nsecond line\n`);
        const ended = await crewiso(['bundle', 'collect', ...flags, '-O', file, '--passphrase-file', words, '-v', '8']);
        expect(ended.code).toBe(0);
        expect(ended.stdout).toContain(`next      age -d ${file} > ${open}\n`);
        const decrypter = new Decrypter();
        decrypter.addPassphrase(passphrase);
        writeFileSync(open, await decrypter.decrypt(readFileSync(file)));
        expect((await crewiso(['bundle', 'verify', open])).code).toBe(0);
        const tar = gunzipSync(readFileSync(open)).toString('latin1');
        const requests = JSON.stringify(server.requests);
        for (const text of [ended.stdout, ended.stderr, tar, requests]) expect(text).not.toContain(passphrase);
      }),
    );
  }, 60_000);

  it.for([
    ['', 'holds no passphrase: its first line is empty'],
    ['\nsecond line\n', 'holds no passphrase: its first line is empty'],
    [Buffer.from([0xff, 0xfe, 0x41]), 'holds no text'],
    [undefined, 'no such file'],
  ] as const)('has no passphrase of %j', async ([content, words], { expect }) => {
    await withFolder(async (folder) => {
      const file = join(folder, 'words');
      if (content !== undefined) writeFileSync(file, content);
      const ended = await crewiso(['bundle', 'collect', '--kubeconfig', '/dev/null', '--passphrase-file', file]);
      expect(ended).toMatchObject({ code: 2, stdout: '' });
      expect(ended.stderr).toContain(words);
      expect(ended.stderr).toContain(file);
    });
  });
});
