import { stringAt, valueAt } from '../kubernetes/json-value.ts';
import type { ClusterReader, ReadTrouble } from '../model/cluster-reader.ts';
import { groupOf } from '../model/object.ts';
import type { Content } from './content.ts';

/**
 * The version in which a custom resource is served instead of the one that was asked for, as another release of its CRD
 * may do; `none` where no version is: then it has no objects.
 */
export async function servedElsewhere(
  reader: ClusterReader,
  { apiVersion, plural }: Pick<Content, 'apiVersion' | 'plural'>,
): Promise<{ readonly apiVersion: string } | 'none' | { readonly trouble: ReadTrouble }> {
  const group = await reader.get(`/apis/${groupOf(apiVersion)}`);
  if ('trouble' in group) return isAbsent(group.trouble) ? 'none' : group;
  for (const version of texts(group.value, 'versions', 'groupVersion')) {
    const found = await reader.get(`/apis/${version}`);
    if ('trouble' in found) {
      if (isAbsent(found.trouble)) continue;
      return found;
    }
    if (texts(found.value, 'resources', 'name').includes(plural)) return { apiVersion: version };
  }
  return 'none';
}

const isAbsent = ({ reason }: ReadTrouble): boolean => reason === 'not-served' || reason === 'not-found';

function texts(value: unknown, list: string, field: string): readonly string[] {
  const items = valueAt(value, list);
  return Array.isArray(items) ? items.flatMap((item) => stringAt(item, field) ?? []) : [];
}
