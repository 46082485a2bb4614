import type { CrdVersion } from './crd.ts';
import type { SchemaChange } from './crd-compare-schema.ts';
import { effectiveFormat } from './crd-formats.ts';
import type { SchemaNode } from './crd-schema.ts';
import { sameJson } from './json-value.ts';

/** /status, /scale, fields to select by, and columns. */
export function compareSubresources(before: CrdVersion, after: CrdVersion): readonly SchemaChange[] {
  return [
    ...compareStatus(before, after),
    ...compareScale(before, after),
    ...compareSelectable(before, after),
    ...(sameJson(before.printerColumns, after.printerColumns)
      ? []
      : [{ path: '', rule: 'printer-columns-changed' as const }]),
  ];
}

function compareStatus(before: CrdVersion, after: CrdVersion): readonly SchemaChange[] {
  if (before.status === after.status) return [];
  if (!after.status) return [{ path: 'status', rule: 'status-subresource-removed' }];
  const { schema } = before;
  const hasStatus = !schema || schema.properties.has('status') || schema.preserveUnknownFields;
  return [{ path: 'status', rule: hasStatus ? 'status-subresource-added' : 'status-subresource-unused' }];
}

function compareScale(before: CrdVersion, after: CrdVersion): readonly SchemaChange[] {
  if (sameJson(before.scale, after.scale)) return [];
  const words = { path: '', before: before.scale, after: after.scale };
  if (!after.scale) return [{ ...words, rule: 'scale-removed' }];
  if (before.scale) return [{ ...words, rule: 'scale-changed' }];
  const { schema } = before;
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = after.scale;
  const replicas = [specReplicasPath, statusReplicasPath].every((path) => holdsReplicas(fieldAt(schema, path)));
  const selector = fieldAt(schema, labelSelectorPath);
  const fits = replicas && (selector === undefined || selector.type === 'string');
  return [{ ...words, rule: fits ? 'scale-added' : 'scale-restricts' }];
}

/** Whether the schema lets nothing else into the field; one that it prunes is never there. */
function holdsReplicas(field: SchemaNode | undefined): boolean {
  if (!field) return true;
  if (field.type !== 'integer' || field.nullable || (field.numbers.minimum ?? -1) < 0) return false;
  return effectiveFormat(field.format, field.type) === 'int32' || (field.numbers.maximum ?? Infinity) <= 2 ** 31 - 1;
}

/** The schema at a simple path such as `.spec.replicas`. */
function fieldAt(schema: SchemaNode | undefined, path: unknown): SchemaNode | undefined {
  if (typeof path !== 'string') return undefined;
  const names = path.split('.').filter((name) => name !== '');
  return names.reduce((node, name) => node?.properties.get(name), schema);
}

function compareSelectable(before: CrdVersion, after: CrdVersion): readonly SchemaChange[] {
  const change = (path: string, rule: SchemaChange['rule']): SchemaChange => ({ path: path.replace(/^\./, ''), rule });
  return [
    ...after.selectableFields
      .filter((path) => !before.selectableFields.includes(path))
      .map((path) => change(path, 'selectable-field-added')),
    ...before.selectableFields
      .filter((path) => !after.selectableFields.includes(path))
      .map((path) => change(path, 'selectable-field-removed')),
  ];
}
