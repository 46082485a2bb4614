import { parseImageReference } from '../kubernetes/image-reference.ts';
import { pullFailures, type PullClass, type PullFailure } from '../kubernetes/image-pull.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck } from '../model/check.ts';
import type { FindingDraft, Remediation } from '../model/finding.ts';
import { qualifiedName } from '../model/object.ts';
import { PLATFORM_IDS } from '../model/platform.ts';
import type { Pod } from '../model/pods.ts';
import { count, shellQuote } from '../model/text.ts';
import { ageOf, judgedNamespaces, manual, MINUTE } from './drafting.ts';
import { isFinished, objectKey, podsByWorkload, POD_OWNERS, type PodGroup } from './workload-subjects.ts';

export default defineCheck({
  id: 'image-pull-failing',
  title: 'Every image can be pulled',
  severity: 'high',
  area: 'image',
  platforms: PLATFORM_IDS,
  reads: ['pods'],
  evidence: ['events', ...POD_OWNERS],
  causes: [
    { check: 'registry-secret-missing', by: ['namespace', 'host'] },
    { check: 'registry-secret-type-wrong', by: ['namespace', 'host'] },
    { check: 'registry-secret-malformed', by: ['namespace', 'host'] },
    { check: 'registry-token-expired', by: ['namespace', 'host'] },
    { check: 'registry-secret-stale', by: ['namespace', 'host'] },
    { check: 'registry-host-uncovered', by: ['namespace', 'host'] },
    { check: 'registry-secret-unused', by: ['namespace', 'host'] },
    { check: 'registry-source-secret-broken', by: ['namespace', 'host'] },
  ],
  *run(view) {
    for (const namespace of judgedNamespaces(view.platform)) {
      const pods = view.list('pods', namespace).filter((pod) => isPulling(pod, view.now));
      for (const pod of pods) if (!isFinished(pod)) view.examined();
      const events = view.evidence('events', namespace);
      const failures = new Map(pods.map((pod) => [pod, pullFailures(pod, events)] as const));
      if (![...failures.values()].some((found) => found.length > 0)) continue;
      for (const group of podsByWorkload(view, pods, namespace).values()) {
        for (const same of byImageAndClass(group, failures)) yield finding(group, same);
      }
    }
  },
});

/** Pods that are done, going away, or so young that a pull may just take its time prove nothing. */
function isPulling(pod: Pod, now: number): boolean {
  const { creationTimestamp, deletionTimestamp } = pod.metadata;
  return !isFinished(pod) && !deletionTimestamp && (ageOf(creationTimestamp, now) ?? MINUTE) >= MINUTE;
}

interface Failing {
  readonly pod: Pod;
  readonly failure: PullFailure;
}

function byImageAndClass(
  { pods }: PodGroup,
  failures: ReadonlyMap<Pod, readonly PullFailure[]>,
): readonly (readonly [Failing, ...Failing[]])[] {
  const groups = new Map<string, [Failing, ...Failing[]]>();
  for (const pod of pods) {
    for (const failure of failures.get(pod) ?? []) {
      const key = JSON.stringify([failure.image, failure.class]);
      const group = groups.get(key);
      if (group) group.push({ pod, failure });
      else groups.set(key, [{ pod, failure }]);
    }
  }
  return [...groups.values()];
}

const SAID: Readonly<Record<PullClass, string>> = {
  auth: 'the registry refuses the credentials',
  rate: 'the registry limits the rate of pulls',
  absent: 'the registry has no such image',
  tls: "the registry's certificate is not accepted",
  network: 'the node does not reach the registry',
  architecture: "the image does not exist for the node's architecture",
  never: 'the node does not have it and imagePullPolicy is Never',
  name: 'its name is not valid',
  inspect: 'the container runtime cannot inspect it',
  signature: 'its signature is not accepted',
  unknown: 'the node does not say why',
};

function finding({ ref, pods }: PodGroup, same: readonly [Failing, ...Failing[]]): FindingDraft {
  const [{ failure }] = same;
  const failing = [...new Set(same.map(({ pod }) => pod))];
  const ready = pods.some(isReady);
  const registry = parseImageReference(failure.image)?.registry;
  const since = failing
    .flatMap(({ metadata }) => metadata.creationTimestamp ?? [])
    .sort()
    .at(0);
  return {
    object: ref,
    discriminator: `${failure.image} ${failure.class}`,
    message: `${ref.kind} ${qualifiedName(ref)} cannot pull ${failure.image}: ${SAID[failure.class]}`,
    severity: ready ? 'high' : 'critical',
    confidence: failure.class === 'unknown' || failure.message === undefined ? 'certain' : 'likely',
    evidence: failing.slice(0, 3).map((pod) => ({
      type: 'condition',
      object: refOf('pods', pod),
      observed: { container: failure.container, reason: failure.reason, image: failure.image },
      ...(failure.message === undefined ? {} : { message: failure.message }),
      count: failing.length,
    })),
    remediation: remediationOf(failing, failure),
    keys: {
      object: [objectKey(ref), ...failing.map((pod) => objectKey(refOf('pods', pod)))],
      ...(failure.class === 'auth' && registry !== undefined ? { host: registry } : {}),
    },
    ...(since === undefined ? {} : { since }),
    params: { class: failure.class, pods: failing.map(({ metadata }) => metadata.name) },
  };
}

function isReady({ status }: Pod): boolean {
  return (status?.conditions ?? []).some(({ type, status: state }) => type === 'Ready' && state === 'True');
}

const REPAIR: Readonly<Record<PullClass, string>> = {
  auth: 'Give the pods credentials that the registry accepts',
  rate: "Pull with credentials or through a mirror, so that the registry's limit is not reached",
  absent: "Correct the image's name and tag, or push it",
  tls: "Make the nodes trust the registry's certificate",
  network: 'Make the registry reachable from the nodes, or use a mirror that is',
  architecture: "Run the pods on nodes of the image's architecture, or push it for theirs",
  never: 'Change imagePullPolicy, or bring the image to the nodes',
  name: "Correct the image's name",
  inspect: 'Look at the container runtime of the node',
  signature: 'Sign the image, or correct the policy that refuses it',
  unknown: 'Look at the events of the pod, which say why',
};

function remediationOf(failing: readonly Pod[], failure: PullFailure): Remediation {
  const [pod] = failing;
  const { namespace = '', name = '' } = pod?.metadata ?? {};
  const nodes = [...new Set(failing.flatMap(({ spec }) => spec?.nodeName ?? []))];
  const nodeMatters = ['tls', 'network', 'architecture', 'never', 'inspect', 'signature'].includes(failure.class);
  return manual(
    REPAIR[failure.class],
    `kubectl -n ${shellQuote(namespace)} describe pod ${shellQuote(name)}`,
    ...(failure.class === 'auth'
      ? [`kubectl -n ${shellQuote(namespace)} get pod ${shellQuote(name)} -o jsonpath='{.spec.imagePullSecrets}'`]
      : []),
    ...(nodeMatters && nodes.length > 0
      ? [`# on ${count(nodes.length, 'node')}: ${nodes.slice(0, 5).join(', ')}`]
      : []),
  );
}
