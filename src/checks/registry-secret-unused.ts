import { podSpecPath } from '../kubernetes/secret-uses.ts';
import { defineCheck, type CrewaiView } from '../model/check.ts';
import type { FindingDraft } from '../model/finding.ts';
import { qualifiedName } from '../model/object.ts';
import { WORKLOADS } from '../model/resource.ts';
import { shellQuote } from '../model/text.ts';
import { manual } from './drafting.ts';
import { addPullSecret } from './fix-changes.ts';
import { liveOwner, ownedBy } from './owned.ts';
import { contentsOf, covers, imagesOf, pullSecretsOf, type ImageUse, type PullSecrets } from './pull-secrets.ts';
import { isPublicRegistry } from './registry-hosts.ts';
import { contentEvidence, registryNamespaces } from './registry-secrets.ts';
import { objectKey, subjectsIn, type Subject } from './workload-subjects.ts';

export default defineCheck({
  id: 'registry-secret-unused',
  title: 'Pods that need the registry secret refer to it',
  severity: 'high',
  area: 'registry',
  platforms: ['crewai'],
  reads: [...WORKLOADS, 'namespaces', 'serviceaccounts', 'registry-secrets'],
  evidence: ['replicasets.apps', 'events', 'secrets'],
  *run(view) {
    const { name } = view.platform.registrySecret;
    for (const namespace of registryNamespaces(view)) {
      view.complete('serviceaccounts', namespace);
      const subjects = subjectsIn(view, namespace);
      view.complete('registry-secrets', namespace);
      const registry = contentsOf(view, [name], namespace);
      if (!registry) continue;
      for (const subject of subjects) {
        const pull = pullSecretsOf(view, subject, namespace);
        if (pull === 'unknown') continue;
        view.examined();
        if (pull.names.includes(name)) continue;
        const others = contentsOf(view, pull.names, namespace);
        if (!others) continue;
        const images = imagesOf(subject, view.evidence('events', namespace));
        const needing = images.filter((image) => {
          const served = covers(others, image.repository) || !covers(registry, image.repository);
          return !served && (image.refused || !(image.pulled || isPublicRegistry(image.registry)));
        });
        const [first] = needing;
        if (first) yield { ...finding(view, subject, pull, needing), evidence: registry.map(contentEvidence) };
      }
    }
  },
});

function finding(
  view: CrewaiView<'secrets' | 'serviceaccounts'>,
  { ref, resource, object }: Subject,
  pull: PullSecrets,
  images: readonly ImageUse[],
): Omit<FindingDraft, 'evidence'> {
  const { name } = view.platform.registrySecret;
  const namespace = ref.namespace ?? '';
  const hosts = [...new Set(images.map(({ registry }) => registry))];
  const account =
    pull.from === 'account' || resource === 'pods' ? `, and neither does its account ${pull.account}` : '';
  return {
    object: ref,
    path: `${podSpecPath(resource)}/imagePullSecrets`,
    message: `${ref.kind} ${qualifiedName(ref)} pulls from ${hosts.join(', ')}, which Secret ${name} covers, but does not name it${account}`,
    severity: images.some(({ refused }) => refused) ? 'high' : 'low',
    confidence: 'certain',
    remediation:
      pull.from === 'pod' && resource !== 'pods'
        ? ownedBy(view, object, manual(SUMMARY, ...workloadSteps(ref.kind, ref.name, namespace, name)))
        : manual(SUMMARY, ...accountSteps(view, pull.account, ref, name)),
    ...(pull.from === 'account' ? accountFix(view, pull.account, namespace, name) : {}),
    keys: { secret: name, host: hosts, object: objectKey(ref) },
  };
}

const SUMMARY = 'Name the registry secret where the pods look for it, then make the pods anew';

const RESTARTED: ReadonlySet<string> = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

/** A list of its own in the pod template hides the account's, so the Secret must be added to that list. */
function workloadSteps(kind: string, name: string, namespace: string, secret: string): readonly string[] {
  if (!RESTARTED.has(kind)) return [`# add ${secret} to imagePullSecrets in the pod template of ${kind} ${name}`];
  const patch = JSON.stringify({ spec: { template: { spec: { imagePullSecrets: [{ name: secret }] } } } });
  return [
    `kubectl -n ${shellQuote(namespace)} patch ${kind.toLowerCase()} ${shellQuote(name)} -p ${shellQuote(patch)}`,
  ];
}

/** Pods that exist keep the set that they were created with: the steps say how to make them anew. */
function accountFix(
  view: CrewaiView<'serviceaccounts' | 'secrets'>,
  name: string,
  namespace: string,
  secret: string,
): Pick<FindingDraft, 'fix'> {
  const account = view.evidence('serviceaccounts', namespace).find(({ metadata }) => metadata.name === name);
  if (!account || liveOwner(view, account)) return {};
  return {
    fix: {
      class: 'review',
      summary: 'name the registry secret in the account; pods that run keep what they have until they are made anew',
      changes: [addPullSecret(account, secret)],
    },
  };
}

/**
 * Every patch but a JSON patch replaces the list of an account (ServiceAccount.imagePullSecrets is atomic), so what it
 * names already is named again. Pods get the list when they are created.
 */
function accountSteps(
  view: CrewaiView<'serviceaccounts'>,
  account: string,
  { kind, name, namespace = '' }: Subject['ref'],
  secret: string,
): readonly string[] {
  const found = view.evidence('serviceaccounts', namespace).find(({ metadata }) => metadata.name === account);
  const named = found?.imagePullSecrets ?? [];
  const patch = JSON.stringify({ imagePullSecrets: [...named, { name: secret }] });
  const target = `${kind.toLowerCase()}/${name}`;
  return [
    ...(named.some(({ name: known }) => known === secret)
      ? []
      : [`kubectl -n ${shellQuote(namespace)} patch serviceaccount ${shellQuote(account)} -p ${shellQuote(patch)}`]),
    RESTARTED.has(kind)
      ? `kubectl -n ${shellQuote(namespace)} rollout restart ${shellQuote(target)}`
      : `# the account only helps new pods: delete and create ${target} again`,
  ];
}
