import { isRecord } from '../kubernetes/json-value.ts';
import type { KubeObject, ObjectMeta } from '../model/object.ts';

/** A JSON object of unknown shape. */
export type Json = Readonly<Record<string, unknown>>;

export interface ManagedFields {
  readonly manager: string;
  readonly operation: 'Apply' | 'Update';
  readonly apiVersion: string;
  readonly time: string;
  readonly fieldsType: 'FieldsV1';
  readonly fieldsV1: Json;
  readonly subresource?: string;
}

export interface Meta extends ObjectMeta {
  readonly generateName?: string;
  readonly deletionGracePeriodSeconds?: number;
  readonly managedFields?: readonly ManagedFields[] | null;
}

/** An object as it is stored and sent: wire names, every field kept. */
export interface Wire extends KubeObject {
  readonly metadata: Meta;
  readonly [field: string]: unknown;
}

/** The object at `key`, or an empty one. */
export function child(value: unknown, key: string): Json {
  const found = isRecord(value) ? value[key] : undefined;
  return isRecord(found) ? found : {};
}

/** The string at `key`, or `''`: Go's zero value, which is what selectors and comparisons see of an absent field. */
export function text(value: unknown, key: string): string {
  const found = isRecord(value) ? value[key] : undefined;
  return typeof found === 'string' ? found : '';
}

/** The object without these fields. */
export function omit(object: Json, ...keys: readonly string[]): Json {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)));
}
