import { isRecord, stringAt, valueAt } from '../kubernetes/json-value.ts';
import { meetsAll, type Requirement } from '../kubernetes/selector.ts';
import type { KubeObject } from '../model/object.ts';
import { compareText } from '../model/text.ts';
import type { CollectScope } from './collect-scope.ts';
import type { PlanItem } from './format.ts';
import { pathsOf, type Layout } from './layout.ts';
import { logId } from './paths.ts';

/** What has to be known of a container to plan for its logs; its pod is gone from memory by then. */
export interface LogFact {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly unhealthy: boolean;
  /** It has run, or runs. */
  readonly started: boolean;
  /** It runs, or ended, for at least the second time. */
  readonly restarted: boolean;
  /** Between two runs: the plain request answers with what the last one wrote (pkg/kubelet validateContainerLogStatus). */
  readonly waiting: boolean;
  /** RFC 3339. */
  readonly startedAt?: string;
  /** Where it runs. */
  readonly node?: LogNode;
}

/** The node whose kubelet has a log. */
export interface LogNode {
  readonly name: string;
  /** Its kubelet reports nothing any more, and will hardly answer. */
  readonly silent: boolean;
}

const TROUBLED_STATES: ReadonlySet<string> = new Set([
  'CrashLoopBackOff',
  'CreateContainerConfigError',
  'CreateContainerError',
  'ErrImagePull',
  'ImagePullBackOff',
  'InvalidImageName',
  'RunContainerError',
]);

const KINDS = [
  ['initContainers', 'initContainerStatuses'],
  ['containers', 'containerStatuses'],
  ['ephemeralContainers', 'ephemeralContainerStatuses'],
] as const;

/**
 * Whether a node gives no sign of life: the node controller then calls its conditions unknown
 * (pkg/controller/nodelifecycle). A kubelet that itself reports not to be ready still serves logs.
 */
export function isSilent(node: KubeObject): boolean {
  const ready = recordsAt(node, 'status', 'conditions').find(({ type }) => type === 'Ready');
  return ready?.status === 'Unknown';
}

/**
 * The containers of a pod, each with what its logs need.
 * @param silent names of nodes that give no sign of life
 * @param selector that the pod's labels have to meet
 */
export function logFacts(pod: KubeObject, silent: ReadonlySet<string>, selector?: LogSelector): readonly LogFact[] {
  const { name, namespace = '', labels } = pod.metadata;
  if (selector && !meetsAll(selector.requirements, labels)) return [];
  const troubledPod = isTroubled(pod);
  const nodeName = stringAt(pod, 'spec', 'nodeName');
  const node = nodeName === undefined ? {} : { node: { name: nodeName, silent: silent.has(nodeName) } };
  return KINDS.flatMap(([containers, statuses]) =>
    recordsAt(pod, 'spec', containers).flatMap((container) => {
      const containerName = stringAt(container, 'name');
      if (containerName === undefined) return [];
      const status = recordsAt(pod, 'status', statuses).find((entry) => entry.name === containerName);
      return [{ namespace, pod: name, container: containerName, ...node, ...factsOf(status, troubledPod) }];
    }),
  );
}

function factsOf(
  status: Readonly<Record<string, unknown>> | undefined,
  troubledPod: boolean,
): Omit<LogFact, 'namespace' | 'pod' | 'container' | 'node'> {
  const last = valueAt(status, 'lastState', 'terminated');
  const ended = valueAt(status, 'state', 'terminated');
  const running = valueAt(status, 'state', 'running');
  const before = isRecord(last);
  const present = isRecord(running) || isRecord(ended);
  const startedAt = stringAt(running ?? ended, 'startedAt');
  return {
    unhealthy: troubledPod || isTroubledContainer(status, last, ended),
    started: present || before,
    restarted: present && before,
    waiting: !present && before,
    ...(startedAt !== undefined && { startedAt }),
  };
}

