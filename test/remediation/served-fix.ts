import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CHECKS } from '../../src/checks/index.ts';
import { createTransport } from '../../src/cluster/transport.ts';
import { createWriter } from '../../src/cluster/writer.ts';
import { judgeWithFixes, type Judged } from '../../src/commands/shared/judge.ts';
import type { Reading } from '../../src/commands/shared/reading.ts';
import type { ApiServerOptions } from '../../src/apiserver/options.ts';
import type { ApiServer } from '../../src/apiserver/server.ts';
import type { Plan } from '../../src/model/fix.ts';
import type { KubeObject } from '../../src/model/object.ts';
import type { Settings } from '../../src/model/platform.ts';
import type { ClusterWriter } from '../../src/model/writing.ts';
import { applyPlan } from '../../src/remediation/apply.ts';
import { openJournal, parseJournal, settle, type Journal, type Settled } from '../../src/remediation/journal.ts';
import { createPlan, narrowPlan, type PlanInput } from '../../src/remediation/plan.ts';
import type { RunEvent, RunResult } from '../../src/model/run.ts';
import type { RunPorts } from '../../src/remediation/run.ts';
import { settleOpen } from '../../src/remediation/settle-open.ts';
import { undoPlan } from '../../src/remediation/undo.ts';
import { findingKey } from '../../src/remediation/verify.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import { accessTo } from '../cluster/loopback-server.ts';
import { readServed, whileServed } from '../support/origins.ts';
import { NOW } from '../support/scenario.ts';

export const VERSION = '1.2.3';
const HOUR = 3_600_000;

/** One broken cluster on a writable API server, and everything that a run of fixes does with it. */
export interface Patient {
  readonly server: ApiServer;
  readonly settings: Settings;
  /** Where the journal of the next run goes. */
  readonly journal: string;
}

export interface Served {
  readonly objects: readonly RawObject[];
  readonly settings?: Settings;
}

