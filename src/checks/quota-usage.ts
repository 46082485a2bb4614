import { parseQuantity } from '../kubernetes/quantity.ts';
import { isFinished } from '../kubernetes/pod-status.ts';
import type { Container, Pod } from '../model/pods.ts';
import { compareNames, type ObjectRef } from '../model/object.ts';
import { objectKey, type PodGroup } from './workload-subjects.ts';

/** A workload and what its pods take of one dimension, in billionths. */
export interface Consumer {
  readonly ref: ObjectRef;
  readonly pods: number;
  readonly taken: bigint;
}

/**
 * Workloads by what their pods take of a dimension of a quota, the largest first; none for dimensions that pods do not
 * use. Pods that have ended are free (pkg/quota/v1/evaluator/core `QuotaV1Pod`).
 */
export function consumersOf(groups: Iterable<PodGroup>, dimension: string): readonly Consumer[] {
  const measure = measureOf(dimension);
  if (!measure) return [];
  return [...groups]
    .map(({ ref, pods }) => {
      const counted = pods.filter((pod) => !isFinished(pod));
      return { ref, pods: counted.length, taken: counted.reduce((sum, pod) => sum + measure(pod), 0n) };
    })
    .filter(({ taken }) => taken > 0n)
    .sort((a, b) =>
      a.taken === b.taken ? compareNames(objectKey(a.ref), objectKey(b.ref)) : a.taken < b.taken ? 1 : -1,
    );
}

type Measure = (pod: Pod) => bigint;
const ONE = 1_000_000_000n;

function measureOf(dimension: string): Measure | undefined {
  if (dimension === 'pods' || dimension === 'count/pods') return () => ONE;
  const [, kind, resource] = /^(requests|limits)\.(.+)$/.exec(dimension) ?? [];
  if (resource === 'storage') return undefined;
  if (kind === 'limits' && resource !== undefined) return (pod) => amountOf(pod, 'limits', resource);
  const requested = resource ?? (COMPUTE.has(dimension) ? dimension : undefined);
  return requested === undefined ? undefined : (pod) => amountOf(pod, 'requests', requested);
}

/** `cpu` is short for `requests.cpu`. */
const COMPUTE = new Set(['cpu', 'memory', 'ephemeral-storage']);

/** Containers run together, init containers before them one by one. */
function amountOf({ spec }: Pod, kind: 'requests' | 'limits', resource: string): bigint {
  const of = ({ resources }: Container): bigint => parseQuantity(resources?.[kind]?.[resource] ?? '0') ?? 0n;
  const together = (spec?.containers ?? []).reduce((sum, container) => sum + of(container), 0n);
  return (spec?.initContainers ?? []).map(of).reduce((most, amount) => (amount > most ? amount : most), together);
}
