import { createHash } from 'node:crypto';
import { isRecord } from '../kubernetes/json-value.ts';
import { compareText } from '../model/text.ts';

/** JSON with sorted keys and without white space: equal data gives equal text. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (!isRecord(value)) return JSON.stringify(value);
  const entries = Object.entries(value).filter(([, item]) => item !== undefined);
  entries.sort(([a], [b]) => compareText(a, b));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`;
}

/** SHA-256 of the canonical JSON of a document without its own `digest`. */
export function digestOf(document: object): string {
  const rest = Object.fromEntries(Object.entries(document).filter(([key]) => key !== 'digest'));
  return createHash('sha256').update(canonicalJson(rest)).digest('hex');
}
