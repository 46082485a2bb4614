import type { Place, SchemaChange } from './crd-compare-schema.ts';
import type { CelRule, SchemaNode } from './crd-schema.ts';
import { sameJson } from './json-value.ts';

/** Rules in CEL, by their text. */
export function compareCel({ path, old, new: now }: Place): readonly SchemaChange[] {
  if (sameJson(old.validations, now.validations)) return [];
  const added = missing(now.validations, old.validations);
  const removed = missing(old.validations, now.validations);
  // A rule that is gone while another came may be the same one in other words.
  if (added.length > 0 && removed.length > 0)
    return [{ path, rule: 'cel-changed', before: texts(removed), after: texts(added) }];
  if (added.length > 0) return [{ path, rule: 'cel-added', after: texts(added) }];
  if (removed.length > 0) return [{ path, rule: 'cel-removed', before: texts(removed) }];
  return [{ path, rule: 'cel-message-changed' }];
}

/** Also with another look at the old object (`optionalOldSelf`) a rule decides otherwise. */
const meaning = ({ rule, optionalOldSelf = false }: CelRule): unknown => [rule, optionalOldSelf];

function missing(rules: readonly CelRule[], from: readonly CelRule[]): readonly CelRule[] {
  return rules.filter((rule) => !from.some((other) => sameJson(meaning(other), meaning(rule))));
}

const texts = (rules: readonly CelRule[]): readonly string[] => rules.map(({ rule }) => rule);

/** allOf, anyOf, oneOf and not. */
export function compareAlternatives({ path, old, new: now }: Place): readonly SchemaChange[] {
  return [
    ...compareList({ path, keyword: 'allOf', old: old.allOf, now: now.allOf }),
    ...compareList({ path, keyword: 'anyOf', old: anyOf(old), now: anyOf(now) }),
    ...compareList({ path, keyword: 'oneOf', old: old.oneOf, now: now.oneOf }),
    ...compareList({ path, keyword: 'not', old: old.not ? [old.not] : [], now: now.not ? [now.not] : [] }),
  ];
}

/** Without the pair that only repeats what `x-kubernetes-int-or-string` says (schema/validation.go). */
function anyOf({ anyOf: schemas, intOrString }: SchemaNode): readonly SchemaNode[] {
  const types = schemas.map(({ type }) => type).sort();
  return intOrString && sameJson(types, ['integer', 'string']) ? [] : schemas;
}

interface Alternatives {
  readonly path: string;
  readonly keyword: 'allOf' | 'anyOf' | 'oneOf' | 'not';
  readonly old: readonly SchemaNode[];
  readonly now: readonly SchemaNode[];
}

function compareList({ path, keyword, old, now }: Alternatives): readonly SchemaChange[] {
  const [before, after] = [old.map(essence), now.map(essence)];
  const added = after.filter((text) => !before.includes(text)).length;
  const removed = before.filter((text) => !after.includes(text)).length;
  if (added === 0 && removed === 0) return [];
  const rule = ruleFor(keyword, { added, removed, before: before.length, after: after.length });
  return [{ path, rule, reason: `${keyword}: ${added} added, ${removed} removed` }];
}

interface Counts {
  readonly added: number;
  readonly removed: number;
  readonly before: number;
  readonly after: number;
}

/** More of allOf accept less, more of anyOf accept more; of oneOf and not nothing can be said. */
function ruleFor(keyword: Alternatives['keyword'], { added, removed, before, after }: Counts): SchemaChange['rule'] {
  if (before === 0) return 'alternatives-added';
  if (after === 0) return 'alternatives-removed';
  if (keyword === 'oneOf' || keyword === 'not' || (added > 0 && removed > 0)) return 'alternatives-changed';
  return (keyword === 'allOf') === added > 0 ? 'alternatives-added' : 'alternatives-removed';
}

/** A schema as text, without words for people; maps as lists, in order. */
function essence(node: SchemaNode): string {
  return JSON.stringify(node, (key, value: unknown) => {
    if (key === 'documentation') return undefined;
    if (value instanceof Map) return [...(value as Map<string, unknown>)].sort(([a], [b]) => (a < b ? -1 : 1));
    return value;
  });
}
