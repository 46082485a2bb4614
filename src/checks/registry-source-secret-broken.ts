import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type CrewaiView } from '../model/check.ts';
import type { Evidence, FindingDraft } from '../model/finding.ts';
import { compareNames } from '../model/object.ts';
import { count } from '../model/text.ts';
import { absent, manual } from './drafting.ts';
import { ownedBy } from './owned.ts';
import {
  contentEvidence,
  findSecret,
  hostsInUse,
  registrySecretInUse,
  sourceFault,
  usableEntries,
  type FoundSecret,
} from './registry-secrets.ts';
import { copyStep, createSteps } from './registry-steps.ts';

type SourceView = CrewaiView<'secrets' | 'registry-secrets' | 'pods'>;

export default defineCheck({
  id: 'registry-source-secret-broken',
  title: 'The registry secret that copies are made from exists and is usable',
  severity: 'critical',
  area: 'registry',
  platforms: ['crewai'],
  reads: ['secrets', 'registry-secrets'],
  evidence: ['pods'],
  *run(view) {
    const { name, sourceNamespace } = view.platform.registrySecret;
    const found = findSecret(view, name, sourceNamespace);
    if (found === 'unknown') return;
    if (found === 'absent') {
      if (!registrySecretInUse(view)) {
        // The name is only the chart's default. Without the platform's Deployments nothing tells whether it is used.
        if (view.platform.components.length === 0) {
          view.unknown('registry-secrets', "the platform's Deployments, which name its registry secret, are not known");
        }
        return;
      }
      view.examined();
      yield missing(view);
      return;
    }
    view.examined();
    const fault = sourceFault(found, view.now);
    if (fault !== undefined) yield broken(view, found, fault);
  },
});

function missing(view: SourceView): FindingDraft {
  const { platformNamespace, registrySecret } = view.platform;
  const { name, sourceNamespace, from } = registrySecret;
  const source = { namespace: sourceNamespace, name };
  const elsewhere = platformNamespace === sourceNamespace ? 'absent' : findSecret(view, name, platformNamespace);
  const found = typeof elsewhere === 'object' && sourceFault(elsewhere, view.now) === undefined;
  return {
    object: absent('secrets', name, sourceNamespace),
    message: `Secret ${sourceNamespace}/${name}, the source of every organization's registry secret, does not exist${
      found ? `; there is one in ${platformNamespace}` : ''
    }`,
    confidence: 'certain',
    evidence: [
      { type: 'absence', object: absent('secrets', name, sourceNamespace), message: `named by ${NAMED_BY[from]}` },
      ...(found && elsewhere.content ? [contentEvidence(elsewhere.content)] : []),
    ],
    remediation: manual(
      'Create the registry secret in the shared namespace',
      ...(found
        ? [copyStep({ namespace: platformNamespace, name }, sourceNamespace)]
        : createSteps(source, hostsOfCopies(view), false)),
    ),
    keys: { secret: name, host: hostsInUse(view, sourceNamespace) },
  };
}

const NAMED_BY = {
  flag: 'a flag',
  values: 'the value image.pullSecret of the Helm release',
  pods: "the imagePullSecrets of the platform's pods",
  default: "the pods that refer to it (the name is the chart's default)",
} as const;

function broken(view: SourceView, { entry, content }: FoundSecret, fault: string): FindingDraft {
  const { name, sourceNamespace } = view.platform.registrySecret;
  const source = { namespace: sourceNamespace, name };
  const hosts = content?.entries.map(({ host }) => host) ?? [];
  const evidence: Evidence = content
    ? contentEvidence(content)
    : { type: 'object', object: refOf('secrets', entry), path: '/type', observed: entry.type };
  return {
    object: refOf('secrets', entry),
    message: `Secret ${sourceNamespace}/${name}, the source of every organization's registry secret, ${fault}`,
    confidence: 'certain',
    evidence: [evidence],
    remediation: ownedBy(
      view,
      entry,
      manual(
        'Make the registry secret in the shared namespace anew, then its copies',
        ...createSteps(source, hosts.length > 0 ? hosts : hostsOfCopies(view), true),
        `# then renew its copies in ${count(view.platform.tenants.length, 'organization namespace')}`,
      ),
    ),
    keys: { secret: name, host: hostsInUse(view, sourceNamespace) },
  };
}

/** Where the source says nothing, its copies or else the running images say which registries it is for. */
function hostsOfCopies(view: SourceView): readonly string[] {
  const { platformNamespace, registrySecret, tenants } = view.platform;
  const copies = view
    .evidence('registry-secrets')
    .filter(({ metadata }) => metadata.name === registrySecret.name)
    .flatMap((copy) => usableEntries(copy).map(({ host }) => host));
  const namespaces = [platformNamespace, registrySecret.sourceNamespace, ...tenants.map(({ namespace }) => namespace)];
  const hosts = copies.length > 0 ? copies : namespaces.flatMap((namespace) => hostsInUse(view, namespace));
  return [...new Set(hosts)].sort(compareNames);
}
