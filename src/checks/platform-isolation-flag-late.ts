import { orgOfWorkload } from '../kubernetes/platform-component.ts';
import { defineCheck, type View } from '../model/check.ts';
import type { Evidence } from '../model/finding.ts';
import type { Workload } from '../model/kinds.ts';
import type { Tenant } from '../model/platform.ts';
import { RESOURCES } from '../model/resource.ts';
import { count, shellQuote } from '../model/text.ts';
import { manual } from './drafting.ts';
import { isolationIsOn } from './platform-release.ts';

/** What crews consist of and can be scaled: the rest of an orphan is told by the checks on workloads. */
const CREWS = ['deployments.apps', 'statefulsets.apps'] as const;
type Eyes = View<(typeof CREWS)[number]>;
const SHOWN = 10;

export default defineCheck({
  id: 'platform-isolation-flag-late',
  title: 'Isolation was enabled before the first crew was provisioned',
  severity: 'high',
  area: 'platform',
  platforms: ['crewai'],
  reads: CREWS,
  *run(view) {
    const { isolation, sharedNamespace, platformNamespace, components, tenants } = view.platform;
    if (!isolationIsOn(view)) return;
    view.examined();
    const selected = new Set(tenants.map(({ id }) => id));
    const stranded = crewsIn(view, sharedNamespace).filter((crew) => selected.has(orgOfWorkload(crew) ?? ''));
    if (stranded.length === 0) return;
    const isolated = tenants.flatMap(({ namespace }) => crewsIn(view, namespace));
    const oldest = isolated.map(createdAt).sort()[0];
    const { apiVersion, kind } = RESOURCES.namespaces;
    const web = components.find(({ name }) => name === 'web')?.deployment.metadata.name ?? 'crewai-web';
    yield {
      object: { apiVersion, kind, name: sharedNamespace },
      message: `Isolation is on, and ${count(stranded.length, 'crew workload')} of ${count(new Set(stranded.map(orgOfWorkload)).size, 'organization')} still run in ${sharedNamespace}, where the platform neither updates nor deletes them`,
      confidence: isolation.confidence,
      ...(oldest ? { since: oldest } : {}),
      evidence: [
        { type: 'comparison', message: isolation.why },
        ...perOrganization(tenants, stranded, isolated),
        ...timesOf(sharedNamespace, stranded, oldest),
      ],
      remediation: manual(
        'Provision every crew again, so that it runs in its org namespace, then remove what was left behind',
        '# redeploy every crew from the CrewAI UI, the Studio Assistant and Runner included: their probes already go to the org namespaces',
        `kubectl -n ${sharedNamespace} get deployments,statefulsets`,
        '# scale what is left there to 0 once its copy in the org namespace is ready: workload-orphaned names it',
        '# or switch the flag back, which orphans what runs in the org namespaces instead:',
        `# kubectl exec -n ${platformNamespace} deploy/${shellQuote(web)} -- bin/rails runner "Flipper.disable(:k8s_namespace_isolation)"`,
      ),
    };
  },
});

function crewsIn(view: Eyes, namespace: string): readonly Workload[] {
  return CREWS.flatMap((resource) => view.list(resource, namespace)).filter(
    (workload) => orgOfWorkload(workload) !== undefined && (workload.spec?.replicas ?? 1) > 0,
  );
}

const createdAt = ({ metadata }: Workload): string => metadata.creationTimestamp ?? '';

function perOrganization(
  tenants: readonly Tenant[],
  stranded: readonly Workload[],
  isolated: readonly Workload[],
): readonly Evidence[] {
  const shared = tally(stranded.map(orgOfWorkload));
  const own = tally(isolated.map(({ metadata }) => metadata.namespace));
  const lines = tenants.flatMap(({ id, namespace }): readonly string[] => {
    const here = shared.get(id) ?? 0;
    const there = own.get(namespace) ?? 0;
    if (here === 0) return [];
    return [
      `organization ${id}: ${String(here)} in the shared namespace${there === 0 ? ' only' : `, ${String(there)} in ${namespace}`}`,
    ];
  });
  const rest = lines.length - SHOWN;
  return [...lines.slice(0, SHOWN), ...(rest > 0 ? [`and ${count(rest, 'more organization')}`] : [])].map(
    (message) => ({
      type: 'comparison',
      message,
    }),
  );
}

function tally(values: readonly (string | undefined)[]): ReadonlyMap<string | undefined, number> {
  const counts = new Map<string | undefined, number>();
  for (const value of values) counts.set(value, (counts.get(value) ?? 0) + 1);
  return counts;
}

/** A crew that is newer in the shared namespace than the oldest in any other one was not left behind, it was put there. */
function timesOf(shared: string, stranded: readonly Workload[], oldest: string | undefined): readonly Evidence[] {
  const newest = stranded.map(createdAt).sort().at(-1);
  if (!newest || !oldest) return [];
  const message = `newest crew in ${shared} of ${newest}, oldest in an org namespace of ${oldest}`;
  const hint = newest > oldest ? '; the flag may have been switched back, or be on for some organizations only' : '';
  return [{ type: 'comparison', message: message + hint }];
}
