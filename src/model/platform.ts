import type { AccessRule, AccountRef } from './access.ts';
import type { AstronomerPlatform } from './astronomer.ts';
import type { CoreweavePlatform } from './coreweave.ts';
import type { Confidence } from './finding.ts';
import type { FluxPlatform } from './flux.ts';
import type { CustomResourceDefinition, Workload } from './kinds.ts';
import type { ObjectRef } from './object.ts';
import type { MatrixRow, OpencranePlatform } from './opencrane.ts';
import type { SecurityLevel } from './pods.ts';

export const PLATFORM_IDS = ['crewai', 'opencrane', 'flux', 'astronomer', 'coreweave'] as const;
export type PlatformId = (typeof PLATFORM_IDS)[number];

/** One organization and the namespace that is, or should be, its own. */
export interface Tenant {
  readonly id: string;
  readonly namespace: string;
  /** Whether the Namespace object exists; `unknown` where namespaces could not be listed. */
  readonly exists: boolean | 'unknown';
  readonly terminating: boolean;
  /** Where the organization was seen, one line each (`namespace crewai-org-4`, `label org-id on Pod …`). */
  readonly seen: readonly string[];
  /** True when something stronger than a static list (crewLogNamespaces) or the user's `--org` names it. */
  readonly proven: boolean;
}

/** The platform's own workload of one component. */
export interface Component {
  readonly name: string;
  readonly deployment: Workload;
  readonly account: string;
}

/** Without `only`, every organization but those of `except`. */
export interface Selection {
  readonly only?: readonly string[];
  readonly except: readonly string[];
}

export interface Isolation {
  readonly state: 'on' | 'off' | 'unknown';
  readonly confidence: Confidence;
  /** Crews run in the shared namespace although isolation is on. */
  readonly late: boolean;
  readonly why: string;
}

/** What every platform has, as found in one snapshot; the symbols R, P and T of the check catalogue. */
export interface FoundPlatform<Id extends PlatformId> {
  readonly id: Id;
  readonly version?: string;
  /** R: where its own Deployments run; absent where there is no such place, or several. */
  readonly platformNamespace?: string;
  /** Every namespace that is the platform's own and no tenant's, R among them, sorted. */
  readonly ownNamespaces: readonly string[];
  /** P: whose rights are at stake in the tenants' namespaces; absent where none could be read, or there is none. */
  readonly account?: AccountRef;
  /** T in the platform's order, already narrowed to what the user selected. */
  readonly tenants: readonly Tenant[];
  /** All tenants, also those outside the selection. */
  readonly allTenants: readonly Tenant[];
  /** Tenants that the user chose or left out; those that only leftovers name are in no list of tenants. */
  readonly selection?: Selection;
  /** The Pod Security level that tenants' namespaces are to enforce, where the user says one. */
  readonly podSecurity?: SecurityLevel;
  readonly crdBaseline?: CrdBaseline;
  readonly detectedBy: readonly ObjectRef[];
  /** Names of the settings that came from flags. */
  readonly overridden: readonly string[];
}

/** The CRDs that are to be applied. */
export interface CrdBaseline {
  /** Folder or file, as the user named it. */
  readonly place: string;
  readonly definitions: readonly CustomResourceDefinition[];
}

/** What stands in the files that settings name. */
export interface References {
  readonly crdBaseline?: CrdBaseline;
  readonly versionMatrix?: readonly MatrixRow[];
}

/** Settings that name files: what stands in them is said of the platforms that it concerns. */
export const FILE_SETTINGS: readonly string[] = ['crdBaseline', 'versionMatrix'] satisfies (keyof References)[];

/** CrewAI Platform; S is its shared namespace. */
export interface CrewaiPlatform extends FoundPlatform<'crewai'> {
  readonly platformNamespace: string;
  /** S: the resolved K8S_NAMESPACE. */
  readonly sharedNamespace: string;
  /** How S is known: `assumed` when the variable's value could not be read and the release's value, else R, stands in. */
  readonly sharedNamespaceFrom: 'environment' | 'flag' | 'assumed';
  /** Helm release name from app.kubernetes.io/instance. */
  readonly release?: string;
  readonly components: readonly Component[];
  readonly isolation: Isolation;
  readonly mode: Mode;
  readonly registrySecret: RegistrySetting;
  readonly needs: Needs;
}

/** What the platform's account must be allowed to do in every tenant namespace; rules carry no namespace. */
export interface Needs {
  /** Without these nothing can be deployed at all. */
  readonly core: readonly AccessRule[];
  readonly full: readonly AccessRule[];
}

/** How tenants get their rights, judged by effect: a ClusterRoleBinding (auto), RoleBindings (manual), both, or neither. */
export interface Mode {
  readonly state: 'auto' | 'manual' | 'both' | 'undecided' | 'unknown';
  /** Who asked for automatic mode, if anybody did. */
  readonly wanted?: 'auto' | 'manual';
  readonly why: string;
}

export interface RegistrySetting {
  readonly name: string;
  /** Namespace that copies are made from. */
  readonly sourceNamespace: string;
  readonly from: 'flag' | 'values' | 'pods' | 'default';
}

interface PlatformById {
  readonly crewai: CrewaiPlatform;
  readonly opencrane: OpencranePlatform;
  readonly flux: FluxPlatform;
  readonly astronomer: AstronomerPlatform;
  readonly coreweave: CoreweavePlatform;
}

/** A platform, of one of these kinds. */
export type Platform<P extends PlatformId = PlatformId> = PlatformById[P];

/** What no object in the cluster says, or what the user knows better; each beats detection. */
export interface Settings {
  /** Judge these platforms alone, also where nothing but the user says that they are there. */
  readonly platforms?: readonly PlatformId[];
  readonly platformNamespace?: string;
  readonly sharedNamespace?: string;
  readonly account?: AccountRef;
  readonly release?: string;
  readonly isolation?: 'on' | 'off';
  readonly mode?: 'auto' | 'manual';
  readonly registrySecret?: string;
  readonly registrySource?: AccountRef;
  readonly podSecurity?: SecurityLevel;
  /** Organizations that exist for sure, besides those that are seen. */
  readonly orgs?: readonly string[];
  /** Judge only these tenant namespaces. */
  readonly namespaces?: readonly string[];
  readonly excludeOrgs?: readonly string[];
  /** Of an organization at CoreWeave: `acme`, or `tenant-acme` as its first namespace is called. */
  readonly handle?: string;
  /** Folder or file of the CRDs that are to be applied (see References). */
  readonly crdBaseline?: string;
  /** File with rows of OpenCrane's version matrix (see References). */
  readonly versionMatrix?: string;
}
