import type { Identity } from '../model/access.ts';
import type { PlatformId } from '../model/platform.ts';

/** Within a format only fields are added; another one is refused (docs/bundle-format.md). */
export const FORMAT = 'crewiso.bundle/v1';

export const PLAN = 'plan.json';
export const MANIFEST = 'manifest.json';
export const README = 'README.txt';

/**
 * What became of a planned item. `ok`, `empty` and `truncated` have a file; `notApplicable` cannot exist (the log of a
 * container that never ran) and is no gap; all else is one.
 */
export const STATUSES = [
  'ok',
  'empty',
  'truncated',
  'forbidden',
  'notFound',
  'timeout',
  'apiError',
  'redactionFailed',
  'skipped',
  'notApplicable',
] as const;
export type Status = (typeof STATUSES)[number];

/** Why something was cut or not started. */
export type Cause =
  | 'bytes'
  | 'items'
  | 'timeout'
  | 'apiError'
  | 'unreadable'
  | 'gone'
  | 'budget'
  | 'interrupt'
  | 'disk-full'
  | 'selection';

/** One thing to collect: a list, an answer, or a log. */
export interface PlanItem {
  /** `list:crewai-org-4/pods`, `list:nodes`, `log:crewai-org-4/pod/container/current`, `get:version`, `view:errors/pods`. */
  readonly id: string;
  /** Below the top folder. */
  readonly path: string;
  /** Of the organization that it belongs to. */
  readonly org?: string;
  /** Of a log: most bytes that are kept. */
  readonly budget?: number;
  /** Of a log: what decided its place (0 unhealthy, 1 the platform's, 2 others, 3 on a node that gives no sign of life). */
  readonly priority?: number;
  /** Of a log: the container waits for its next start, so this is what the last one wrote. */
  readonly alias?: 'previous';
  /** Known before anything is asked. */
  readonly notApplicable?: true;
}

export interface Tool {
  readonly name: 'kubectl-crewiso';
  readonly version: string;
}

export interface BundlePlatform {
  readonly id: PlatformId;
  /** Where its own Deployments and Helm releases are. */
  readonly namespaces: readonly string[];
}

export interface BundleHead {
  readonly format: typeof FORMAT;
  readonly tool: Tool;
  readonly createdAt: string;
  readonly cluster: {
    /** The uid of kube-system. */
    readonly id?: string;
    readonly server?: string;
    readonly context?: string;
    readonly kubernetes?: string;
  };
  readonly collector?: Identity;
  /** The platforms that it is about; bundles of earlier releases say it in `platform` alone. */
  readonly platforms?: readonly BundlePlatform[];
  /** CrewAI Platform, where it is one of them. */
  readonly platform?: {
    readonly profile: 'crewai';
    readonly platformNamespace: string;
    readonly sharedNamespace: string;
  };
  /** Which key the fingerprints are made with: two bundles that say the same can be compared by them. */
  readonly fingerprints?: string;
  /** The organizations that an archive is about, where it is not about all of them. */
  readonly only?: readonly string[];
  /** Of what the names were changed (`bundle redact --pseudonyms`). */
  readonly pseudonyms?: readonly string[];
}

export interface Plan extends BundleHead {
  readonly kind: 'Plan';
  /** Where the files are, if not where docs/bundle-format.md says. */
  readonly layout?: 'troubleshoot';
  readonly namespaces: readonly { readonly name: string; readonly org?: string }[];
  /** Lists were asked for in these namespaces alone. */
  readonly narrow: boolean;
  readonly selection: {
    /** Organizations that were asked for, and names or globs of tenants' namespaces. */
    readonly orgs?: readonly string[];
    readonly namespaces?: readonly string[];
    readonly since?: string;
    readonly tail: number;
    readonly logs: string;
    /** Labels of the pods whose logs are in it; those of others are not planned. */
    readonly selector?: string;
    /** What is kept besides what always is, and lists that were left out. */
    readonly include?: readonly string[];
    readonly exclude?: readonly string[];
  };
  readonly budgets: {
    readonly newest: number;
    readonly oldest: number;
    readonly bytesPerOrg: number;
    readonly bytes: number;
  };
  /** Whether values of Secrets are looked for in everything else: `auto` reads them into memory for it. */
  readonly knownValues: 'auto' | 'off' | 'none';
  readonly items: readonly PlanItem[];
}

export interface ManifestItem {
  readonly id: string;
  readonly status: Status;
  readonly path?: string;
  readonly size?: number;
  readonly sha256?: string;
  /** Of a list. */
  readonly objects?: number;
  readonly resourceVersion?: string;
  /** Of objects outside of the platform: other namespaces that had some, which were left out. */
  readonly dropped?: readonly string[];
  /** How often which rule took something out. */
  readonly redactions?: Readonly<Record<string, number>>;
  readonly cause?: Cause;
  /** The server's words, redacted. */
  readonly detail?: string;
  readonly http?: number;
  /** Of a log: bytes left out between the oldest and the newest. */
  readonly omitted?: number;
  /** Of a log: it does not begin where the container did, since the kubelet had rotated it. */
  readonly startsMidFile?: true;
}

export type Ended = 'finished' | 'interrupted' | 'timeout' | 'disk-full';

export interface Manifest extends BundleHead {
  readonly kind: 'Manifest';
  readonly state: 'complete' | 'partial';
  readonly ended: Ended;
  readonly planSha256: string;
  /** Of the uncompressed tar up to the header of this file. */
  readonly prefixDigest: string;
  readonly readme: { readonly size: number; readonly sha256: string };
  readonly items: readonly ManifestItem[];
  readonly totals: Readonly<Partial<Record<Status | 'planned', number>>>;
  readonly orgs: Readonly<Record<string, { readonly planned: number; readonly usable: number }>>;
  readonly redaction: {
    readonly knownValues: 'on' | 'off' | 'partial' | 'unavailable';
    readonly counts: Readonly<Record<string, number>>;
    readonly withheld: number;
  };
}

/** Whether something that should be in the bundle is not, or not all of it. */
export function isGap({ status }: Pick<ManifestItem, 'status'>): boolean {
  return status !== 'ok' && status !== 'empty' && status !== 'notApplicable';
}

export function hasFile({ status }: Pick<ManifestItem, 'status'>): boolean {
  return status === 'ok' || status === 'empty' || status === 'truncated';
}

/** JSON as every document of a bundle: two spaces, a line end. */
export function documentText(document: object): string {
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
