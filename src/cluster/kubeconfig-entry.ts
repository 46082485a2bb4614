/** Fields of a kubeconfig (tools/clientcmd/api/v1/types.go), file paths resolved against their file, data decoded. */
export interface ClusterEntry {
  readonly server: string;
  readonly tlsServerName: string;
  readonly insecure: boolean;
  readonly caFile: string;
  readonly caData: string;
  readonly proxyUrl: string;
  readonly disableCompression: boolean;
  /** `extensions[name=client.authentication.k8s.io/exec].extension`: configuration for the user's exec plugin. */
  readonly execExtension: unknown;
}

export interface ContextEntry {
  readonly cluster: string;
  readonly user: string;
  readonly namespace: string;
}

export interface UserEntry {
  readonly certFile: string;
  readonly certData: string;
  readonly keyFile: string;
  readonly keyData: string;
  readonly token: string;
  readonly tokenFile: string;
  readonly username: string;
  readonly password: string;
  readonly as: string;
  readonly asUid: string;
  readonly asGroups: readonly string[];
  readonly asUserExtra: Readonly<Record<string, readonly string[]>>;
  readonly exec: ExecFields | undefined;
  readonly authProvider: { readonly name: string; readonly config: Readonly<Record<string, string>> } | undefined;
}

export interface ExecFields {
  readonly apiVersion: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  readonly installHint: string;
  readonly interactiveMode: string;
  readonly provideClusterInfo: boolean;
}

type Resolve = (path: string) => string;

export function decodeCluster(fields: Fields, resolve: Resolve): ClusterEntry {
  const extension = fields.list('extensions').find((item) => item.text('name') === 'client.authentication.k8s.io/exec');
  return {
    server: fields.text('server'),
    tlsServerName: fields.text('tls-server-name'),
    insecure: fields.flag('insecure-skip-tls-verify'),
    caFile: resolve(fields.text('certificate-authority')),
    caData: fields.data('certificate-authority-data'),
    proxyUrl: fields.text('proxy-url'),
    disableCompression: fields.flag('disable-compression'),
    execExtension: extension?.value('extension'),
  };
}

export function decodeContext(fields: Fields): ContextEntry {
  return { cluster: fields.text('cluster'), user: fields.text('user'), namespace: fields.text('namespace') };
}

export function decodeUser(fields: Fields, resolve: Resolve, separator: string): UserEntry {
  return {
    certFile: resolve(fields.text('client-certificate')),
    certData: fields.data('client-certificate-data'),
    keyFile: resolve(fields.text('client-key')),
    keyData: fields.data('client-key-data'),
    token: fields.text('token'),
    tokenFile: resolve(fields.text('tokenFile')),
    username: fields.text('username'),
    password: fields.text('password'),
    as: fields.text('as'),
    asUid: fields.text('as-uid'),
    asGroups: fields.texts('as-groups'),
    asUserExtra: fields.object('as-user-extra').entries((extra, key) => extra.texts(key)),
    exec: fields.has('exec') ? decodeExec(fields.object('exec'), resolve, separator) : undefined,
    authProvider: fields.has('auth-provider') ? decodeAuthProvider(fields.object('auth-provider')) : undefined,
  };
}

function decodeExec(fields: Fields, resolve: Resolve, separator: string): ExecFields {
  const command = fields.text('command');
  return {
    apiVersion: fields.text('apiVersion'),
    // A bare name is looked up on PATH; anything with a separator in it is a path (exec.LookPath).
    command: command.includes('/') || command.includes(separator) ? resolve(command) : command,
    args: fields.texts('args'),
    env: fields.list('env').map((item) => ({ name: item.text('name'), value: item.text('value') })),
    installHint: fields.text('installHint'),
    interactiveMode: fields.text('interactiveMode'),
    provideClusterInfo: fields.flag('provideClusterInfo'),
  };
}

function decodeAuthProvider(fields: Fields): NonNullable<UserEntry['authProvider']> {
  return { name: fields.text('name'), config: fields.object('config').entries((config, key) => config.text(key)) };
}

/** Typed access to a parsed mapping. Errors name the field and never its value, which may be a credential. */
export class Fields {
  readonly #entry: Readonly<Record<string, unknown>>;
  readonly #where: string;

  constructor(value: unknown, where: string) {
    if (value !== null && value !== undefined && (typeof value !== 'object' || Array.isArray(value)))
      throw new Error(`${where || 'the document'} must be a mapping, not ${kindOf(value)}`);
    this.#entry = (value ?? {}) as Record<string, unknown>;
    this.#where = where;
  }

  value(key: string): unknown {
    return this.#entry[key] ?? undefined;
  }

  has(key: string): boolean {
    return this.value(key) !== undefined;
  }

  text(key: string): string {
    const value = this.value(key) ?? '';
    if (typeof value !== 'string') throw this.#wrong(key, 'a string', value);
    return value;
  }

  flag(key: string): boolean {
    const value = this.value(key) ?? false;
    if (typeof value !== 'boolean') throw this.#wrong(key, 'a boolean', value);
    return value;
  }

  /** Base64 of bytes that are text (PEM), decoded as strictly as Go does. */
  data(key: string): string {
    const text = this.text(key).replace(/[\r\n]/g, '');
    if (text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text))
      throw new Error(`${this.#path(key)}: illegal base64 data`);
    return Buffer.from(text, 'base64').toString('utf8');
  }

  texts(key: string): readonly string[] {
    return this.#array(key).map((item: unknown) => {
      if (typeof item !== 'string') throw this.#wrong(key, 'a list of strings', item);
      return item;
    });
  }

  object(key: string): Fields {
    return new Fields(this.value(key), this.#path(key));
  }

  list(key: string): readonly Fields[] {
    return this.#array(key).map((item, index) => new Fields(item, `${this.#path(key)}[${index}]`));
  }

  entries<T>(decode: (fields: Fields, key: string) => T): Readonly<Record<string, T>> {
    return Object.fromEntries(Object.keys(this.#entry).map((key) => [key, decode(this, key)]));
  }

  #array(key: string): readonly unknown[] {
    const value = this.value(key) ?? [];
    if (!Array.isArray(value)) throw this.#wrong(key, 'a list', value);
    return value;
  }

  #path(key: string): string {
    return this.#where ? `${this.#where}.${key}` : key;
  }

  #wrong(key: string, expected: string, value: unknown): Error {
    return new Error(`${this.#path(key)} must be ${expected}, not ${kindOf(value)}`);
  }
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' ? 'a mapping' : `a ${typeof value}`;
}
