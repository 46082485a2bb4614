import type { Place, SchemaChange } from './crd-compare-schema.ts';
import { childPath } from './crd-schema.ts';
import { sameJson } from './json-value.ts';

export function compareNull({ path, old, new: now, root, demanded }: Place): readonly SchemaChange[] {
  // The object itself is never null.
  if (root || old.nullable === now.nullable) return [];
  // No list of values holds null for the API server (kube-openapi basicCommonValidator).
  const listed = ((now.nullable ? now : old).enum ?? []).length > 0;
  if (!listed) return [{ path, rule: now.nullable ? 'nullable-added' : 'nullable-removed' }];
  const refusedAnyway = now.nullable
    ? demanded.old && old.default === undefined
    : demanded.new && now.default === undefined;
  if (refusedAnyway) return [{ path, rule: 'limit-without-effect', reason: 'null was and is refused' }];
  return now.nullable
    ? [{ path, rule: 'null-refused' }]
    : [{ path, rule: 'limit-loosened', reason: 'the enum refused null, now it is dropped' }];
}

export function compareDefaults({ path, old, new: now, root }: Place): readonly SchemaChange[] {
  // A default of the whole object has nothing to fill.
  if (root || sameJson(old.default, now.default)) return [];
  const words = { path, before: old.default, after: now.default };
  if (old.default === undefined) return [{ ...words, rule: 'default-added' }];
  if (now.default === undefined) return [{ ...words, rule: 'default-removed' }];
  return [{ ...words, rule: 'default-changed' }];
}

/** Fields that must be there, or no longer. */
export function compareRequired({ path, old, new: now }: Place): readonly SchemaChange[] {
  const added = now.required.filter((name) => !old.required.includes(name));
  const removed = old.required.filter((name) => !now.required.includes(name));
  return [
    ...added.map((name): SchemaChange => {
      // Defaults come before validation: a field with one is always there.
      const filled = now.properties.get(name)?.default !== undefined;
      return { path: childPath(path, name), rule: filled ? 'required-defaulted' : 'required-added' };
    }),
    ...removed.map((name): SchemaChange => ({ path: childPath(path, name), rule: 'required-removed' })),
  ];
}
