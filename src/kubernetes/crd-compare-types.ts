import { isKnownFormat } from './crd-formats.ts';
import { typesOf, type SchemaNode } from './crd-schema.ts';
import type { Place, SchemaChange } from './crd-compare-schema.ts';
import type { CrdRuleId } from './crd-rules.ts';

/** Types of values; `replaced` where nothing more can be said of a value of the old type. */
export function compareTypes({ path, old, new: now }: Place): {
  readonly changes: readonly SchemaChange[];
  readonly replaced: boolean;
} {
  const rule = ruleOf(old, now);
  if (rule === undefined) return { changes: [], replaced: false };
  const after = typesOf(now);
  const replaced = typesOf(old)?.some((type) => after?.includes(type) ?? true) === false;
  return { changes: [{ path, rule, before: typeName(old), after: typeName(now) }], replaced };
}

function ruleOf(old: SchemaNode, now: SchemaNode): CrdRuleId | undefined {
  const [before, after] = [typesOf(old), typesOf(now)];
  if (before === undefined) return after && 'type-restricted';
  if (after === undefined) return 'type-widened';
  if (old.type !== now.type && [old, now].every((node) => isNumeric(node) && isWhole(node)))
    return 'limit-without-effect';
  if (before.every((type) => after.includes(type))) return after.length === before.length ? undefined : 'type-widened';
  return keepsNoFields(old) && takesLists(now) ? 'type-unchecked' : 'type-changed';
}

/** A list that loses nothing where no schema describes its items. */
function keepsNoFields({ type, items }: SchemaNode): boolean {
  if (type !== 'array' || items === undefined) return false;
  const types = typesOf(items) ?? ['object'];
  return keepsNoFields(items) || !types.some((name) => name === 'object' || name === 'array');
}

/** A text for whose format the API server does not look at the type (kube-openapi typeValidator, a fault there). */
const takesLists = (schema: SchemaNode): boolean =>
  schema.type === 'string' && isKnownFormat(schema.format) && (schema.enum ?? []).length === 0;

const isNumeric = ({ type, intOrString }: SchemaNode): boolean =>
  !intOrString && (type === 'integer' || type === 'number');

/** Whether every number that fits is whole: multiples of a whole number are, whatever the type is called. */
export function isWhole(node: SchemaNode): boolean {
  const types = typesOf(node);
  return (types !== undefined && !types.includes('number')) || Number.isInteger(node.numbers.multipleOf);
}

const typeName = ({ type, intOrString }: SchemaNode): string => (intOrString ? 'int-or-string' : (type ?? 'any'));
