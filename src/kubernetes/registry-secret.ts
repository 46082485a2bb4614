import type { RegistrySecret, SecretTools } from '../model/derived.ts';
import type { KubeObject } from '../model/object.ts';
import { isRecord, jsonErrorIndex, valueAt } from './json-value.ts';
import { readEntries } from './registry-entries.ts';
import { secretKeys, secretValue } from './secret-data.ts';
import { secretMetadata, secretType } from './secret-entry.ts';

export const DOCKER_CONFIG_JSON = 'kubernetes.io/dockerconfigjson';
export const DOCKER_CFG = 'kubernetes.io/dockercfg';
const CONFIG_KEY = '.dockerconfigjson';
const LEGACY_KEY = '.dockercfg';

/**
 * True for Secrets of the two pull types. Others (Opaque) with the same key are none, whatever they hold: on a cluster
 * their data is not read, because nothing but the type tells them from every other Secret, and no kubelet pulls with them.
 */
export function isRegistrySecret(secret: KubeObject): boolean {
  const type = secretType(secret);
  return type === DOCKER_CONFIG_JSON || type === DOCKER_CFG;
}

/**
 * A raw Secret (with `data` or, in manifests, `stringData`) without its values: which hosts it has credentials for and
 * of which kind, read as the kubelet reads them (pkg/credentialprovider/config.go). Total: what cannot be read is said
 * in `parse`. Users and credentials appear only as fingerprints of `tools`, well-known users in clear.
 */
export function reduceRegistrySecret(secret: KubeObject, tools: Pick<SecretTools, 'fingerprint'>): RegistrySecret {
  const writtenAt = lastDataWrite(secret);
  const immutable = valueAt(secret, 'immutable');
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: secretMetadata(secret.metadata),
    type: secretType(secret),
    keys: secretKeys(secret),
    ...(typeof immutable === 'boolean' ? { immutable } : {}),
    ...readContent(secret, tools),
    ...(writtenAt === undefined ? {} : { writtenAt }),
  };
}

type Content = Pick<RegistrySecret, 'parse' | 'position' | 'entries'>;
const nothing = (parse: RegistrySecret['parse']): Content => ({ parse, entries: [] });

function readContent(secret: KubeObject, tools: Pick<SecretTools, 'fingerprint'>): Content {
  const keys = secretKeys(secret);
  // The API server refuses a pull Secret without its key, so one without any data was stripped by whoever dumped it.
  if (keys.length === 0) return nothing('redacted');
  const key = keyOf(secretType(secret), keys);
  const value = secretValue(secret, key);
  switch (value.state) {
    case 'absent':
      return nothing('missing-key');
    case 'redacted':
      return nothing('redacted');
    case 'undecodable':
      return { parse: 'not-json', position: value.position, entries: [] };
    case 'text':
      return readConfig(value.text, key === LEGACY_KEY, tools);
  }
}

function keyOf(type: string, keys: readonly string[]): string {
  if (type === DOCKER_CFG) return LEGACY_KEY;
  if (type === DOCKER_CONFIG_JSON || keys.includes(CONFIG_KEY)) return CONFIG_KEY;
  return LEGACY_KEY;
}

function readConfig(text: string, legacy: boolean, tools: Pick<SecretTools, 'fingerprint'>): Content {
  const failedAt = jsonErrorIndex(text);
  if (failedAt !== undefined) {
    return { parse: 'not-json', position: new TextEncoder().encode(text.slice(0, failedAt)).length, entries: [] };
  }
  const config = JSON.parse(text) as unknown;
  if (config !== null && !isRecord(config)) return { parse: 'not-json', position: 0, entries: [] };
  return readEntries(config ?? {}, legacy, tools);
}

/** When `data` was last written, by managedFields; a write that only touched metadata does not count. */
function lastDataWrite(secret: KubeObject): string | undefined {
  const managed = valueAt(secret, 'metadata', 'managedFields');
  const times = (Array.isArray(managed) ? managed : []).flatMap((entry: unknown) => {
    const time = valueAt(entry, 'time');
    const writesData = valueAt(entry, 'fieldsV1', 'f:data') !== undefined;
    return writesData && typeof time === 'string' && !Number.isNaN(Date.parse(time)) ? [time] : [];
  });
  times.sort((a, b) => Date.parse(a) - Date.parse(b));
  return times.at(-1) ?? secret.metadata.creationTimestamp ?? undefined;
}
