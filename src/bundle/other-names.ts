import type { Plan, PlanItem } from './format.ts';
import { pathsOf, type Paths } from './layout.ts';
import { parseListId, parseLogId } from './paths.ts';
import type { Pseudonyms } from './redaction/pseudonyms.ts';

/** A path with pseudonyms in it. */
export const renamedPath = (path: string, pseudonyms: Pseudonyms): string =>
  Buffer.from(pseudonyms.replace(Buffer.from(path).toString('latin1'), false), 'latin1').toString('utf8');

/** A plan with pseudonyms, which says so. */
export function renamedPlan(plan: Plan, pseudonyms: Pseudonyms): Plan {
  const renamed = renamedValue(plan, pseudonyms);
  const paths = pathsOf(plan.layout ?? 'crewiso');
  const { only } = renamed;
  const { context } = plan.cluster;
  return {
    ...renamed,
    cluster: { ...renamed.cluster, ...(context !== undefined && { context: otherContext(context, pseudonyms) }) },
    pseudonyms: [...new Set([...(plan.pseudonyms ?? []), ...pseudonyms.kinds])].sort(),
    ...(only && { only: only.map((org) => pseudonyms.orgId(org)) }),
    items: renamed.items.map((item) => ({ ...item, path: pathOf(item, paths) })),
  };
}

/** The folder of a bundle is called after a context, which is made of hosts and users, in forms that are not looked for. */
export function renamedTop(top: string, pseudonyms: Pseudonyms): string {
  if (!tellsMore(pseudonyms)) return renamedPath(top, pseudonyms);
  const time = /-(\d{8}T\d{6}Z)/.exec(top)?.[0] ?? '';
  return `bundle-${pseudonyms.single(`top ${top}`)}${time}`;
}

const otherContext = (context: string, pseudonyms: Pseudonyms): string =>
  tellsMore(pseudonyms) ? `context-${pseudonyms.single(`context ${context}`)}` : renamedPath(context, pseudonyms);

const tellsMore = ({ kinds }: Pseudonyms): boolean => kinds.has('hosts') || kinds.has('users');

function renamedValue<T>(value: T, pseudonyms: Pseudonyms): T {
  const text = Buffer.from(JSON.stringify(value)).toString('latin1');
  return JSON.parse(Buffer.from(pseudonyms.replace(text, true), 'latin1').toString('utf8')) as T;
}

/** Where the item is under its new name: a long one is cut, and the digest of what it was would tell it. */
function pathOf({ id, path }: PlanItem, paths: Paths): string {
  const log = parseLogId(id);
  if (log) return paths.log(log);
  const list = parseListId(id);
  return list ? paths.list(list.resource, list.namespace) : path;
}
