import { orgOfWorkload } from '../kubernetes/platform-component.ts';
import { workloadStatus } from '../kubernetes/workload-status.ts';
import { crewOfName, namespaceOfOrg, orgOfBuildPod } from '../kubernetes/tenant-names.ts';
import { defineCheck, type CrewaiView } from '../model/check.ts';
import type { Evidence, FindingDraft } from '../model/finding.ts';
import { count } from '../model/text.ts';
import { agreeing, atMost, claimsOfWorkload, isOfRelease, isSelected, orgOfClaims, weakest } from './crew-objects.ts';
import { ROUTE_EVIDENCE, routesTo, type Routes } from './crew-routes.ts';
import { ageOf, HOUR } from './drafting.ts';
import { orphanFix } from './orphan-fix.ts';
import { retireCrew, type Orphan, type Twin } from './orphan-steps.ts';
import { ownedBy } from './owned.ts';
import { isolationIsOn } from './platform-release.ts';
import { ROOT_READS, rootWorkloads, type RootResource, type RootWorkload } from './root-workloads.ts';
import { isFinished } from './workload-subjects.ts';

type OrphanView = CrewaiView<RootResource | (typeof ROUTE_EVIDENCE)[number] | 'secrets'>;

export default defineCheck({
  id: 'workload-orphaned',
  title: 'No crew runs in the shared namespace while isolation is on',
  severity: 'high',
  area: 'workload',
  platforms: ['crewai'],
  reads: ROOT_READS,
  evidence: [...ROUTE_EVIDENCE, 'secrets'],
  causes: [{ check: 'platform-isolation-flag-late', by: ['platform'] }],
  *run(view) {
    const { isolation, sharedNamespace } = view.platform;
    const crews = rootWorkloads(view, sharedNamespace).flatMap((root) => crewOf(view, root) ?? []);
    if (isolation.state === 'on') view.examined();
    // Where no crew is, it does not matter what the flag says.
    if (crews.length === 0 || !isolationIsOn(view)) return;
    const firstElsewhere = oldestInTenants(view);
    for (const crew of crews) {
      view.examined();
      yield finding(view, crew, firstElsewhere);
    }
  },
});

function crewOf({ platform, now }: OrphanView, root: RootWorkload): Orphan | undefined {
  const claims = claimsOfWorkload(root);
  const org = orgOfClaims(claims);
  if (org === undefined || !isSelected(platform, org)) return undefined;
  if (root.object && isOfRelease(platform, root.object)) return undefined;
  if (isBuild(root) && (isStopped(root) || (ageOf(createdAt(root), now) ?? 0) < 2 * HOUR)) return undefined;
  return { root, org, claims, home: namespaceOfOrg(platform.sharedNamespace, org) };
}

/** Builds may run in the shared namespace, and end by themselves within two hours. */
function isBuild({ ref, object }: RootWorkload): boolean {
  return orgOfBuildPod(ref.name) !== undefined || object?.metadata.labels?.app === 'buildkit-build';
}

const createdAt = ({ object, pods }: RootWorkload): string | null | undefined =>
  (object ?? pods[0])?.metadata.creationTimestamp;

/** Nothing of it runs, and nothing will until somebody scales or resumes it. */
function isStopped({ resource, object, pods }: RootWorkload): boolean {
  if (pods.some((pod) => !isFinished(pod))) return false;
  if (!object || !resource || resource === 'pods') return true;
  const status = workloadStatus(resource, object);
  if (resource === 'jobs.batch' && status?.state === 'failing') return true;
  return status?.state === 'idle' && status.reason !== 'paused';
}

/** The workload of the same kind and name in the organization's namespace; pods' names are never the same twice. */
function twinOf(view: OrphanView, { root, home }: Orphan): Twin {
  const { resource, ref } = root;
  if (!resource || resource === 'pods') return 'absent';
  const found = view.find(resource, ref.name, home);
  if (found === 'absent' || found === 'unknown') return found;
  return workloadStatus(resource, found)?.state === 'ready' ? 'ready' : 'not ready';
}

function finding(view: OrphanView, orphan: Orphan, firstElsewhere: string | undefined): FindingDraft {
  const { root, org, claims, home } = orphan;
  const { isolation, sharedNamespace } = view.platform;
  const twin = twinOf(view, orphan);
  const stopped = isStopped(root);
  const created = createdAt(root);
  const isNewer = firstElsewhere !== undefined && created != null && created > firstElsewhere;
  const confidence = weakest(
    isolation.confidence,
    agreeing(claims),
    twin === 'ready' || stopped ? 'certain' : 'likely',
    isNewer ? 'likely' : 'certain',
  );
  const routes = routesTo(view, sharedNamespace, root);
  const remediation = retireCrew(view.platform, orphan, { twin, stopped, routes });
  const fix = orphanFix(view, orphan, { twin, stopped, routes, confidence });
  return {
    object: root.ref,
    message: `${root.ref.kind} ${root.ref.name} of organization ${org} ${stopped ? 'is left, stopped,' : 'still runs'} in ${sharedNamespace}; ${TWINS[twin]} in ${home}`,
    severity: stopped ? 'info' : atMost('high', confidence),
    confidence,
    tenant: home,
    ...(created ? { since: created } : {}),
    evidence: evidenceOf(orphan, twin, routes, isNewer, isolation.why),
    keys: { namespace: [sharedNamespace, home], object: `${root.ref.kind}/${sharedNamespace}/${root.ref.name}` },
    remediation: root.object ? ownedBy(view, root.object, remediation) : remediation,
    ...(fix ? { fix } : {}),
  };
}

const TWINS: Readonly<Record<Twin, string>> = {
  ready: 'one of the same name is ready',
  'not ready': 'one of the same name is not ready',
  absent: 'there is none of that name',
  unknown: 'whether there is one could not be seen',
};

function evidenceOf(
  { root, claims, home }: Orphan,
  twin: Twin,
  routes: Routes,
  isNewer: boolean,
  why: string,
): readonly Evidence[] {
  const { ref, resource, object, pods } = root;
  const wanted = object && resource ? workloadStatus(resource, object)?.wanted : undefined;
  const studio = crewOfName(ref.name)?.slug.includes('studio');
  return [
    {
      type: 'object',
      object: ref,
      observed: claims,
      message: `${wanted === undefined ? '' : `${count(wanted, 'replica')} wanted, `}${count(pods.length, 'pod')}; organization by ${Object.keys(claims).join(' and ')}`,
    },
    twin === 'absent' || twin === 'unknown'
      ? { type: 'absence', object: { ...ref, namespace: home, absent: true }, message: `replacement: ${twin}` }
      : { type: 'object', object: { ...ref, namespace: home }, message: `replacement: ${twin}` },
    ...routes.evidence,
    ...(studio ? [{ type: 'discovery' as const, message: "by its name, Studio's Assistant or Runner" }] : []),
    ...(isNewer
      ? [
          {
            type: 'discovery' as const,
            message: 'newer than the first crew in an org namespace: isolation may be off again, or on for some only',
          },
        ]
      : []),
    { type: 'discovery', message: `isolation is on: ${why}` },
  ];
}

/** When the first crew that still runs in any tenant's namespace was made. */
function oldestInTenants(view: OrphanView): string | undefined {
  return view.platform.allTenants
    .flatMap(({ namespace }) => view.evidence('deployments.apps', namespace))
    .filter((deployment) => orgOfWorkload(deployment) !== undefined)
    .flatMap(({ metadata }) => metadata.creationTimestamp ?? [])
    .sort()[0];
}
