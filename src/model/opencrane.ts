import type { Workload } from './kinds.ts';
import type { FoundPlatform } from './platform.ts';

/** Components of OpenCrane's charts that have a Deployment; the first two watch Tenants and run their pods. */
export const OPENCRANE_COMPONENTS = ['operator', 'clustertenant-manager', 'control-plane', 'fleet-manager'] as const;
export type OpencraneComponentName = (typeof OPENCRANE_COMPONENTS)[number];

/** A variable of a container: its value (empty where it is not set) and where that stands, or why it is not known. */
export type Variable = { readonly value: string; readonly source: string } | { readonly unknown: string };

export interface OpencraneComponent {
  readonly name: OpencraneComponentName;
  readonly deployment: Workload;
  readonly account: string;
  /** Of one that watches: `WATCH_NAMESPACE`, where empty means every namespace. */
  readonly watch?: Variable;
  /** Of one that watches: `REQUIRE_WATCH_NAMESPACE`, which makes it refuse to start without the other one. */
  readonly requireWatch?: Variable;
}

/** The Deployments of one Helm release. */
export interface OpencraneInstance {
  readonly namespace: string;
  readonly release?: string;
  readonly components: readonly OpencraneComponent[];
}

/** Which releases of OpenCrane can read and write which CRDs. */
export interface MatrixRow {
  readonly bundle: string;
  /** Versions of the API that the CRDs serve, sorted. */
  readonly served: readonly string[];
  /** Of appVersion: all patches of a minor release (`0.1`). */
  readonly versions: readonly string[];
}

/** OpenCrane: any number of instances that share one set of CRDs; its tenants are the ClusterTenants of the cluster. */
export interface OpencranePlatform extends FoundPlatform<'opencrane'> {
  /** Sorted by namespace and release. */
  readonly instances: readonly OpencraneInstance[];
  /** What the user says besides the built-in rows. */
  readonly versionMatrix?: readonly MatrixRow[];
}
