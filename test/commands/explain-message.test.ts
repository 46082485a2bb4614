import { closeSync, openSync, readFileSync, writeFileSync, writeSync } from 'node:fs';
import { describe, it } from 'vitest';
import type { ExplanationDocument } from '../../src/kubernetes/denial-document.ts';
import { crewaiPlatform } from '../fixtures/crewai.ts';
import { CORPUS } from '../kubernetes/denial-corpus.ts';
import { crewiso, inShell, ROOT, withFolder, withServer, type Ended } from './program.ts';

const GET = (namespace: string): string =>
  `secrets "docker-registry" is forbidden: User "system:serviceaccount:crewai:crewai-sa" cannot get resource "secrets" in API group "" in the namespace "${namespace}"`;
const documentOf = ({ stdout }: Ended): ExplanationDocument => JSON.parse(stdout) as ExplanationDocument;

describe.concurrent('explain MESSAGE', () => {
  it('says what it means, within 80 columns but for commands, without colours', async ({ expect }) => {
    const { code, stdout, stderr } = await crewiso(['explain', GET('a')], { env: { COLUMNS: '80', NO_COLOR: '1' } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^RBAC {2}no binding gave the account this right\n/);
    expect(stdout).toContain('kubectl -n a create role');
    expect(stdout).not.toContain('\u001b');
    expect(stdout.split('\n').filter((line) => line.length > 80 && !line.includes('kubectl'))).toEqual([]);
  });

  it('colours where it is asked to', async ({ expect }) => {
    const { stdout } = await crewiso(['explain', GET('a'), '--color', 'always']);
    expect(stdout).toContain('\u001b[1mRBAC\u001b[22m');
  });

  it('fills in the namespace that the user knows', async ({ expect }) => {
    const message = 'pods "p" is forbidden: exceeded quota: q, requested: pods=1, used: pods=3, limited: pods=3';
    const { stdout } = await crewiso(['explain', message, '-n', 'here']);
    expect(stdout).toMatch(/^NOT RBAC {2}a ResourceQuota refused the object/);
    expect(stdout).toContain('\ndo        kubectl -n here describe resourcequota q\n');
  });

  it('reads standard input to its end, in any form', async ({ expect }) => {
    const input = CORPUS.map(({ text }) => JSON.stringify({ time: '2026-11-20T09:41:00Z', msg: text })).join('\n');
    const ended = await crewiso(['explain', '-', '-o', 'json'], { input });
    expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: '' });
    const document = documentOf(ended);
    expect(document).toMatchObject({ apiVersion: 'crewiso/v1', kind: 'Explanation', total: CORPUS.length, left: 0 });
    expect(document.refusals.every(({ firstAt }) => firstAt === '2026-11-20T09:41:00Z')).toBe(true);
    const yaml = await crewiso(['explain', '-', '-o', 'yaml'], { input });
    expect(yaml.stdout).toMatch(/^apiVersion: crewiso\/v1\nkind: Explanation\n/);
  });

  it('reads characters that are cut between two pieces, and what PowerShell writes', async ({ expect }) => {
    const message = `pods is forbidden: User "jörg" cannot list resource "pods" in API group "" in the namespace "a"`;
    const bytes = Buffer.from(`${message}\n`);
    await withFolder(async (folder) => {
      const at = bytes.indexOf(0xc3) + 1;
      writeFileSync(`${folder}/1`, bytes.subarray(0, at));
      writeFileSync(`${folder}/2`, bytes.subarray(at));
      writeFileSync(`${folder}/utf16`, Buffer.from(`\ufeff${message}`, 'utf16le'));
      for (const input of ['(cat 1; sleep 1; cat 2)', 'cat utf16']) {
        const ended = await inShell(`${input} | "$@"`, ['explain', '-', '-o', 'json'], { cwd: folder });
        expect(documentOf(ended).refusals).toMatchObject([{ who: 'User jörg', count: 1 }]);
      }
    });
  });

  it('a reader that goes away is no error', async ({ expect }) => {
    const input = Array.from({ length: 900 }, (_, at) => GET(`n-${String(at)}`)).join('\n');
    const ended = await inShell('"$@" | head -1; echo "code ${PIPESTATUS[0]}" >&2', ['explain', '-', '-o', 'json'], {
      input,
    });
    expect(ended.stdout).toBe('{\n');
    expect(ended.stderr).toBe('code 0\n');
  });

  it.for([
    ['nothing', '', ''],
    ['prose', 'smoking is forbidden: please leave', ''],
    ['an empty input', '-', ''],
    ['a log without refusals', '-', '10:00 403 Forbidden\n'],
  ] as const)('no refusal is exit 4, with advice: %s', async ([, message, input], { expect }) => {
    const { code, stdout, stderr } = await crewiso(['explain', message], { input });
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toMatch(/^error: no refusal of the API server in it\n {2}paste/);
  });

  it('stopped while it reads, it explains what it read', async ({ expect }) => {
    // More than a pipe holds: once it is written, the program has read the message.
    const writer = `echo '${GET('a')}'; head -c 300000 /dev/zero | tr '\\0' x; echo written >&2; exec sleep 20 2>/dev/null`;
    const line = `"$@" < <(${writer}) & echo $! >&2; wait $!; echo "code $?" >&2`;
    let said = '';
    const ended = await inShell(line, ['explain', '-', '-o', 'json'], {
      started: (child) => {
        child.stderr.on('data', (chunk: Buffer) => {
          said += chunk.toString();
          const [, pid] = /^(\d+)\nwritten\n$/.exec(said) ?? [];
          if (pid !== undefined) process.kill(Number(pid), 'SIGTERM');
        });
      },
    });
    expect(ended.stderr).toMatch(/^\d+\nwritten\ncode 130\n$/);
    expect(documentOf(ended).refusals).toMatchObject([{ class: 'rbac', namespace: 'a' }]);
  });

  it('--schema prints the schema that is shipped', async ({ expect }) => {
    const { stdout } = await crewiso(['explain', '--schema', 'explanation']);
    expect(stdout).toBe(readFileSync(`${ROOT}schemas/explanation.schema.json`, 'utf8'));
  });
});

