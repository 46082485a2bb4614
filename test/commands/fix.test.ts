import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import type { ApiServerOptions } from '../../src/apiserver/options.ts';
import type { ApiServer } from '../../src/apiserver/server.ts';
import { parseYaml } from '../../src/manifests/yaml.ts';
import type { Plan } from '../../src/model/fix.ts';
import type { RunDocument } from '../../src/model/run.ts';
import { brokenPlatform } from '../fixtures/broken.ts';
import { crewaiPlatform } from '../fixtures/crewai.ts';
import {
  crewiso,
  EXECUTABLE,
  inShell,
  ROOT,
  run,
  withFolder,
  withServer,
  type Ended,
  type RunOptions,
} from './program.ts';

/** One broken platform, served, with a folder for journals and plans. */
interface Scene {
  readonly server: ApiServer;
  readonly folder: string;
  readonly runs: string;
  readonly plan: string;
  /** Runs the program against it. */
  readonly run: (args: readonly string[], options?: RunOptions) => Promise<Ended>;
  readonly flags: readonly string[];
}

const OBJECTS = brokenPlatform();

function withScene<T>(use: (scene: Scene) => Promise<T>, options: Partial<ApiServerOptions> = {}): Promise<T> {
  return withFolder((folder) =>
    withServer({ objects: OBJECTS, writable: true, ...options }, (server, flags) =>
      use({
        server,
        folder,
        flags,
        runs: join(folder, 'kubectl-crewiso', 'runs'),
        plan: join(folder, 'plan.yaml'),
        run: (args, more = {}) =>
          crewiso([...args, ...flags], { ...more, env: { XDG_STATE_HOME: folder, ...more.env } }),
      }),
    ),
  );
}

/** Writes that were asked for, rehearsals and reviews aside. */
const writesTo = ({ requests }: ApiServer): readonly string[] =>
  requests
    .filter(({ method, path }) => method !== 'GET' && !path.includes('dryRun=All') && !path.includes('reviews'))
    .map(({ method, path }) => `${method} ${path.split('?')[0] ?? ''}`);

const runOf = ({ stdout }: Ended): RunDocument => JSON.parse(stdout) as RunDocument;
const planIn = ({ plan }: Scene): Plan => parseYaml(readFileSync(plan, 'utf8')) as Plan;

