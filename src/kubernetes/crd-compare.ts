import type { Crd, CrdVersion } from './crd.ts';
import { compareDefinitions } from './crd-compare-definition.ts';
import { compareSchemas, type SchemaChange } from './crd-compare-schema.ts';
import { CRD_RULES, type CrdChange, type Verdict } from './crd-rules.ts';

/** Two sets of CRDs, by name. */
export interface CrdSets {
  readonly old: readonly Crd[];
  readonly new: readonly Crd[];
}

/** Every difference between two sets of CRDs, in the order of names, versions and verdicts. */
export function compareCrdSets({ old, new: now }: CrdSets): readonly CrdChange[] {
  const names = [...new Set([...old, ...now].map(({ name }) => name))].sort();
  return names.flatMap((name) => {
    const before = old.find((crd) => crd.name === name);
    const after = now.find((crd) => crd.name === name);
    if (before && after) return compareCrds(before, after);
    return [finish(name, undefined, { path: '', rule: after ? 'crd-added' : 'crd-removed' })];
  });
}

/** Every difference between two definitions of one kind, the gravest first. */
export function compareCrds(old: Crd, now: Crd): readonly CrdChange[] {
  const changes = compareDefinitions(old, now).map(({ version, ...change }) => finish(old.name, version, change));
  const schemas = now.versions.flatMap((after) => {
    const before = old.versions.find(({ name }) => name === after.name);
    return before ? compareVersionSchemas(before, after).map((change) => finish(old.name, after.name, change)) : [];
  });
  return [...changes, ...schemas].sort(byVerdict);
}

function compareVersionSchemas(before: CrdVersion, after: CrdVersion): readonly SchemaChange[] {
  // Nobody reads or writes in a version that is not served; what it prunes in the store is said of the storage version.
  if (!before.served && !before.storage) return [];
  if (!before.schema && !after.schema) return [];
  if (!before.schema || !after.schema) return [{ path: '', rule: 'schema-missing' }];
  return compareSchemas(before.schema, after.schema);
}

const ORDER: readonly Verdict[] = ['breaking', 'unknown', 'additive', 'neutral'];

function byVerdict(a: CrdChange, b: CrdChange): number {
  const order = ORDER.indexOf(a.verdict) - ORDER.indexOf(b.verdict);
  const key = ({ version = '', path, rule }: CrdChange): string => JSON.stringify([version, path, rule]);
  return order || (key(a) < key(b) ? -1 : key(a) > key(b) ? 1 : 0);
}

function finish(crd: string, version: string | undefined, change: SchemaChange): CrdChange {
  const { verdict, breaks, losesData = false, why, source } = CRD_RULES[change.rule];
  return {
    crd,
    ...(version !== undefined && { version }),
    path: change.path,
    rule: change.rule,
    verdict,
    breaks,
    losesData,
    ...(change.before !== undefined && { before: textOf(change.before) }),
    ...(change.after !== undefined && { after: textOf(change.after) }),
    reason: change.reason ? `${change.reason}; ${why}` : why,
    source,
  };
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));
