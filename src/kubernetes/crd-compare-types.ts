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
  if (before.every((type) => after.includes(type))) {
    if (after.length === before.length) return { changes: [], replaced: false };
    // Multiples of a whole number are whole, whatever the type is called.
    const whole = now.type === 'number' && Number.isInteger(now.numbers.multipleOf) && before.includes('integer');
    return { changes: [{ ...words, rule: whole ? 'limit-without-effect' : 'type-widened' }], replaced: false };
  }
  const replaced = !before.some((type) => after.includes(type));
  return { changes: [{ ...words, rule: 'type-changed' }], replaced };
}

const typeName = ({ type, intOrString }: SchemaNode): string => (intOrString ? 'int-or-string' : (type ?? 'any'));
