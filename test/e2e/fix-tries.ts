import type { ChildProcess } from 'node:child_process';
import { expect } from 'vitest';
import type { Report } from '../../src/model/report.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import type { ApiClient } from './api-client.ts';
import { waitFor } from './control-plane.ts';
import type { FixCase } from './fix-cases.ts';
import { Bench, documentOf, stateOf } from './fix-runs.ts';
import { isWrite, startForwarder } from './forwarder.ts';
import { kubeconfigFor, type AuditEvent } from './harness.ts';

/** May read everything and change nothing. */
export const READER = 'fix-reader';

export const READER_RIGHTS: readonly RawObject[] = [
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: READER },
    rules: [
      { apiGroups: ['*'], resources: ['*'], verbs: ['get', 'list'] },
      { apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] },
    ],
  },
  {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name: READER },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: READER },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: READER }],
  },
];

/** A request that has changed something. */
export const isChange = ({ verb, requestURI }: AuditEvent): boolean =>
  ['create', 'update', 'patch', 'delete'].includes(verb) &&
  !requestURI.includes('dryRun=All') &&
  !/reviews(\?|$)/.test(requestURI);

const findingsOf = async (bench: Bench, { scope }: FixCase): Promise<readonly string[]> => {
  const { stdout, stderr } = await bench.run(['doctor', ...scope, '-o', 'json']);
  expect(stdout, stderr).toMatch(/^\{/);
  const { findings } = JSON.parse(stdout) as Report;
  return findings.map(({ check, object, severity }) => `${severity} ${check} ${object.namespace ?? ''}/${object.name}`);
};

/** A Namespace takes a while to go. */
async function whenGone(client: ApiClient, fix: FixCase): Promise<void> {
  if (!fix.check.endsWith('namespace-missing')) return;
  const path = `/api/v1/namespaces/${fix.place}`;
  await waitFor(`${path} is gone`, async () => (await client.send('GET', path)).status === 404);
}

export async function repairAndUndo(client: ApiClient, fix: FixCase): Promise<void> {
  const place = fix.place;
  const bench = new Bench();
  const before = await stateOf(client, place);
  const known = await findingsOf(bench, fix);
  const { plan, ran } = await bench.plan(fix);
  const planned = [plan.fixes.map(({ class: name }) => name), plan.steps.length];
  expect(planned, ran.stdout + ran.stderr).toEqual([[fix.class], fix.writes]);
  const first = documentOf(await bench.apply());
  const { exit, writes, refused, stopped, regressed } = first;
  expect([exit.code, writes, refused, stopped, regressed]).toEqual([0, fix.writes, undefined, undefined, []]);
  const found = await findingsOf(bench, fix);
  const repaired = plan.fixes.flatMap(({ findings }) => findings.map(({ check, severity }) => `${severity} ${check}`));
  expect(found.filter((line) => repaired.some((start) => line.startsWith(start)))).toEqual([]);
  const leaves = [fix.check, ...plan.fixes.flatMap((one) => one.leaves)];
  const isKnown = (line: string): boolean => known.includes(line) || leaves.some((check) => line.includes(check));
  expect(found.filter((line) => !isKnown(line))).toEqual([]);
  const second = documentOf(await bench.apply());
  expect([second.exit.code, second.writes]).toEqual([0, 0]);
  const back = documentOf(await bench.undo());
  expect([back.exit.code, back.refused, back.stopped]).toEqual([0, undefined, undefined]);
  await whenGone(client, fix);
  expect(await stateOf(client, place)).toEqual(before);
}

export async function leaveAlone(client: ApiClient, fix: FixCase): Promise<void> {
  const bench = new Bench();
  await bench.plan(fix);
  const restore = await fix.disturb(client);
  const disturbed = await stateOf(client, fix.place);
  const { exit, writes, refused } = documentOf(await bench.apply());
  const after = await stateOf(client, fix.place);
  await restore();
  expect([exit.code, writes, refused?.stale]).toEqual([5, 0, true]);
  expect(after).toEqual(disturbed);
}

export async function refuse(_client: ApiClient, fix: FixCase): Promise<void> {
  const bench = new Bench({ kubeconfig: kubeconfigFor(READER) });
  const { ran } = await bench.plan(fix);
  const told = /REFUSED +you may not (create|patch|delete)/.test(ran.stdout);
  expect([ran.status, told], ran.stdout + ran.stderr).toEqual([6, true]);
  const applied = documentOf(await bench.apply());
  expect([applied.exit.code, applied.writes]).toEqual([6, 0]);
}

export const CUTS = ['before', 'after', 'later'] as const;
type Cut = (typeof CUTS)[number];

async function killEverywhere(client: ApiClient, fix: FixCase): Promise<void> {
  for (let write = 1; write <= fix.writes; write += 1) {
    for (const cut of CUTS) await killAt(client, fix, write, cut);
  }
}

export async function killAt(client: ApiClient, fix: FixCase, write: number, cut: Cut): Promise<void> {
  const place = fix.place;
  const before = await stateOf(client, place);
  const killer = await startKiller(write, cut);
  const bench = new Bench();
  const target = ['--server', killer.url, '--kubeconfig', '/dev/null'];
  try {
    const { ran } = await bench.plan(fix, target);
    expect(ran.stdout, ran.stderr).toContain('fix apply');
    const killed = await bench.apply(target, { started: killer.aim });
    expect([write, cut, killed.status, killed.stdout]).toEqual([write, cut, null, '']);
    const run = /r-\d{8}-\d{4}-[0-9a-f]{4}/.exec((await bench.run(['fix', 'history'])).stdout)?.[0] ?? '';
    // What was cut off in the middle of a write is taken back as it is, all else is gone on with first.
    if (cut !== 'after') {
      const resumed = documentOf(await bench.run(['fix', 'apply', '--resume', run, '-o', 'json', ...target]));
      expect([write, cut, resumed.exit.code, resumed.refused, resumed.stopped]).toEqual([
        write,
        cut,
        0,
        undefined,
        undefined,
      ]);
    }
    const back = documentOf(await bench.undo(target));
    expect([write, cut, back.exit.code, back.refused, back.stopped]).toEqual([write, cut, 0, undefined, undefined]);
  } finally {
    killer.close();
  }
  await whenGone(client, fix);
  expect([write, cut, await stateOf(client, place)]).toEqual([write, cut, before]);
}

interface Killer {
  readonly url: string;
  readonly aim: (child: ChildProcess) => void;
  readonly close: () => void;
}

/** Kills the program at its n-th write: before it arrives, before its answer does, or at the next request. */
async function startKiller(at: number, cut: Cut): Promise<Killer> {
  let child: ChildProcess | undefined;
  let writes = 0;
  let armed = false;
  const shoot = (): boolean => {
    child?.kill('SIGKILL');
    child = undefined;
    return true;
  };
  const { url, close } = await startForwarder({
    before: (incoming) => {
      if (!child) return false;
      if (armed) return shoot();
      if (!isWrite(incoming)) return false;
      writes += 1;
      return writes === at && cut === 'before' ? shoot() : false;
    },
    after: (incoming) => {
      if (!child || !isWrite(incoming) || writes !== at) return false;
      if (cut === 'after') return shoot();
      armed = cut === 'later';
      return false;
    },
  });
  return {
    url,
    close,
    aim: (started) => {
      child = started;
    },
  };
}

/** What every fix is put through. */
export const TRIES = [
  ['is repaired once, with nothing else wrong afterwards, and taken back', repairAndUndo],
  ['is left alone once somebody else has changed it', leaveAlone],
  ['is not begun by somebody who may not', refuse],
  ['is completed or taken back wherever the program is killed', killEverywhere],
] as const;
