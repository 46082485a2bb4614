import type { PlanItem } from './format.ts';
import { ELSEWHERE, listPath, logPath, parseListId, pathPart, type LogName } from './paths.ts';
import { FILES, FOLDERS } from './troubleshoot.ts';

/** Where the files of a bundle are: as docs/bundle-format.md says, or as tools for bundles of troubleshoot.sh look for them. */
export const LAYOUTS = ['crewiso', 'troubleshoot'] as const;
export type Layout = (typeof LAYOUTS)[number];

export interface Paths {
  list(resource: string, namespace?: string): string;
  log(name: LogName): string;
}

export const pathsOf = (layout: Layout): Paths =>
  layout === 'crewiso' ? { list: listPath, log: logPath } : { list: troubleshootList, log: troubleshootLog };

/** Beside what is read of such bundles (pkg/constants/constants.go of troubleshoot.sh). */
const FOLDER_OF: ReadonlyMap<string, string> = new Map([
  ...inverse(FOLDERS),
  ['endpointslices.discovery.k8s.io', 'endpointslices'],
  ['poddisruptionbudgets.policy', 'pod-disruption-budgets'],
]);
const FILE_OF: ReadonlyMap<string, string> = new Map([
  ...inverse(FILES),
  ['nodes', 'nodes'],
  ['persistentvolumes', 'pvs'],
  ['storageclasses.storage.k8s.io', 'storage-classes'],
  ['priorityclasses.scheduling.k8s.io', 'priorityclasses'],
  ['ingressclasses.networking.k8s.io', 'ingress-classes'],
  ['mutatingwebhookconfigurations.admissionregistration.k8s.io', 'mutating-webhook-configurations'],
  ['validatingwebhookconfigurations.admissionregistration.k8s.io', 'validating-webhook-configurations'],
]);

/** The first of several names is today's. */
function inverse(table: Readonly<Record<string, string>>): [string, string][] {
  return Object.entries(table)
    .map(([name, resource]): [string, string] => [resource, name])
    .reverse();
}

const ROOT = 'cluster-resources';

/** What troubleshoot.sh has no place for, such as the inventory of Secrets, is where our bundles have it. */
function troubleshootList(resource: string, namespace?: string): string {
  const folder = FOLDER_OF.get(resource);
  const file = FILE_OF.get(resource);
  if (namespace === undefined && file !== undefined) return `${ROOT}/${file}.json`;
  if (namespace === undefined || namespace === ELSEWHERE || folder === undefined) return listPath(resource, namespace);
  return `${ROOT}/${folder}/${pathPart(namespace)}.json`;
}

function troubleshootLog({ namespace, pod, container, previous }: LogName): string {
  // A container may be called web-previous; no name has a `~`.
  const file = `${pathPart(container)}${container.endsWith('-previous') ? '~' : ''}${previous ? '-previous' : ''}.log`;
  return `${ROOT}/pods/logs/${pathPart(namespace)}/${pathPart(pod)}/${file}`;
}

/** Answers that such tools look for. */
export const TROUBLESHOOT_ANSWERS: readonly PlanItem[] = [
  { id: 'get:bundle-version', path: 'version.yaml' },
  { id: 'get:cluster-version', path: 'cluster-info/cluster_version.json' },
  { id: 'get:groups', path: `${ROOT}/groups.json` },
  { id: 'get:resources', path: `${ROOT}/resources.json` },
];

/** What is made of a list besides: why some of it is missing, or all of it in one file. */
export interface View {
  readonly of: string;
  readonly shows: 'errors' | 'all';
}

/** What the id of a view names; undefined for other ids. */
export function parseViewId(id: string): View | undefined {
  const [, shows, of] = /^view:(errors|all)\/([^/]+)$/.exec(id) ?? [];
  return of === undefined ? undefined : { of, shows: shows as View['shows'] };
}

/** The list that an item is of, or is made of. */
export const listOf = (id: string): string | undefined => parseListId(id)?.resource ?? parseViewId(id)?.of;

/** Lists with the views of each behind it. */
export function withViews(lists: readonly PlanItem[]): readonly PlanItem[] {
  return lists.flatMap((item, index) => {
    const resource = listOf(item.id) ?? '';
    const next = lists[index + 1];
    return next && listOf(next.id) === resource ? [item] : [item, ...viewsOf(resource)];
  });
}

function viewsOf(resource: string): readonly PlanItem[] {
  const name = FOLDER_OF.get(resource) ?? FILE_OF.get(resource);
  if (name === undefined) return [];
  const errors = { id: `view:errors/${resource}`, path: `${ROOT}/${name}-errors.json` };
  return resource === 'namespaces'
    ? [{ id: 'view:all/namespaces', path: `${ROOT}/namespaces.json` }, errors]
    : [errors];
}
