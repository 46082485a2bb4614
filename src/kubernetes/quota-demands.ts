import type { LimitRange, ResourceQuota } from '../model/kinds.ts';
import type { Container, PodSpec } from '../model/pods.ts';
import { compareText } from '../model/text.ts';
import { countsPod } from './quota-scope.ts';

/** Dimensions that make every container say an amount (pkg/quota/v1/evaluator/core `validationSet`). */
const DEMANDING: Readonly<Record<string, Demand>> = {
  cpu: { kind: 'requests', resource: 'cpu' },
  memory: { kind: 'requests', resource: 'memory' },
  'requests.cpu': { kind: 'requests', resource: 'cpu' },
  'requests.memory': { kind: 'requests', resource: 'memory' },
  'limits.cpu': { kind: 'limits', resource: 'cpu' },
  'limits.memory': { kind: 'limits', resource: 'memory' },
};

interface Demand {
  readonly kind: 'requests' | 'limits';
  readonly resource: 'cpu' | 'memory';
}

/** A dimension of a quota and the containers that do not say it. */
export interface Unmet {
  readonly dimension: string;
  readonly containers: readonly string[];
}

/** The dimensions of a quota that every container of a pod must state, sorted. */
export function demandedBy({ spec, status }: ResourceQuota): readonly string[] {
  return Object.keys(spec?.hard ?? status?.hard ?? {})
    .filter((dimension) => Object.hasOwn(DEMANDING, dimension))
    .sort(compareText);
}

/** What a LimitRange gives to containers that say nothing. */
export interface ContainerDefaults {
  readonly requests: ReadonlySet<string>;
  readonly limits: ReadonlySet<string>;
}

/**
 * What the LimitRanges of a namespace supply, with the defaults that the API server makes of `max` and `min`
 * (core/v1 `SetDefaults_LimitRangeItem`), which a file does not have yet.
 */
export function containerDefaults(ranges: readonly LimitRange[]): ContainerDefaults {
  const limits = new Set<string>();
  const requests = new Set<string>();
  for (const item of ranges.flatMap(({ spec }) => spec?.limits ?? [])) {
    if (item.type !== 'Container') continue;
    for (const resource of Object.keys({ ...item.max, ...item.default })) limits.add(resource);
    for (const resource of Object.keys({ ...item.max, ...item.default, ...item.defaultRequest, ...item.min }))
      requests.add(resource);
  }
  return { requests, limits };
}

/**
 * What a quota demands of pods of this spec and does not get; nothing where the quota does not count them, or may not.
 * A limit alone is also the request (core/v1 `SetDefaults_Pod`). A pod that states amounts as a whole is exempt.
 */
export function unmetDemands(quota: ResourceQuota, spec: PodSpec, defaults: ContainerDefaults): readonly Unmet[] {
  if (countsPod(quota, spec) !== true || spec.resources?.requests || spec.resources?.limits) return [];
  const containers = [...(spec.containers ?? []), ...(spec.initContainers ?? [])];
  return demandedBy(quota).flatMap((dimension) => {
    const demand = DEMANDING[dimension];
    if (!demand || defaults[demand.kind].has(demand.resource)) return [];
    const silent = containers.filter((container) => !states(container, demand)).map(({ name }) => name);
    return silent.length > 0 ? [{ dimension, containers: silent.sort(compareText) }] : [];
  });
}

function states({ resources }: Container, { kind, resource }: Demand): boolean {
  if (resources?.[kind]?.[resource] !== undefined) return true;
  return kind === 'requests' && resources?.limits?.[resource] !== undefined;
}

/** As the API server says it: `must specify limits.cpu for: a,b; memory for: c`. */
export const unmetText = (unmet: readonly Unmet[]): string =>
  unmet.map(({ dimension, containers }) => `${dimension} for: ${containers.join(',')}`).join('; ');
