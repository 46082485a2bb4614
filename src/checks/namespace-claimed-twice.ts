import { resolveVariable } from '../kubernetes/environment.ts';
import {
  componentOf,
  mainContainers,
  namesVariable,
  releaseOf,
  saysCrewai,
  SHARED_NAMESPACE_VARIABLE,
} from '../kubernetes/platform-component.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { orgOfNamespace } from '../kubernetes/tenant-names.ts';
import { defineCheck, type CrewaiView } from '../model/check.ts';
import type { FindingDraft } from '../model/finding.ts';
import type { Workload } from '../model/kinds.ts';
import { qualifiedName } from '../model/object.ts';
import { RESOURCES } from '../model/resource.ts';
import { manual } from './drafting.ts';
import { upgradeSteps } from './platform-release.ts';

type Eyes = CrewaiView<'deployments.apps' | 'configmaps'>;

/** Another installation: where it runs, and the namespace that it shares among its organizations. */
interface Claim {
  readonly installation: string;
  readonly deployment: Workload;
  readonly shared: string;
  readonly certain: boolean;
}

export default defineCheck({
  id: 'namespace-claimed-twice',
  title: 'Each tenant namespace has one owner',
  severity: 'high',
  area: 'namespace',
  platforms: ['crewai'],
  reads: ['deployments.apps', 'namespaces', 'configmaps'],
  *run(view) {
    view.complete('namespaces');
    // Which namespaces the platform itself claims is known only where its ConfigMaps are.
    view.complete('configmaps', view.platform.platformNamespace);
    view.examined();
    const { sharedNamespace } = view.platform;
    for (const claim of otherClaims(view)) {
      view.examined();
      const { shared } = claim;
      if (shared === sharedNamespace) {
        yield draft(view, claim, shared, `both put the crews of all organizations into ${shared}`);
      } else if (orgOfNamespace(sharedNamespace, shared) !== undefined) {
        yield draft(view, claim, shared, `${shared} is an organization's namespace here and the shared one there`);
      } else if (orgOfNamespace(shared, sharedNamespace) !== undefined) {
        yield draft(
          view,
          claim,
          sharedNamespace,
          `${sharedNamespace} is the shared namespace here and an organization's there`,
        );
      }
    }
  },
});

/** One claim per installation besides the one that is judged. */
function otherClaims(view: Eyes): readonly Claim[] {
  const own = new Set(view.platform.components.map(({ deployment }) => qualifiedName(deployment.metadata)));
  const claims = new Map<string, Claim>();
  for (const deployment of view.list('deployments.apps')) {
    const claim = own.has(qualifiedName(deployment.metadata)) ? undefined : claimOf(view, deployment);
    const key = claim && `${claim.installation} ${claim.shared}`;
    if (claim && key !== undefined && !claims.has(key)) claims.set(key, claim);
  }
  return [...claims.values()];
}

/** What is scaled to nothing claims nothing, and buildkit works where web and worker tell it to. */
function claimOf(view: Eyes, deployment: Workload): Claim | undefined {
  const component = componentOf(deployment);
  if (component === undefined || component === 'buildkit' || deployment.spec?.replicas === 0) return undefined;
  const shared = sharedNamespaceOf(view, deployment, component);
  if (shared === undefined) return undefined;
  const { namespace = '', name } = deployment.metadata;
  return {
    installation: `${namespace}/${releaseOf(deployment, component) ?? name}`,
    deployment,
    shared,
    certain: mainContainers(deployment.spec?.template, component).some(saysCrewai),
  };
}

/** The resolved K8S_NAMESPACE; undefined for other charts, and where a value out of sight leaves a gap. */
function sharedNamespaceOf(view: Eyes, deployment: Workload, component: string): string | undefined {
  const namespace = deployment.metadata.namespace ?? '';
  const template = deployment.spec?.template;
  for (const container of mainContainers(template, component)) {
    const named = namesVariable(container, SHARED_NAMESPACE_VARIABLE);
    if (!named && !saysCrewai(container)) continue;
    const resolved = resolveVariable(container, SHARED_NAMESPACE_VARIABLE, {
      namespace,
      ...(template ? { template } : {}),
      configMap: (name) => {
        const found = view.find('configmaps', name, namespace);
        return typeof found === 'string' ? found : (found.data ?? {});
      },
    });
    if ('value' in resolved && resolved.value !== '') return resolved.value;
    if ('unknown' in resolved) {
      const { name } = deployment.metadata;
      view.unknown('deployments.apps', `K8S_NAMESPACE of Deployment ${name}: ${resolved.unknown}`, namespace);
    }
  }
  return undefined;
}

function draft(view: Eyes, claim: Claim, namespace: string, why: string): FindingDraft {
  const { platform } = view;
  const { apiVersion, kind } = RESOURCES.namespaces;
  const here = `${platform.platformNamespace}/${platform.release ?? 'crewai'}`;
  return {
    object: { apiVersion, kind, name: namespace },
    discriminator: claim.installation,
    message: `Namespace ${namespace} is claimed by the installations ${here} and ${claim.installation}: ${why}`,
    confidence: claim.certain ? 'certain' : 'likely',
    evidence: [
      { type: 'comparison', message: `${here}: K8S_NAMESPACE is ${platform.sharedNamespace}` },
      {
        type: 'object',
        object: refOf('deployments.apps', claim.deployment),
        path: '/spec/template/spec/containers',
        message: `${claim.installation}: K8S_NAMESPACE is ${claim.shared}`,
      },
    ],
    remediation: manual(
      'Give one of the two installations another K8S_NAMESPACE',
      `# decide which of ${here} and ${claim.installation} keeps the namespace; for the other:`,
      ...upgradeSteps(platform, 'envVars.K8S_NAMESPACE, a name that is not built from the other one'),
      '# redeploy its crews from the CrewAI UI: what runs is not moved along',
    ),
  };
}
