import { CrewisoError, EXIT } from '../model/error.ts';

/** kubectl's connection flags, as the command line gave them. */
export interface ClusterFlags {
  readonly kubeconfig?: string | undefined;
  readonly context?: string | undefined;
  readonly cluster?: string | undefined;
  readonly user?: string | undefined;
  readonly server?: string | undefined;
  readonly token?: string | undefined;
  readonly certificateAuthority?: string | undefined;
  readonly clientCertificate?: string | undefined;
  readonly clientKey?: string | undefined;
  readonly tlsServerName?: string | undefined;
  readonly insecureSkipTlsVerify?: boolean | undefined;
  readonly as?: string | undefined;
  readonly asGroup?: readonly string[] | undefined;
  readonly asUid?: string | undefined;
  /** `key=value`, repeatable. */
  readonly asUserExtra?: readonly string[] | undefined;
}

/** The world that a kubeconfig is read from. `readFile` throws as `fs.readFileSync` does. */
export interface KubeconfigIo {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly readFile: (path: string) => string;
  readonly homedir: string;
  readonly parseYaml: (text: string) => unknown;
  readonly platform: string;
}

/** How to reach one cluster, as whom. Secrets hide behind functions, so that nothing prints them by accident. */
export interface ClusterAccess {
  readonly context?: string;
  readonly cluster: string;
  readonly user?: string;
  /** The namespace that the context names. */
  readonly namespace?: string;
  /** URL without user information, query and trailing slash. */
  readonly server: string;
  readonly tls: TlsSettings;
  readonly credentials: CredentialSource;
  readonly impersonation?: Impersonation;
  readonly proxy?: ProxySetting;
}

export interface TlsSettings {
  /** PEM. Without it the roots that Node and the system trust. */
  readonly ca?: string;
  readonly serverName?: string;
  readonly insecure: boolean;
  readonly clientCertificate?: () => { readonly cert: string; readonly key: string };
}

export interface Impersonation {
  readonly user: string;
  readonly uid?: string;
  readonly groups: readonly string[];
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

export interface ProxySetting {
  readonly url: string;
  /** `proxy-url` or the environment variable that named it. */
  readonly from: string;
}

export type CredentialSource =
  | { readonly type: 'none' }
  | { readonly type: 'token'; readonly token: () => string }
  | { readonly type: 'token-file'; readonly path: string; readonly read: () => string }
  | { readonly type: 'basic'; readonly username: string; readonly password: () => string }
  | { readonly type: 'exec'; readonly exec: ExecEntry }
  | { readonly type: 'oidc'; readonly idToken: () => string };

/** A user's `exec` entry (client.authentication.k8s.io), paths resolved. */
export interface ExecEntry {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly installHint?: string;
  readonly interactiveMode: 'Never' | 'IfAvailable' | 'Always';
  /** `spec.cluster` of the ExecCredential, when `provideClusterInfo` asks for it. */
  readonly clusterInfo?: Readonly<Record<string, unknown>>;
}

/** The user named or wrote something that cannot be meant: exit 2. */
export function misuse(message: string, ...suggestions: readonly string[]): CrewisoError {
  return new CrewisoError(message, { code: 'kubeconfig', exitCode: EXIT.usage, suggestions });
}

/** The world does not let us in: exit 4. */
export function noAccess(message: string, ...suggestions: readonly string[]): CrewisoError {
  return new CrewisoError(message, { code: 'cluster-access', exitCode: EXIT.unreachable, suggestions });
}
