import { clean } from '../model/text.ts';

/**
 * Any JSON value with every text in it, keys too, made harmless and one line: a line break in a command or in advice
 * would start a command of its own when it is pasted. The audit cleans what it takes from a cluster; this holds whatever
 * made the report.
 */
export function cleanDeep(value: unknown): unknown {
  // Blanks at the edges stay: they may be what is wrong with a value.
  if (typeof value === 'string') return clean(`|${value}|`).slice(1, -1);
  if (Array.isArray(value)) return value.map(cleanDeep);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [clean(key), cleanDeep(inner)]));
}
