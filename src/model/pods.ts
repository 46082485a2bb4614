import type { Condition, KubeObject, ObjectMeta } from './object.ts';

/** Levels of the Pod Security Standards, from the most to the least permissive. */
export const SECURITY_LEVELS = ['privileged', 'baseline', 'restricted'] as const;
export type SecurityLevel = (typeof SECURITY_LEVELS)[number];

/** core/v1 Pod and its template, as far as checks look; unknown fields travel along untyped. */
export interface Pod extends KubeObject {
  readonly spec?: PodSpec;
  readonly status?: PodStatus;
}

export interface PodTemplate {
  readonly metadata?: Partial<ObjectMeta>;
  readonly spec?: PodSpec;
}

export interface PodSpec {
  readonly serviceAccountName?: string;
  readonly serviceAccount?: string;
  readonly automountServiceAccountToken?: boolean;
  readonly imagePullSecrets?: readonly LocalReference[] | null;
  readonly containers?: readonly Container[] | null;
  readonly initContainers?: readonly Container[] | null;
  readonly ephemeralContainers?: readonly Container[] | null;
  readonly volumes?: readonly Volume[] | null;
  readonly nodeName?: string;
  readonly restartPolicy?: string;
  readonly runtimeClassName?: string;
  readonly priorityClassName?: string;
  readonly activeDeadlineSeconds?: number;
  readonly hostNetwork?: boolean;
  readonly hostPID?: boolean;
  readonly hostIPC?: boolean;
  readonly hostUsers?: boolean;
  readonly os?: { readonly name?: string } | null;
  readonly securityContext?: SecurityContext | null;
  /** Of the pod as a whole (since 1.34). */
  readonly resources?: Container['resources'];
}

/** Of a pod or of a container: the fields that they share, and those that only one of them has. */
export interface SecurityContext {
  readonly privileged?: boolean;
  readonly allowPrivilegeEscalation?: boolean;
  readonly runAsNonRoot?: boolean;
  readonly runAsUser?: number;
  readonly procMount?: string;
  readonly capabilities?: { readonly add?: readonly string[] | null; readonly drop?: readonly string[] | null } | null;
  readonly seccompProfile?: { readonly type?: string } | null;
  readonly appArmorProfile?: { readonly type?: string } | null;
  readonly seLinuxOptions?: { readonly type?: string; readonly user?: string; readonly role?: string } | null;
  readonly windowsOptions?: { readonly hostProcess?: boolean } | null;
  readonly sysctls?: readonly { readonly name: string }[] | null;
}

export interface LocalReference {
  readonly name?: string;
}

export interface Container {
  readonly name: string;
  readonly image?: string;
  readonly command?: readonly string[] | null;
  readonly args?: readonly string[] | null;
  readonly env?: readonly EnvVar[] | null;
  readonly envFrom?: readonly EnvFromSource[] | null;
  readonly resources?: {
    readonly limits?: Readonly<Record<string, string | number>>;
    readonly requests?: Readonly<Record<string, string | number>>;
  };
  readonly restartPolicy?: string;
  readonly ports?: readonly ContainerPort[] | null;
  readonly securityContext?: SecurityContext | null;
  readonly livenessProbe?: Handler | null;
  readonly readinessProbe?: Handler | null;
  readonly startupProbe?: Handler | null;
  readonly lifecycle?: { readonly postStart?: Handler | null; readonly preStop?: Handler | null } | null;
}

export interface ContainerPort {
  readonly name?: string;
  readonly containerPort?: number;
  readonly hostPort?: number;
  readonly protocol?: string;
}

/** A probe or a lifecycle handler, as far as it names a host. */
export interface Handler {
  readonly httpGet?: { readonly host?: string } | null;
  readonly tcpSocket?: { readonly host?: string } | null;
}

export interface EnvVar {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: {
    readonly fieldRef?: { readonly fieldPath: string };
    readonly configMapKeyRef?: KeySelector;
    readonly secretKeyRef?: KeySelector;
    readonly resourceFieldRef?: unknown;
  } | null;
}

export interface KeySelector {
  readonly name?: string;
  readonly key: string;
  readonly optional?: boolean;
}

export interface EnvFromSource {
  readonly prefix?: string;
  readonly configMapRef?: { readonly name?: string; readonly optional?: boolean };
  readonly secretRef?: { readonly name?: string; readonly optional?: boolean };
}

export interface Volume {
  readonly name: string;
  readonly hostPath?: unknown;
  readonly secret?: { readonly secretName?: string; readonly optional?: boolean; readonly items?: readonly KeyPath[] };
  readonly projected?: {
    readonly sources?: readonly {
      readonly secret?: { readonly name?: string; readonly optional?: boolean; readonly items?: readonly KeyPath[] };
      readonly serviceAccountToken?: unknown;
    }[];
  };
}

export interface KeyPath {
  readonly key: string;
}

export interface PodStatus {
  readonly phase?: string;
  readonly reason?: string;
  readonly message?: string;
  readonly startTime?: string;
  readonly podIP?: string;
  readonly podIPs?: readonly { readonly ip?: string }[] | null;
  readonly conditions?: readonly Condition[] | null;
  readonly containerStatuses?: readonly ContainerStatus[] | null;
  readonly initContainerStatuses?: readonly ContainerStatus[] | null;
}

export interface ContainerStatus {
  readonly name: string;
  readonly image?: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: ContainerState;
  readonly lastState?: ContainerState;
}

export interface ContainerState {
  readonly waiting?: { readonly reason?: string; readonly message?: string };
  readonly running?: { readonly startedAt?: string };
  readonly terminated?: {
    readonly reason?: string;
    readonly exitCode?: number;
    readonly message?: string;
    readonly finishedAt?: string;
  };
}
