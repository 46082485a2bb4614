import type { LabelSelector } from '../model/kinds.ts';

type Labels = Readonly<Record<string, string>>;

/** One condition on a label or field. `in` and `not-in` hold also for `=`, `==` and `!=`. */
export interface Requirement {
  readonly key: string;
  readonly operator: 'in' | 'not-in' | 'exists' | 'not-exists' | 'greater' | 'less';
  readonly values: readonly string[];
}

const OPERATORS: Readonly<Record<string, Requirement['operator']>> = {
  In: 'in',
  NotIn: 'not-in',
  Exists: 'exists',
  DoesNotExist: 'not-exists',
};

/**
 * Whether a selector object selects labels: matchLabels AND matchExpressions; null or absent selects nothing, `{}`
 * everything (apimachinery metav1.LabelSelectorAsSelector). An operator that the API server refuses selects nothing.
 */
export function selects(selector: LabelSelector | null | undefined, labels: Labels | null | undefined): boolean {
  if (!selector) return false;
  let requirements = parsed.get(selector);
  if (!requirements) {
    requirements = requirementsOf(selector);
    parsed.set(selector, requirements);
  }
  return requirements.every((requirement) => requirement !== undefined && meets(requirement, labels));
}

/** A selector is asked about many labels: among a thousand namespaces, a million times. */
const parsed = new WeakMap<LabelSelector, readonly (Requirement | undefined)[]>();

function requirementsOf({ matchLabels, matchExpressions }: LabelSelector): readonly (Requirement | undefined)[] {
  return [
    ...Object.entries(matchLabels ?? {}).map(([key, value]): Requirement => ({ key, operator: 'in', values: [value] })),
    ...(matchExpressions ?? []).map(({ key, operator, values }) => {
      const known = Object.hasOwn(OPERATORS, operator) ? OPERATORS[operator] : undefined;
      return known && { key, operator: known, values: values ?? [] };
    }),
  ];
}

/** Whether labels meet every requirement of a parsed selector. */
export function meetsAll(requirements: readonly Requirement[], labels: Labels | null | undefined): boolean {
  return requirements.every((requirement) => meets(requirement, labels));
}

/** labels.Requirement.Matches: negative operators hold for absent keys, comparisons only for integers. */
function meets({ key, operator, values }: Requirement, labels: Labels | null | undefined): boolean {
  const value = labels && Object.hasOwn(labels, key) ? labels[key] : undefined;
  switch (operator) {
    case 'exists':
      return value !== undefined;
    case 'not-exists':
      return value === undefined;
    case 'in':
      return value !== undefined && values.includes(value);
    case 'not-in':
      return value === undefined || !values.includes(value);
    case 'greater':
    case 'less':
      return compares(int64(value), operator, int64(values[0]));
  }
}

function compares(actual: bigint | undefined, operator: 'greater' | 'less', bound: bigint | undefined): boolean {
  if (actual === undefined || bound === undefined) return false;
  return operator === 'greater' ? actual > bound : actual < bound;
}

/**
 * Whether an object's fields meet a parsed field selector (fields.Selector.Matches).
 *
 * @param valueOf the value of a field, as text; the empty text for a field without one (fields.Set.Get)
 */
export function fieldsMeetAll(requirements: readonly Requirement[], valueOf: (field: string) => string): boolean {
  return requirements.every(({ key, operator, values }) => values.includes(valueOf(key)) === (operator === 'in'));
}

/** strconv.ParseInt(text, 10, 64). */
export function int64(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^[+-]?\d+$/.test(text)) return undefined;
  const value = BigInt(text.replace('+', ''));
  return BigInt.asIntN(64, value) === value ? value : undefined;
}
