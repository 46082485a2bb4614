import type { KubeObject } from '../model/object.ts';
import { all, itemsById, objectsOfList, readBundle } from './bundle-reader.ts';
import { isGap } from './format.ts';
import { parseListId } from './paths.ts';

/** What one of our bundles holds of some kinds. */
export interface HeldKinds {
  readonly objects: readonly KubeObject[];
  /** Kinds (`tenants.opencrane.io`) that it holds, and whether all of their objects. */
  readonly kinds: ReadonlyMap<string, 'whole' | 'partly'>;
}

/**
 * The objects of the kinds that `wanted` takes, by `plural.group`.
 * @throws CrewisoError (4) for what is no bundle of ours, or was changed
 */
export async function objectsInBundle(file: string, wanted: (kind: string) => boolean): Promise<HeldKinds> {
  const objects: KubeObject[] = [];
  const { manifest } = await readBundle(file, async (entry, plan) => {
    const item = plan.items.find(({ path }) => path === entry.path);
    const resource = item && parseListId(item.id)?.resource;
    if (resource !== undefined && wanted(resource)) objects.push(...objectsOfList(await all(entry), entry.path));
  });
  const kinds = new Map<string, 'whole' | 'partly'>();
  for (const [id, item] of itemsById(manifest)) {
    const resource = parseListId(id)?.resource;
    if (resource === undefined || !wanted(resource)) continue;
    const whole = !isGap(item) && kinds.get(resource) !== 'partly' && manifest.only === undefined;
    kinds.set(resource, whole ? 'whole' : 'partly');
  }
  return { objects, kinds };
}
