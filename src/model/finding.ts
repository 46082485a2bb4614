import type { AccessRule } from './access.ts';
import type { Fix, FixClass } from './fix.ts';
import type { ObjectRef } from './object.ts';
import type { Location } from './snapshot.ts';

export const SEVERITIES = ['critical', 'high', 'medium', 'low', 'info'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** certain: the server said it, or it follows from complete listings · likely: a model or text says it · hint: only a name. */
export type Confidence = 'certain' | 'likely' | 'hint';

export interface Evidence {
  readonly type: 'object' | 'absence' | 'rbac' | 'review' | 'event' | 'log' | 'condition' | 'comparison' | 'discovery';
  readonly object?: ObjectRef;
  readonly path?: string;
  readonly observed?: unknown;
  readonly expected?: unknown;
  readonly message?: string;
  readonly count?: number;
  readonly firstAt?: string;
  readonly lastAt?: string;
}

/** What to do: commands with real names in them, safe to paste, in order; a line starting with `#` is advice, not a command. */
export interface Remediation {
  /** `fix`: `doctor --fix` can do it; the steps are what a person would do instead. */
  readonly kind: 'fix' | 'manual' | 'none';
  readonly summary: string;
  readonly steps: readonly string[];
  /** Of a fix. */
  readonly class?: FixClass;
  /** How many writes the fix takes. */
  readonly changes?: number;
  /** Rights that the fix needs. */
  readonly needs?: readonly AccessRule[];
  /** Checks that are run again after the fix. */
  readonly verify?: readonly string[];
  /** Who would revert a live change (Helm, Flux, Argo CD, a controller), in words. */
  readonly owner?: string;
}

/** Values by which a consequence finds its cause; filled with the platform's own where a check says nothing. */
export type KeyName = 'namespace' | 'account' | 'secret' | 'host' | 'release' | 'platform' | 'object';
export type Keys = Readonly<Partial<Record<KeyName, string | readonly string[]>>>;

/** What a check yields; the audit adds id, check, cause, tenant and location. */
export interface FindingDraft {
  readonly object: ObjectRef;
  readonly path?: string;
  /** The check's own key when it can report one object twice (host, rule, port). */
  readonly discriminator?: string;
  readonly message: string;
  /** Where it differs from the check's. */
  readonly severity?: Severity;
  readonly confidence: Confidence;
  readonly evidence: readonly Evidence[];
  readonly remediation: Remediation;
  /** The same repair as data, where it can be made safely; the audit turns the remediation into one of kind `fix`. */
  readonly fix?: Fix;
  /** Tenant namespace concerned; default: the object's namespace if that is a tenant's. */
  readonly tenant?: string;
  readonly keys?: Keys;
  /** RFC 3339: since when. */
  readonly since?: string;
  readonly params?: Readonly<Record<string, unknown>>;
}

export interface Finding extends Omit<FindingDraft, 'tenant' | 'keys' | 'discriminator' | 'severity' | 'fix'> {
  /** 16 hex digits over check, group, kind, namespace, name and discriminator: equal from every origin. */
  readonly id: string;
  readonly check: string;
  readonly severity: Severity;
  readonly cause: string | null;
  readonly tenant?: { readonly id?: string; readonly namespace: string };
  readonly location?: Location;
  /** With a baseline: whether it knows the finding. */
  readonly state?: 'new' | 'known';
  /** Of a waived finding. */
  readonly waiver?: {
    readonly reason: string;
    readonly owner: string;
    readonly expires: string;
    readonly source: string;
  };
}
