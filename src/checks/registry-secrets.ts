import { parseImageReference } from '../kubernetes/image-reference.ts';
import { matchingEntries } from '../kubernetes/registry-match.ts';
import { DOCKER_CFG, DOCKER_CONFIG_JSON } from '../kubernetes/registry-secret.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import type { CrewaiView } from '../model/check.ts';
import type { RegistryEntry, RegistrySecret } from '../model/derived.ts';
import type { Evidence } from '../model/finding.ts';
import type { SecretEntry } from '../model/kinds.ts';
import { compareNames } from '../model/object.ts';
import type { CrewaiPlatform } from '../model/platform.ts';
import type { Pod, PodSpec } from '../model/pods.ts';
import { livingTenants } from './drafting.ts';
import { isPublicRegistry } from './registry-hosts.ts';

/** A pull Secret that exists; `content` only where its data was read and says something. */
export interface FoundSecret {
  readonly entry: Pick<SecretEntry, 'metadata' | 'type'>;
  readonly content?: RegistrySecret;
}

/** A Secret by the inventory and by what is known of its data; redacted data is remembered as a gap. */
export function findSecret(
  view: CrewaiView<'secrets' | 'registry-secrets'>,
  name: string,
  namespace: string,
): FoundSecret | 'absent' | 'unknown' {
  const entry = view.find('secrets', name, namespace);
  const content = view.find('registry-secrets', name, namespace);
  if (typeof content === 'object') {
    if (content.parse !== 'redacted') return { entry: content, content };
    view.unknown('registry-secrets', `the data of Secret ${name} is redacted`, namespace);
    return { entry: content };
  }
  return typeof entry === 'object' ? { entry } : entry;
}

/** Types from which the kubelet takes credentials (pkg/credentialprovider/secrets `MakeDockerKeyring`). */
export function isPullType(type: string): boolean {
  return type === DOCKER_CONFIG_JSON || type === DOCKER_CFG;
}

/** Namespaces that hold, or should hold, a copy of the registry secret; where namespaces are unseen, so are tenants. */
export function copyNamespaces(view: CrewaiView<'namespaces'>): readonly string[] {
  view.complete('namespaces');
  const { sourceNamespace } = view.platform.registrySecret;
  return livingTenants(view.platform)
    .map(({ namespace }) => namespace)
    .filter((namespace) => namespace !== sourceNamespace);
}

/** The same, with the source and the platform's own namespace: everywhere the registry secret serves pulls. */
export function registryNamespaces(view: CrewaiView<'namespaces'>): readonly string[] {
  const { platformNamespace, registrySecret } = view.platform;
  return [...new Set([registrySecret.sourceNamespace, platformNamespace, ...copyNamespaces(view)])];
}

/** One registry secret whose content is known. */
export interface ReadSecret {
  readonly namespace: string;
  readonly secret: RegistrySecret;
  /** It is the source and serves no pull, which registry-source-secret-broken says. */
  readonly judgedAsSource: boolean;
}

/** Every registry secret that exists and can be read, each counted as examined; redacted data is remembered as a gap. */
export function* readSecrets(view: CrewaiView<'namespaces' | 'registry-secrets'>): Iterable<ReadSecret> {
  const { name, sourceNamespace } = view.platform.registrySecret;
  for (const namespace of registryNamespaces(view)) {
    const secret = view.find('registry-secrets', name, namespace);
    if (typeof secret !== 'object') continue;
    if (secret.parse === 'redacted') {
      view.unknown('registry-secrets', `the data of Secret ${name} is redacted`, namespace);
      continue;
    }
    view.examined();
    const isSource = namespace === sourceNamespace;
    const judgedAsSource = isSource && sourceFault({ entry: secret, content: secret }, view.now) !== undefined;
    yield { namespace, secret, judgedAsSource };
  }
}

/**
 * Whether anything says that this platform pulls with a registry secret: a setting, or a pod that names it. On a cloud
 * whose nodes may pull by themselves there need not be any, and then its absence is no fault.
 */
export function registrySecretInUse(view: PodEvidence & { readonly platform: CrewaiPlatform }): boolean {
  const { registrySecret, sharedNamespace, tenants } = view.platform;
  if (registrySecret.from !== 'default') return true;
  return [sharedNamespace, ...tenants.map(({ namespace }) => namespace)].some((namespace) =>
    view.evidence('pods', namespace).some(({ spec }) => namesSecret(spec, registrySecret.name)),
  );
}

