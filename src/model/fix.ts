import type { AccessRule } from './access.ts';
import type { Severity } from './finding.ts';
import type { KubeObject, ObjectRef } from './object.ts';
import type { Settings } from './platform.ts';
import type { Resource } from './resource.ts';

/**
 * safe: adds something new that nobody else owns, and undo restores the exact state · review: changes what is there, or
 * creates a Namespace or Role · destructive: deletes, or stops something without a proven replacement.
 */
export const FIX_CLASSES = ['safe', 'review', 'destructive'] as const;
export type FixClass = (typeof FIX_CLASSES)[number];

/** RFC 6902, as far as fixes need it. */
export type PatchOperation =
  | { readonly op: 'test' | 'add' | 'replace'; readonly path: string; readonly value: unknown }
  | { readonly op: 'remove'; readonly path: string };

/** Its `test` operations are the preconditions. Never one on the data of a Secret: a plan holds no value of one. */
export type JsonPatch = readonly PatchOperation[];

/**
 * A value that is read while the change is made and lives in memory only: `path` in the object that is created, or of
 * the patch operation whose value it is; `''` stands for the whole object.
 */
export interface Fill {
  readonly path: string;
  /** `time`: when the change is made, RFC 3339. */
  readonly from: FillSource | 'time';
}

export interface FillSource {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  /** What the fix rests on: with another one it is stale. */
  readonly uid?: string;
  readonly resourceVersion?: string;
  /** Of a Secret's data. Without one: the whole object, as JSON in base64. */
  readonly key?: string;
}

/** An object to be written: wire JSON of any kind. */
export type NewObject = KubeObject & Readonly<Record<string, unknown>>;

/** Stands at the end of a backup's name until the plan is known, whose id follows it then. */
export const BACKUP = '-before-';

export interface Create {
  readonly op: 'create';
  readonly object: NewObject;
  readonly fill?: readonly Fill[];
  /** Keeps what undo needs: to be there is enough, it is not compared with what it was made from. */
  readonly backup?: true;
  readonly needs: readonly AccessRule[];
}

export interface Patch {
  readonly op: 'patch';
  readonly target: ObjectRef;
  /** Unknown for what does not exist yet and for what a file says: then that of whatever is there when it is applied. */
  readonly uid?: string;
  readonly patch: JsonPatch;
  readonly fill?: readonly Fill[];
  /** What takes it back; its `test` operations say that the fields still hold our values. */
  readonly inverse: JsonPatch;
  readonly inverseFill?: readonly Fill[];
  readonly needs: readonly AccessRule[];
}

export interface Delete {
  readonly op: 'delete';
  readonly target: ObjectRef;
  readonly uid?: string;
  readonly resourceVersion?: string;
  readonly propagation?: 'Foreground';
  /** What must still be so; then the version that was looked at becomes a precondition. */
  readonly tests?: JsonPatch;
  /** What takes it back; without one nothing does. */
  readonly restores?: Create;
  readonly needs: readonly AccessRule[];
}

export type Change = Create | Patch | Delete;

/** How one finding is repaired: plain data that survives JSON and holds no value of a Secret. */
export interface Fix {
  readonly class: FixClass;
  readonly summary: string;
  readonly changes: readonly Change[];
  /** Checks that must be silent afterwards, besides the finding's own. */
  readonly verify?: readonly string[];
  /** Checks that find something about what it makes: what stays for a person to do. */
  readonly leaves?: readonly string[];
  /** RFC 3339: since when what it deletes does nothing any more; planned only after the soak. */
  readonly stillSince?: string;
  /** Listings that must be complete, besides those of the check: absence in them is what makes the fix harmless. */
  readonly restsOn?: readonly { readonly resource: Resource; readonly namespace?: string }[];
}

/** One change of a plan. */
export type Step = Change & {
  /** From 1, in the order of application. */
  readonly step: number;
  /** Id of its fix. */
  readonly fix: string;
  /** Namespace of the organization it is for. */
  readonly tenant: string;
  /** Steps without which it makes no sense: the Namespace it is in, the backup of what it replaces. */
  readonly dependsOn?: readonly number[];
};

export interface PlannedFix {
  readonly id: string;
  readonly class: FixClass;
  readonly summary: string;
  readonly findings: readonly PlannedFinding[];
  /** Step numbers. */
  readonly steps: readonly number[];
  readonly verify: readonly string[];
  readonly leaves: readonly string[];
}

export interface PlannedFinding {
  readonly id: string;
  readonly check: string;
  readonly severity: Severity;
  readonly tenant: string;
  readonly message: string;
}

/** Stands for the check in what is left because it could not be seen. */
export const UNSEEN = 'coverage';

/** What a plan does not do, and why. */
export interface LeftToYou {
  readonly check: string;
  readonly finding: string;
  readonly object: string;
  readonly why: string;
  readonly steps: readonly string[];
}

/** The cluster, person and platform that a plan was made for. */
export interface Binding {
  readonly clusterUid?: string;
  readonly server?: string;
  readonly username?: string;
  readonly groups?: readonly string[];
  readonly platform: string;
  /** Namespaces that may be written to. */
  readonly namespaces: readonly string[];
}

export interface Plan {
  readonly apiVersion: 'crewiso/v1';
  readonly kind: 'Plan';
  readonly id: string;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly tool: { readonly name: 'kubectl-crewiso'; readonly version: string };
  /** Run id of the report that it was made from. */
  readonly report: string;
  /** `files`: made without a cluster; it is made anew on the cluster before it is applied. */
  readonly origin: 'cluster' | 'files';
  readonly binding: Binding;
  /** What no object in the cluster says, as it was given when the plan was made. */
  readonly settings: Settings;
  readonly fixes: readonly PlannedFix[];
  readonly steps: readonly Step[];
  /** Step numbers; the first wave is the canary. */
  readonly waves: readonly (readonly number[])[];
  readonly canary?: string;
  readonly maxWrites: number;
  readonly left: readonly LeftToYou[];
  /** SHA-256 of the canonical JSON of all the rest: an edited plan is refused. */
  readonly digest: string;
}

/** The object that a change is about. */
export function targetOf(change: Change): ObjectRef {
  if (change.op !== 'create') return change.target;
  const { apiVersion = '', kind = '', metadata } = change.object;
  const { namespace, name } = metadata;
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name };
}

/** The namespace that a change writes to; of a Namespace its own name. */
export function namespaceOfChange(change: Change): string {
  const { kind, namespace, name } = targetOf(change);
  return kind === 'Namespace' ? name : (namespace ?? '');
}
