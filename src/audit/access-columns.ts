import type { AccessRule } from '../model/access.ts';
import type { AccessMatrix } from '../model/access-document.ts';

/** What people call the resources that belong together; every other resource is a column of its own. */
const COLUMN_OF: Readonly<Record<string, string>> = {
  'deployments.apps': 'deploy',
  'statefulsets.apps': 'deploy',
  'horizontalpodautoscalers.autoscaling': 'deploy',
  pods: 'pods',
  'pods/log': 'logs',
  events: 'logs',
  services: 'services',
  'ingresses.networking.k8s.io': 'services',
  secrets: 'secrets',
  configmaps: 'config',
  persistentvolumeclaims: 'config',
  'jobs.batch': 'jobs',
  'cronjobs.batch': 'jobs',
};
const ORDER = ['deploy', 'pods', 'logs', 'services', 'secrets', 'config', 'jobs'];

/** Permissions by column: in a fixed order, then whatever has no name of its own. */
export function columnsOf(rules: readonly AccessRule[]): AccessMatrix['columns'] {
  const byName = new Map<string, AccessRule[]>();
  for (const rule of rules) {
    const resource = resourceName(rule);
    const name = COLUMN_OF[resource] ?? resource;
    byName.set(name, [...(byName.get(name) ?? []), rule]);
  }
  const known = ORDER.filter((name) => byName.has(name));
  const others = [...byName.keys()].filter((name) => !ORDER.includes(name));
  return [...known, ...others].map((name) => ({ name, rules: byName.get(name) ?? [] }));
}

/** `deployments.apps`, `pods/log`, `deployments.apps/scale`. */
export function resourceName({ group, resource }: Pick<AccessRule, 'group' | 'resource'>): string {
  const [plural = '', ...sub] = resource.split('/');
  return [group === '' ? plural : `${plural}.${group}`, ...sub].join('/');
}
