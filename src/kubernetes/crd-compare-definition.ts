import { storageVersion, type Crd, type CrdVersion } from './crd.ts';
import type { SchemaChange } from './crd-compare-schema.ts';
import { childPath, type SchemaNode } from './crd-schema.ts';
import { compareSubresources } from './crd-compare-subresources.ts';
import { sameJson } from './json-value.ts';

/** A difference outside the schemas; `version` where it is one of a version. */
export type DefinitionChange = SchemaChange & { readonly version?: string };

/** Scope, names, conversion, versions and what they serve. */
export function compareDefinitions(old: Crd, now: Crd): readonly DefinitionChange[] {
  return [...compareHead(old, now), ...compareVersions(old, now), ...compareStorage(old, now)];
}

function compareHead(old: Crd, now: Crd): readonly DefinitionChange[] {
  const differ = (key: keyof Crd): boolean => !sameJson(old[key], now[key]);
  const words = (key: keyof Crd): Pick<SchemaChange, 'path' | 'before' | 'after'> => ({
    path: '',
    before: old[key],
    after: now[key],
  });
  const names = (['singular', 'shortNames', 'categories'] as const).filter(differ);
  const loose = now.preserveUnknownFields;
  return [
    ...(differ('scope') ? [{ ...words('scope'), rule: 'scope-changed' as const }] : []),
    ...(differ('kind') ? [{ ...words('kind'), rule: 'kind-changed' as const }] : []),
    ...(differ('listKind') ? [{ ...words('listKind'), rule: 'list-kind-changed' as const }] : []),
    ...names.map((key) => ({ ...words(key), rule: 'names-changed' as const })),
    ...(differ('conversion') ? [{ ...words('conversion'), rule: 'conversion-changed' as const }] : []),
    ...(differ('preserveUnknownFields')
      ? [
          {
            path: '',
            rule: loose ? ('preserve-unknown-fields-begun' as const) : ('preserve-unknown-fields-ended' as const),
          },
        ]
      : []),
  ];
}

function compareVersions(old: Crd, now: Crd): readonly DefinitionChange[] {
  const names = [...new Set([...old.versions, ...now.versions].map(({ name }) => name))];
  return names.flatMap((name) => {
    const before = old.versions.find((version) => version.name === name);
    const after = now.versions.find((version) => version.name === name);
    if (before && after) return compareVersion(before, after);
    const version = before ?? after;
    if (!version) return [];
    return [{ version: name, path: '', rule: before ? goneRule(version) : newRule(version) }];
  });
}

const goneRule = ({ served }: CrdVersion) => (served ? 'version-removed' : 'version-retired');
const newRule = ({ served }: CrdVersion) => (served ? 'version-added' : 'version-prepared');

function compareVersion(before: CrdVersion, after: CrdVersion): readonly DefinitionChange[] {
  const here = { version: after.name, path: '' };
  const served: readonly DefinitionChange[] =
    before.served === after.served ? [] : [{ ...here, rule: after.served ? 'version-served' : 'version-unserved' }];
  const deprecated: readonly DefinitionChange[] =
    before.deprecated === after.deprecated ? [] : [{ ...here, rule: 'deprecation-changed' }];
  const rest = before.served && after.served ? compareSubresources(before, after) : [];
  return [...served, ...deprecated, ...rest.map((change) => ({ ...change, version: after.name }))];
}

/** Which version objects are stored in, and which fields of served versions it would not store. */
function compareStorage(old: Crd, now: Crd): readonly DefinitionChange[] {
  const [before, after] = [storageVersion(old), storageVersion(now)];
  const changed: readonly DefinitionChange[] =
    before && after && before.name !== after.name
      ? [{ path: '', rule: 'storage-changed', before: before.name, after: after.name }]
      : [];
  const known = new Set(unstored(old).map(({ key }) => key));
  // A webhook may keep such fields elsewhere, in an annotation say.
  if (now.conversion.strategy === 'Webhook') return changed;
  const dropped = unstored(now).filter(({ key }) => !known.has(key));
  return [
    ...changed,
    ...dropped.map(({ version, path }): DefinitionChange => ({ version, path, rule: 'storage-drops-field' })),
  ];
}

function unstored(crd: Crd): readonly { readonly key: string; readonly version: string; readonly path: string }[] {
  const storage = storageVersion(crd);
  const { schema: stored } = storage ?? {};
  if (!storage || !stored) return [];
  return crd.versions
    .filter(({ name, served }) => served && name !== storage.name)
    .flatMap(({ name, schema }) =>
      (schema ? pathsWithin(schema, stored, '') : []).map((path) => ({ key: `${name} ${path}`, version: name, path })),
    );
}

/** Topmost paths of one schema that another prunes. */
function pathsWithin(schema: SchemaNode, within: SchemaNode, path: string): readonly string[] {
  const open = within.additionalProperties;
  const fields = [...schema.properties].flatMap(([name, inner]) => {
    const other = within.properties.get(name) ?? open;
    if (other) return pathsWithin(inner, other, childPath(path, name));
    const kept = within.preserveUnknownFields || (path === '' && ['apiVersion', 'kind', 'metadata'].includes(name));
    return kept ? [] : [childPath(path, name)];
  });
  const items = schema.items && within.items ? pathsWithin(schema.items, within.items, `${path}[]`) : [];
  return [...fields, ...items];
}
