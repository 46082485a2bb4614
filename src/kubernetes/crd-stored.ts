import { groupOf, type KubeObject, type ObjectRef } from '../model/object.ts';
import { storageVersion, type Crd, type CrdVersion } from './crd.ts';
import { decode } from './crd-prune.ts';
import { validate, type Unchecked, type Violation } from './crd-validate.ts';
import { isRecord } from './json-value.ts';
import { hasRedacted } from './secret-data.ts';

/** What a definition makes of an object that is there already. */
export interface StoredJudgement {
  readonly object: ObjectRef;
  /** The version in which it was judged. */
  readonly version: string;
  /** Fields that vanish without an error, sorted. */
  readonly dropped: readonly string[];
  /** Fields whose null vanishes or becomes the default. */
  readonly nulls: readonly string[];
  /** Why the object would be refused if it were written anew. */
  readonly violations: readonly Violation[];
  /** What is not decided here: rules in CEL, redacted values, patterns and formats without an equal. */
  readonly unchecked: readonly Unchecked[];
}

/** Whether an object is one of this CRD's. */
export function isOfCrd({ apiVersion = '', kind }: KubeObject, crd: Crd): boolean {
  return kind === crd.kind && groupOf(apiVersion) === crd.group;
}

/**
 * What becomes of an object under a new definition, in its own version where that is still there, else in the one that is
 * stored. Undefined where nothing can be said, since the version has no schema.
 */
export function judgeStored(object: KubeObject, crd: Crd): StoredJudgement | undefined {
  const version = versionFor(object, crd);
  if (!version?.schema) return undefined;
  const storage = storageVersion(crd);
  const first = decode(object, version.schema, crd);
  // What the storage version does not know is gone with the next write (conversion strategy None).
  const last =
    storage?.schema && storage !== version && crd.conversion.strategy !== 'Webhook'
      ? decode(first.value, storage.schema, crd)
      : undefined;
  const { violations, unchecked } = validate(first.value, version.schema);
  const hidden = (path: string): boolean => isHidden(first.value, path);
  const { apiVersion = '', kind = '', metadata } = object;
  const { name, namespace } = metadata;
  return {
    object: { apiVersion, kind, name, ...(namespace !== undefined && { namespace }) },
    version: version.name,
    dropped: [...new Set([...first.dropped, ...(last?.dropped ?? [])])].sort(),
    nulls: first.nulls,
    violations: violations.filter(({ path }) => !hidden(path)),
    unchecked: [
      ...unchecked,
      ...violations.filter(({ path }) => hidden(path)).map(({ path }) => ({ path, why: 'the value is redacted' })),
    ],
  };
}

function versionFor({ apiVersion = '' }: KubeObject, crd: Crd): CrdVersion | undefined {
  const name = apiVersion.slice(apiVersion.indexOf('/') + 1);
  return crd.versions.find((version) => version.name === name) ?? storageVersion(crd);
}

/** Whether a redactor has been at the value of a path of the API server. */
function isHidden(object: unknown, path: string): boolean {
  const steps = [...path.matchAll(/\['([^']*)'\]|\[(\d+)\]|([^.[\]]+)/g)].map(
    ([, quoted, index, name]) => quoted ?? index ?? name ?? '',
  );
  let value: unknown = object;
  for (const step of steps) {
    if (Array.isArray(value)) value = value[Number(step)] as unknown;
    else if (isRecord(value)) value = value[step];
    else return false;
  }
  return typeof value === 'string' && hasRedacted(value);
}
