import { isDeepStrictEqual } from 'node:util';
import { decode } from '../../src/kubernetes/crd-prune.ts';
import { CRD_RULES, type CrdRuleId, type Side } from '../../src/kubernetes/crd-rules.ts';
import { readSchema, type SchemaNode } from '../../src/kubernetes/crd-schema.ts';
import { validate } from '../../src/kubernetes/crd-validate.ts';
import type { SchemaCase } from './crd-changes.ts';
import { unique, values, type Json } from './crd-documents.ts';

/** What becomes of one object as a definition changes; undefined is what was refused, or is not stored. */
export interface Outcome {
  /** Some of it was dropped, which the old definition does not know: who sends that wrote nothing that could break. */
  readonly unknown: boolean;
  /** What is kept of it when it is created under the old definition, and under the new one. */
  readonly before: unknown;
  readonly after: unknown;
  /** How it reads under the new definition when it was stored under the old one, and whether that could be created. */
  readonly read: unknown;
  readonly again: boolean;
}

/** What was taken is refused, or kept in another way. */
export const breaksWriters = ({ before, after }: Outcome): boolean =>
  before !== undefined && (after === undefined || !isWithin(before, after));

/** What is stored reads in another way, or is nothing that the new schema promises. */
export const breaksReaders = ({ before, read, again }: Outcome): boolean =>
  read !== undefined && (!isWithin(before, read) || !again);

/** What the old schema did not let in may now be met. */
const isNewToReaders = ({ before, after }: Outcome): boolean => before === undefined && after !== undefined;

/** What is merged in another way shows only when two people apply. */
const SHOWN_BY_APPLY: ReadonlySet<string> = new Set(['list-type-changed', 'list-keys-changed', 'map-type-changed']);

/** What is said about a change, held against what it did to objects: one that should have broken and none did, or did and should not. */
export function verdictFaults<T extends Outcome>(
  all: readonly T[],
  rules: readonly CrdRuleId[],
): readonly { readonly what: string; readonly witness?: T }[] {
  const claims = (side: Side): boolean =>
    rules.some((rule) => CRD_RULES[rule].breaks.includes(side) && !SHOWN_BY_APPLY.has(rule));
  const harmless = rules.every((rule) => ['additive', 'neutral'].includes(CRD_RULES[rule].verdict));
  const own = all.filter(({ unknown }) => !unknown);
  const [written, lost] = [own.filter(breaksWriters), own.filter(breaksReaders)];
  const [witness] = [...written, ...lost];
  return [
    ...(claims('writers') && written.length === 0 ? [{ what: 'said to break writers, and breaks none' }] : []),
    ...(claims('readers') && lost.length === 0 && !own.some(isNewToReaders)
      ? [{ what: 'said to break readers, and breaks none' }]
      : []),
    ...(harmless && witness ? [{ what: 'said to be harmless, and breaks', witness }] : []),
  ];
}

/** What we expect to become of an object with one field `x`, which is left out where the value is undefined. */
export function expected({ old, now }: SchemaCase): (value: unknown) => Outcome {
  const [before, after] = [schemaOf(old), schemaOf(now)];
  return (value) => {
    const sent = value === undefined ? {} : { x: value };
    const stored = taken(sent, before);
    const read = stored === undefined ? undefined : decode(stored, after).value;
    const again = read !== undefined && taken(read, after) !== undefined;
    const unknown = stored !== undefined && decode(sent, before).dropped.length > 0;
    return { unknown, before: stored, after: taken(sent, after), read, again };
  };
}

const schemaOf = (field: Json): SchemaNode => readSchema({ properties: { x: field } });

function taken(sent: unknown, schema: SchemaNode): unknown {
  const { value } = decode(sent, schema);
  return validate(value, schema).violations.length === 0 ? value : undefined;
}

const OF_EACH_WAY = 6;

/** Of very many values those that tell most: of each way in which a change may treat one only a few. */
export function telling(change: SchemaCase): readonly unknown[] {
  const outcomeOf = expected(change);
  const all = unique([undefined, ...interleave(values(change.old), values(change.now))]);
  const chosen = new Map<string, unknown[]>();
  for (const value of all) {
    const outcome = outcomeOf(value);
    const { unknown, before, after, read } = outcome;
    const way = JSON.stringify([
      unknown,
      before === undefined,
      after === undefined,
      isDeepStrictEqual(before, after),
      isDeepStrictEqual(before, read),
      breaksWriters(outcome),
      breaksReaders(outcome),
    ]);
    chosen.set(way, [...(chosen.get(way) ?? []), value]);
  }
  return [...chosen.values()].flatMap((ones) => ones.slice(0, OF_EACH_WAY));
}

const interleave = <T>(a: readonly T[], b: readonly T[]): readonly T[] =>
  Array.from({ length: Math.max(a.length, b.length) }, (_, at) => [
    ...a.slice(at, at + 1),
    ...b.slice(at, at + 1),
  ]).flat();

/** Whether everything of the first value stands in the second: fields may have been filled in. */
export function isWithin(part: unknown, whole: unknown): boolean {
  if (Array.isArray(part))
    return (
      Array.isArray(whole) && part.length === whole.length && part.every((item, index) => isWithin(item, whole[index]))
    );
  if (typeof part !== 'object' || part === null) return Object.is(part, whole);
  if (typeof whole !== 'object' || whole === null || Array.isArray(whole)) return false;
  return Object.entries(part).every(
    ([key, value]) => Object.hasOwn(whole, key) && isWithin(value, (whole as Json)[key]),
  );
}