function schemaErrors(name: string, document: unknown): readonly string[] {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true });
  addFormats.default(ajv);
  const schema = JSON.parse(readFileSync(`${ROOT}schemas/${name}.schema.json`, 'utf8')) as object;
  const validate = ajv.compile(closed(schema) as object);
  return validate(document)
    ? []
    : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message ?? ''}`);
}

/** A document of ours has no field that its schema does not name; objects to be written may have any. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, closed(inner)]));
  return 'properties' in copy ? { ...copy, additionalProperties: false } : copy;
}

describe('doctor --fix', () => {
  it('shows the plan and refuses where nobody can be asked', async () => {
    await withScene(async (scene) => {
      const { code, stdout, stderr } = await scene.run(['doctor', '--fix']);
      expect(code).toBe(6);
      expect(stdout).toContain('+ RoleBinding crewai-org-4/crewai-sa-edit');
      expect(stdout).toMatch(/^checked {2}\d+ rights \| server dry-run of 5 changes/m);
      expect(stderr).toContain('error: nothing was written: there is no terminal to ask on');
      expect(writesTo(scene.server)).toEqual([]);
    });
  });

  it('gives a machine one document where nobody agreed', async () => {
    await withScene(async (scene) => {
      const ended = await scene.run(['doctor', '--fix', '-o', 'json']);
      const run = runOf(ended);
      expect([ended.code, run.exit.code, run.writes, run.refused?.why[0]]).toEqual([
        6,
        6,
        0,
        'nothing was written: there is no terminal to ask on',
      ]);
      expect(schemaErrors('run', run)).toEqual([]);
      expect(writesTo(scene.server)).toEqual([]);
    });
  });

  it('--yes needs no right for what it does not do', async () => {
    await withScene(
      async (scene) => {
        const ended = await scene.run(['doctor', '--fix', '--yes', '-o', 'json']);
        expect([ended.code, runOf(ended).writes, runOf(ended).refused]).toEqual([1, 3, undefined]);
      },
      {
        faults: ({ method }) =>
          method === 'PATCH'
            ? { status: 403, body: { kind: 'Status', apiVersion: 'v1', message: 'no', code: 403 } }
            : undefined,
      },
    );
  });

  it('Ctrl-C at a question is 130, and nothing was written', async ({ skip }) => {
    if (spawnSync('script', ['--version']).status !== 0) skip('there is no script(1), which makes terminals');
    await withScene(async (scene) => {
      const words = [process.execPath, EXECUTABLE, 'doctor', '--fix', ...scene.flags]
        .map((word) => `'${word}'`)
        .join(' ');
      const ended = await run('script', ['-qec', words, '/dev/null'], {
        env: { XDG_STATE_HOME: scene.folder, TERM: 'dumb' },
        input: '\u0003',
        inputAfter: 'Type yes: ',
      });
      expect([ended.code, writesTo(scene.server)], ended.stdout).toEqual([130, []]);
    });
  });

  it('--yes does what is safe, leaves the rest, and exits with what is wrong afterwards', async () => {
    await withScene(async (scene) => {
      const ended = await scene.run(['doctor', '--fix', '--yes', '-o', 'json']);
      const run = runOf(ended);
      expect([ended.code, run.exit.code, run.writes, ended.stderr]).toEqual([1, 1, 3, '']);
      expect(schemaErrors('run', run)).toEqual([]);
      expect(run.left.map(({ why }) => why)).toContain('--yes does not cover what needs a review');
      expect(run.verifications.map(({ check, result }) => `${check} ${result}`)).toEqual([
        'rbac-access-missing fixed',
        'rbac-binding-subject-wrong fixed',
        'rbac-access-missing fixed',
        'registry-secret-missing fixed',
      ]);
      expect(writesTo(scene.server)).toHaveLength(3);
      const agents = scene.server.requests.filter(({ method }) => method === 'POST').map(({ userAgent }) => userAgent);
      expect(agents.every((agent) => agent.endsWith(` run/${run.id}`))).toBe(true);
      const again = await scene.run(['doctor', '--fix', '--yes', '--check', 'rbac-access-missing', '-o', 'json']);
      expect([again.code, runOf(again).writes]).toEqual([0, 0]);
    });
  });

  it('writes the journal for nobody else to read', async () => {
    await withScene(async (scene) => {
      await scene.run(['doctor', '--fix', '--yes']);
      const [file = ''] = readdirSync(scene.runs);
      expect(file).toMatch(/^r-\d{8}-\d{4}-[0-9a-f]{4}\.jsonl$/);
      expect([statSync(scene.runs).mode & 0o777, statSync(join(scene.runs, file)).mode & 0o777]).toEqual([
        0o700, 0o600,
      ]);
    });
  });

  it('prints no secret, however much it tells', async () => {
    await withScene(async (scene) => {
      const planned = await scene.run(['doctor', '--fix', '--plan-out', scene.plan, '-v', '8']);
      const applied = await scene.run(['fix', 'apply', scene.plan, '-v', '8']);
      expect(applied.code).toBe(0);
      const journal = readdirSync(scene.runs).map((name) => readFileSync(join(scene.runs, name), 'utf8'));
      const all = [planned, applied].flatMap(({ stdout, stderr }) => [stdout, stderr]);
      const text = [...all, readFileSync(scene.plan, 'utf8'), ...journal].join('\n');
      for (const secret of ['example-password', 'example-former-password']) {
        expect(text).not.toContain(secret);
        expect(text).not.toContain(Buffer.from(`pull:${secret}`).toString('base64'));
      }
    });
  });

  it('twice at once writes everything once', async () => {
    await withScene(async (scene) => {
      const both = await Promise.all([1, 2].map(() => scene.run(['doctor', '--fix', '--yes', '-o', 'json'])));
      expect(both.map(({ code }) => code)).toEqual([1, 1]);
      const runs = both.map(runOf);
      expect(runs.reduce((sum, { writes }) => sum + writes, 0)).toBe(3);
      const results = runs.flatMap(({ steps }) => steps.map(({ result }) => result));
      expect(results.filter((result) => result === 'applied')).toHaveLength(3);
      // Whoever comes later finds it in place, or nothing to repair any more.
      expect(results.filter((result) => result !== 'applied' && result !== 'unchanged')).toEqual([]);
      // What one of them made, undoing the other leaves alone.
      const [idle] = runs.filter(({ writes, steps }) => writes === 0 && steps.length > 0);
      if (idle) expect((await scene.run(['fix', 'undo', idle.id, '--yes'])).code).toBe(0);
    });
  });

  it('asks on a terminal, and does what is agreed to', async ({ skip }) => {
    if (spawnSync('script', ['--version']).status !== 0) skip('there is no script(1), which makes terminals');
    await withScene(async (scene) => {
      const words = [process.execPath, EXECUTABLE, 'doctor', '--fix', ...scene.flags]
        .map((word) => `'${word}'`)
        .join(' ');
      const ended = await run('script', ['-qec', words, '/dev/null'], {
        env: { XDG_STATE_HOME: scene.folder, TERM: 'dumb' },
        input: 'yes\nno\ny\n',
      });
      const text = ended.stdout.replaceAll('\r', '');
      expect(text).toContain('Apply fix 1 (safe, 2 writes)? Type yes: ');
      expect(text).toContain('Apply fix 3 (review, 2 writes)? y/N: ');
      expect(writesTo(scene.server).map((line) => line.split('/').slice(-2).join('/'))).toEqual([
        'crewai-org-4/rolebindings',
        'crewai-org-7/rolebindings',
        'crewai-org-12/secrets',
        'secrets/docker-registry',
      ]);
      expect(ended.code).toBe(1);
    });
  });

  it('puts the organization first that is asked for', async () => {
    await withScene(async (scene) => {
      const run = runOf(await scene.run(['doctor', '--fix', '--yes', '--canary', '19', '-o', 'json']));
      expect(run.steps.map(({ tenant }) => tenant)).toEqual(['crewai-org-19', 'crewai-org-4', 'crewai-org-7']);
    });
  });

  it('refuses more writes than are allowed', async () => {
    await withScene(async (scene) => {
      const { code, stderr } = await scene.run(['doctor', '--fix', '--yes', '--max-writes', '2']);
      expect([code, stderr.split('\n')[0]]).toEqual([6, 'error: the plan takes 5 writes, and 2 are allowed']);
      expect(writesTo(scene.server)).toEqual([]);
    });
  });

  it('finds nothing to do on a clean platform', async () => {
    await withScene(
      async (scene) => {
        const { code, stdout } = await scene.run(['doctor', '--fix', '--isolation', 'on']);
        expect([code, stdout.split('\n')[0]]).toEqual([0, expect.stringMatching(/^PLAN \w{8} {2}nothing to change/)]);
        expect(readdirSync(scene.folder)).toEqual([]);
      },
      { objects: crewaiPlatform({ orgs: [1] }) },
    );
  });

  it('says what it could not see, and who may see it', async () => {
    await withScene(
      async (scene) => {
        const { code, stdout } = await scene.run(['doctor', '--fix', '--yes', '--platform-namespace', 'crewai']);
        expect([code, stdout.split('\n')[0]]).toEqual([
          3,
          expect.stringContaining('nothing to change in what could be seen'),
        ]);
        expect(stdout).not.toContain('for you');
        expect(stdout).toMatch(/^ {2}coverage \(1\) \d+ checks\n {6}could not be evaluated completely/m);
        expect(stdout).toContain('# kubectl crewiso rbac --for fix --subject User:NAME | kubectl apply -f -');
      },
      { anonymous: { user: 'bo', groups: ['system:authenticated'] } },
    );
  });

  it.each<[string, readonly string[], string]>([
    ['--yes without --fix', ['doctor', '--yes'], '--yes belongs to --fix'],
    ['--plan-out without --fix', ['doctor', '--plan-out', 'x'], '--plan-out belongs to --fix'],
    ['a format of the report', ['doctor', '--fix', '-o', 'short'], '-o short is a format of the report'],
    ['the report in a file', ['doctor', '--fix', '--out', 'json=x'], '--out belongs to the report'],
    ['--yes to a plan file', ['doctor', '--fix', '--yes', '--plan-out', 'x'], '--plan-out only writes a plan'],
    ['a plan for two days', ['doctor', '--fix', '--plan-ttl', '48h'], '--plan-ttl 48h is out of range'],
    ['no time at all', ['doctor', '--fix', '--plan-ttl', '0s'], '--plan-ttl 0s is out of range'],
    ['a soak that is no time', ['doctor', '--fix', '--soak', 'soon'], '--soak soon is not a duration'],
    ['an unknown canary', ['doctor', '--fix', '--canary', '99'], '--canary 99 is no organization that was judged'],
  ])('%s is a mistake', async (_, args, message) => {
    await withScene(async (scene) => {
      const { code, stdout, stderr } = await scene.run(args);
      expect([code, stdout, stderr]).toEqual([2, '', expect.stringContaining(`error: ${message}`)]);
      expect(writesTo(scene.server)).toEqual([]);
    });
  });
});

describe('a plan file', () => {
  it.each(['plan.yaml', 'plan.json'])(
    '%s is written, described by its schema, applied, and applied again',
    async (name) => {
      await withScene(async (found) => {
        const scene = { ...found, plan: join(found.folder, name) };
        const planned = await scene.run(['doctor', '--fix', '--plan-out', scene.plan]);
        expect([planned.code, planned.stdout]).toEqual([1, expect.stringContaining(`fix apply ${scene.plan}`)]);
        expect(statSync(scene.plan).mode & 0o777).toBe(0o600);
        expect(schemaErrors('plan', planIn(scene))).toEqual([]);
        expect(writesTo(scene.server)).toEqual([]);
        const rehearsed = await scene.run(['fix', 'apply', scene.plan, '--dry-run', '-o', 'json']);
        expect([rehearsed.code, runOf(rehearsed).writes, runOf(rehearsed).dryRun]).toEqual([0, 0, true]);
        const applied = await scene.run(['fix', 'apply', scene.plan, '-o', 'json']);
        expect([applied.code, runOf(applied).writes]).toEqual([0, 5]);
        const again = await scene.run(['fix', 'apply', scene.plan, '-o', 'json']);
        expect([again.code, runOf(again).writes, runOf(again).exit.reasons]).toEqual([
          0,
          0,
          ['all of it was in place already'],
        ]);
      });
    },
  );

  it.each<[string, (plan: Plan) => unknown, string]>([
    ['edited', (plan) => ({ ...plan, maxWrites: 5000 }), 'was edited after it was made'],
    ['another document', () => ({ apiVersion: 'crewiso/v1', kind: 'Report' }), 'is no plan of kubectl crewiso'],
    ['cut', (plan) => ({ ...plan, steps: undefined }), 'is damaged'],
    ['nothing', () => null, 'is no plan of kubectl crewiso'],
  ])('%s is refused', async (_, change, message) => {
    await withScene(async (scene) => {
      await scene.run(['doctor', '--fix', '--plan-out', scene.plan]);
      writeFileSync(scene.plan, JSON.stringify(change(planIn(scene))));
      const { code, stdout, stderr } = await scene.run(['fix', 'apply', scene.plan]);
      expect([code, stdout, stderr.split('\n')[0]]).toEqual([6, '', expect.stringContaining(message)]);
      expect(writesTo(scene.server)).toEqual([]);
    });
  });

  it.each<[string, readonly string[], number, string]>([
    ['none', ['fix', 'apply'], 2, 'no plan was given'],
    ['one that is not there', ['fix', 'apply', 'not-there.yaml'], 4, 'cannot read the plan not-there.yaml'],
    ['no YAML', ['fix', 'apply', `${ROOT}bin/kubectl-crewiso`], 6, 'is no'],
    ['an unknown run', ['fix', 'apply', '--resume', 'r-20260101-0000-0000'], 2, 'there is no journal of a run'],
    ['an unknown run to take back', ['fix', 'undo', 'r-20260101-0000-0000'], 2, 'there is no journal of a run'],
    ['nothing to take back', ['fix', 'undo', 'last'], 2, 'there is no run to take back'],
    ['nothing to prune', ['fix', 'history', '--prune', '7d'], 2, 'no run on this cluster is old enough'],
  ])('%s', async (_, args, status, message) => {
    await withScene(async (scene) => {
      const { code, stdout, stderr } = await scene.run(args);
      expect([code, stdout, stderr.split('\n')[0]]).toEqual([status, '', expect.stringContaining(message)]);
    });
  });

  it('that has expired is refused', async () => {
    await withScene(async (scene) => {
      await scene.run(['doctor', '--fix', '--plan-out', scene.plan, '--plan-ttl', '1ms']);
      const { code, stderr } = await scene.run(['fix', 'apply', scene.plan]);
      expect([code, stderr]).toEqual([6, expect.stringContaining('it expired at')]);
    });
  });

  it('for another server or another user is refused', async () => {
    await withScene(async (scene) => {
      await scene.run(['doctor', '--fix', '--plan-out', scene.plan]);
      const asOther = await scene.run(['fix', 'apply', scene.plan, '--as', 'bo', '--as-group', 'system:masters']);
      expect([asOther.code, asOther.stderr]).toEqual([
        6,
        expect.stringContaining('it was made for user oncall, this is bo'),
      ]);
      await withServer({ objects: OBJECTS, writable: true }, async (other, flags) => {
        const { code, stderr } = await crewiso(['fix', 'apply', scene.plan, ...flags], {
          env: { XDG_STATE_HOME: scene.folder },
        });
        expect([code, stderr]).toEqual([6, expect.stringContaining('it was made for server')]);
        expect(writesTo(other)).toEqual([]);
      });
      expect(writesTo(scene.server)).toEqual([]);
    });
  });

  it('with deletions needs them allowed and confirmed', async () => {
    await withScene(async (scene) => {
      await scene.run(['provision', '42', '--yes', '--platform-namespace', 'crewai']);
      const undo = await scene.run(['fix', 'undo', 'last', '--yes', '-o', 'json']);
      // The Namespace stays: to delete it was not allowed.
      expect([undo.code, runOf(undo).left.map(({ object }) => object)]).toEqual([0, ['Namespace crewai-org-42']]);
      expect(writesTo(scene.server)).not.toContain('DELETE /api/v1/namespaces/crewai-org-42');
    });
  });
});

describe('a plan from files', () => {
  const files = [`${ROOT}examples/broken`, '--complete=all'];
  const planFrom = (scene: Scene): Promise<Ended> =>
    crewiso(['doctor', '-f', ...files, '--fix', '--plan-out', scene.plan]);

  it('is reviewed as a whole, and applied to a cluster that is so', async () => {
    await withScene(async (scene) => {
      const planned = await planFrom(scene);
      expect(planned.stderr).toBe('');
      expect(planIn(scene).fixes.map((fix) => fix.class)).not.toContain('safe');
      const applied = await scene.run(['fix', 'apply', scene.plan, '-o', 'json']);
      expect([applied.code, runOf(applied).writes], applied.stderr).toEqual([0, 5]);
      const again = await scene.run(['fix', 'apply', scene.plan, '-o', 'json']);
      expect([again.code, runOf(again).writes]).toEqual([0, 0]);
    });
  });

  it('does what is still true', async () => {
    await withScene(async (scene) => {
      await planFrom(scene);
      await scene.run(['doctor', '--fix', '--yes']);
      const before = writesTo(scene.server).length;
      const applied = await scene.run(['fix', 'apply', scene.plan, '-o', 'json']);
      expect([applied.code, runOf(applied).steps.map(({ object }) => object.kind)]).toEqual([0, ['Secret', 'Secret']]);
      expect(writesTo(scene.server).length - before).toBe(2);
    });
  });

  it('says what is not so on the cluster, and leaves it alone', async () => {
    const taken = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'crewai-sa-edit', namespace: 'crewai-org-4', uid: 'taken' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'view' },
      subjects: [],
    };
    await withScene(
      async (scene) => {
        await planFrom(scene);
        const { code, stdout } = await scene.run(['fix', 'apply', scene.plan]);
        expect([code, stdout.replaceAll(/\s+/g, ' ')]).toEqual([
          0,
          expect.stringContaining('On the cluster this is not so'),
        ]);
        expect(writesTo(scene.server).filter((line) => line.includes('crewai-org-4/'))).toEqual([]);
      },
      { objects: [...OBJECTS, taken] },
    );
  });

  it('needs a file to go to', async () => {
    const { code, stderr } = await crewiso(['doctor', '-f', ...files, '--fix']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('--fix with -f only writes a plan')]);
  });
});

describe('a run that is cut off', () => {
  it('by Ctrl-C ends after the write in flight, and goes on later', async () => {
    let interrupt: (() => void) | undefined;
    await withScene(
      async (scene) => {
        const ended = await scene.run(['doctor', '--fix', '--yes', '-o', 'json'], {
          started: (child) => {
            interrupt = () => child.kill('SIGINT');
          },
        });
        const run = runOf(ended);
        expect([ended.code, run.exit.code, run.interrupted, run.writes]).toEqual([130, 130, true, 1]);
        expect(schemaErrors('run', run)).toEqual([]);
        expect(run.steps.map(({ result }) => result)).toEqual(['applied', 'not-reached', 'not-reached']);
        interrupt = undefined;
        const text = await scene.run(['fix', 'history']);
        expect(text.stdout).toMatch(/stopped +1\/3/);
        const resumed = await scene.run(['fix', 'apply', '--resume', run.id, '-o', 'json']);
        expect([resumed.code, runOf(resumed).writes, runOf(resumed).steps.map(({ result }) => result)]).toEqual([
          0,
          2,
          ['earlier', 'applied', 'applied'],
        ]);
        const twice = await scene.run(['fix', 'apply', '--resume', run.id]);
        expect([twice.code, twice.stderr]).toEqual([
          2,
          expect.stringContaining('went through: there is nothing to resume'),
        ]);
        const undo = await scene.run(['fix', 'undo', run.id, '--yes', '-o', 'json']);
        expect([undo.code, runOf(undo).writes]).toEqual([0, 3]);
      },
      {
        faults: ({ method, path }) => {
          if (method !== 'POST' || path.includes('dryRun') || path.includes('reviews')) return undefined;
          interrupt?.();
          return interrupt ? { delayMs: 300 } : undefined;
        },
      },
    );
  });

  it.each<[string, number, string]>([
    ['a conflict', 409, 'refused'],
    ['a refusal', 403, 'refused'],
    ['a server error', 500, 'refused'],
    ['a login that has ended', 401, 'refused'],
  ])('by %s stops and says how to go on', async (_, status) => {
    let broken = true;
    await withScene(
      async (scene) => {
        const ended = await scene.run(['doctor', '--fix', '--yes']);
        expect(ended.code).toBe(5);
        expect(ended.stdout).toContain('3/3 crewai-org-19  + Secret docker-registry  REFUSED');
        const run = /RUN (\S+)/.exec(ended.stdout)?.[1] ?? '';
        expect(ended.stdout).toContain(`kubectl crewiso fix undo ${run}`);
        broken = false;
        const resumed = await scene.run(['fix', 'apply', '--resume', run, '-o', 'json']);
        expect([resumed.code, runOf(resumed).writes]).toEqual([0, 1]);
      },
      {
        faults: ({ method, path }) =>
          broken && method === 'POST' && path.includes('crewai-org-19/secrets') && !path.includes('dryRun')
            ? {
                status,
                body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', message: 'not now', code: status },
              }
            : undefined,
      },
    );
  });

  it('waits where the server asks for it, and writes once', async () => {
    let asked = 0;
    await withScene(
      async (scene) => {
        const ended = await scene.run(['doctor', '--fix', '--yes', '-o', 'json']);
        expect([ended.code, runOf(ended).writes]).toEqual([1, 3]);
        expect(asked).toBe(2);
      },
      {
        faults: ({ method, path }) => {
          if (method !== 'POST' || !path.includes('crewai-org-19/secrets') || path.includes('dryRun')) return undefined;
          asked += 1;
          return asked === 1 ? { status: 429, headers: { 'retry-after': '1' }, body: {} } : undefined;
        },
      },
    );
  });

  it('without a place for the journal never begins', async () => {
    await withScene(async (scene) => {
      const { code, stderr } = await scene.run(['doctor', '--fix', '--yes'], { env: { XDG_STATE_HOME: '/dev/null' } });
      expect([code, stderr]).toEqual([4, expect.stringContaining('cannot write the journal')]);
      expect(writesTo(scene.server)).toEqual([]);
    });
  });

  it('by a full disk stops before the write that could not be noted', async () => {
    await withScene(async (scene) => {
      const measured = await scene.run(['doctor', '--fix', '--yes', '-o', 'json']);
      const { id } = runOf(measured);
      const begin = readFileSync(join(scene.runs, `${id}.jsonl`), 'utf8').indexOf('\n');
      await scene.run(['fix', 'undo', id, '--yes']);
      const before = writesTo(scene.server).length;
      const kibibytes = Math.ceil(begin / 1024);
      const ended = await inShell(
        `trap '' XFSZ; ulimit -f ${String(kibibytes)}; "$@"`,
        ['doctor', '--fix', '--yes', '-o', 'json', ...scene.flags],
        { env: { XDG_STATE_HOME: scene.folder } },
      );
      const run = runOf(ended);
      expect([ended.code, run.stopped], ended.stderr).toEqual([5, expect.stringContaining('cannot write the journal')]);
      expect(run.steps.at(-1)?.result).toBe('not-reached');
      // Of every write that was made it is told that it was, or that it may have been.
      const told = run.steps.filter(({ result }) => result === 'applied' || result === 'unknown').length;
      expect(writesTo(scene.server).length - before).toBe(told);
    });
  });
});

describe('fix undo', () => {
  it('takes one step back, and nothing that somebody has changed since', async () => {
    await withScene(async (scene) => {
      const run = runOf(await scene.run(['doctor', '--fix', '--yes', '-o', 'json']));
      const one = await scene.run(['fix', 'undo', run.id, '--only', '3', '--yes', '-o', 'json']);
      expect([one.code, runOf(one).steps.map(({ object }) => object.name)]).toEqual([0, ['docker-registry']]);
      // The rest of it can still be taken back: it is still the last.
      const history = await scene.run(['fix', 'history']);
      expect(history.stdout).toMatch(new RegExp(`^${run.id} .* applied `, 'm'));
      const binding = `/apis/rbac.authorization.k8s.io/v1/namespaces/crewai-org-4/rolebindings/crewai-sa-edit`;
      await fetch(scene.server.url + binding, {
        method: 'PATCH',
        headers: { 'content-type': 'application/merge-patch+json' },
        body: JSON.stringify({ metadata: { labels: { mine: 'now' } } }),
      });
      const rest = await scene.run(['fix', 'undo', run.id, '--yes']);
      expect([rest.code, rest.stdout]).toEqual([5, expect.stringContaining('STALE')]);
      expect(rest.stdout).toContain('RoleBinding crewai-org-4/crewai-sa-edit');
    });
  });

  it.each(['an undo', 'a prune'])('%s that was cut off is gone on with', async (what) => {
    let broken = false;
    await withScene(
      async (scene) => {
        await scene.run(['doctor', '--fix', '--plan-out', scene.plan]);
        const { id } = runOf(await scene.run(['fix', 'apply', scene.plan, '-o', 'json']));
        broken = true;
        const args = what === 'an undo' ? ['fix', 'undo', id] : ['fix', 'history', '--prune', '1ms'];
        const cut = runOf(await scene.run([...args, '--yes', '-o', 'json']));
        expect(cut.exit.code).toBe(5);
        broken = false;
        const resumed = await scene.run(['fix', 'apply', '--resume', cut.id, '-o', 'json']);
        expect([resumed.code, runOf(resumed).stopped], resumed.stderr).toEqual([0, undefined]);
        expect(runOf(resumed).steps.filter(({ result }) => result !== 'applied' && result !== 'earlier')).toEqual([]);
      },
      {
        faults: ({ method, path }) =>
          broken && method === 'DELETE' && path.includes('-before-') && !path.includes('dryRun')
            ? { status: 503, body: { kind: 'Status', apiVersion: 'v1', message: 'later', code: 503 } }
            : undefined,
      },
    );
  });

  it('a step that there is not is a mistake', async () => {
    await withScene(async (scene) => {
      await scene.run(['doctor', '--fix', '--yes']);
      const { code, stderr } = await scene.run(['fix', 'undo', 'last', '--only', '9']);
      expect([code, stderr]).toEqual([2, expect.stringContaining('has no step 9')]);
    });
  });

  it('knows nothing of journals of another make', async () => {
    await withScene(async (scene) => {
      mkdirSync(join(scene.runs, 'r-20261120-1008-aaaa.jsonl'), { recursive: true });
      writeFileSync(
        join(scene.runs, 'r-20261120-1006-4c1d.jsonl'),
        '{"seq":1,"event":"begin","run":"x","plan":"4c1d09e2"}\n',
      );
      writeFileSync(join(scene.runs, 'r-20261120-1007-4c1d.jsonl'), '\u0000garbage\n{"seq":1');
      const { code, stdout } = await scene.run(['fix', 'history']);
      expect([code, stdout]).toEqual([0, 'nothing was repaired from this machine\n']);
      expect((await scene.run(['fix', 'undo', 'last'])).code).toBe(2);
    });
  });

  it('is refused on another cluster', async () => {
    await withScene(async (scene) => {
      await scene.run(['doctor', '--fix', '--yes']);
      const renamed = OBJECTS.map((object) =>
        object.kind === 'Namespace' && object.metadata.name === 'kube-system'
          ? { ...object, metadata: { ...object.metadata, uid: 'another' } }
          : object,
      );
      await withServer({ objects: renamed, writable: true }, async (other, flags) => {
        const { code, stderr } = await crewiso(['fix', 'undo', 'last', '--yes', ...flags], {
          env: { XDG_STATE_HOME: scene.folder },
        });
        expect([code, stderr]).toEqual([6, expect.stringContaining('and this is')]);
        expect(writesTo(other)).toEqual([]);
      });
    });
  });
});

describe('fix history', () => {
  it('lists runs and their changes, and prunes what they kept', async () => {
    await withScene(async (scene) => {
      await scene.run(['doctor', '--fix', '--plan-out', scene.plan]);
      const run = runOf(await scene.run(['fix', 'apply', scene.plan, '-o', 'json']));
      const text = await crewiso(['fix', 'history'], { env: { XDG_STATE_HOME: scene.folder } });
      expect([text.code, text.stdout]).toEqual([0, expect.stringContaining(run.id)]);
      const one = await crewiso(['fix', 'history', run.id, '-o', 'json'], { env: { XDG_STATE_HOME: scene.folder } });
      const { changes } = JSON.parse(one.stdout) as { changes: { result: string }[] };
      expect(changes.map(({ result }) => result)).toEqual(Array.from({ length: 5 }, () => 'applied'));
      const refused = await scene.run(['fix', 'history', '--prune', '1ms']);
      expect([refused.code, refused.stdout]).toEqual([
        6,
        expect.stringContaining('- Secret crewai-org-12/docker-registry-before-'),
      ]);
      const pruned = await scene.run(['fix', 'history', '--prune', '1ms', '--yes', '-o', 'json']);
      expect([pruned.code, runOf(pruned).writes], pruned.stderr).toEqual([0, 1]);
      const undo = await scene.run(['fix', 'undo', run.id, '--yes']);
      expect([undo.code, undo.stdout]).toEqual([5, expect.stringContaining('is gone')]);
    });
  });
});

describe('provision', () => {
  it('makes what an organization lacks, once', async () => {
    await withScene(async (scene) => {
      const first = await scene.run(['provision', '42', '--yes', '-o', 'json', '--pull-secret-on-account']);
      expect([first.code, runOf(first).steps.map(({ op, object }) => `${op} ${object.kind}`)], first.stderr).toEqual([
        0,
        ['create Namespace', 'create RoleBinding', 'create Secret', 'patch ServiceAccount'],
      ]);
      const again = await scene.run(['provision', '42', '--yes', '-o', 'json']);
      expect([again.code, runOf(again).writes, runOf(again).exit.reasons]).toEqual([
        0,
        0,
        ['there is nothing to change'],
      ]);
    });
  });

  it('adds what is missing in one that is there', async () => {
    await withScene(async (scene) => {
      const ended = await scene.run(['provision', '19', '--yes', '-o', 'json']);
      expect([ended.code, runOf(ended).steps.map(({ object }) => object.kind)]).toEqual([0, ['Secret']]);
    });
  });

  it('writes a plan to be reviewed', async () => {
    await withScene(async (scene) => {
      const { code, stdout } = await scene.run(['provision', '42', '--plan-out', scene.plan]);
      expect([code, stdout]).toEqual([0, expect.stringContaining('to be rehearsed once their Namespace is there')]);
      expect(writesTo(scene.server)).toEqual([]);
      const applied = await scene.run(['fix', 'apply', scene.plan, '-o', 'json']);
      expect([applied.code, runOf(applied).writes], applied.stderr).toEqual([0, 3]);
    });
  });

  it('leaves it to the platform in automatic mode', async () => {
    await withScene(
      async (scene) => {
        const { code, stderr } = await scene.run(['provision', '42', '--yes']);
        expect([code, stderr]).toEqual([6, expect.stringContaining('the platform makes crewai-org-42 itself')]);
        expect(writesTo(scene.server)).toEqual([]);
      },
      { objects: crewaiPlatform({ orgs: [1], mode: 'auto' }) },
    );
  });

  it('copies no secret that does not work', async () => {
    await withScene(
      async (scene) => {
        const { code, stderr } = await scene.run(['provision', '42', '--yes']);
        expect([code, stderr]).toEqual([
          6,
          expect.stringContaining('the registry secret crewai/docker-registry cannot be copied'),
        ]);
        expect(writesTo(scene.server)).toEqual([]);
      },
      {
        objects: crewaiPlatform({ orgs: [1] }).filter(
          ({ kind, metadata }) =>
            kind !== 'Secret' || metadata.namespace !== 'crewai' || metadata.name !== 'docker-registry',
        ),
      },
    );
  });

  it('plans nothing on what it could not see', async () => {
    await withScene(
      async (scene) => {
        const { code, stderr } = await scene.run(['provision', '19', '--yes']);
        expect([code, stderr]).toEqual([
          3,
          expect.stringContaining('what crewai-org-19 lacks could not be seen: secrets'),
        ]);
        expect(writesTo(scene.server)).toEqual([]);
      },
      {
        faults: ({ method, path }) =>
          method === 'GET' && /\/secrets(\?|$)/.test(path)
            ? {
                status: 403,
                body: {
                  kind: 'Status',
                  apiVersion: 'v1',
                  message: 'secrets is forbidden',
                  reason: 'Forbidden',
                  code: 403,
                },
              }
            : undefined,
      },
    );
  });

  it('takes ids only', async () => {
    const { code, stderr } = await crewiso(['provision', 'crewai-org-42', '--kubeconfig', '/dev/null']);
    expect([code, stderr]).toEqual([2, expect.stringContaining('crewai-org-42 is not an organization id')]);
  });
});
