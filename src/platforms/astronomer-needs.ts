import type { AccessRule } from '../model/access.ts';
import type { CommanderNeeds } from '../model/astronomer.ts';

/** Rights that Commander needs from one version of the platform on, until another one. */
interface Row {
  readonly since: string;
  readonly until?: string;
  readonly group: string;
  readonly resources: string;
  readonly verbs: string;
}

const row = (since: string, group: string, resources: string, verbs: string, until?: string): Row => ({
  since,
  group,
  resources,
  verbs,
  ...(until === undefined ? {} : { until }),
});

const RBAC = 'rbac.authorization.k8s.io';
const NETWORKING = 'networking.k8s.io';
/** The oldest version that knows pools. */
const FIRST = '0.25.0';
const ALL = 'create delete get list patch update watch';

/**
 * What the Roles of the chart astronomer grant in a namespace (charts/astronomer/templates/commander/commander-role.yaml,
 * v0.25 to v2.1), as far as a Role can grant it and Commander uses it. Left out: what is in no namespace (nodes,
 * nodes/proxy, persistentvolumes, tokenreviews, subjectaccessreviews, and namespaces but for the one itself), groups that
 * no API server has any more (extensions, keda.k8s.io, kubed.appscode.com), the right to delete the namespace, and what
 * only some features take (airflow.apache.org of the operator, external-secrets.io of the failover of data planes).
 */
const ROWS: readonly Row[] = [
  row(FIRST, '*', '*', 'list watch', '0.29.0'),
  row(FIRST, '', 'configmaps services', ALL),
  row(FIRST, '', 'secrets', `${ALL} deletecollection`),
  row(FIRST, '', 'namespaces', 'get update'),
  row('0.27.0', '', 'namespaces', 'patch'),
  row(FIRST, '', 'serviceaccounts', 'create delete get patch'),
  row('0.29.0', '', 'serviceaccounts', 'list watch'),
  row(FIRST, '', 'persistentvolumeclaims', 'create delete deletecollection get list update watch'),
  row('0.26.0', '', 'persistentvolumeclaims', 'patch'),
  row(FIRST, '', 'pods', 'get list watch'),
  row(FIRST, '', 'endpoints', 'create delete get list update watch'),
  row(FIRST, '', 'limitranges resourcequotas', 'create delete get list patch watch'),
  row(FIRST, '', 'replicationcontrollers', 'list watch'),
  row(FIRST, '', 'events', 'create delete patch'),
  row('0.29.0', '', 'events', 'list watch'),
  row(FIRST, 'apps', 'statefulsets', 'create delete get list patch watch'),
  row(FIRST, 'apps', 'daemonsets', 'create delete get patch'),
  row(FIRST, 'apps', 'deployments', 'create delete get patch update'),
  row(FIRST, 'autoscaling', 'horizontalpodautoscalers', 'list watch'),
  row(FIRST, 'batch', 'jobs', 'create delete list watch'),
  row(FIRST, 'batch', 'cronjobs', 'create delete get list patch watch'),
  row(FIRST, NETWORKING, 'ingresses networkpolicies', 'create delete get patch'),
  row('0.29.0', NETWORKING, 'ingresses networkpolicies', 'list watch'),
  row(FIRST, NETWORKING, 'ingresses/status', 'update'),
  row(FIRST, 'policy', 'poddisruptionbudgets', 'create delete get'),
  row('0.29.0', 'policy', 'poddisruptionbudgets', 'list watch'),
  row(FIRST, RBAC, 'roles', '*', '0.29.0'),
  row('0.29.0', RBAC, 'roles', `${ALL} deletecollection`),
  // Until then Commander gives Airflow's accounts more than it holds itself; after that it must hold all of it.
  row('0.29.0', RBAC, 'roles', 'bind escalate', '0.37.0'),
  row(FIRST, RBAC, 'rolebindings', 'create delete get patch'),
  row('0.29.0', RBAC, 'rolebindings', 'list watch'),
  row('0.34.2', 'policy', 'poddisruptionbudgets', 'patch'),
  row('0.35.0', 'batch', 'jobs', 'get'),
  row('0.36.0', '', 'configmaps', 'deletecollection'),
  row('0.37.0', '', 'pods', 'create delete patch'),
  row('0.37.0', '', 'pods/exec', 'create get'),
  row('0.37.0', '', 'pods/log', 'get list'),
  row('0.37.0', 'batch', 'jobs cronjobs', 'deletecollection'),
  row('1.1.0', '', 'pods', 'deletecollection'),
  row('2.0.0', 'apps', 'deployments', 'list watch'),
];

/** What Commander needs; `version` is what the Deployment says, if anything. */
export function commanderNeeds(version: string | undefined): CommanderNeeds {
  const running = version === undefined ? undefined : numbersOf(version);
  const later = [...new Set(ROWS.map(({ since }) => since))]
    .filter((since) => since !== FIRST)
    .sort((a, b) => compareVersions(numbersOf(a), numbersOf(b)));
  return {
    ...(running ? { version: rulesOf(ROWS.filter((candidate) => isInForce(candidate, running))) } : {}),
    always: rulesOf(ROWS.filter(({ since, until }) => since === FIRST && until === undefined)),
    later: later.map((since) => ({
      since,
      rules: rulesOf(ROWS.filter((candidate) => candidate.since === since && candidate.until === undefined)),
    })),
  };
}

function isInForce({ since, until }: Row, running: readonly number[]): boolean {
  if (compareVersions(numbersOf(since), running) > 0 && since !== FIRST) return false;
  return until === undefined || compareVersions(running, numbersOf(until)) < 0;
}

function rulesOf(rows: readonly Row[]): readonly AccessRule[] {
  return rows.flatMap(({ group, resources, verbs }) =>
    resources.split(' ').flatMap((resource) => verbs.split(' ').map((verb) => ({ verb, group, resource }))),
  );
}

/** The numbers of `0.37.2-rc1` or `v1.0`: what is no number does not count. */
function numbersOf(version: string): readonly number[] {
  const [, major = 0, minor = 0, patch = 0] = /^v?(\d+)\.(\d+)(?:\.(\d+))?/.exec(version) ?? [];
  return [major, minor, patch].map(Number);
}

function compareVersions(a: readonly number[], b: readonly number[]): number {
  return a.reduce((order, number, index) => order || number - (b[index] ?? 0), 0);
}
