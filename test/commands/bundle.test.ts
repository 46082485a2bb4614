import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { copyFileSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, it } from 'vitest';
import type { FaultRequest } from '../../src/apiserver/options.ts';
import type { Report } from '../../src/model/report.ts';
import { brokenPlatform } from '../fixtures/broken.ts';
import { crewaiPlatform, type RawObject } from '../fixtures/crewai.ts';
import { crewiso, inShell, outcomesOf, reportOf, run, withFolder, withServer, type Ended } from './program.ts';

const collect = (flags: readonly string[], file: string, ...more: readonly string[]): Promise<Ended> =>
  crewiso(['bundle', 'collect', ...flags, '-O', file, ...more]);

/** A bundle of a cluster, in a folder of its own. */
async function withBundle(
  objects: readonly RawObject[],
  use: (file: string, folder: string, flags: readonly string[], ended: Ended) => Promise<void>,
  more: readonly string[] = [],
): Promise<void> {
  await withServer({ objects }, (_server, flags) =>
    withFolder(async (folder) => {
      const file = join(folder, 'b.tar.gz');
      await use(file, folder, flags, await collect(flags, file, ...more));
    }),
  );
}

const findingsOf = (report: Report): string[] => report.findings.map(({ check, id }) => `${check} ${id}`).sort();

