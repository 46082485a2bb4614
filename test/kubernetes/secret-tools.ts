import { createHmac } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { parse } from 'yaml';
import type { SecretTools } from '../../src/model/derived.ts';
import type { KubeObject } from '../../src/model/object.ts';

/** What the program hands in, with a fixed key. */
export const TOOLS: SecretTools = {
  fingerprint: (text) => createHmac('sha256', 'test').update(text).digest('hex').slice(0, 12),
  gunzip: (bytes) => gunzipSync(bytes, { maxOutputLength: 1_000_000 }),
  parseYaml: (text) => parse(text) as unknown,
};

export const base64 = (text: string | Uint8Array): string => Buffer.from(text).toString('base64');

/** A raw Secret; `data` in clear, encoded here. */
export function secret(
  data: Readonly<Record<string, string>> | undefined,
  more: Readonly<Record<string, unknown>> = {},
): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    type: 'kubernetes.io/dockerconfigjson',
    metadata: { name: 'docker-registry', namespace: 'crewai' },
    ...(data ? { data: Object.fromEntries(Object.entries(data).map(([key, value]) => [key, base64(value)])) } : {}),
    ...more,
  } as KubeObject;
}

/** A raw Secret of Helm's driver around a release payload. */
export function helmSecret(payload: unknown, gzip = true): KubeObject {
  const json = JSON.stringify(payload);
  return secret(
    { release: base64(gzip ? gzipSync(json) : json) },
    {
      type: 'helm.sh/release.v1',
      metadata: {
        name: 'sh.helm.release.v1.crewai.v3',
        namespace: 'crewai',
        labels: { owner: 'helm', name: 'crewai', status: 'deployed', version: '3' },
      },
    },
  );
}
