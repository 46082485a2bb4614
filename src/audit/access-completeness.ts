import { RBAC } from '../model/resource.ts';
import type { Gap, Snapshot } from '../model/snapshot.ts';
import { gapKey } from './view.ts';

const [ROLES, ROLE_BINDINGS, CLUSTER_ROLES, CLUSTER_ROLE_BINDINGS] = RBAC;

/**
 * What hides RBAC from us: for a namespace all four listings there, without one the two of the cluster scope. A denial
 * may be concluded only where this is empty.
 */
export function rbacGaps(snapshot: Snapshot, namespace?: string): readonly Gap[] {
  return [
    ...snapshot.gaps(CLUSTER_ROLES),
    ...snapshot.gaps(CLUSTER_ROLE_BINDINGS),
    ...(namespace === undefined
      ? []
      : [...snapshot.gaps(ROLES, namespace), ...snapshot.gaps(ROLE_BINDINGS, namespace)]),
  ];
}

/** Each gap once, in the order met. */
export function uniqueGaps(gaps: Iterable<Gap>): readonly Gap[] {
  return [...new Map([...gaps].map((gap) => [gapKey(gap), gap])).values()];
}

/** The namespaces that have RoleBindings. */
export function boundNamespaces(snapshot: Snapshot): readonly string[] {
  return [...new Set(snapshot.list(ROLE_BINDINGS).map(({ metadata }) => metadata.namespace ?? ''))].filter(Boolean);
}
