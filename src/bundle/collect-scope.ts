import { compareNames, type KubeObject } from '../model/object.ts';
import type { PlatformId } from '../model/platform.ts';
import type { Resource } from '../model/resource.ts';

/** Which namespaces a bundle is about. */
export interface CollectScope {
  /** The platform's own and those of organizations, in the order in which they are written. */
  readonly namespaces: readonly { readonly name: string; readonly org?: string }[];
  /** Whose custom resources are collected. */
  readonly platforms: readonly PlatformId[];
  /** Where the platforms' releases and their own pods are. */
  readonly platformNamespaces: readonly string[];
  /** Ask in these namespaces alone, not in the whole cluster, but for the lists in `wide`. */
  readonly narrow: boolean;
  readonly wide: readonly string[];
  /** Of one organization: nothing that is not in its namespaces, which could tell of others. */
  readonly alone?: true;
  /** Whether an object of another namespace says something about the platform. */
  keeps(resource: Resource, object: KubeObject): boolean;
}

/** The organizations of a scope, sorted. */
export function orgsOf({ namespaces }: CollectScope): readonly string[] {
  return [...new Set(namespaces.flatMap(({ org }) => (org === undefined ? [] : [org])))].sort(compareNames);
}

/**
 * What one of several archives holds: the namespaces of one organization alone, or, without one, the platform's own and
 * what is in no namespace.
 */
export function partOf(scope: CollectScope, org: string | undefined): CollectScope {
  const namespaces = scope.namespaces.filter((namespace) => namespace.org === org);
  return {
    ...scope,
    namespaces,
    narrow: true,
    wide: [],
    keeps: () => false,
    ...(org !== undefined && { alone: true }),
  };
}

/** Whether a list is asked for in the whole cluster first. */
export const isWide = ({ narrow, wide }: CollectScope, name: string): boolean => !narrow || wide.includes(name);
