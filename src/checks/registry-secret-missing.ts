import { parseImageReference } from '../kubernetes/image-reference.ts';
import { pullFailures } from '../kubernetes/image-pull.ts';
import { matchingEntries } from '../kubernetes/registry-match.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type CrewaiView } from '../model/check.ts';
import type { Evidence, FindingDraft } from '../model/finding.ts';
import type { Event } from '../model/kinds.ts';
import type { Pod } from '../model/pods.ts';
import { count } from '../model/text.ts';
import { absent, ageOf, manual, MINUTE } from './drafting.ts';
import { copySecret } from './fix-changes.ts';
import { eventEvidence, eventsOnMissingSecret } from './missed-secrets.ts';
import { spreadBy } from './owned.ts';
import {
  copyNamespaces,
  hostsInUse,
  isGoodSource,
  namesSecret,
  registrySecretInUse,
  sourceFault,
  usableEntries,
} from './registry-secrets.ts';
import { copyStep } from './registry-steps.ts';
import { isFinished } from './workload-subjects.ts';

type MissingView = CrewaiView<'namespaces' | 'secrets' | 'pods' | 'events' | 'registry-secrets'>;

/** How long a synchronizer may take to bring a copy to a new namespace. */
const SYNCHRONIZED_AFTER = 10 * MINUTE;

export default defineCheck({
  id: 'registry-secret-missing',
  title: 'Every tenant namespace has the registry secret',
  severity: 'high',
  area: 'registry',
  platforms: ['crewai'],
  reads: ['namespaces', 'secrets', 'pods'],
  evidence: ['events', 'registry-secrets'],
  causes: [{ check: 'registry-source-secret-broken', by: ['secret'] }],
  *run(view) {
    const { name, sourceNamespace } = view.platform.registrySecret;
    const used = registrySecretInUse(view) || view.evidence('secrets', sourceNamespace).some(named(name));
    for (const namespace of copyNamespaces(view)) {
      const pods = view.list('pods', namespace).filter((pod) => !isFinished(pod));
      const secret = view.find('secrets', name, namespace);
      if (!(used || pods.some(({ spec }) => namesSecret(spec, name))) || !isThere(view, namespace)) continue;
      if (secret === 'absent') {
        view.examined();
        if (servedOtherwise(view, namespace, pods) || isComing(view, namespace)) continue;
        yield { ...missing(view, namespace, pods), ...copyFix(view, namespace) };
      } else if (secret === 'unknown') {
        const said = eventsOnMissingSecret(view.evidence('events', namespace), name).length > 0;
        if (said) yield { ...missing(view, namespace, pods), confidence: 'likely' };
      } else {
        view.examined();
      }
    }
  },
});

const named =
  (name: string) =>
  ({ metadata }: { readonly metadata: { readonly name: string } }): boolean =>
    metadata.name === name;

/** Where namespaces could not be listed, one that holds nothing may not exist: that is a matter of the namespace. */
function isThere(view: MissingView, namespace: string): boolean {
  const tenant = view.platform.tenants.find((candidate) => candidate.namespace === namespace);
  if (tenant?.exists === true) return true;
  return view.evidence('pods', namespace).length + view.evidence('secrets', namespace).length > 0;
}

/** All pods pull with other Secrets that exist and cover their images: this organization has credentials of its own. */
function servedOtherwise(view: MissingView, namespace: string, pods: readonly Pod[]): boolean {
  const known = new Map(view.evidence('registry-secrets', namespace).map((secret) => [secret.metadata.name, secret]));
  return (
    pods.length > 0 &&
    pods.every(({ spec }) => {
      const entries = (spec?.imagePullSecrets ?? []).flatMap(({ name }) => {
        const secret = known.get(name ?? '');
        return secret ? usableEntries(secret) : [];
      });
      return [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])].every(({ image }) => {
        const reference = parseImageReference(image ?? '');
        return reference !== undefined && matchingEntries(entries, reference.repository).length > 0;
      });
    })
  );
}

/** A synchronizer copies the source, and the namespace is too young to be surprised. */
function isComing(view: MissingView, namespace: string): boolean {
  const { name, sourceNamespace } = view.platform.registrySecret;
  const source = view.evidence('secrets', sourceNamespace).find(named(name));
  if (!source || spreadBy(source) === undefined) return false;
  const found = view.evidence('namespaces').find(named(namespace));
  return (ageOf(found?.metadata.creationTimestamp, view.now) ?? SYNCHRONIZED_AFTER) < SYNCHRONIZED_AFTER;
}

function missing(view: MissingView, namespace: string, pods: readonly Pod[]): FindingDraft {
  const { name, sourceNamespace } = view.platform.registrySecret;
  const source = view.evidence('registry-secrets', sourceNamespace).find(named(name));
  const fault = source && sourceFault({ entry: source, content: source }, view.now);
  const events = eventsOnMissingSecret(view.evidence('events', namespace), name);
  const stuck = pods.filter((pod) => isStuck(pod, name, view.evidence('events', namespace)));
  const object = absent('secrets', name, namespace);
  return {
    object,
    message: `Namespace ${namespace} has no Secret ${name}${consequenceOf(pods.length, stuck.length)}`,
    severity: stuck.length > 0 ? 'critical' : pods.length > 0 ? 'high' : 'medium',
    confidence: 'certain',
    evidence: [
      { type: 'absence', object },
      ...stuck.slice(0, 3).map(stuckEvidence),
      ...events.slice(0, 3).map(eventEvidence),
    ],
    remediation: manual(
      "Copy the registry secret into every organization's namespace that lacks it, without the metadata of its source",
      ...(fault === undefined ? [] : [`# repair the source first: Secret ${sourceNamespace}/${name} ${fault}`]),
      copyStep({ namespace: sourceNamespace, name }, namespace),
    ),
    keys: { secret: name, host: hostsInUse(view, namespace, source && usableEntries(source)) },
  };
}

/** From a source that is good itself: a copy would spread its fault. */
function copyFix(view: MissingView, namespace: string): Pick<FindingDraft, 'fix'> {
  const { name, sourceNamespace } = view.platform.registrySecret;
  const source = view.evidence('registry-secrets', sourceNamespace).find(named(name));
  if (!source || !isGoodSource(source, view.now)) return {};
  return {
    fix: {
      class: 'safe',
      summary: 'copy the registry secret, without the metadata of its source',
      changes: [copySecret(source, namespace)],
    },
  };
}

function consequenceOf(pods: number, stuck: number): string {
  if (pods === 0) return '';
  if (stuck === 0)
    return `; ${count(pods, 'pod')} there run from images that the node already has, until they are rescheduled`;
  return `, and ${stuck === 1 ? '1 pod there cannot start' : `${String(stuck)} pods there cannot start`} for it`;
}

/** A pod that waits for an image which its registry refuses, or for the Secret as a volume. */
function isStuck(pod: Pod, name: string, events: readonly Event[]): boolean {
  if (pullFailures(pod, events).some((failure) => failure.class === 'auth')) return true;
  if (pod.status?.phase !== 'Pending' || !namesSecret(pod.spec, name)) return false;
  return eventsOnMissingSecret(events, name).some(
    ({ reason, involvedObject }) => reason === 'FailedMount' && involvedObject?.name === pod.metadata.name,
  );
}

function stuckEvidence(pod: Pod): Evidence {
  return { type: 'object', object: refOf('pods', pod), message: 'cannot pull or mount' };
}