function isTroubled(pod: KubeObject): boolean {
  const phase = stringAt(pod, 'status', 'phase');
  if (phase === 'Pending' || phase === 'Failed') return true;
  const ready = recordsAt(pod, 'status', 'conditions').find(({ type }) => type === 'Ready');
  return phase === 'Running' && ready?.status === 'False';
}

function isTroubledContainer(status: unknown, last: unknown, ended: unknown): boolean {
  const reason = stringAt(status, 'state', 'waiting', 'reason');
  if (reason !== undefined && TROUBLED_STATES.has(reason)) return true;
  const restarts = valueAt(status, 'restartCount');
  if (typeof restarts === 'number' && restarts > 0) return true;
  return [last, ended].some((run) => isRecord(run) && (run.exitCode !== 0 || run.reason === 'OOMKilled'));
}

function recordsAt(value: unknown, ...path: readonly string[]): readonly Readonly<Record<string, unknown>>[] {
  const list = valueAt(value, ...path);
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

/** Labels that a pod must have, as they were written and as they are understood. */
export interface LogSelector {
  readonly text: string;
  readonly requirements: readonly Requirement[];
}

export interface LogChoice {
  readonly which: 'all' | 'unhealthy' | 'none';
  /** Most bytes that are kept of one log. */
  readonly bytesPerLog: number;
  readonly bytesPerOrg: number;
  readonly bytes: number;
  readonly layout: Layout;
}

/**
 * The logs to collect, unhealthy containers first, then the platform's own, then crews, and last those of nodes that will
 * hardly answer. How much of each is settled here,
 * before anything is read: so one organization's flood takes nothing from another, and the same cluster gives the same
 * bundle.
 */
export function planLogs(facts: readonly LogFact[], scope: CollectScope, choice: LogChoice): readonly PlanItem[] {
  if (choice.which === 'none') return [];
  const paths = pathsOf(choice.layout);
  const platform = new Set(scope.platformNamespaces);
  const orgs = new Map(scope.namespaces.map(({ name, org }) => [name, org]));
  const classOf = ({ unhealthy, namespace, node }: LogFact): number =>
    node?.silent ? 3 : unhealthy ? 0 : platform.has(namespace) ? 1 : 2;
  const candidates = facts
    .filter((fact) => choice.which === 'all' || fact.unhealthy)
    .flatMap((fact) => runsOf(fact).map((previous) => ({ fact, previous, priority: classOf(fact) })))
    .sort((a, b) => a.priority - b.priority || compareFacts(a.fact, b.fact) || Number(a.previous) - Number(b.previous));
  const weights = new Map<string | undefined, number>();
  const weightOf = (priority: number): number => (priority === 0 ? 4 : 1);
  for (const { fact, priority } of candidates) {
    const org = orgs.get(fact.namespace);
    weights.set(org, (weights.get(org) ?? 0) + weightOf(priority));
  }
  let left = choice.bytes;
  return candidates.map(({ fact, previous, priority }): PlanItem => {
    const org = orgs.get(fact.namespace);
    const share = (choice.bytesPerOrg * weightOf(priority)) / (weights.get(org) ?? 1);
    const budget = fact.started ? Math.min(choice.bytesPerLog, Math.floor(share), Math.max(left, 0)) : 0;
    left -= budget;
    const name = { ...fact, previous };
    return {
      id: logId(name),
      path: paths.log(name),
      ...(org !== undefined && { org }),
      priority,
      budget,
      ...(fact.waiting && { alias: 'previous' as const }),
      ...(!fact.started && { notApplicable: true as const }),
    };
  });
}

/** Of what ran before the present run only where there is one. */
export const runsOf = (fact: LogFact): readonly boolean[] => (fact.restarted ? [false, true] : [false]);

const compareFacts = (a: LogFact, b: LogFact): number =>
  compareText(a.namespace, b.namespace) || compareText(a.pod, b.pod) || compareText(a.container, b.container);
