import type { RawObject } from '../fixtures/crewai.ts';

type Fails<T> = (items: readonly T[]) => Promise<boolean>;

/** Fields of roles, rules and bindings that are lists. */
const LISTS = ['rules', 'subjects'] as const;
const RULE_LISTS = ['verbs', 'apiGroups', 'resources', 'resourceNames', 'nonResourceURLs'] as const;

/**
 * The least of these objects with which something still fails: first fewer objects, then fewer rules and subjects in
 * each, then fewer words in each rule.
 * @param fails tried with ever smaller sets; must hold for `objects` themselves
 */
export async function shrinkObjects(objects: readonly RawObject[], fails: Fails<RawObject>): Promise<RawObject[]> {
  let least = await fewer(objects, fails);
  for (const [index] of [...least.entries()]) {
    for (const field of LISTS) {
      least = await shrinkAt(least, index, [field], 0, fails);
      const rules = field === 'rules' ? listAt(least[index], ['rules']) : undefined;
      for (const at of rules?.keys() ?? [])
        for (const list of RULE_LISTS) least = await shrinkAt(least, index, ['rules', at, list], 1, fails);
    }
  }
  return least;
}

/** One list of one object made shorter, never below `atLeast`. */
async function shrinkAt(
  objects: RawObject[],
  index: number,
  path: readonly (string | number)[],
  atLeast: number,
  fails: Fails<RawObject>,
): Promise<RawObject[]> {
  const list = listAt(objects[index], path);
  if (!list || list.length <= atLeast) return objects;
  const withList = (items: readonly unknown[]): RawObject[] =>
    objects.with(index, replaced(objects[index], path, items) as RawObject);
  const left = await fewer(list, async (items) => items.length >= atLeast && fails(withList(items)));
  return withList(left);
}

/** Delta debugging: leaves out ever smaller pieces for as long as it still fails, until no single item can go. */
export async function fewer<T>(items: readonly T[], fails: Fails<T>): Promise<T[]> {
  let left = [...items];
  let size = Math.ceil(left.length / 2);
  while (size >= 1 && left.length > 0) {
    let shrunk = false;
    for (let start = 0; start < left.length;) {
      const rest = left.toSpliced(start, size);
      if (await fails(rest)) {
        left = rest;
        shrunk = true;
      } else start += size;
    }
    if (size > 1) size = Math.ceil(size / 2);
    else if (!shrunk) break;
  }
  return left;
}

function listAt(value: unknown, path: readonly (string | number)[]): readonly unknown[] | undefined {
  let found = value;
  for (const key of path) found = (found as Record<string | number, unknown> | undefined)?.[key];
  return Array.isArray(found) ? (found as unknown[]) : undefined;
}

function replaced(value: unknown, [key, ...rest]: readonly (string | number)[], list: unknown): unknown {
  if (key === undefined) return list;
  const inner = (value as Record<string | number, unknown>)[key];
  if (Array.isArray(value)) return value.with(Number(key), replaced(inner, rest, list)) as unknown;
  return { ...(value as object), [key]: replaced(inner, rest, list) };
}
