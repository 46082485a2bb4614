import type { AccessRule, AccountRef, Identity, Question } from './access.ts';
import type { Confidence } from './finding.ts';
import type { Requests, Target } from './report.ts';
import type { Gap } from './snapshot.ts';

/** What the commands of `access`, and `network`, answer (schemas/access.schema.json): within v1 only additions. */
export type AccessDocument = AccessHead &
  (
    | { readonly view: 'matrix'; readonly matrix: AccessMatrix }
    | { readonly view: 'why'; readonly why: AccessWhy }
    | { readonly view: 'who'; readonly who: AccessWho }
    | { readonly view: 'network'; readonly network: NetworkMatrix }
  );

export interface AccessHead {
  readonly apiVersion: 'crewiso/v1';
  readonly kind: 'Access';
  readonly tool: { readonly name: 'kubectl-crewiso'; readonly version: string };
  /** All that may differ between two runs on one snapshot. */
  readonly run: {
    readonly startedAt: string;
    readonly durationMs: number;
    readonly interrupted?: boolean;
    readonly requests: Requests;
  };
  readonly target: Pick<Target, 'origin' | 'identity' | 'platforms'>;
  /** What could not be seen and would have mattered. */
  readonly gaps: readonly Gap[];
  readonly exit: { readonly code: number; readonly incomplete: boolean; readonly reasons: readonly string[] };
}

/** A binding by name; `name` is absent where many of different names do the same. */
export interface BindingPath {
  readonly kind: 'RoleBinding' | 'ClusterRoleBinding';
  readonly name?: string;
  readonly role: string;
}

export type CellState = 'all' | 'none' | 'partial' | 'unknown';

export interface MatrixCell {
  readonly column: string;
  readonly state: CellState;
}

/** Namespaces in which the account may do the same, through bindings to the same roles. */
export interface MatrixRow {
  readonly of: 'tenant' | 'shared' | 'platform';
  readonly namespaces: readonly string[];
  /** Whether the platform needs these rights here. */
  readonly needed: boolean;
  readonly cells: readonly MatrixCell[];
  readonly via: readonly BindingPath[];
  readonly missing: readonly AccessRule[];
  readonly unknown: readonly AccessRule[];
  /** Rights that RBAC does not give and the API server confirmed all the same: another authorizer does. */
  readonly byServer: readonly AccessRule[];
}

/** Rights of the account where the platform has nothing to do, or dangerous ones in every namespace. */
export interface Excess {
  readonly scope: 'cluster' | 'namespace';
  readonly namespaces: readonly string[];
  readonly via: BindingPath;
  readonly dangerous: readonly AccessRule[];
}

export interface AccessMatrix {
  /** Absent where no platform, or not its account, could be found: then there are no rows, and `notes` say why. */
  readonly account?: AccountRef;
  readonly profile: 'core' | 'full';
  readonly confidence: Confidence;
  readonly columns: readonly { readonly name: string; readonly rules: readonly AccessRule[] }[];
  readonly rows: readonly MatrixRow[];
  readonly excess: readonly Excess[];
  /** Whether rights elsewhere could be looked for everywhere. */
  readonly excessComplete: boolean;
  /** Organizations without a row, and why. */
  readonly left: readonly { readonly namespace: string; readonly why: string }[];
  readonly notes: readonly string[];
}

export interface GrantPath extends BindingPath {
  readonly name: string;
  /** Of a RoleBinding. */
  readonly namespace?: string;
  readonly subject: string;
  readonly rule: string;
  /** ClusterRoles that the rule was copied from. */
  readonly aggregatedFrom?: readonly string[];
}

export interface NearPath extends Omit<BindingPath, 'name'> {
  readonly name: string;
  readonly namespace?: string;
  readonly text: string;
}

export interface AccessWhy {
  readonly identity: Identity;
  readonly question: Question;
  readonly answer: 'allowed' | 'denied' | 'unknown';
  readonly confidence: Confidence;
  /** What the RBAC objects say, and what the API server says where it was asked. */
  readonly rbac: 'allowed' | 'denied' | 'unknown';
  readonly server?: { readonly answer: 'allowed' | 'denied' | 'unknown'; readonly reason?: string };
  readonly because: string;
  readonly grant?: GrantPath;
  readonly near: readonly NearPath[];
  readonly elsewhere: readonly string[];
  readonly looked: { readonly clusterRoleBindings: number; readonly roleBindings?: number; readonly complete: boolean };
  readonly notes: readonly string[];
  /** Commands, safe to paste; advice starts with `# `. */
  readonly fix: readonly string[];
}

/** `tenant`: of the namespace itself · `platform`: the platform's account · `system`: Kubernetes · `outside`: all others. */
export type Standing = 'outside' | 'platform' | 'system' | 'tenant';

export interface WhoGrant extends BindingPath {
  readonly rule: string;
  /** Absent where it holds in every namespace, or has none. */
  readonly namespaces?: readonly string[];
}

export interface WhoHolder {
  readonly subject: string;
  readonly standing: Standing;
  /** Who is in a group, where that is known. */
  readonly members?: string;
  readonly grants: readonly WhoGrant[];
}

export interface AccessWho {
  readonly question: Question;
  readonly namespaces: readonly string[];
  readonly outsideOnly: boolean;
  readonly holders: readonly WhoHolder[];
  readonly notes: readonly string[];
}

/** `all`: every pod on every port · `part`: some pods, or some ports · `none` · `unknown`: what could not be seen decides. */
export type ReachState = 'all' | 'part' | 'none' | 'unknown';

/** Namespaces that reach, and are reached by, the same others alike. */
export interface NetworkGroup {
  readonly of: 'tenant' | 'platform';
  readonly namespaces: readonly string[];
  /** What their pods may send to each group, in the order of the groups: to other namespaces of it, not to their own. */
  readonly reaches: readonly ReachState[];
  readonly own: ReachState;
  /** Anywhere outside of the cluster. */
  readonly outside: ReachState;
}

/** A tenant's namespace that reaches another tenant's, or may. */
export interface NetworkPair {
  readonly from: string;
  readonly to: string;
  readonly state: ReachState;
  /** `TCP 80`, `all ports`: what is open for sure, else what may be. */
  readonly ports: string;
}

export interface NetworkMatrix {
  readonly groups: readonly NetworkGroup[];
  /** The first thousand. */
  readonly pairs: readonly NetworkPair[];
  /** How many pairs of tenants there are, by state. */
  readonly crossTenant: Readonly<Record<ReachState, number>>;
  readonly policies: number;
  readonly left: readonly { readonly namespace: string; readonly why: string }[];
  readonly notes: readonly string[];
}
