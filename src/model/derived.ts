import type { AccessRule, Question } from './access.ts';
import type { PoolValues } from './astronomer.ts';
import type { KubeObject } from './object.ts';

/** What the reduction of Secrets needs from outside of it: a key of this run, and two formats. */
export interface SecretTools {
  /** Keyed digest of a text; equal texts give equal digests within one run only. */
  fingerprint(text: string): string;
  /** Throws on what is not gzip and on what would grow beyond a sane size. */
  gunzip(bytes: Uint8Array): Uint8Array;
  /** Throws on what is not YAML. */
  parseYaml(text: string): unknown;
}

/**
 * What is kept of objects whose content must not travel: the reader reduces them in memory before anything else sees
 * them, live and offline alike, so that no check, report or error can hold a credential.
 * `fingerprint`s are keyed with random bytes of one run: they decide equality and are never printed.
 */
export interface RegistrySecret extends KubeObject {
  readonly type: string;
  readonly keys: readonly string[];
  readonly immutable?: boolean;
  /** `missing-key`: the data key of the type is absent. `position` is the byte offset at which parsing failed. */
  readonly parse: 'ok' | 'not-json' | 'no-auths' | 'missing-key' | 'redacted';
  readonly position?: number;
  readonly entries: readonly RegistryEntry[];
  /** When the data was last written: managedFields, else creation. */
  readonly writtenAt?: string;
}

export interface RegistryEntry {
  /** The `auths` key as written: a host, perhaps with port, path, scheme or glob. */
  readonly host: string;
  readonly credentials: 'usable' | 'absent' | 'helper-only' | 'undecodable';
  /** `well-known:AWS` and the like in clear, everybody else as `fp:…`. */
  readonly user?: string;
  readonly fingerprint?: string;
  /** RFC 3339, from a JWT's `exp`. */
  readonly expiresAt?: string;
  /** For `undecodable`: the byte offset at which the base64 of `auth` fails, where it is that. */
  readonly position?: number;
}

/** A Helm release revision (Secret of type helm.sh/release.v1) without manifest and with allow-listed values only. */
export interface HelmRelease extends KubeObject {
  readonly release: string;
  readonly revision: number;
  readonly status: string;
  readonly chart?: { readonly name?: string; readonly version?: string; readonly appVersion?: string };
  readonly values: HelmValues;
}

/** User-supplied values merged over the chart's defaults, only these keys. */
export interface HelmValues {
  readonly rbac?: { readonly create?: boolean; readonly namespaceIsolation?: boolean };
  readonly serviceAccount?: { readonly create?: boolean; readonly name?: string };
  readonly supportBundle?: { readonly crewLogNamespaces?: readonly string[] };
  readonly image?: { readonly pullSecret?: string };
  readonly envVars?: Readonly<Record<string, string>>;
  /** Of the chart astronomer. */
  readonly namespacePools?: PoolValues;
}

/** Secret or ConfigMap labelled `troubleshoot.sh/kind=support-bundle`, reduced to the namespaces it collects from. */
export interface SupportBundleSpec extends KubeObject {
  readonly parse: 'ok' | 'unreadable';
  /** Union of `logs.namespace` and `clusterResources.namespaces` of all collectors; empty = everywhere. */
  readonly namespaces: readonly string[];
}

/** A refusal found in text that is no object of the API: a container's log, or what the user handed in. */
export interface ReportedRefusal extends KubeObject {
  readonly source: 'log' | 'text';
  /** For a log, whose it is. */
  readonly pod?: string;
  readonly container?: string;
  /** The refusal alone, as `parseDenials` cuts it out. */
  readonly message: string;
  readonly count: number;
  /** RFC 3339, where the text says when. */
  readonly firstAt?: string;
  readonly lastAt?: string;
}

/** A file of a support bundle with what looks like secrets in it: how often by which rule, never what. `metadata.name` is its path. */
export interface ExposedSecrets extends KubeObject {
  readonly rules: Readonly<Record<string, number>>;
  /** Something in it has the shape of a credential or is a value of a Secret: it is not its name alone that says so. */
  readonly certain: boolean;
}

/** What whoever collected a support bundle was refused in a namespace. */
export interface CollectorRefusal extends KubeObject {
  readonly rule: AccessRule;
  /** Who collected, where that is known. */
  readonly user?: string;
  /** In the server's words. */
  readonly message: string;
}

/** An answer of the API server's own authorizer, asked only about expectations that the model says fail. */
export interface AccessReview extends KubeObject {
  readonly user: string;
  readonly question: Question;
  readonly answer: 'allowed' | 'denied' | 'unknown';
  readonly reason?: string;
}