it(
  'explains a hundred megabytes in little memory, without holding on to what it read',
  { timeout: 120_000 },
  async ({ expect }) => {
    await withFolder(async (folder) => {
      const filler = `${'2026-11-20T09:41:00Z INFO all is well and the story goes on; '.repeat(16)}\n`.repeat(100);
      const file = openSync(`${folder}/log`, 'w');
      // Many different ones, each in a piece of its own, and at the end a piece without any line break.
      for (let at = 0; at < 950; at += 1) writeSync(file, `${filler}2026-11-20T09:41:00Z ${GET(`n-${String(at)}`)}\n`);
      writeSync(file, 'x'.repeat(5_000_000));
      closeSync(file);
      const ended = await inShell(`"$@" < log`, ['explain', '-', '-o', 'json'], {
        cwd: folder,
        env: { NODE_OPTIONS: '--max-old-space-size=40' },
      });
      expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: '' });
      const { refusals, total } = documentOf(ended);
      expect({ different: refusals.length, total }).toEqual({ different: 950, total: 950 });
    });
  },
);

describe.concurrent('wrong usage', () => {
  it.for([
    [['explain', 'rbac-acces-missing'], 'there is no such check', 'rbac-access-missing'],
    [['explain', GET('a'), '--live', '-f', 'examples/clean'], '--live looks into a cluster', ''],
    [['explain', GET('a'), '--context', 'x'], '--context is about a cluster', 'add --live'],
    [['explain', GET('a'), '-f', 'examples/clean', '--context', 'x'], '--context is about a cluster', ''],
    [['explain', '-', '-f', '-'], 'standard input', 'file'],
    [['explain', 'quota-exhausted', '--live'], '--live is about a message', 'MESSAGE'],
    [['explain', 'quota-exhausted', '-o', 'json'], '-o is about a message', 'MESSAGE'],
    [['explain', '--live'], '--live is about a message', ''],
    [['explain', GET('a'), '-o', 'short'], 'table, json, yaml', ''],
    [['doctor', '--from-error', '-', '-f', '-'], 'cannot both read standard input', '-f FILE'],
  ] as const)('%j', async ([argv, message, advice], { expect }) => {
    const { code, stdout, stderr } = await crewiso(argv, { input: '' });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/^error: \S/);
    expect(stderr).toContain(message);
    expect(stderr).toContain(advice);
  });
});

