import type { Condition, KubeObject } from './object.ts';
import type { LocalReference, PodTemplate } from './pods.ts';

/** The other Kubernetes kinds that checks read, in wire names and as far as checks look. */
export interface Namespace extends KubeObject {
  readonly status?: { readonly phase?: string; readonly conditions?: readonly Condition[] | null };
}

export interface ServiceAccount extends KubeObject {
  readonly imagePullSecrets?: readonly LocalReference[] | null;
  readonly automountServiceAccountToken?: boolean;
}

export interface ConfigMap extends KubeObject {
  readonly data?: Readonly<Record<string, string>> | null;
}

/** A Secret without its data: what a Table listing shows. `keys` only where the data had to be read or a file held it. */
export interface SecretEntry extends KubeObject {
  readonly type: string;
  readonly keys?: readonly string[];
}

export interface Service extends KubeObject {
  readonly spec?: { readonly type?: string; readonly selector?: Readonly<Record<string, string>> | null };
}

export interface Ingress extends KubeObject {
  readonly spec?: { readonly rules?: readonly { readonly host?: string }[] | null };
}

/** As far as its parts are known by type; the rest is what the server sent. */
export interface NetworkPolicy extends KubeObject {
  readonly spec?: {
    readonly podSelector?: LabelSelector | null;
    readonly policyTypes?: readonly string[] | null;
    readonly ingress?: readonly NetworkPolicyRule[] | null;
    readonly egress?: readonly NetworkPolicyRule[] | null;
  };
}

export interface NetworkPolicyRule {
  readonly from?: readonly NetworkPolicyPeer[] | null;
  readonly to?: readonly NetworkPolicyPeer[] | null;
  readonly ports?: readonly NetworkPolicyPort[] | null;
}

export interface NetworkPolicyPort {
  readonly protocol?: string;
  readonly port?: number | string;
  readonly endPort?: number;
}

export interface NetworkPolicyPeer {
  readonly podSelector?: LabelSelector | null;
  readonly namespaceSelector?: LabelSelector | null;
  readonly ipBlock?: { readonly cidr: string; readonly except?: readonly string[] | null } | null;
}

export interface LimitRange extends KubeObject {
  readonly spec?: {
    readonly limits?:
      | readonly {
          readonly type: string;
          readonly default?: Quantities;
          readonly defaultRequest?: Quantities;
          readonly min?: Quantities;
          readonly max?: Quantities;
        }[]
      | null;
  };
}

export interface CustomResourceDefinition extends KubeObject {
  readonly spec?: {
    readonly group?: string;
    readonly scope?: string;
    readonly names?: { readonly kind?: string; readonly plural?: string };
    readonly preserveUnknownFields?: boolean;
    readonly versions?:
      | readonly {
          readonly name: string;
          readonly served?: boolean;
          readonly storage?: boolean;
          readonly deprecated?: boolean;
          readonly schema?: { readonly openAPIV3Schema?: unknown };
          readonly subresources?: { readonly status?: object; readonly scale?: object };
        }[]
      | null;
    readonly conversion?: { readonly strategy?: string };
  };
  readonly status?: {
    readonly conditions?: readonly Condition[] | null;
    readonly storedVersions?: readonly string[] | null;
  };
}

export interface HorizontalPodAutoscaler extends KubeObject {
  readonly spec?: { readonly scaleTargetRef?: { readonly kind?: string; readonly name?: string } };
}

export interface ResourceQuota extends KubeObject {
  readonly spec?: {
    readonly hard?: Quantities;
    readonly scopes?: readonly string[] | null;
    readonly scopeSelector?: { readonly matchExpressions?: readonly ScopeRequirement[] | null } | null;
  };
  readonly status?: { readonly hard?: Quantities; readonly used?: Quantities };
}

export interface ScopeRequirement {
  readonly scopeName: string;
  readonly operator: string;
  readonly values?: readonly string[] | null;
}

export type Quantities = Readonly<Record<string, string | number>>;

export interface LabelSelector {
  readonly matchLabels?: Readonly<Record<string, string>> | null;
  readonly matchExpressions?:
    readonly { readonly key: string; readonly operator: string; readonly values?: readonly string[] | null }[] | null;
}

/** Deployment, StatefulSet, DaemonSet or ReplicaSet: the fields they share. */
export interface Workload extends KubeObject {
  readonly spec?: {
    readonly replicas?: number;
    readonly paused?: boolean;
    readonly selector?: LabelSelector;
    readonly template?: PodTemplate;
    readonly serviceName?: string;
  };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly replicas?: number;
    readonly readyReplicas?: number;
    readonly availableReplicas?: number;
    readonly updatedReplicas?: number;
    readonly desiredNumberScheduled?: number;
    readonly numberReady?: number;
    readonly conditions?: readonly Condition[] | null;
  };
}

export interface Job extends KubeObject {
  readonly spec?: { readonly suspend?: boolean; readonly completions?: number; readonly template?: PodTemplate };
  readonly status?: {
    readonly active?: number;
    readonly succeeded?: number;
    readonly failed?: number;
    readonly conditions?: readonly Condition[] | null;
  };
}

export interface CronJob extends KubeObject {
  readonly spec?: { readonly suspend?: boolean; readonly jobTemplate?: { readonly spec?: Job['spec'] } };
}

export interface Event extends KubeObject {
  readonly type?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly count?: number;
  readonly firstTimestamp?: string | null;
  readonly lastTimestamp?: string | null;
  readonly eventTime?: string | null;
  readonly series?: { readonly count?: number; readonly lastObservedTime?: string | null } | null;
  readonly involvedObject?: {
    readonly apiVersion?: string;
    readonly kind?: string;
    readonly namespace?: string;
    readonly name?: string;
    readonly uid?: string;
    readonly fieldPath?: string;
  };
}

export interface PolicyRule {
  readonly verbs: readonly string[];
  readonly apiGroups?: readonly string[] | null;
  readonly resources?: readonly string[] | null;
  readonly resourceNames?: readonly string[] | null;
  readonly nonResourceURLs?: readonly string[] | null;
}

export interface Role extends KubeObject {
  readonly rules?: readonly PolicyRule[] | null;
}

export interface ClusterRole extends Role {
  readonly aggregationRule?: { readonly clusterRoleSelectors?: readonly LabelSelector[] | null } | null;
}

/** RoleBinding or ClusterRoleBinding. */
export interface Binding extends KubeObject {
  readonly roleRef: { readonly apiGroup?: string; readonly kind: string; readonly name: string };
  readonly subjects?: readonly Subject[] | null;
}

export interface Subject {
  readonly kind: string;
  readonly apiGroup?: string;
  readonly name: string;
  readonly namespace?: string;
}
