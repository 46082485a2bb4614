import type { AccountRef } from '../model/access.ts';
import type { PolicyRule } from '../model/kinds.ts';

/** The object or list in front of `is forbidden`: `deployments.apps "d"`, never with a subresource. */
export interface DenialTarget {
  readonly resource: string;
  /** `''` for core. */
  readonly group: string;
  readonly name?: string;
}

interface Base {
  /** The denial alone, on one line, harmless for a terminal; prefixes of whoever logged it are left out. */
  readonly message: string;
  readonly target?: DenialTarget;
  /** The text ends before the message does: fields that would follow are absent. */
  readonly truncated?: true;
}

/** What was denied to whom; absent fields were not in the text. */
export interface DeniedAccess {
  readonly user?: string;
  readonly verb?: string;
  /** API group, `''` for core; absent where the text lacks `in API group` (see `questionOfDenial`). */
  readonly group?: string;
  readonly resource?: string;
  readonly subresource?: string;
  readonly name?: string;
  readonly namespace?: string;
  readonly path?: string;
  /** `unknown`: the text says neither namespace nor cluster scope. */
  readonly scope: 'namespace' | 'cluster' | 'path' | 'unknown';
  /** Roles that applicable bindings refer to and that do not exist: the cause, wherever one is named. */
  readonly danglingRoles: readonly { readonly kind: 'Role' | 'ClusterRole'; readonly name: string }[];
  /** What another authorizer (a cloud's, the node authorizer) said. */
  readonly otherAuthorizer?: string;
}

/** Quantities as printed, by quota resource (`requests.cpu`, `count/jobs.batch`). */
export type QuotaAmounts = Readonly<Record<string, string>>;

/**
 * One refusal of the API server (or, for `registry`, of an image registry), found in text. "is forbidden" is not
 * always RBAC and not always a 403: the class says who refused, and so what helps.
 */
export type Denial =
  | (Base & DeniedAccess & { readonly class: 'rbac' | 'cloud-iam' })
  | (Base & DeniedAccess & { readonly class: 'impersonation'; readonly mode?: string; readonly wrappedVerb?: string })
  /** A 401, or `system:anonymous`: no valid credentials arrived, so no binding helps. */
  | (Base & Partial<DeniedAccess> & { readonly class: 'unauthenticated' })
  | (Base & {
      readonly class: 'escalation';
      readonly user?: string;
      readonly groups: readonly string[];
      readonly missing: readonly PolicyRule[];
    })
  | (Base & {
      readonly class: 'quota';
      readonly quota?: string;
      readonly requested: QuotaAmounts;
      readonly used: QuotaAmounts;
      readonly limited: QuotaAmounts;
      /** What is wrong where it is not an excess. */
      readonly reason?: string;
    })
  | (Base & {
      readonly class: 'quota-unset';
      readonly quota: string;
      readonly unset: readonly { readonly resource: string; readonly containers: readonly string[] }[];
    })
  | (Base & { readonly class: 'limit-range'; readonly violations: readonly string[] })
  | (Base & {
      readonly class: 'pod-security';
      readonly level: string;
      readonly version: string;
      readonly violations: readonly { readonly check: string; readonly detail?: string }[];
    })
  | (Base & { readonly class: 'account-missing'; readonly account: AccountRef })
  | (Base & { readonly class: 'secret-reference'; readonly secret: string; readonly account: string })
  | (Base & { readonly class: 'terminating'; readonly namespace: string })
  | (Base & {
      readonly class: 'admission-policy';
      readonly policy: string;
      readonly binding?: string;
      readonly reason: string;
    })
  | (Base & { readonly class: 'webhook' | 'webhook-down'; readonly webhook: string; readonly reason: string })
  /** `delete` on the owner is missing, or `update` on its subresource `finalizers`. */
  | (Base & { readonly class: 'owner-reference'; readonly needs: 'delete' | 'finalizers'; readonly reason: string })
  | (Base & { readonly class: 'protected' | 'crd-terminating' })
  | (Base & { readonly class: 'registry'; readonly image?: string })
  /** An admission plugin that none of the classes above knows. */
  | (Base & { readonly class: 'admission-other'; readonly reason: string })
  | { readonly class: 'not-a-denial'; readonly message: string };

/** A denial that is one. */
export type Refused = Exclude<Denial, { class: 'not-a-denial' }>;

/** What a parser of the text after `is forbidden: ` found; `length` is how much of the text it read. */
export type Parsed = DistributiveOmit<Refused, 'message' | 'target'> & {
  readonly length: number;
};
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
