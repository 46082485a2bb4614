import type { KubeObject } from './object.ts';

/** OpenCrane's customer: it owns a namespace, a quota and a tier of isolation. Cluster-scoped. */
export interface ClusterTenant extends KubeObject {
  readonly spec?: {
    readonly displayName?: string;
    /** `shared`, `dedicatedNodes` or `dedicatedCluster`. */
    readonly isolationTier?: string;
    readonly compute?: { readonly mode?: string; readonly nodePool?: string };
    readonly resources?: { readonly quota?: ClusterTenantQuota };
  };
  readonly status?: {
    /** `pending`, `provisioning`, `ready` or `failed`. */
    readonly phase?: string;
    readonly message?: string;
    readonly boundNamespace?: string;
    readonly provisioner?: string;
    readonly observedGeneration?: number;
    readonly lastReconciled?: string;
  };
}

export interface ClusterTenantQuota {
  readonly cpu?: string | number;
  readonly memory?: string | number;
  readonly pods?: string | number;
  readonly storage?: string | number;
  readonly gpu?: string | number;
}

/** The gateway of one user, which OpenCrane's documents call UserTenant. Its pods run in the namespace of its customer. */
export interface UserTenant extends KubeObject {
  readonly spec?: { readonly clusterTenantRef?: string | { readonly name?: string }; readonly suspended?: boolean };
  readonly status?: { readonly phase?: string; readonly message?: string };
}
