import type { HelmRelease, HelmValues, SecretTools } from '../model/derived.ts';
import type { KubeObject } from '../model/object.ts';
import { decodeBase64 } from './base64.ts';
import { isRecord, stringAt, valueAt } from './json-value.ts';
import { decodeUtf8, secretValue } from './secret-data.ts';
import { secretMetadata, secretType } from './secret-entry.ts';

export const HELM_RELEASE = 'helm.sh/release.v1';
const ENV_VARS = ['CONTAINER_REGISTRY_HOSTNAME', 'K8S_NAMESPACE', 'PROVIDER'];
const MAX_NAMESPACES = 10_000;

/** True for the Secrets in which Helm's default driver keeps a release revision. */
export function isHelmRelease(secret: KubeObject): boolean {
  return secretType(secret) === HELM_RELEASE;
}

/** A reduced release, or why there is none, in words that name no content. */
export type DecodedRelease = { readonly release: HelmRelease } | { readonly unreadable: string };

/**
 * A raw Helm release Secret without manifest, hooks, templates and values, but for the few values that are looked at
 * (user-supplied ones over the chart's defaults). Helm: pkg/storage/driver/util.go `decodeRelease` (base64 of gzip, or
 * of plain JSON in very old releases), inside the base64 of the API.
 */
export function decodeHelmRelease(secret: KubeObject, tools: Pick<SecretTools, 'gunzip'>): DecodedRelease {
  const value = secretValue(secret, 'release');
  if (value.state !== 'text') return { unreadable: `its data is ${value.state}` };
  const inner = decodeBase64(value.text);
  if ('position' in inner) return { unreadable: 'its data is not base64' };
  const payload = parsePayload(inner.bytes, tools);
  if (typeof payload === 'string') return { unreadable: payload };
  const release = reduce(secret, payload);
  return release ? { release } : { unreadable: 'its data does not name a release and a revision' };
}

function parsePayload(
  bytes: Uint8Array,
  tools: Pick<SecretTools, 'gunzip'>,
): Readonly<Record<string, unknown>> | string {
  let plain = bytes;
  if (bytes[0] === 0x1f && bytes[1] === 0x8b && bytes[2] === 0x08) {
    try {
      plain = tools.gunzip(bytes);
    } catch {
      // The error could quote content; that it failed is all there is to say.
      return 'its data does not decompress';
    }
  }
  try {
    const payload = JSON.parse(decodeUtf8(plain)) as unknown;
    return isRecord(payload) ? payload : 'its data is not a release';
  } catch {
    return 'its data is not JSON';
  }
}

function reduce(secret: KubeObject, payload: Readonly<Record<string, unknown>>): HelmRelease | undefined {
  const labels = secret.metadata.labels ?? {};
  const release = word(stringAt(payload, 'name')) ?? word(labels.name);
  const revision = valueAt(payload, 'version') ?? Number(labels.version ?? NaN);
  if (release === undefined || typeof revision !== 'number' || !Number.isSafeInteger(revision)) return undefined;
  const chart = chartOf(payload);
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: secretMetadata(secret.metadata),
    release,
    revision,
    status: word(stringAt(payload, 'info', 'status')) ?? word(labels.status) ?? 'unknown',
    ...(chart ? { chart } : {}),
    values: pickValues(valueAt(payload, 'config'), valueAt(payload, 'chart', 'values')),
  };
}

function chartOf(payload: unknown): HelmRelease['chart'] {
  const fields = ['name', 'version', 'appVersion'].flatMap((field) => {
    const value = word(stringAt(payload, 'chart', 'metadata', field));
    return value === undefined ? [] : [[field, value] as const];
  });
  return fields.length > 0 ? Object.fromEntries(fields) : undefined;
}

/** The looked-at values of a release: `config` over the chart's defaults, where null in `config` removes a default. */
function pickValues(config: unknown, defaults: unknown): HelmValues {
  const at = (...path: readonly string[]): unknown => coalesced(config, defaults, path);
  const flag = (...path: readonly string[]): boolean | undefined => {
    const value = at(...path);
    return typeof value === 'boolean' ? value : undefined;
  };
  const values = compact({
    rbac: compact({ create: flag('rbac', 'create'), namespaceIsolation: flag('rbac', 'namespaceIsolation') }),
    serviceAccount: compact({ create: flag('serviceAccount', 'create'), name: word(at('serviceAccount', 'name')) }),
    supportBundle: compact({ crewLogNamespaces: words(at('supportBundle', 'crewLogNamespaces')) }),
    image: compact({ pullSecret: word(at('image', 'pullSecret')) }),
    namespacePools: poolValues(at),
    envVars: compact(Object.fromEntries(ENV_VARS.map((name) => [name, scalar(at('envVars', name))]))),
  });
  return values ?? {};
}

/** Of the chart astronomer: since 2.0 in the first place, before in the second. */
const POOLS = [
  ['global', 'namespaceManagement', 'namespacePools'],
  ['global', 'features', 'namespacePools'],
];

function poolValues(at: (...path: readonly string[]) => unknown): Record<string, unknown> | undefined {
  for (const path of POOLS) {
    const flag = (...key: readonly string[]): boolean | undefined => {
      const value = at(...path, ...key);
      return typeof value === 'boolean' ? value : undefined;
    };
    const values = compact({
      enabled: flag('enabled'),
      createRbac: flag('createRbac'),
      createNamespaces: flag('namespaces', 'create'),
      names: words(at(...path, 'namespaces', 'names')),
    });
    if (values) return values;
  }
  return undefined;
}

/** Helm's coalescing (pkg/chartutil/coalesce.go) along one path: tables merge, anything else of the user wins. */
function coalesced(config: unknown, defaults: unknown, path: readonly string[]): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return config ?? undefined;
  const own = isRecord(config) && Object.hasOwn(config, key);
  if (!own) return valueAt(defaults, ...path) ?? undefined;
  const value = valueAt(config, key);
  return isRecord(value)
    ? coalesced(value, valueAt(defaults, key), rest)
    : rest.length > 0
      ? undefined
      : (value ?? undefined);
}

/** Without undefined fields; undefined when nothing is left. */
function compact(fields: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const kept = Object.entries(fields).filter(([, value]) => value !== undefined);
  return kept.length > 0 ? Object.fromEntries(kept) : undefined;
}

// What names, versions and registry hosts consist of; no user info, no free text.
const WORD = /^[\w.+:/-]{0,253}$/;

function word(value: unknown): string | undefined {
  return typeof value === 'string' && WORD.test(value) ? value : undefined;
}

function scalar(value: unknown): string | undefined {
  return word(typeof value === 'number' || typeof value === 'boolean' ? String(value) : value);
}

/** All of them or none: a shortened list would read as namespaces missing from it. */
function words(value: unknown): readonly string[] | undefined {
  if (!Array.isArray(value) || value.length > MAX_NAMESPACES) return undefined;
  const names = value.map(word);
  return names.every((name) => name !== undefined) ? names : undefined;
}
