import { isRecord } from '../kubernetes/json-value.ts';
import { isReady } from '../kubernetes/pod-status.ts';
import { wantedReplicas } from '../kubernetes/workload-status.ts';
import type { CrewaiView } from '../model/check.ts';
import type { Confidence } from '../model/finding.ts';
import { BACKUP, type Delete, type Fix, type JsonPatch } from '../model/fix.ts';
import type { KubeObject } from '../model/object.ts';
import type { Pod } from '../model/pods.ts';
import type { Resource } from '../model/resource.ts';
import { ROUTE_EVIDENCE, routesTo, type Routes } from './crew-routes.ts';
import { ageOf, MINUTE } from './drafting.ts';
import { keepBefore, patched, right } from './fix-changes.ts';
import type { Orphan, Twin } from './orphan-steps.ts';
import { liveOwner } from './owned.ts';
import { rootWorkloads, type RootResource, type RootWorkload } from './root-workloads.ts';

type FixView = CrewaiView<RootResource | (typeof ROUTE_EVIDENCE)[number] | 'secrets'>;

export interface OrphanState {
  readonly twin: Twin;
  readonly stopped: boolean;
  readonly routes: Routes;
  readonly confidence: Confidence;
}

const SCALED_AT = 'crewiso.dev/scaled-at';
const REPLICAS_BEFORE = 'crewiso.dev/replicas-before';

/** How long the replacement must have run without trouble. */
const SETTLED = 10 * MINUTE;

/**
 * Stops the copy in the shared namespace, or deletes one that we stopped; undefined where anything speaks against it.
 * With the flag off again the copy in the organization's namespace would be the orphan, so everything must be certain:
 * the flag, the organization by name and label, a replacement that serves, and that nothing leads requests to the old one.
 */
export function orphanFix(view: FixView, orphan: Orphan, state: OrphanState): Fix | undefined {
  const { root, home } = orphan;
  const { object, resource } = root;
  if (!object || !resource || state.twin !== 'ready' || liveOwner(view, object)) return undefined;
  if (view.platform.isolation.confidence !== 'certain' || state.confidence !== 'certain') return undefined;
  if (isRouted(view, root, state.routes) || !isSettled(view, orphan)) return undefined;
  const shared = view.platform.sharedNamespace;
  const rests = {
    restsOn: [
      ...ROUTE_EVIDENCE.map((name) => ({ resource: name, namespace: shared })),
      { resource: 'secrets' as const, namespace: shared },
      { resource: 'pods' as const, namespace: home },
    ],
  };
  const fix = state.stopped ? removal(resource, object) : halt(resource, object);
  return fix && { ...fix, ...rests };
}

/** Whether requests from outside of the cluster may reach it, or something scales it. */
function isRouted(view: FixView, { ref }: RootWorkload, { services, ingresses }: Routes): boolean {
  const exposed = services.some(({ spec }) => spec?.type === 'LoadBalancer' || spec?.type === 'NodePort');
  const scaled = view
    .evidence('horizontalpodautoscalers.autoscaling', ref.namespace)
    .some(({ spec }) => spec?.scaleTargetRef?.kind === ref.kind && spec.scaleTargetRef.name === ref.name);
  return exposed || scaled || ingresses.length > 0;
}

/** The replacement has run for a while without a restart, and is reached as the old one was. */
function isSettled(view: FixView, { root, home }: Orphan): boolean {
  const twin = rootWorkloads(view, home).find(({ ref }) => ref.kind === root.ref.kind && ref.name === root.ref.name);
  // A CronJob is ready as soon as it is there; what it runs comes and goes.
  if (root.resource === 'cronjobs.batch') return twin !== undefined;
  if (!twin || twin.pods.length === 0 || !twin.pods.every((pod) => isSteady(pod, view.now))) return false;
  const old = routesTo(view, root.ref.namespace ?? '', root).services;
  return old.length === 0 || routesTo(view, home, twin).services.length > 0;
}

function isSteady(pod: Pod, now: number): boolean {
  const ready = pod.status?.conditions?.find(({ type }) => type === 'Ready');
  const since = ageOf(ready?.lastTransitionTime ?? pod.status?.startTime ?? pod.metadata.creationTimestamp, now);
  const ended = (pod.status?.containerStatuses ?? []).map(({ lastState }) => lastState?.terminated?.finishedAt);
  const restarted = ended.some((at) => (ageOf(at, now) ?? SETTLED) < SETTLED);
  return isReady(pod) && since !== undefined && since >= SETTLED && !restarted;
}

