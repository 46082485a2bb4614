import type { KubeObject } from '../model/object.ts';
import { decodeBase64 } from './base64.ts';
import { isRecord, valueAt } from './json-value.ts';

/** One value of a Secret: its text, or why there is none. `position`: where the base64 of `data` fails. */
export type SecretValue =
  | { readonly state: 'text'; readonly text: string; readonly bytes: Uint8Array }
  | { readonly state: 'absent' | 'redacted' }
  | { readonly state: 'undecodable'; readonly position: number };

/** The names of a Secret's entries, sorted: of `data`, and of `stringData` where a manifest carries it. */
export function secretKeys(secret: KubeObject): readonly string[] {
  const names = ['data', 'stringData'].flatMap((field) => {
    const map = valueAt(secret, field);
    return isRecord(map) ? Object.keys(map) : [];
  });
  return [...new Set(names)].sort();
}

/**
 * One value of a raw Secret. `stringData` beats `data`, as the API server merges them on write
 * (pkg/apis/core/v1 `Convert_v1_Secret_To_core_Secret`). What a redactor left behind is `redacted`, not a value.
 */
export function secretValue(secret: KubeObject, key: string): SecretValue {
  const plain = valueAt(secret, 'stringData', key);
  if (typeof plain === 'string') {
    return isRedacted(plain)
      ? { state: 'redacted' }
      : { state: 'text', text: plain, bytes: new TextEncoder().encode(plain) };
  }
  const encoded = valueAt(secret, 'data', key);
  if (encoded === undefined) return { state: 'absent' };
  if (typeof encoded !== 'string' || isRedacted(encoded)) return { state: 'redacted' };
  const decoded = decodeBase64(encoded);
  if ('position' in decoded) return { state: 'undecodable', position: decoded.position };
  const text = decodeUtf8(decoded.bytes);
  return isRedacted(text) ? { state: 'redacted' } : { state: 'text', text, bytes: decoded.bytes };
}

/** UTF-8 with replacement characters for what is not, and a byte order mark kept: both as Go's JSON decoder sees it. */
export function decodeUtf8(bytes: Uint8Array): string {
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
}

const MARKS = [
  // Nothing, or only filling.
  /^(?:[*x•.-]{3,})?$/i,
  // ***HIDDEN*** of troubleshoot.sh, REDACTED, [REDACTED], **elided**, <redacted:rule:len=8>
  /^\W*(?:redacted|hidden|removed|elided|omitted|masked|sanitized|scrubbed)\W*$/i,
  /^<redacted:[^>]*>$/i,
  // Encrypted (SOPS) or still to be filled in: a value, but not this one.
  /^ENC\[[^\]]*\]$/,
  /^\$\{[^}]*\}$/,
  /^\{\{.*\}\}$/s,
];

/** True for what redactors, encryption and templates put in a value's place: it says nothing about the value. */
export function isRedacted(value: string): boolean {
  const text = value.trim();
  return MARKS.some((mark) => mark.test(text));
}

/** True where a redactor has replaced a part of a text, or all of it: its length and its form are not the value's. */
export function hasRedacted(value: string): boolean {
  return isRedacted(value) || /<redacted:[^>]*>|\*{3}HIDDEN\*{3}/.test(value);
}
