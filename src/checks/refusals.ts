import { eventCount, eventTime } from '../kubernetes/event.ts';
import { parseDenials, type Denial } from '../kubernetes/forbidden.ts';
import { deploymentOf, rootOwner, type FindObject } from '../kubernetes/owners.ts';
import { refOf, resourceOf } from '../kubernetes/resource-of.ts';
import type { View } from '../model/check.ts';
import type { ReportedRefusal } from '../model/derived.ts';
import type { Evidence } from '../model/finding.ts';
import type { Event } from '../model/kinds.ts';
import type { Condition, KubeObject, ObjectRef } from '../model/object.ts';
import type { Pod } from '../model/pods.ts';
import type { Resource } from '../model/resource.ts';
import { compareText } from '../model/text.ts';
import { judgedNamespaces } from './drafting.ts';

/**
 * Where refusals leave a trace: Events (kept one hour by default), conditions and status messages; and logs or text,
 * where the user asked for these.
 */
export const REFUSAL_READS = [
  'events',
  'deployments.apps',
  'statefulsets.apps',
  'replicasets.apps',
  'jobs.batch',
  'pods',
  'refusals',
] as const satisfies readonly Resource[];
type RefusalView = View<(typeof REFUSAL_READS)[number]>;

/** One refusal in one place. */
export interface Refusal {
  readonly denial: Exclude<Denial, { class: 'not-a-denial' }>;
  /** Namespace of the object that tells of it. */
  readonly namespace: string;
  /** What was held up: the root owner of the object that tells of it. */
  readonly subject: ObjectRef;
  readonly subjectObject?: KubeObject;
  readonly evidence: Evidence;
  /** Told by a log or a text, not by the object that was held up: `subject` is who told of it. */
  readonly reported?: true;
}

/**
 * Everything that was refused in the platform's and the tenants' namespaces (or in those that are given), as far as it
 * can still be read.
 */
export function* refusalsOf(view: RefusalView, namespaces = judgedNamespaces(view.platform)): Iterable<Refusal> {
  const known = view.shared(refusalsByNamespace);
  for (const namespace of namespaces) {
    for (const resource of ['events', ...WITH_CONDITIONS, 'pods'] as const) view.complete(resource, namespace);
    const found = known.get(namespace) ?? refusalsIn(view, namespace);
    known.set(namespace, found);
    yield* found;
  }
  // A text may name any namespace, or none: it is about the platform because the user says so.
  const own = new Set(namespaces);
  for (const item of view.list('refusals')) {
    if (item.source === 'text' || own.has(item.metadata.namespace ?? '')) yield* fromReport(view, item);
  }
}

const refusalsByNamespace = (): Map<string, readonly Refusal[]> => new Map();

const WITH_CONDITIONS = ['deployments.apps', 'statefulsets.apps', 'replicasets.apps', 'jobs.batch'] as const;

/** What objects of one namespace tell, as far as they are known. */
function refusalsIn(view: RefusalView, namespace: string): readonly Refusal[] {
  return [
    ...view.evidence('events', namespace).flatMap((event) => fromEvent(view, namespace, event)),
    ...WITH_CONDITIONS.flatMap((resource) =>
      view.evidence(resource, namespace).flatMap((object) => fromConditions(view, namespace, resource, object)),
    ),
    ...view.evidence('pods', namespace).flatMap((pod) => fromPod(view, namespace, pod)),
  ];
}

function fromEvent(view: RefusalView, namespace: string, event: Event): readonly Refusal[] {
  return refusals(event.message, namespace, () => {
    const lastAt = eventTime(event);
    const evidence = {
      type: 'event' as const,
      object: refOf('events', event),
      count: eventCount(event),
      ...(event.firstTimestamp ? { firstAt: event.firstTimestamp } : {}),
      ...(lastAt === undefined ? {} : { lastAt }),
    };
    return { ...subjectOf(view, namespace, event), evidence };
  });
}

function subjectOf(view: RefusalView, namespace: string, { involvedObject }: Event): Subject {
  const { apiVersion = 'v1', kind = 'Namespace', name = namespace } = involvedObject ?? {};
  const resource = resourceOf(apiVersion, kind);
  const object = readable(resource) ? view.known(resource, name, namespace) : undefined;
  if (object && resource) return ownerOf(view, resource, object);
  const deployment = deploymentOf({ kind, name }, namespace, finder(view));
  if (deployment?.object) return { subject: deployment.ref, subjectObject: deployment.object };
  return { subject: { apiVersion, kind, name, ...(kind === 'Namespace' ? {} : { namespace }) } };
}

