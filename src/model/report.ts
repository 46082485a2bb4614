import type { Finding, Remediation, Severity } from './finding.ts';
import type { ObjectRef } from './object.ts';
import type { Gap } from './snapshot.ts';

/** Report JSON v1 (schemas/report.schema.json): within v1 only additions. */
export interface Report {
  readonly apiVersion: 'crewiso/v1';
  readonly kind: 'Report';
  readonly tool: { readonly name: 'kubectl-crewiso'; readonly version: string; readonly catalogue: string };
  /** All that may differ between two runs on one snapshot. */
  readonly run: Run;
  readonly target: Target;
  readonly coverage: {
    readonly evaluated: number;
    readonly notEvaluated: number;
    readonly notApplicable: number;
    readonly errored: number;
    readonly gaps: readonly Gap[];
  };
  readonly checks: readonly CheckResult[];
  readonly groups: readonly Group[];
  readonly findings: readonly Finding[];
  readonly waived: readonly Finding[];
  readonly summary: Readonly<Record<Severity, number>> & {
    readonly new?: number;
    readonly known?: number;
    readonly gone?: number;
  };
  readonly exit: Exit;
}

export interface Run {
  readonly id: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly interrupted?: boolean;
  readonly writes: number;
  readonly requests: Requests;
}

export interface Requests {
  readonly total: number;
  readonly list: number;
  readonly get: number;
  readonly review: number;
  readonly retried: number;
  readonly refused: number;
  readonly throttledMs: number;
}

export interface Target {
  readonly origin: {
    readonly from: 'bundle' | 'cluster' | 'manifests';
    readonly takenAt?: string;
    readonly context?: string;
    readonly server?: string;
    readonly clusterUid?: string;
    readonly kubernetes?: string;
    readonly file?: string;
  };
  readonly identity?: {
    readonly username: string;
    readonly groups: readonly string[];
    readonly impersonated?: boolean;
  };
  readonly platforms: readonly {
    readonly id: string;
    readonly version?: string;
    readonly platformNamespace?: string;
    readonly sharedNamespace?: string;
    readonly account?: string;
    readonly detectedBy: readonly ObjectRef[];
    readonly overridden: readonly string[];
  }[];
  readonly tenants: readonly TenantState[];
}

export interface TenantState {
  readonly id: string;
  readonly namespace: string;
  readonly platform: string;
  readonly state: 'ok' | 'findings' | 'unknown';
}

export type Outcome = 'passed' | 'failed' | 'not-evaluated' | 'not-applicable' | 'errored';

export interface CheckResult {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  readonly area: string;
  readonly outcome: Outcome;
  /** How many objects were examined. */
  readonly objects: number;
  readonly findings: number;
  readonly waived?: number;
  /** Indexes into coverage.gaps. */
  readonly gaps: readonly number[];
  /** Why not applicable, or our error. */
  readonly reason?: string;
}

export interface Group {
  /** Root finding, or null where many findings of one check share their shape. */
  readonly root: string | null;
  readonly check: string;
  readonly severity: Severity;
  readonly summary: string;
  /** All findings of the group, the root first. */
  readonly findings: readonly string[];
  readonly tenants: readonly string[];
  readonly since?: string;
  readonly remediation: Remediation;
}

export interface Exit {
  readonly code: number;
  readonly failOn: Severity | 'never';
  readonly incomplete: boolean;
  readonly reasons: readonly string[];
}

/** How a reporter may draw; display only, never part of the result. */
export interface RenderOptions {
  readonly color: boolean;
  /** Columns of prose and tables. */
  readonly width: number;
  readonly ascii: boolean;
  readonly tty: boolean;
  readonly wide: boolean;
  readonly headers: boolean;
  /** Outcomes to list besides failed and not-evaluated ones. */
  readonly show: readonly string[];
  readonly minSeverity: Severity;
}

export type Reporter = (report: Report, options: RenderOptions) => string;
