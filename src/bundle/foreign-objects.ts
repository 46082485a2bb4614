import { isRecord, stringAt, valueAt } from '../kubernetes/json-value.ts';
import { metadataFault, withoutNulls } from '../kubernetes/metadata-fault.ts';
import type { KubeObject } from '../model/object.ts';

/** The objects of a list, a bare array, or a file with one; undefined for what is none of these. */
export function objectsIn(value: unknown, tool: string): readonly KubeObject[] | undefined {
  const kind = (stringAt(value, 'kind') ?? '').replace(/List$/, '');
  const apiVersion = stringAt(value, 'apiVersion');
  const objects = itemsIn(value)?.map((item) => objectOf(item, kind, apiVersion, tool));
  return objects?.every((object) => object !== undefined) ? objects : undefined;
}

function itemsIn(value: unknown): readonly unknown[] | undefined {
  if (Array.isArray(value)) return value as unknown[];
  const items = valueAt(value, 'items');
  // Go writes an empty list as null.
  if (items === null) return [];
  if (Array.isArray(items)) return items as unknown[];
  const kind = stringAt(value, 'kind');
  return kind === undefined || kind.endsWith('List') ? undefined : [value];
}

function objectOf(item: unknown, kind: string, apiVersion: string | undefined, tool: string): KubeObject | undefined {
  if (!isRecord(item) || !isRecord(item.metadata) || metadataFault(item.metadata)) return undefined;
  const typed = kind !== '' && apiVersion !== undefined ? { kind, apiVersion } : {};
  const object = { ...typed, ...item, metadata: withoutNulls(item.metadata) };
  return unmasked(object, tool) as KubeObject;
}

/** What other tools put in place of a value says nothing about it; where it is part of a text, the text says nothing. */
const MASKED: Readonly<Record<string, (text: string) => boolean>> = {
  'troubleshoot.sh': (text) => /\*\*\*(?:HIDDEN|TOKEN_[A-Z_]+_[0-9A-F]{6})\*\*\*/.test(text),
  // oc writes of each value of a Secret how long it was (openshift/oc pkg/cli/admin/inspect/secret.go).
  'must-gather': (text) => text.length < 40 && /^\d+ bytes long$/.test(Buffer.from(text, 'base64').toString('latin1')),
};

const HIDDEN = '***HIDDEN***';

function unmasked(value: unknown, tool: string): unknown {
  const isMasked = MASKED[tool];
  return isMasked ? replaceMasked(value, isMasked) : value;
}

function replaceMasked(value: unknown, isMasked: (text: string) => boolean): unknown {
  if (typeof value === 'string') return isMasked(value) ? HIDDEN : value;
  if (Array.isArray(value)) return value.map((item) => replaceMasked(item, isMasked));
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, replaceMasked(inner, isMasked)]));
}
