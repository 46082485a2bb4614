import { stringAt, valueAt } from '../kubernetes/json-value.ts';
import { isNotServed, type Problem } from './reply.ts';
import type { Query } from './queries.ts';
import type { Transport } from './transport.ts';

/** The version that is served instead of the one that was asked for, `none` where no version is, else why that is not known. */
export type Served = { readonly apiVersion: string } | 'none' | { readonly problem: Problem };

/**
 * Looks in the discovery documents of a group (`/apis/GROUP`, `/apis/GROUP/VERSION`) for a version in which a custom
 * resource is served: another release of its CRD may serve an older or a newer one.
 */
export async function servedVersion(
  transport: Transport,
  { group, plural }: Pick<Query, 'group' | 'plural'>,
  signal: AbortSignal | undefined,
): Promise<Served> {
  const found = await transport.send({ purpose: 'get', path: `/apis/${group}`, signal });
  if (!found.ok) return isNotServed(found.problem) ? 'none' : { problem: found.problem };
  for (const apiVersion of texts(found.body, 'versions', 'groupVersion')) {
    const version = await transport.send({ purpose: 'get', path: `/apis/${apiVersion}`, signal });
    if (!version.ok) {
      if (isNotServed(version.problem)) continue;
      return { problem: version.problem };
    }
    if (texts(version.body, 'resources', 'name').includes(plural)) return { apiVersion };
  }
  return 'none';
}

function texts(body: unknown, list: string, field: string): readonly string[] {
  const items = valueAt(body, list);
  return Array.isArray(items) ? items.flatMap((item) => stringAt(item, field) ?? []) : [];
}
