import { eventCount, eventTime } from '../kubernetes/event.ts';
import { controllerOf, podTemplateOf, accountName } from '../kubernetes/owners.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type View } from '../model/check.ts';
import type { Evidence, FindingDraft, Remediation } from '../model/finding.ts';
import type { Event, Job } from '../model/kinds.ts';
import { PLATFORM_IDS } from '../model/platform.ts';
import { count, shellQuote } from '../model/text.ts';
import { claimsOfWorkload, isSelected, orgOfClaims } from './crew-objects.ts';
import { judgedNamespaces, manual } from './drafting.ts';
import { ROOT_READS, rootWorkloads, type RootResource, type RootWorkload } from './root-workloads.ts';
import { supersededBuilds } from './superseded-builds.ts';
import { objectKey } from './workload-subjects.ts';
import type { PodTrouble } from './pod-trouble.ts';
import { troubleOf, type Trouble, type TroubleContext } from './workload-trouble.ts';

type Eyes = View<RootResource | 'events'>;
const SHOWN = 3;

export default defineCheck({
  id: 'workload-not-progressing',
  title: 'Every workload reaches its wanted state',
  severity: 'high',
  area: 'workload',
  platforms: PLATFORM_IDS,
  reads: ROOT_READS,
  evidence: ['events'],
  causes: [
    { check: 'image-pull-failing', by: ['object'] },
    { check: 'forbidden-by-admission', by: ['object'] },
    { check: 'secret-reference-missing', by: ['object'] },
    { check: 'forbidden-by-rbac', by: ['namespace', 'account'] },
  ],
  *run(view) {
    for (const namespace of judgedNamespaces(view.platform)) yield* judge(view, namespace);
  },
});

function* judge(view: Eyes, namespace: string): Iterable<FindingDraft> {
  const roots = rootWorkloads(view, namespace);
  const context: TroubleContext = {
    now: view.now,
    podsKnown: view.complete('pods', namespace),
    jobs: jobsByCronJob(view.evidence('jobs.batch', namespace)),
  };
  const superseded = supersededBuilds(roots);
  for (const root of roots) {
    const org = orgOfClaims(claimsOfWorkload(root));
    if ((org !== undefined && !isSelected(view.platform, org)) || superseded.has(root)) continue;
    const trouble = troubleOf(root, context);
    if (trouble === 'unknown') {
      view.unknown(root.resource ?? 'pods', 'there is no status in what was read', namespace);
      continue;
    }
    view.examined();
    if (trouble) yield finding(view, root, namespace, trouble);
  }
}

function jobsByCronJob(jobs: readonly Job[]): ReadonlyMap<string, readonly Job[]> {
  const byName = new Map<string, Job[]>();
  for (const job of jobs) {
    const controller = controllerOf(job);
    if (controller?.kind !== 'CronJob') continue;
    byName.set(controller.name, [...(byName.get(controller.name) ?? []), job]);
  }
  return byName;
}

function finding(view: Eyes, root: RootWorkload, namespace: string, trouble: Trouble): FindingDraft {
  const { ref, pods } = root;
  const { account } = view.platform;
  const spec = (root.object && root.resource ? podTemplateOf(root.resource, root.object) : pods[0])?.spec;
  const accounts = [...(account ? [account] : []), { namespace, name: accountName(spec) }];
  return {
    object: ref,
    message: `${ref.kind} ${ref.name} in ${namespace} ${stateOf(root, trouble)}: ${reasonsOf(trouble)}`,
    confidence: 'certain',
    ...(trouble.since === undefined ? {} : { since: trouble.since }),
    evidence: [
      ...(trouble.message === undefined
        ? []
        : [{ type: 'condition' as const, object: ref, message: `${trouble.reason}: ${trouble.message}` }]),
      ...trouble.pods.slice(0, SHOWN).map(podEvidence),
      ...eventEvidence(view, root, namespace),
    ],
    // A refusal explains it, be it of the platform, which did not finish its work, or of the workload's own account.
    keys: {
      object: [ref, ...pods.map((pod) => refOf('pods', pod))].map(objectKey),
      account: accounts.map(({ namespace: home, name }) => `${home}/${name}`),
    },
    remediation: remediationOf(root, namespace, trouble),
  };
}

/** A deadline that passed says less than what the pods say. */
function reasonsOf({ reason, pods }: Trouble): string {
  return [...new Set([reason, ...pods.slice(0, 1).map((trouble) => trouble.reason)])].join(', ');
}

function stateOf({ resource }: RootWorkload, { status, pods }: Trouble): string {
  if (resource === 'jobs.batch' && status?.state === 'failing') return 'failed';
  if (resource === 'cronjobs.batch' && status) return 'failed in its last Job';
  if (resource === 'pods') return status ? 'failed' : 'does not get ready';
  if (status) return `has ${String(status.ready)} of ${String(status.wanted)} pods ready`;
  return `has ${count(pods.length, 'pod')} that ${pods.length === 1 ? 'does' : 'do'} not get ready`;
}

function podEvidence({ pod, reason, container, message }: PodTrouble): Evidence {
  const where = container === undefined ? '' : `container ${container}: `;
  return {
    type: 'condition',
    object: refOf('pods', pod),
    path: '/status',
    message: `${where}${reason}${message === undefined ? '' : `: ${message}`}`,
  };
}

/** The last warning about the workload, its ReplicaSets, Jobs or pods. */
function eventEvidence(view: Eyes, { ref, pods }: RootWorkload, namespace: string): readonly Evidence[] {
  const names = new Set([ref.name, ...pods.flatMap((pod) => [pod.metadata.name, controllerOf(pod)?.name ?? ref.name])]);
  for (const resource of ['replicasets.apps', 'jobs.batch'] as const) {
    for (const object of view.evidence(resource, namespace)) {
      const controller = controllerOf(object);
      if (controller?.kind === ref.kind && controller.name === ref.name) names.add(object.metadata.name);
    }
  }
  const last = view
    .evidence('events', namespace)
    .filter(({ type, involvedObject }) => type === 'Warning' && names.has(involvedObject?.name ?? ''))
    .reduce<Event | undefined>(
      (newest, event) => (newest && timeOf(newest) >= timeOf(event) ? newest : event),
      undefined,
    );
  if (!last) return [];
  const lastAt = eventTime(last);
  return [
    {
      type: 'event',
      object: refOf('events', last),
      message: `${last.reason ?? 'Warning'}: ${last.message ?? ''}`,
      count: eventCount(last),
      ...(lastAt === undefined ? {} : { lastAt }),
    },
  ];
}

const timeOf = (event: Event): string => eventTime(event) ?? '';

function remediationOf({ ref, resource }: RootWorkload, namespace: string, trouble: Trouble): Remediation {
  const [first] = trouble.pods;
  const describe = `kubectl -n ${namespace} describe ${ref.kind.toLowerCase()} ${shellQuote(ref.name)}`;
  const pod = first && shellQuote(first.pod.metadata.name);
  if (pod !== undefined && first?.reason === 'CrashLoopBackOff') {
    return manual(
      'Read the log of the container that crashes',
      `kubectl -n ${namespace} logs ${pod} -c ${shellQuote(first.container ?? '')} --previous`,
      describe,
    );
  }
  return manual(
    'Look at what keeps it from its wanted state, unless another finding already explains it',
    describe,
    ...(pod === undefined || resource === 'pods' ? [] : [`kubectl -n ${namespace} describe pod ${pod}`]),
  );
}
