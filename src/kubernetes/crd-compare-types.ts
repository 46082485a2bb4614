import { isKnownFormat } from './crd-formats.ts';
import { typesOf, type SchemaNode } from './crd-schema.ts';
import type { Place, SchemaChange } from './crd-compare-schema.ts';

/** Types of values; `replaced` where no value of the old type is accepted any more. */
export function compareTypes({ path, old, new: now }: Place): {
  readonly changes: readonly SchemaChange[];
  readonly replaced: boolean;
} {
  const [before, after] = [typesOf(old), typesOf(now)];
  const words = { path, before: typeName(old), after: typeName(now) };
  if (before === undefined && after === undefined) return { changes: [], replaced: false };
  if (before === undefined) return { changes: [{ ...words, rule: 'type-restricted' }], replaced: false };
  if (after === undefined) return { changes: [{ ...words, rule: 'type-widened' }], replaced: false };
  if (old.type !== now.type && [old, now].every((node) => isNumeric(node) && isWhole(node)))
    return { changes: [{ ...words, rule: 'limit-without-effect' }], replaced: false };
  if (before.every((type) => after.includes(type)))
    return { changes: after.length === before.length ? [] : [{ ...words, rule: 'type-widened' }], replaced: false };
  if (takenForText(old) && now.type === 'string' && isKnownFormat(now.format) && (now.enum ?? []).length === 0)
    return { changes: [{ ...words, rule: 'type-unchecked' }], replaced: true };
  const replaced = !before.some((type) => after.includes(type));
  return { changes: [{ ...words, rule: 'type-changed' }], replaced };
}

const typeName = ({ type, intOrString }: SchemaNode): string => (intOrString ? 'int-or-string' : (type ?? 'any'));

/** A list that loses nothing where no schema describes its items. */
const takenForText = ({ type, items }: SchemaNode): boolean =>
  type === 'array' &&
  items !== undefined &&
  (takenForText(items) ||
    !(typesOf(items) ?? ['object', 'array']).some((name) => name === 'object' || name === 'array'));

const isNumeric = ({ type, intOrString }: SchemaNode): boolean =>
  !intOrString && (type === 'integer' || type === 'number');

/** Whether every number that fits is whole: multiples of a whole number are, whatever the type is called. */
export function isWhole(node: SchemaNode): boolean {
  const types = typesOf(node);
  return (types !== undefined && !types.includes('number')) || Number.isInteger(node.numbers.multipleOf);
}
