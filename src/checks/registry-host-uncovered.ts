import { resolveVariable } from '../kubernetes/environment.ts';
import { parseImageReference } from '../kubernetes/image-reference.ts';
import { registryKey } from '../kubernetes/registry-match.ts';
import { podSpecPath } from '../kubernetes/secret-uses.ts';
import { defineCheck, type CrewaiView } from '../model/check.ts';
import type { RegistrySecret } from '../model/derived.ts';
import type { FindingDraft } from '../model/finding.ts';
import { qualifiedName } from '../model/object.ts';
import { WORKLOADS } from '../model/resource.ts';
import { manual } from './drafting.ts';
import { contentsOf, covers, imagesOf, pullSecretsOf, type ImageUse } from './pull-secrets.ts';
import { isPublicRegistry } from './registry-hosts.ts';
import { contentEvidence, registryNamespaces } from './registry-secrets.ts';
import { refreshSteps } from './registry-steps.ts';
import { objectKey, subjectsIn, type Subject } from './workload-subjects.ts';

export default defineCheck({
  id: 'registry-host-uncovered',
  title: 'The pull secrets cover every private host that pods pull from',
  severity: 'high',
  area: 'registry',
  platforms: ['crewai'],
  reads: [...WORKLOADS, 'namespaces', 'serviceaccounts', 'registry-secrets'],
  evidence: ['replicasets.apps', 'events', 'configmaps'],
  causes: [{ check: 'registry-source-secret-broken', by: ['secret'] }],
  *run(view) {
    const own = platformRegistries(view);
    for (const namespace of registryNamespaces(view)) {
      view.complete('serviceaccounts', namespace);
      view.complete('registry-secrets', namespace);
      for (const subject of subjectsIn(view, namespace)) {
        const pull = pullSecretsOf(view, subject, namespace);
        if (pull === 'unknown' || pull.names.length === 0) continue;
        const secrets = contentsOf(view, pull.names, namespace);
        if (!secrets) continue;
        view.examined();
        for (const image of imagesOf(subject, view.evidence('events', namespace))) {
          if (covers(secrets, image.repository) || !matters(image)) continue;
          yield finding(view, subject, image, secrets, own.has(image.registry));
        }
      }
    }
  },
});

/** What everybody may pull, and what was pulled all the same, is only worth a word when it is refused now. */
function matters({ registry, refused, pulled }: ImageUse): boolean {
  return refused || !(isPublicRegistry(registry) || pulled);
}

/** The registries of the platform's own images, and the one to which it pushes what it builds. */
function platformRegistries(view: CrewaiView<'configmaps'>): ReadonlySet<string> {
  const { components, platformNamespace } = view.platform;
  const hosts = new Set<string>();
  const known = new Map(
    view.evidence('configmaps', platformNamespace).map(({ metadata, data }) => [metadata.name, data ?? {}]),
  );
  for (const { deployment } of components) {
    const template = deployment.spec?.template;
    for (const container of template?.spec?.containers ?? []) {
      const resolved = resolveVariable(container, 'CONTAINER_REGISTRY_HOSTNAME', {
        namespace: platformNamespace,
        ...(template ? { template } : {}),
        configMap: (name) => known.get(name) ?? 'unknown',
      });
      if ('value' in resolved) hosts.add(resolved.value);
      hosts.add(parseImageReference(container.image ?? '')?.registry ?? '');
    }
  }
  hosts.delete('');
  return hosts;
}

function finding(
  view: CrewaiView<'registry-secrets'>,
  { ref, resource }: Subject,
  image: ImageUse,
  secrets: readonly RegistrySecret[],
  own: boolean,
): FindingDraft {
  const { name, sourceNamespace } = view.platform.registrySecret;
  const namespace = ref.namespace ?? '';
  const names = secrets.map(({ metadata }) => metadata.name);
  const near = nearest(secrets, image);
  const copy = secrets.find(({ metadata }) => metadata.name === name);
  const where = copy ? `Secret ${sourceNamespace}/${name}` : `Secret ${namespace}/${names[0] ?? ''}`;
  return {
    object: ref,
    discriminator: image.repository,
    path: podSpecPath(resource),
    message: `No pull secret of ${ref.kind} ${qualifiedName(ref)} (${names.join(', ')}) covers ${image.repository}${near}`,
    severity: image.refused || own ? 'high' : 'medium',
    confidence: 'certain',
    evidence: secrets.map(contentEvidence),
    remediation: manual(
      'Add the registry to the source of the registry secret, then renew its copies',
      `# add user and password for ${image.registry} to ${where}`,
      ...(copy && namespace !== sourceNamespace
        ? refreshSteps({ namespace: sourceNamespace, name }, namespace, copy)
        : []),
    ),
    keys: { secret: names, host: image.registry, object: objectKey(ref) },
  };
}

/** The entry that was probably meant, and what keeps it from serving the image. */
function nearest(secrets: readonly RegistrySecret[], { registry, repository }: ImageUse): string {
  for (const { host } of secrets.flatMap(({ entries }) => entries)) {
    const key = registryKey(host) ?? host;
    const [authority = '', ...path] = key.split('/');
    if (authority.toLowerCase() === registry.toLowerCase()) {
      const why = authority !== registry ? 'letter case' : `path /${path.join('/')}`;
      return `; ${host} differs in its ${why}`;
    }
    if (withoutPort(authority) === withoutPort(registry)) return `; ${host} differs in its port`;
    if (authority.includes('*') && registry.endsWith(authority.replace(/^.*\*/, ''))) {
      return `; ${host} has another number of labels than ${repository.split('/')[0] ?? ''}`;
    }
  }
  return '';
}

const withoutPort = (authority: string): string => authority.replace(/:\d+$/, '');