function halt(resource: Resource, object: KubeObject): Fix | undefined {
  const stop = stopOf(resource, object);
  if (!stop) return undefined;
  const annotated = annotations({ [REPLICAS_BEFORE]: stop.before, [SCALED_AT]: '' });
  return {
    class: 'review',
    summary: 'stop the copy in the shared namespace, whose replacement is ready',
    changes: [
      {
        ...patched(resource, object, {
          tests: stop.tests,
          patch: [...stop.patch, ...annotated.add],
          inverse: [...stop.undoTests, ...stop.undo, ...annotated.remove],
        }),
        fill: [{ path: pathOf(SCALED_AT), from: 'time' }],
      },
    ],
  };
}

interface Stop {
  readonly before: string;
  readonly tests: JsonPatch;
  readonly patch: JsonPatch;
  readonly undoTests: JsonPatch;
  readonly undo: JsonPatch;
}

/** What makes it run nothing, and what it ran before. */
function stopOf(resource: Resource, object: KubeObject): Stop | undefined {
  if (resource === 'deployments.apps' || resource === 'statefulsets.apps') {
    const replicas = wantedReplicas(object);
    const path = '/spec/replicas';
    return {
      before: String(replicas),
      tests: [{ op: 'test', path, value: replicas }],
      patch: [{ op: 'replace', path, value: 0 }],
      undoTests: [{ op: 'test', path, value: 0 }],
      undo: [{ op: 'replace', path, value: replicas }],
    };
  }
  if (resource !== 'cronjobs.batch' && resource !== 'jobs.batch') return undefined;
  const path = '/spec/suspend';
  const { spec } = object as { readonly spec?: unknown };
  const known = isRecord(spec) && spec.suspend !== undefined;
  return {
    before: 'running',
    tests: known ? [{ op: 'test', path, value: false }] : [],
    patch: [{ op: known ? 'replace' : 'add', path, value: true }],
    undoTests: [{ op: 'test', path, value: true }],
    undo: [{ op: 'replace', path, value: false }],
  };
}

const pathOf = (annotation: string): string => `/metadata/annotations/${annotation.replace('/', '~1')}`;

function annotations(values: Readonly<Record<string, string>>): {
  readonly add: JsonPatch;
  readonly remove: JsonPatch;
} {
  return {
    add: Object.entries(values).map(([key, value]) => ({ op: 'add', path: pathOf(key), value })),
    remove: Object.keys(values).map((key) => ({ op: 'remove', path: pathOf(key) })),
  };
}

/** The end of one that we stopped ourselves, with a copy of it kept beside. */
function removal(resource: Resource, object: KubeObject): Fix | undefined {
  const scaledAt = object.metadata.annotations?.[SCALED_AT];
  const { uid, namespace = '', name } = object.metadata;
  const stop = stopOf(resource, object);
  if (!stop || scaledAt === undefined || Number.isNaN(Date.parse(scaledAt)) || uid === undefined) return undefined;
  const change = patched(resource, object, { patch: [], inverse: [] });
  const { target } = change;
  const { apiVersion, kind } = target;
  const backupName = `${name}${BACKUP}`;
  const saved = { apiVersion: 'v1', kind: 'Secret', namespace, name: backupName, key: OBJECT_KEY };
  const whole = { path: `/data/${OBJECT_KEY}`, from: { apiVersion, kind, namespace, name, uid } };
  const backup = keepBefore(namespace, backupName, whole, right('get', resource, namespace, name));
  const remove: Delete = {
    op: 'delete',
    target,
    uid,
    propagation: 'Foreground',
    tests: stop.undoTests,
    restores: {
      op: 'create',
      object: { apiVersion, kind, metadata: { name, namespace } },
      fill: [{ path: '', from: saved }],
      needs: [right('get', 'secrets', namespace, backupName), right('create', resource, namespace)],
    },
    needs: [right('delete', resource, namespace, name)],
  };
  return {
    class: 'destructive',
    summary: 'delete what was stopped long enough ago; volumes and Secrets stay',
    stillSince: scaledAt,
    leaves: ['workload-orphan-leftovers'],
    changes: [backup, remove],
  };
}

const OBJECT_KEY = 'object.json';