function fromConditions(
  view: RefusalView,
  namespace: string,
  resource: Resource,
  object: KubeObject,
): readonly Refusal[] {
  const { conditions } = (object as { status?: { conditions?: readonly Condition[] | null } }).status ?? {};
  return (conditions ?? []).flatMap(({ type, message, lastTransitionTime }) =>
    refusals(message, namespace, () => {
      const evidence = {
        type: 'condition' as const,
        object: refOf(resource, object),
        path: `/status/conditions/${type}`,
        ...(lastTransitionTime ? { firstAt: lastTransitionTime } : {}),
      };
      return { ...ownerOf(view, resource, object), evidence };
    }),
  );
}

/** A pod's own message, and what its containers said last (the kubelet keeps the end of a failing container's log there). */
function fromPod(view: RefusalView, namespace: string, pod: Pod): readonly Refusal[] {
  const { status } = pod;
  const containers = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  const messages = [
    status?.message,
    ...containers.flatMap(({ state, lastState }) => [state?.terminated?.message, lastState?.terminated?.message]),
  ];
  return messages.flatMap((message) =>
    refusals(message, namespace, () => ({
      ...ownerOf(view, 'pods', pod),
      evidence: { type: 'condition', object: refOf('pods', pod), path: '/status' },
    })),
  );
}

function fromReport(view: RefusalView, item: ReportedRefusal): readonly Refusal[] {
  const { pod: name, container = '', count, firstAt, lastAt } = item;
  const namespace = item.metadata.namespace ?? view.platform.platformNamespace ?? 'default';
  const pod = name === undefined ? undefined : view.known('pods', name, namespace);
  const subject: Subject = pod
    ? ownerOf(view, 'pods', pod)
    : {
        subject: {
          apiVersion: 'v1',
          ...(name === undefined ? { kind: 'Namespace', name: namespace } : { kind: 'Pod', namespace, name }),
        },
      };
  const where = name === undefined ? 'in the text given to --from-error' : `log of ${namespace}/${name} (${container})`;
  const evidence = {
    type: 'log' as const,
    ...(name === undefined ? {} : { object: { apiVersion: 'v1', kind: 'Pod', namespace, name } }),
    count,
    ...(firstAt === undefined ? {} : { firstAt }),
    ...(lastAt === undefined ? {} : { lastAt }),
  };
  return refusals(item.message, namespace, () => ({ ...subject, evidence })).map((refusal) => ({
    ...refusal,
    reported: true,
    evidence: { ...refusal.evidence, message: `${where}: ${refusal.denial.message}` },
  }));
}

type Subject = Pick<Refusal, 'subject' | 'subjectObject'>;

/** Who tells of what is looked up only for a refusal: most messages are none. */
function refusals(
  message: string | undefined,
  namespace: string,
  told: () => Subject & Pick<Refusal, 'evidence'>,
): readonly Refusal[] {
  if (!message) return [];
  return parseDenials(message).flatMap((denial): readonly Refusal[] => {
    if (denial.class === 'not-a-denial') return [];
    const { evidence, ...subject } = told();
    return [{ denial, namespace, ...subject, evidence: { ...evidence, message: denial.message } }];
  });
}

function ownerOf(view: RefusalView, resource: Resource, object: KubeObject): Subject {
  const root = rootOwner(resource, object, finder(view));
  return { subject: root.ref, ...(root.object ? { subjectObject: root.object } : {}) };
}

const finder =
  (view: RefusalView): FindObject =>
  (resource, name, namespace) =>
    readable(resource) ? view.known(resource, name, namespace) : undefined;

function readable(resource: Resource | undefined): resource is (typeof REFUSAL_READS)[number] {
  return REFUSAL_READS.some((name) => name === resource);
}

/** Refusals that are one: the same thing refused to the same subject, told by an Event and a condition, again and again. */
export function groupRefusals(
  all: Iterable<Refusal>,
  keyOf: (refusal: Refusal) => string | undefined,
): readonly (readonly [Refusal, ...Refusal[]])[] {
  const groups = new Map<string, [Refusal, ...Refusal[]]>();
  for (const refusal of all) {
    const key = keyOf(refusal);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group) group.push(refusal);
    else groups.set(key, [refusal]);
  }
  return [...groups.values()];
}

/** When it began, by the oldest of the traces. */
export function sinceOf(group: readonly Refusal[]): { since?: string } {
  const [since] = group.flatMap(({ evidence }) => evidence.firstAt ?? evidence.lastAt ?? []).sort();
  return since === undefined ? {} : { since };
}

const SHOWN = 3;

/** The latest traces first, a few of them. */
export function evidenceOf(group: readonly Refusal[]): readonly Evidence[] {
  const latest = (evidence: Evidence): string => evidence.lastAt ?? evidence.firstAt ?? '';
  return group
    .map(({ evidence }) => evidence)
    .sort((a, b) => compareText(latest(b), latest(a)) || compareText(JSON.stringify(a), JSON.stringify(b)))
    .slice(0, SHOWN);
}
