import { eventTime } from '../kubernetes/event.ts';
import { levelText, securityPolicyOf, serverMinor, type LevelVersion } from '../kubernetes/pod-security-labels.ts';
import { securityViolations, violationsText, type SecurityViolation } from '../kubernetes/pod-security.ts';
import { podTemplateOf } from '../kubernetes/owners.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { podSpecPath } from '../kubernetes/secret-uses.ts';
import { defineCheck, type View } from '../model/check.ts';
import type { Evidence, FindingDraft } from '../model/finding.ts';
import { WORKLOADS } from '../model/resource.ts';
import { PLATFORM_IDS } from '../model/platform.ts';
import { count } from '../model/text.ts';
import { judgedNamespaces, manual } from './drafting.ts';
import { isFinished, subjectsIn, type Subject } from './workload-subjects.ts';

type Eyes = View<'namespaces' | (typeof WORKLOADS)[number] | 'replicasets.apps' | 'events'>;

export default defineCheck({
  id: 'pod-security-violated',
  title: 'Pods satisfy the Pod Security level that their namespace enforces',
  severity: 'high',
  area: 'security',
  platforms: PLATFORM_IDS,
  reads: ['namespaces', ...WORKLOADS],
  evidence: ['replicasets.apps', 'events'],
  *run(view) {
    const { origin } = view;
    const server = serverMinor(origin.from === 'manifests' ? undefined : origin.kubernetes);
    for (const namespace of judgedNamespaces(view.platform)) {
      const found = view.find('namespaces', namespace);
      if (typeof found === 'string') continue;
      const { enforce } = securityPolicyOf(found);
      // Without a label the server's own default holds, which is to allow everything unless it was configured.
      if (!enforce || enforce.level === 'privileged') continue;
      for (const subject of subjectsIn(view, namespace)) {
        view.examined();
        const template = podTemplateOf(subject.resource, subject.object);
        const violations = securityViolations(template ?? { spec: subject.spec }, enforce, server);
        if (violations.length > 0) yield finding(view, namespace, subject, { enforce, violations });
      }
    }
  },
});

interface Verdict {
  readonly enforce: LevelVersion;
  readonly violations: readonly SecurityViolation[];
}

function finding(view: Eyes, namespace: string, subject: Subject, { enforce, violations }: Verdict): FindingDraft {
  const { ref, resource, pods } = subject;
  const refusals = refusalsOf(view, namespace, subject);
  const living = pods.filter((pod) => !isFinished(pod)).length;
  // The API server judges pods when they are made: those that are there are older than the label, or exempt.
  const older = living > 0 && refusals.length === 0;
  const text = violationsText(violations);
  return {
    object: ref,
    path: podSpecPath(resource),
    message: `${ref.kind} ${ref.name} in ${namespace} violates PodSecurity "${levelText(enforce)}": ${text}`,
    severity: older ? 'medium' : 'high',
    // Users, runtime classes and namespaces may be exempt by the server's own configuration.
    confidence: refusals.length > 0 ? 'certain' : 'likely',
    evidence: [
      {
        type: 'comparison',
        object: ref,
        path: podSpecPath(resource),
        observed: violations.map(({ control }) => control),
        expected: levelText(enforce),
        message: older
          ? `${count(living, 'pod')} from before, or exempt; the next one is refused`
          : 'new pods are refused',
      },
      ...refusals.slice(0, SHOWN),
    ],
    keys: { namespace, object: `${ref.kind}/${namespace}/${ref.name}` },
    remediation: manual(
      'Give the pods the security context that the level asks for, or the namespace another level',
      ...violations.map(({ reason, detail }) => `# ${reason}: ${detail}`),
      `kubectl -n ${namespace} get ${ref.kind.toLowerCase()} ${ref.name} -o yaml`,
      `kubectl get namespace ${namespace} --show-labels`,
    ),
  };
}

const SHOWN = 2;

/** Events in which the API server refused a pod of this workload, which the maker of the pods reports. */
function refusalsOf(view: Eyes, namespace: string, { ref }: Subject): readonly Evidence[] {
  return view.evidence('events', namespace).flatMap((event): readonly Evidence[] => {
    const { message = '', involvedObject } = event;
    if (!message.includes('violates PodSecurity') || !isOf(involvedObject, ref)) return [];
    const lastAt = eventTime(event);
    return [{ type: 'event', object: refOf('events', event), message, ...(lastAt === undefined ? {} : { lastAt }) }];
  });
}

/** The workload itself, or a ReplicaSet or Job that it made, whose name extends its own. */
function isOf(involved: { readonly kind?: string; readonly name?: string } | undefined, ref: Subject['ref']): boolean {
  if (involved?.kind === ref.kind) return involved.name === ref.name;
  const maker = { Deployment: 'ReplicaSet', CronJob: 'Job' }[ref.kind];
  return maker === involved?.kind && involved?.name?.replace(/-[^-]*$/, '') === ref.name;
}
