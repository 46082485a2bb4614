/** What a registry secret of a scenario holds; the credentials in it are visible examples. */
export interface SecretOptions {
  readonly name?: string;
  readonly type?: string;
  /** Data key, where it is not the type's. */
  readonly key?: string;
  /** Entries of `auths`. */
  readonly auths?: Readonly<Record<string, unknown>>;
  /** Entries of a `.dockercfg`. */
  readonly legacy?: Readonly<Record<string, unknown>>;
  /** The text itself, instead of entries. */
  readonly content?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly immutable?: boolean;
}

/** A registry secret as a YAML document (JSON is YAML) for a scenario's `with`; documents are joined by `---`. */
export function secret(namespace: string, options: SecretOptions = {}): string {
  const { legacy, metadata, immutable, name = 'docker-registry' } = options;
  const content = options.content ?? JSON.stringify(legacy ?? { auths: options.auths ?? {} });
  const key = options.key ?? (legacy ? '.dockercfg' : '.dockerconfigjson');
  return document({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name, namespace, creationTimestamp: '2026-01-05T10:00:00Z', ...metadata },
    type: options.type ?? (legacy ? 'kubernetes.io/dockercfg' : 'kubernetes.io/dockerconfigjson'),
    ...(immutable === undefined ? {} : { immutable }),
    data: { [key]: Buffer.from(content).toString('base64') },
  });
}

/** The account that pods of a namespace run as where they name none, with its pull secrets. */
export function defaultAccount(namespace: string, pullSecrets: readonly string[]): string {
  return document({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name: 'default', namespace },
    imagePullSecrets: pullSecrets.map((name) => ({ name })),
  });
}

export function document(object: unknown): string {
  return `${JSON.stringify(object)}\n---\n`;
}

/** One entry of `auths`. */
export const login = (password: string, username = 'pull'): Readonly<Record<string, string>> => ({
  username,
  password,
});