describe.concurrent('bundle', () => {
  it('is collected, and judged like the cluster itself', async ({ expect }) => {
    await withBundle(brokenPlatform(), async (file, folder, flags, ended) => {
      expect(ended).toMatchObject({ code: 0, stderr: '' });
      expect(ended.stdout).toMatch(/^COMPLETE {2}/);
      expect(readdirSync(folder)).toEqual(['b.tar.gz']);
      const [live, offline] = await Promise.all([
        crewiso(['doctor', ...flags, '-o', 'json']),
        crewiso(['doctor', '--from', file, '-o', 'json']),
      ]);
      expect(offline.stderr).toBe('');
      expect(offline.code).toBe(live.code);
      const report = reportOf(offline);
      expect(findingsOf(report)).toEqual(findingsOf(reportOf(live)));
      const ofBundles = { 'bundle-collector-denied': 'passed', 'bundle-secret-exposed': 'passed' };
      expect(outcomesOf(report)).toEqual({ ...outcomesOf(reportOf(live)), ...ofBundles });
      expect(report.target.origin).toMatchObject({ from: 'bundle', file });
      expect(report.target.identity?.username).toBe('oncall');
      expect(report.run.requests.total).toBe(0);
    });
  });

  it('answers access and explain as files do', async ({ expect }) => {
    await withBundle(brokenPlatform(), async (file) => {
      const [matrix, why, explained] = await Promise.all([
        crewiso(['access', '--from', file]),
        crewiso([
          'access',
          'why',
          'crewai/crewai-sa',
          'create',
          'deployments.apps',
          '-n',
          'crewai-org-4',
          '--from',
          file,
        ]),
        crewiso([
          'explain',
          'deployments.apps is forbidden: User "system:serviceaccount:crewai:crewai-sa" cannot create resource "deployments" in API group "apps" in the namespace "crewai-org-4"',
          '--from',
          file,
        ]),
      ]);
      expect(matrix).toMatchObject({ code: 1, stderr: '' });
      expect(why.code).toBe(1);
      expect(why.stdout).toContain('DENIED');
      expect(explained.code).toBe(1);
    });
  });

  it('tells what is missing, and so does everything that reads it', async ({ expect }) => {
    const fault = ({ path }: FaultRequest): { status: number } | undefined =>
      path.includes('/rolebindings') ? { status: 500 } : undefined;
    await withServer({ objects: crewaiPlatform(), faults: fault }, (_server, flags) =>
      withFolder(async (folder) => {
        const file = join(folder, 'b.tar.gz');
        const ended = await collect(flags, file);
        expect(ended.code).toBe(3);
        expect(ended.stdout).toContain('apiError list:crewai/rolebindings.rbac.authorization.k8s.io');
        const [inspected, doctor, strict] = await Promise.all([
          crewiso(['bundle', 'inspect', file, '-o', 'json']),
          crewiso(['doctor', '--from', file, '-o', 'json']),
          collect(flags, join(folder, 's.tar.gz'), '--strict', '-q'),
        ]);
        expect(inspected.code).toBe(3);
        expect(JSON.parse(inspected.stdout)).toMatchObject({
          kind: 'Inventory',
          state: 'partial',
          totals: { apiError: 4 },
        });
        expect(doctor.code).toBe(3);
        expect(doctor.stderr).toContain('items are missing');
        expect(outcomesOf(reportOf(doctor))['rbac-access-missing']).toBe('not-evaluated');
        expect(strict).toMatchObject({ code: 3, stdout: `${join(folder, 's.tar.gz.partial')}\n` });
      }),
    );
  });

  it('prints its path alone with -q', async ({ expect }) => {
    await withBundle(
      crewaiPlatform(),
      (file, _folder, _flags, ended) => {
        expect(ended).toMatchObject({ code: 0, stdout: `${file}\n`, stderr: '' });
        return Promise.resolve();
      },
      ['-q'],
    );
  });

  it('is found changed, cut, or signed by another', async ({ expect }) => {
    await withFolder(async (folder) => {
      const pair = (name: string): void => {
        const { privateKey, publicKey } = generateKeyPairSync('ed25519');
        writeFileSync(join(folder, `${name}.pem`), privateKey.export({ type: 'pkcs8', format: 'pem' }));
        writeFileSync(join(folder, `${name}.pub`), publicKey.export({ type: 'spki', format: 'pem' }));
      };
      pair('ours');
      pair('theirs');
      await withBundle(
        crewaiPlatform(),
        async (file) => {
          expect(existsSync(`${file}.sig`)).toBe(true);
          const verify = async (name: string, ...more: readonly string[]): Promise<Ended> =>
            crewiso(['bundle', 'verify', name, ...more]);
          expect(await verify(file, '--leaks', '--key', join(folder, 'ours.pub'))).toMatchObject({
            code: 0,
            stderr: '',
          });
          const other = await verify(file, '--key', join(folder, 'theirs.pub'));
          expect(other.code).toBe(1);
          expect(other.stdout).toContain('not by this key');
          const tar = gunzipSync(readFileSync(file)).toString('latin1');
          const changed = join(folder, 'changed.tar.gz');
          writeFileSync(
            changed,
            gzipSync(Buffer.from(tar.replace('This is a support', 'This is no support!'.slice(0, 17)), 'latin1')),
          );
          copyFileSync(`${file}.sig`, `${changed}.sig`);
          const tampered = await verify(changed, '--key', join(folder, 'ours.pub'), '-o', 'json');
          expect(tampered.code).toBe(1);
          expect(JSON.parse(tampered.stdout)).toMatchObject({
            kind: 'Verification',
            outcome: 'changed',
            problems: [
              { path: 'README.txt' },
              { path: 'manifest.json' },
              {},
              { what: 'its signature is of another file' },
            ],
          });
          const cut = join(folder, 'cut.tar.gz');
          writeFileSync(cut, readFileSync(file).subarray(0, 5000));
          expect((await verify(cut)).code).toBe(4);
          expect(await crewiso(['doctor', '--from', cut])).toMatchObject({ code: 4, stdout: '' });
          // It looks through every file, and judges nothing of what somebody changed; access looks at the lists alone.
          const doctor = await crewiso(['doctor', '--from', changed]);
          expect(doctor).toMatchObject({ code: 4, stdout: '' });
          expect(doctor.stderr).toContain('README.txt');
          expect((await crewiso(['access', '--from', changed])).code).toBe(0);
        },
        ['--sign', join(folder, 'ours.pem')],
      );
    });
  });

  it('is redacted again without a change, and differs from another in what changed', async ({ expect }) => {
    const objects = crewaiPlatform();
    const later = objects
      .filter(({ kind, metadata }) => kind !== 'RoleBinding' || metadata.namespace !== 'crewai-org-2')
      .map((object) =>
        object.kind === 'Deployment' && object.metadata.name === 'crewai-web'
          ? { ...object, spec: { ...(object.spec as object), paused: true } }
          : object,
      );
    await withBundle(objects, (before, folder) =>
      withBundle(later, async (after) => {
        const again = join(folder, 'again.tar.gz');
        expect(await crewiso(['bundle', 'redact', before, again, '-q'])).toMatchObject({
          code: 0,
          stdout: `${again}\n`,
        });
        expect(readFileSync(again).equals(readFileSync(before))).toBe(true);
        expect(await crewiso(['bundle', 'diff', before, again])).toMatchObject({ code: 0, stderr: '' });
        const diff = await crewiso(['bundle', 'diff', before, after, '-o', 'json']);
        expect(diff.code).toBe(1);
        const document = JSON.parse(diff.stdout) as {
          findings: { change: string; check: string }[];
          objects: unknown[];
        };
        expect(document.findings).toContainEqual(
          expect.objectContaining({ change: 'new', check: 'rbac-access-missing' }),
        );
        expect(document.objects).toEqual([
          {
            change: 'changed',
            object: expect.objectContaining({ kind: 'Deployment', name: 'crewai-web' }) as unknown,
            fields: ['/spec/paused'],
          },
          {
            change: 'removed',
            object: expect.objectContaining({ kind: 'RoleBinding', namespace: 'crewai-org-2' }) as unknown,
          },
        ]);
        const ofOne = await crewiso(['bundle', 'diff', before, after, '--org', '1']);
        expect(ofOne).toMatchObject({ code: 0 });
      }),
    );
  });

  it('of another tool is redacted file by file', async ({ expect }) => {
    await withFolder(async (folder) => {
      const secret = 'hunter2-is-no-password';
      const write = (name: string, text: string | Buffer): void => {
        writeFileSync(join(folder, 'in', name), text);
      };
      execFileSync('mkdir', ['-p', join(folder, 'in')]);
      write(
        'secrets.json',
        JSON.stringify({
          kind: 'SecretList',
          items: [{ metadata: { name: 's' }, data: { p: Buffer.from(secret).toString('base64') } }],
        }),
      );
      write('app.log', `user logged in with ${secret}\n`);
      write('env.yaml', `env:\n- name: DB_PASSWORD\n  value: ${secret}\n`);
      write('picture.png', Buffer.from([0x89, 0x50, 0, 1]));
      execFileSync('ln', ['-s', 'app.log', join(folder, 'in', 'link.log')]);
      execFileSync('tar', ['-czf', join(folder, 'in.tar.gz'), '-C', folder, 'in']);
      const out = join(folder, 'out.tar.gz');
      const ended = await crewiso(['bundle', 'redact', join(folder, 'in.tar.gz'), out]);
      expect(ended).toMatchObject({ code: 3, stderr: '' });
      expect(ended.stdout).toContain('in/picture.png'.slice(3));
      const tar = gunzipSync(readFileSync(out));
      expect(tar.includes(secret)).toBe(false);
      expect(tar.includes(Buffer.from(secret).toString('base64'))).toBe(false);
      const listed = execFileSync('tar', ['-tzf', out], { encoding: 'utf8' }).trim().split('\n').sort();
      expect(listed).toEqual([
        'in/app.log',
        'in/crewiso-redactions.json',
        'in/env.yaml',
        'in/link.log',
        'in/secrets.json',
      ]);
      const twice = join(folder, 'twice.tar.gz');
      await crewiso(['bundle', 'redact', out, twice]);
      const content = (file: string, name: string): string =>
        execFileSync('tar', ['-xzOf', file, name], { encoding: 'utf8' });
      for (const name of ['in/app.log', 'in/env.yaml', 'in/secrets.json'])
        expect(content(twice, name)).toBe(content(out, name));
    });
  });

  it('that was stopped holds what there was, and says that it was stopped', async ({ expect }) => {
    const objects = crewaiPlatform();
    let asked = (): void => undefined;
    const fault = ({ path }: FaultRequest): { delayMs: number } | undefined => {
      if (!path.includes('/nodes')) return undefined;
      asked();
      return { delayMs: 10_000 };
    };
    await withServer({ objects, faults: fault }, (_server, flags) =>
      withFolder(async (folder) => {
        const file = join(folder, 'b.tar.gz');
        const ended = await crewiso(['bundle', 'collect', ...flags, '-O', file], {
          started: (child) => {
            asked = () => child.kill('SIGINT');
          },
        });
        expect(ended.code).toBe(130);
        const inspected = await crewiso(['bundle', 'inspect', file, '-o', 'json']);
        expect(JSON.parse(inspected.stdout)).toMatchObject({ ended: 'interrupted', state: 'partial' });
        expect((await crewiso(['bundle', 'verify', file])).code).toBe(0);
      }),
    );
  });

  it.for<[string, string[], number, string]>([
    ['a file that is not there', ['bundle', 'inspect', '/nonexistent.tar.gz'], 4, 'no such file'],
    ['a folder', ['bundle', 'verify', '/tmp'], 4, 'folder'],
    ['a file that is no bundle', ['doctor', '--from', 'package.json'], 4, 'not read'],
    ['two sources', ['doctor', '--from', 'x', '-f', 'y'], 2, 'leave out one of them'],
    ['a cluster and a bundle', ['doctor', '--from', 'x', '--context', 'y'], 2, 'about a cluster'],
    ['logs of a bundle', ['doctor', '--from', 'x', '--logs'], 2, '--logs'],
    ['a live look and a bundle', ['explain', 'pods is forbidden: x', '--live', '--from', 'x'], 2, 'give one of them'],
    ['sizes that are none', ['bundle', 'collect', '--max-bytes', '1XB'], 2, '512Ki'],
    ['logs that are not understood', ['bundle', 'collect', '--logs', 'some=1'], 2, 'newest='],
    ['flags that contradict', ['bundle', 'collect', '--no-secret-reads', '--known-values', 'off'], 2, 'contradict'],
    ['a key that is none', ['bundle', 'collect', '--sign', 'package.json'], 2, 'openssl genpkey'],
    ['a recipient that is none', ['bundle', 'collect', '--recipient', 'age1x'], 2, 'age-keygen -y'],
    ['an open name', ['bundle', 'collect', '--recipient', 'age1x', '-O', 'b.tar.gz'], 2, '-O b.tar.gz.age'],
    [
      'going on encrypted',
      ['bundle', 'collect', '--recipient', 'age1x', '--resume', 'b.tar.gz.age.partial'],
      2,
      'in one go',
    ],
    [
      'a recipient and a passphrase',
      ['bundle', 'collect', '--recipient', 'age1x', '--passphrase-file', 'x'],
      2,
      'age does not mix them',
    ],
    [
      'going on with a passphrase',
      ['bundle', 'collect', '--passphrase-file', 'x', '--resume', 'b.tar.gz.age.partial'],
      2,
      '--passphrase-file and --resume contradict',
    ],
    ['an open name with it', ['bundle', 'collect', '--passphrase-file', 'x', '-O', 'b.tar.gz'], 2, '-O b.tar.gz.age'],
    ['a rule that there is not', ['bundle', 'redact', 'a', 'b', '--reveal-rule', 'jwtt'], 2, 'did you mean jwt'],
    ['nothing to go on with', ['bundle', 'collect', '--resume', '/nonexistent.partial'], 4, 'cannot be gone on with'],
    ['a mistyped flag', ['bundle', 'collect', '--sinse', '1h'], 2, 'did you mean --since'],
  ])('refuses %s', async ([, argv, code, words], { expect }) => {
    const ended = await crewiso(argv);
    expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code, stdout: '' });
    expect(ended.stderr).toContain(words);
    expect(ended.stderr).not.toContain('    at ');
  });

  it('goes on with what kill -9 left behind', async ({ expect }) => {
    const objects = crewaiPlatform();
    let asked = (): void => undefined;
    const fault = ({ path }: FaultRequest): { delayMs: number } | undefined => {
      if (!path.includes('/limitranges')) return undefined;
      asked();
      return { delayMs: 300 };
    };
    await withServer({ objects, faults: fault }, (_server, flags) =>
      withFolder(async (folder) => {
        const file = join(folder, 'b.tar.gz');
        const env = { SOURCE_DATE_EPOCH: '1795170000' };
        const killed = await crewiso(['bundle', 'collect', ...flags, '-O', file], {
          env,
          started: (child) => {
            asked = () => setTimeout(() => child.kill('SIGKILL'), 100);
          },
        });
        expect(killed.signal).toBe('SIGKILL');
        expect(readdirSync(folder)).toContain('b.tar.gz.partial');
        asked = () => undefined;
        const resumed = await crewiso(['bundle', 'collect', ...flags, '--resume', `${file}.partial`, '-q'], { env });
        expect(resumed).toMatchObject({ code: 0, stdout: `${file}\n` });
        expect((await crewiso(['bundle', 'verify', file])).code).toBe(0);
        expect((await crewiso(['doctor', '--from', file])).code).toBe(0);
      }),
    );
  });

  it('tells with -v what was read of it, as on a cluster', async ({ expect }) => {
    const objects = crewaiPlatform();
    const lines = ({ stderr }: Ended): readonly string[] => stderr.trimEnd().split('\n');
    await withServer({ objects }, (_server, flags) =>
      withFolder(async (folder) => {
        const file = join(folder, 'b.tar.gz');
        await crewiso(['bundle', 'collect', ...flags, '-O', file, '-q', '--exclude', 'events']);
        const live = lines(await crewiso(['doctor', ...flags, '-v', '2']));
        const offline = lines(await crewiso(['doctor', '--from', file, '-v', '6']));
        const everywhere = ['pods', 'deployments.apps', 'rolebindings.rbac.authorization.k8s.io', 'registry-secrets'];
        for (const name of everywhere) {
          const line = live.find((text) => text.startsWith(`${name}: `));
          expect(line).toMatch(/: [1-9]\d* items, 0 gaps$/);
          expect(offline).toContain(line);
        }
        expect(offline.filter((text) => text.startsWith('events: '))).toEqual([]);
        expect(offline.every((text) => /^[\w.-]+: \d+ items?, \d+ gaps?$/.test(text))).toBe(true);
        expect((await crewiso(['doctor', '--from', file, '-v', '1'])).stderr).toBe('');
        expect(lines(await crewiso(['doctor', '-f', 'examples/clean', '-v', '2']))).toContain('pods: 12 items, 1 gap');
      }),
    );
  });

  it('is left alone by a reader that goes away', async ({ expect }) => {
    await withBundle(crewaiPlatform(), async (file) => {
      const { stderr } = await inShell('"$@" | head -1; echo "code ${PIPESTATUS[0]}" >&2', ['bundle', 'inspect', file]);
      expect(stderr).toBe('code 0\n');
      const { code } = await run('gzip', ['-t', file]);
      expect(code).toBe(0);
    });
  });
});