const FILES = ['-f', 'examples/clean', '--complete-all', '-o', 'json'];

describe.concurrent('whether it still stands', () => {
  it('in files', async ({ expect }) => {
    const stands = async (message: string): Promise<unknown> => {
      const ended = await crewiso(['explain', message, ...FILES]);
      return [ended.code, documentOf(ended).refusals[0]?.now?.state];
    };
    const messages = [GET('crewai-org-1'), GET('elsewhere'), 'admission webhook "w" denied the request: no'];
    expect(await Promise.all(messages.map(stands))).toEqual([
      [0, 'allowed'],
      [1, 'denied'],
      [3, 'unknown'],
    ]);
  });

  it('in files that may not be whole, it could not be seen', async ({ expect }) => {
    const ended = await crewiso(['explain', GET('elsewhere'), '-f', 'examples/clean', '-o', 'json']);
    expect(ended.code).toBe(3);
    expect(documentOf(ended).refusals[0]?.now).toMatchObject({ state: 'unknown', model: 'unknown' });
    expect(documentOf(ended).refusals[0]?.now?.gaps).not.toEqual([]);
  });

  const without = crewaiPlatform({ orgs: [1, 2] }).filter(
    ({ kind, metadata }) => !(kind === 'RoleBinding' && metadata.namespace === 'crewai-org-2'),
  );

  it('in a cluster, asking its API server, with what doctor finds there', async ({ expect }) => {
    await withServer({ objects: without }, async (server, flags) => {
      const input = [GET('crewai-org-1'), GET('crewai-org-2')].join('\n');
      const ended = await crewiso(['explain', '-', '--live', ...flags, '-o', 'json'], { input });
      expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 1, stderr: '' });
      expect(documentOf(ended).refusals).toMatchObject([
        { now: { state: 'allowed', model: 'allowed', server: 'allowed' }, findings: [] },
        { now: { state: 'denied', model: 'denied', server: 'denied' }, findings: [{ check: 'rbac-access-missing' }] },
      ]);
      const reviews = server.requests.filter(({ path }) => path.endsWith('/subjectaccessreviews'));
      expect(reviews).toHaveLength(2);
    });
  });

  it('in a cluster without the platform, in any namespace', async ({ expect }) => {
    const objects = without.filter(({ kind }) => kind !== 'Deployment' && kind !== 'ConfigMap');
    await withServer({ objects }, async (_, flags) => {
      const input = [GET('crewai-org-1'), GET('crewai-org-2')].join('\n');
      const ended = await crewiso(['explain', '-', '--live', ...flags, '-o', 'json'], { input });
      expect(documentOf(ended).refusals.map(({ now }) => now?.model)).toEqual(['allowed', 'denied']);
    });
  });

  it('a cluster that cannot be reached is exit 4', async ({ expect }) => {
    const { code, stdout } = await crewiso([
      'explain',
      GET('a'),
      '--live',
      '--server',
      'http://127.0.0.1:9',
      '--kubeconfig',
      '/dev/null',
    ]);
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
  });
});

describe.concurrent('doctor --from-error', () => {
  it('judges what the text says by what is there now', async ({ expect }) => {
    const [still, over] = await Promise.all(
      [GET('elsewhere'), GET('crewai-org-1')].map((text) =>
        crewiso(['doctor', ...FILES, '--check', 'forbidden-by-rbac', '--from-error', '-'], { input: text }),
      ),
    );
    expect([still?.code, over?.code]).toEqual([1, 0]);
    expect(still?.stdout).toContain('RBAC still denies it');
    expect(over?.stdout).toContain('it is allowed now');
  });

  it('reads a text, and says where there is no refusal in it', async ({ expect }) => {
    const [quiet, noted] = await Promise.all([
      crewiso(['doctor', ...FILES, '--from-error', GET('crewai-org-1')]),
      crewiso(['doctor', ...FILES, '--from-error', '-'], { input: 'all is well' }),
    ]);
    expect({ code: quiet.code, stderr: quiet.stderr }).toEqual({ code: 0, stderr: '' });
    expect({ code: noted.code, stderr: noted.stderr }).toEqual({
      code: 0,
      stderr: 'warning: there is no refusal of the API server in --from-error\n',
    });
  });
});
