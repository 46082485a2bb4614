import type { AccessRule } from './access.ts';
import type { Workload } from './kinds.ts';
import type { KubeObject, ObjectRef } from './object.ts';
import type { FoundPlatform } from './platform.ts';

/**
 * ConfigMap `<release>-houston-config`, reduced to what it says about the pool of namespaces: what else is in it may be
 * credentials in clear.
 */
export interface HoustonConfig extends KubeObject {
  /** In the order in which they count: what the first sets, it sets for good. */
  readonly files: readonly HoustonFile[];
}

export interface HoustonFile {
  readonly name: 'local-production.yaml' | 'production.yaml';
  readonly parse: 'ok' | 'unreadable';
  /** `deployments.{preCreatedNamespaces, manualNamespaceNames}`. */
  readonly plain?: PoolKeys;
  /** Since 2.0: `deployments.namespaceManagement.{preCreatedNamespaces, manualNamespaceNames.enabled}`. */
  readonly nested?: PoolKeys;
  readonly hardDelete?: boolean;
}

/** Only what is set. */
export interface PoolKeys {
  readonly names?: readonly string[];
  readonly manual?: boolean;
}

/** What the Helm values of the chart `astronomer` say about the pool. */
export interface PoolValues {
  readonly enabled?: boolean;
  readonly createRbac?: boolean;
  readonly createNamespaces?: boolean;
  readonly names?: readonly string[];
}

/** One place that lists the namespaces of the pool, or switches the pool on or off. */
export interface PoolPlace<T> {
  readonly in: 'houston' | 'commander' | 'values';
  readonly object: ObjectRef;
  /** `local-production.yaml deployments.preCreatedNamespaces` */
  readonly where: string;
  readonly value: T;
}

/** The namespaces that Houston offers for deployments. */
export interface Pool {
  readonly state: 'on' | 'off' | 'unknown';
  readonly why: string;
  /** As they are listed: also twice, and names that are none. */
  readonly names: readonly string[];
  /** Where each list stands, the one in force first. */
  readonly lists: readonly PoolPlace<readonly string[]>[];
  readonly switches: readonly PoolPlace<boolean>[];
  /** Who makes Roles and Namespaces of the pool, as far as the Helm values could be seen. */
  readonly chart: { readonly createsRoles: boolean | 'unknown'; readonly createsNamespaces: boolean | 'unknown' };
}

/** Astronomer Software, as far as it is in this cluster: its Commander. */
export interface AstronomerPlatform extends FoundPlatform<'astronomer'> {
  readonly platformNamespace: string;
  readonly release: string;
  readonly commander?: Workload;
  /** Absent where Houston is in another cluster, or out of sight. */
  readonly houston?: HoustonConfig;
  readonly pool: Pool;
  readonly needs: CommanderNeeds;
}

/** What Commander must be allowed in every namespace of the pool; the rules carry no namespace. */
export interface CommanderNeeds {
  /** Of the version that runs; absent where that is unknown. */
  readonly version?: readonly AccessRule[];
  /** Of every version that has pools. */
  readonly always: readonly AccessRule[];
  /** The versions from which on more is needed, and what; for a Role whose version is unknown. */
  readonly later: readonly { readonly since: string; readonly rules: readonly AccessRule[] }[];
}
