import type { KubeObject } from '../../model/object.ts';
import { decodeBase64 } from '../../kubernetes/base64.ts';
import { gunzip } from '../../kubernetes/gunzip.ts';
import { isRecord, valueAt } from '../../kubernetes/json-value.ts';
import { decodeUtf8, secretValue } from '../../kubernetes/secret-data.ts';
import { isSecretValue, type Names } from './names.ts';

/** The values of a Helm release that stand under names of secrets, its chart's defaults included; bytes in latin1. */
export function helmSecrets(secret: KubeObject, names: Names): readonly string[] {
  const value = secretValue(secret, 'release');
  if (value.state !== 'text') return [];
  const inner = decodeBase64(value.text);
  if ('position' in inner) return [];
  const release = parsed(inner.bytes);
  return [valueAt(release, 'config'), valueAt(release, 'chart', 'values')].flatMap((values) =>
    secretsIn(values, names, 0),
  );
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decodeUtf8(bytes[0] === 0x1f ? gunzip(bytes) : bytes)) as unknown;
  } catch {
    // A release that cannot be read has no values to know; it is never written either.
    return undefined;
  }
}

function secretsIn(value: unknown, names: Names, depth: number): readonly string[] {
  if (depth > 50 || typeof value !== 'object') return [];
  if (Array.isArray(value)) return value.flatMap((item) => secretsIn(item, names, depth + 1));
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([name, field]) =>
    typeof field === 'string' && isSecretValue(names.classify(name), field)
      ? [Buffer.from(field, 'utf8').toString('latin1')]
      : secretsIn(field, names, depth + 1),
  );
}