/** Whether a pod names a Secret to pull with or as a volume, as CrewAI's build pods do. */
export function namesSecret(spec: PodSpec | undefined, secret: string): boolean {
  const pulls = (spec?.imagePullSecrets ?? []).some(({ name }) => name === secret);
  return pulls || (spec?.volumes ?? []).some((volume) => volume.secret?.secretName === secret);
}

/** Why nothing can be pulled with what should be copied everywhere; undefined where it serves, or is not known. */
export function sourceFault({ entry, content }: FoundSecret, now: number): string | undefined {
  if (!isPullType(entry.type)) return `has type ${entry.type}, which no pull reads`;
  if (!content) return undefined;
  const whole = contentFault(content);
  if (whole !== undefined) return whole;
  const undecodable = content.entries.find(({ credentials }) => credentials === 'undecodable');
  if (undecodable) return `has an entry for ${undecodable.host} that cannot be decoded, which fails every pull`;
  const usable = usableEntries(content);
  if (usable.length === 0) return 'has no entry with a user and a password';
  const [first] = usable;
  return usable.every((candidate) => isExpired(candidate, now))
    ? `holds a token that expired at ${first?.expiresAt ?? ''}`
    : undefined;
}

/** Whether copies may be made of it: of the type that pulls and build pods read, and nothing is wrong with it. */
export function isGoodSource(secret: RegistrySecret, now: number): boolean {
  if (secret.type !== DOCKER_CONFIG_JSON || secret.parse !== 'ok') return false;
  return sourceFault({ entry: secret, content: secret }, now) === undefined;
}

/** What makes the whole of a registry secret unreadable to the kubelet; entries are judged one by one. */
export function contentFault({ parse, position, type }: RegistrySecret): string | undefined {
  switch (parse) {
    case 'missing-key':
      return `has no ${type === DOCKER_CFG ? '.dockercfg' : '.dockerconfigjson'}`;
    case 'not-json':
      return `is not JSON${position === undefined ? '' : ` from byte ${String(position)} on`}`;
    case 'no-auths':
      return 'lists no registry (auths is missing or empty)';
    case 'ok':
    case 'redacted':
      return undefined;
  }
}

export function usableEntries({ entries }: RegistrySecret): readonly RegistryEntry[] {
  return entries.filter(({ credentials }) => credentials === 'usable');
}

/** By the token's own `exp`; everything else has no known end. */
export function isExpired({ expiresAt }: RegistryEntry, now: number): boolean {
  return expiresAt !== undefined && Date.parse(expiresAt) < now;
}

/** JSON Pointer of the entry of a pull Secret that holds its credentials. */
export function dataPath({ type }: RegistrySecret): string {
  return `/data/${type === DOCKER_CFG ? '.dockercfg' : '.dockerconfigjson'}`;
}

/** Type and, per host, the class of credentials: never a value, and users only where everybody has the same. */
export function contentEvidence(secret: RegistrySecret): Evidence {
  return {
    type: 'object',
    object: refOf('secrets', secret),
    path: dataPath(secret),
    observed: { type: secret.type, keys: secret.keys, parse: secret.parse, hosts: secret.entries.map(shownEntry) },
  };
}

function shownEntry({
  host,
  credentials,
  user,
  expiresAt,
  position,
}: RegistryEntry): Readonly<Record<string, unknown>> {
  return {
    host,
    credentials,
    ...(user?.startsWith(WELL_KNOWN) ? { user: user.slice(WELL_KNOWN.length) } : {}),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(position === undefined ? {} : { position }),
  };
}

const WELL_KNOWN = 'well-known:';

/** A user name that is the same for everybody (`AWS`), or undefined. */
export function wellKnownUser({ user }: RegistryEntry): string | undefined {
  return user?.startsWith(WELL_KNOWN) ? user.slice(WELL_KNOWN.length) : undefined;
}

export interface PodEvidence {
  evidence(resource: 'pods', namespace?: string): readonly Pod[];
}

/**
 * Registries that pods of a namespace pull from and that the given entries serve; without entries all that do not serve
 * everybody. They tie a fault of the registry secret to the pulls that fail for it.
 */
export function hostsInUse(
  view: PodEvidence,
  namespace: string,
  entries?: readonly RegistryEntry[],
): readonly string[] {
  const hosts = new Set<string>();
  for (const { spec } of view.evidence('pods', namespace)) {
    for (const { image } of [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])]) {
      const reference = parseImageReference(image ?? '');
      if (!reference) continue;
      const { registry, repository } = reference;
      const counts = entries ? matchingEntries(entries, repository).length > 0 : !isPublicRegistry(registry);
      if (counts) hosts.add(registry);
    }
  }
  return [...hosts].sort(compareNames);
}
