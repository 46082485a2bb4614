import { effectiveFormat, hasFormat } from './crd-formats.ts';
import type { SchemaNode } from './crd-schema.ts';
import { refuse, type Findings } from './crd-validate.ts';
import { readPattern } from './re2.ts';

export function stringFaults(value: string, schema: SchemaNode, path: string, found: Findings): void {
  const { minLength = 0, maxLength = Infinity } = schema.numbers;
  // utf8.RuneCountInString
  const length = Array.from(value).length;
  if (length < minLength) refuse(found, path, 'minLength', `is shorter than ${minLength}`);
  if (length > maxLength) refuse(found, path, 'maxLength', `is longer than ${maxLength}`);
  if (schema.pattern !== undefined) {
    const pattern = readPattern(schema.pattern);
    if (!pattern) found.unchecked.push({ path, why: `pattern ${schema.pattern} is not evaluated` });
    else if (!pattern.test(value)) refuse(found, path, 'pattern', `does not match ${schema.pattern}`);
  }
  const format = effectiveFormat(schema.format, schema.intOrString ? undefined : schema.type);
  if (format === undefined) return;
  const fits = hasFormat(value, format);
  if (fits === undefined) found.unchecked.push({ path, why: `format ${format} is not evaluated` });
  else if (!fits) refuse(found, path, 'format', `is no ${format}`);
}

export function numberFaults(value: number, schema: SchemaNode, path: string, found: Findings): void {
  const { minimum = -Infinity, maximum = Infinity, multipleOf } = schema.numbers;
  // MaximumNativeType and its relatives: bounds are cut to integers before an integer is compared with them.
  const bound = (limit: number): number => (Number.isInteger(value) ? Math.trunc(limit) : limit);
  const [low, high] = [bound(minimum), bound(maximum)];
  if (schema.exclusiveMinimum ? value <= low : value < low)
    refuse(found, path, 'minimum', `${value} is below ${minimum}`);
  if (schema.exclusiveMaximum ? value >= high : value > high)
    refuse(found, path, 'maximum', `${value} is above ${maximum}`);
  if (multipleOf !== undefined && !isMultiple(value, bound(multipleOf)))
    refuse(found, path, 'multipleOf', `${value} is no multiple of ${multipleOf}`);
  const format = schema.intOrString ? undefined : effectiveFormat(schema.format, schema.type);
  if (format === 'int32' && Math.abs(value + 0.5) > 2 ** 31) refuse(found, path, 'format', `${value} is no int32`);
}

function isMultiple(value: number, factor: number): boolean {
  if (factor <= 0) return false;
  const times = factor < 1 ? (1 / factor) * value : value / factor;
  return Math.abs(times - Math.round(times)) < 1e-9 * Math.max(1, Math.abs(times));
}