/** Serves a broken cluster while `use` runs; foreground deletions end at once, as with a quick garbage collector. */
export async function whileBroken<T>(
  { objects, settings = {} }: Served,
  use: (patient: Patient) => Promise<T>,
  options: Omit<ApiServerOptions, 'objects'> = {},
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'crewiso-fix-'));
  try {
    return await whileServed(
      objects,
      (server) => use({ server, settings, journal: join(folder, 'runs', 'run.jsonl') }),
      { writable: true, ...options },
    );
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What controllers do meanwhile: pods of workloads that were scaled to 0 go, and what was deleted in the foreground. */
function control({ store }: ApiServer): void {
  for (const type of store.catalogue.types.filter(({ alias }) => !alias)) {
    for (const { object } of store.list(type)) {
      if (object.metadata.finalizers?.includes('foregroundDeletion')) store.discard(object);
    }
  }
  const scaledDown = objectsOf(store, 'Deployment').filter(
    ({ spec }) => (spec as { replicas?: number }).replicas === 0,
  );
  for (const { metadata } of scaledDown) {
    for (const pod of objectsOf(store, 'Pod')) {
      const workload = pod.metadata.labels?.['app.kubernetes.io/workload'];
      if (pod.metadata.namespace === metadata.namespace && workload === metadata.name) store.discard(pod);
    }
  }
}

function objectsOf(store: ApiServer['store'], kind: string): readonly (KubeObject & Record<string, unknown>)[] {
  const type = store.catalogue.types.find((candidate) => candidate.kind === kind && !candidate.alias);
  return type ? store.list(type).map(({ object }) => object) : [];
}

export async function judged({ server, settings }: Patient, now = NOW): Promise<Judged & { reading: Reading }> {
  const reading = { ...(await readServed(server.url, settings)), settings };
  const shifted = now === NOW ? reading : { ...reading, snapshot: { ...reading.snapshot, now } };
  const found = judgeWithFixes(shifted, {
    checks: CHECKS,
    policy: { waivers: [] },
    failOn: 'high',
    allowIncomplete: false,
    version: VERSION,
    startedAt: NOW,
  });
  return { ...found, reading: shifted };
}

/** The plan for what these checks find, or all of them. */
export async function planned(
  patient: Patient,
  checks?: readonly string[],
  more: Partial<PlanInput> = {},
): Promise<Plan> {
  const { report, fixes, platforms, reading } = await judged(patient, more.now);
  if (platforms.length === 0) throw new Error('no platform is served');
  const plan = createPlan({
    report,
    fixes,
    platforms,
    snapshot: reading.snapshot,
    settings: reading.settings,
    id: '4c1d09e2',
    now: NOW,
    ttlMs: HOUR,
    version: VERSION,
    maxWrites: 50,
    soakMs: 24 * HOUR,
    live: false,
    ...more,
  });
  if (!checks) return plan;
  return narrowPlan(plan, ({ findings }) => findings.some(({ check }) => checks.includes(check)));
}

export interface Applied extends RunResult {
  readonly events: readonly RunEvent[];
}

export interface ApplyOptions {
  readonly known?: ReadonlySet<string>;
  readonly run?: string;
  readonly undoes?: string;
  readonly settled?: Settled;
  readonly dryRun?: boolean;
  readonly signal?: AbortSignal;
  /** Wraps the writer or the journal, to break them. */
  readonly writer?: (writer: ClusterWriter) => ClusterWriter;
  readonly wrapJournal?: (journal: Journal) => Journal;
}

/** Applies a plan as the command does, without its waits. */
export async function applied(patient: Patient, plan: Plan, options: ApplyOptions = {}): Promise<Applied> {
  const { server, settings } = patient;
  const run = options.run ?? 'r-20261120-1000-4c1d';
  const transport = createTransport(accessTo(server.url), { version: VERSION, run });
  const events: RunEvent[] = [];
  const known =
    options.known ??
    new Set((await judged(patient)).report.findings.map(({ check, object }) => findingKey(check, object)));
  const journal = lazyJournal(patient, options.settled !== undefined);
  const writer = createWriter(transport);
  const ports: RunPorts = {
    writer: options.writer?.(writer) ?? writer,
    journal: options.wrapJournal?.(journal) ?? journal,
    audit: async (namespaces) => {
      const orgs = namespaces.flatMap((name) => /-org-(\d+)$/.exec(name)?.[1] ?? []);
      return (await judged({ ...patient, settings: { ...settings, orgs } })).report;
    },
    sleep: () => {
      control(server);
      return Promise.resolve();
    },
    now: () => NOW,
    tell: (event) => events.push(event),
    signal: options.signal ?? new AbortController().signal,
  };
  try {
    const result = await applyPlan(
      {
        plan,
        run,
        version: VERSION,
        known,
        ...(options.undoes === undefined ? {} : { undoes: options.undoes }),
        ...(options.settled ? { settled: options.settled } : {}),
        ...(options.dryRun ? { dryRun: true } : {}),
      },
      ports,
    );
    return { ...result, events };
  } finally {
    journal.close();
    transport.close();
  }
}

/** Opened at the first line, as nothing is left of a run that wrote nothing. */
function lazyJournal({ journal }: Patient, again: boolean): Journal & { close(): void } {
  let open: ReturnType<typeof openJournal> | undefined;
  return {
    append: (event) => {
      open ??= openJournal(journal, () => NOW, again ? parseJournal(readFileSync(journal, 'utf8')) : undefined);
      open.append(event);
    },
    close: () => open?.close(),
  };
}

export function settledOf({ journal }: Patient): Settled | undefined {
  return existsSync(journal) ? settle(parseJournal(readFileSync(journal, 'utf8'))) : undefined;
}

const clockwork = (
  { server }: Patient,
  writer: ClusterWriter,
): Pick<RunPorts, 'writer' | 'sleep' | 'now' | 'signal'> => ({
  writer,
  sleep: () => {
    control(server);
    return Promise.resolve();
  },
  now: () => NOW,
  signal: new AbortController().signal,
});

async function withWriter<T>({ server }: Patient, use: (writer: ClusterWriter) => Promise<T>): Promise<T> {
  const transport = createTransport(accessTo(server.url), { version: VERSION });
  try {
    return await use(createWriter(transport));
  } finally {
    transport.close();
  }
}

/** Takes the last run back, in a journal of its own. */
export async function undone(patient: Patient, options: { allowDestructive?: boolean } = {}): Promise<Applied> {
  const told = settledOf(patient);
  if (!told) throw new Error('there is no run to take back');
  const { settled } = await withWriter(patient, (writer) => settleOpen(told, clockwork(patient, writer)));
  const plan = undoPlan({
    settled,
    binding: settled.begin.plan.binding,
    id: 'aaaa0000',
    now: NOW,
    ttlMs: HOUR,
    version: VERSION,
    allowDestructive: options.allowDestructive ?? false,
  });
  return applied({ ...patient, journal: `${patient.journal}.undo` }, plan, {
    run: 'r-20261120-1001-aaaa',
    undoes: settled.begin.run,
  });
}

const SERVERS = new Set(['uid', 'resourceVersion', 'creationTimestamp', 'generation', 'managedFields']);

/** What controllers make. */
const CONTROLLED = new Set(['Event', 'Pod', 'ReplicaSet']);

/** Everything that is served, without what only the server decides; empty maps are as good as none. */
export function stateOf({ server: { store } }: Patient): Readonly<Record<string, unknown>> {
  const entries = store.catalogue.types
    .filter(({ alias, kind }) => !alias && !CONTROLLED.has(kind))
    .flatMap((type) => store.list(type).map(({ object }) => [type.kind, object] as const))
    .map(([kind, object]) => {
      const { namespace = '', name } = object.metadata;
      return [`${kind}/${namespace}/${name}`, { ...object, status: {}, metadata: ownMetadata(object) }] as const;
    });
  return Object.fromEntries(entries);
}

function ownMetadata({ metadata }: KubeObject): unknown {
  return Object.fromEntries(
    Object.entries(metadata).filter(
      ([key, value]) =>
        !SERVERS.has(key) &&
        !(typeof value === 'object' && value !== null && Object.keys(value as object).length === 0),
    ),
  );
}

/** Writes that reached the server, rehearsals aside. */
export function writesTo({ server }: Patient): readonly string[] {
  return server.requests
    .filter(({ method, path }) => method !== 'GET' && !path.includes('dryRun=All') && !path.includes('reviews'))
    .map(({ method, path }) => `${method} ${path.split('?')[0] ?? ''}`);
}
