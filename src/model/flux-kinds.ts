import type { Condition, KubeObject } from './object.ts';

/** Flux's kinds, in wire names and as far as checks look. All are namespaced. */
interface FluxObject extends KubeObject {
  readonly status?: {
    readonly conditions?: readonly Condition[] | null;
    readonly lastAppliedRevision?: string;
    readonly lastAttemptedRevision?: string;
    /** What it applied, and would delete with it. */
    readonly inventory?: { readonly entries?: readonly { readonly id: string; readonly v?: string }[] | null } | null;
  };
}

/** A reference to another Flux object; without a namespace, in the namespace of the object that refers. */
export interface CrossReference {
  readonly kind?: string;
  readonly name?: string;
  readonly namespace?: string;
}

interface Impersonating {
  readonly serviceAccountName?: string;
  readonly suspend?: boolean;
  readonly targetNamespace?: string;
  /** Applied to another cluster. */
  readonly kubeConfig?: object | null;
}

/** kustomize.toolkit.fluxcd.io; the Kustomization of kustomize.config.k8s.io is a file, not this. */
export interface Kustomization extends FluxObject {
  readonly spec?: Impersonating & { readonly sourceRef?: CrossReference | null; readonly prune?: boolean };
}

/** helm.toolkit.fluxcd.io; a release that Helm stored is a `HelmRelease` of derived.ts. */
export interface FluxHelmRelease extends FluxObject {
  readonly spec?: Impersonating & {
    readonly storageNamespace?: string;
    readonly chart?: { readonly spec?: { readonly sourceRef?: CrossReference | null } | null } | null;
    readonly chartRef?: CrossReference | null;
  };
}

export interface FluxReceiver extends FluxObject {
  readonly spec?: { readonly suspend?: boolean; readonly resources?: readonly CrossReference[] | null };
}

export interface FluxAlert extends FluxObject {
  readonly spec?: { readonly suspend?: boolean; readonly eventSources?: readonly CrossReference[] | null };
}

export interface FluxImagePolicy extends FluxObject {
  readonly spec?: { readonly suspend?: boolean; readonly imageRepositoryRef?: CrossReference | null };
}

export interface FluxImageUpdateAutomation extends FluxObject {
  readonly spec?: { readonly suspend?: boolean; readonly sourceRef?: CrossReference | null };
}
