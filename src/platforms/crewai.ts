import { resolveVariable } from '../kubernetes/environment.ts';
import { mainContainers, orgOfWorkload, SHARED_NAMESPACE_VARIABLE } from '../kubernetes/platform-component.ts';
import { orgOfBuildPod, orgOfNamespace } from '../kubernetes/tenant-names.ts';
import type { AccountRef } from '../model/access.ts';
import type { HelmRelease } from '../model/derived.ts';
import { compareNames } from '../model/object.ts';
import {
  FILE_SETTINGS,
  type Component,
  type CrewaiPlatform,
  type RegistrySetting,
  type Selection,
  type Settings,
  type Tenant,
} from '../model/platform.ts';
import type { Detection } from '../model/profile.ts';
import type { Resource } from '../model/resource.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { configMapsOf, detectedBy, findInstallations, versionOf, type Installation } from './crewai-detect.ts';
import { inferIsolation } from './crewai-isolation.ts';
import { judgeMode } from './crewai-mode.ts';
import { CREWAI_NEEDS } from './crewai-needs.ts';
import { enumerateTenants } from './crewai-tenants.ts';

/** What detection needs to have been read; `configmaps` only in the namespaces of the candidates. */
export const CREWAI_READS = [
  'namespaces',
  'deployments.apps',
  'statefulsets.apps',
  'daemonsets.apps',
  'jobs.batch',
  'cronjobs.batch',
  'pods',
  'events',
  'configmaps',
  'helm-releases',
  'roles.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'clusterroles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
] as const satisfies readonly Resource[];

/** The release and refusals name organizations that cannot be seen where namespaces may not be listed. */
export const CREWAI_SECOND = ['configmaps', 'helm-releases', 'events'] as const satisfies readonly Resource[];

/** Finds CrewAI Platform in a snapshot; flags beat what is found, and never let two installations be guessed apart. */
export function detectCrewai(snapshot: Snapshot, settings: Settings): Detection<'crewai'> {
  const found = locateCrewai(snapshot, settings);
  return 'place' in found ? { platform: describe(snapshot, settings, found.place) } : found;
}

/** Where the platform is: the part of it that tells what to read. */
interface Place {
  readonly installation: Installation;
  readonly helm: HelmRelease | undefined;
  readonly shared: { readonly name: string; readonly from: CrewaiPlatform['sharedNamespaceFrom'] };
  readonly tenants: readonly Tenant[];
  readonly allTenants: readonly Tenant[];
}

/** As detectCrewai, without judging the platform's mode and isolation. */
export function locateCrewai(
  snapshot: Snapshot,
  settings: Settings,
): { readonly place: Place } | Exclude<Detection<'crewai'>, { platform: unknown }> {
  const found = findInstallations(snapshot, settings);
  if (found.length > 1) {
    return {
      several: found.map(({ namespace, release }) => ({ namespace, ...(release === undefined ? {} : { release }) })),
    };
  }
  const installation = found[0] ?? assumed(snapshot, settings);
  if (!installation) {
    return {
      none: `no Deployment of CrewAI Platform was found${settings.platformNamespace === undefined ? '' : ` in ${settings.platformNamespace}`}`,
      gaps: snapshot.gaps('deployments.apps', settings.platformNamespace),
    };
  }
  const helm = newestDeployed(snapshot, installation.namespace, installation.release);
  const shared = sharedNamespaceOf(snapshot, settings, installation, helm);
  const allTenants = enumerateTenants(snapshot, shared.name, installation.namespace, settings);
  return { place: { installation, helm, shared, allTenants, tenants: selectTenants(allTenants, settings) } };
}

/**
 * What flags alone say, for a user who may not read the platform's own namespace. Where it was read and holds no
 * platform, only a user who also names the account knows better: a mistyped namespace must not look like a clean one.
 */
function assumed(snapshot: Snapshot, settings: Settings): Installation | undefined {
  const fromTenant = settings.namespaces?.flatMap((name) => /^(.+)-org-[1-9]\d*$/.exec(name)?.[1] ?? [])[0];
  const namespace = settings.platformNamespace ?? settings.account?.namespace ?? settings.sharedNamespace ?? fromTenant;
  if (namespace === undefined) return undefined;
  const unreadable = snapshot.completeness('deployments.apps', settings.platformNamespace) !== 'complete';
  if (!unreadable && settings.account === undefined) return undefined;
  const { release } = settings;
  return { namespace, components: [], ...(release === undefined ? {} : { release }) };
}

function describe(snapshot: Snapshot, settings: Settings, place: Place): CrewaiPlatform {
  const { installation, helm, shared, tenants, allTenants } = place;
  const { namespace: platformNamespace, components, release } = installation;
  const account = settings.account ?? accountOf(components, platformNamespace);
  const version = helm?.chart?.appVersion ?? versionOf(installation);
  return {
    id: 'crewai',
    ...(version === undefined ? {} : { version }),
    platformNamespace,
    ownNamespaces: [...new Set([platformNamespace, shared.name])].sort(compareNames),
    sharedNamespace: shared.name,
    sharedNamespaceFrom: shared.from,
    ...(release === undefined ? {} : { release }),
    components,
    ...(account ? { account } : {}),
    tenants,
    allTenants,
    selection: selectionOf(shared.name, settings),
    isolation: inferIsolation(snapshot, shared.name, allTenants, settings),
    mode: judgeMode({ snapshot, account, tenants, release: helm, settings }),
    registrySecret: registrySecretOf(snapshot, settings, shared.name, components, helm),
    needs: CREWAI_NEEDS,
    detectedBy: detectedBy(installation),
    overridden: Object.keys(settings)
      .filter((key) => !['orgs', 'namespaces', ...FILE_SETTINGS].includes(key))
      .sort(compareNames),
  };
}

/** K8S_NAMESPACE of web, else worker, resolved as the kubelet would; where it is out of sight, what the release says. */
function sharedNamespaceOf(
  snapshot: Snapshot,
  settings: Settings,
  { namespace, components }: Installation,
  helm: HelmRelease | undefined,
): { name: string; from: CrewaiPlatform['sharedNamespaceFrom'] } {
  if (settings.sharedNamespace !== undefined) return { name: settings.sharedNamespace, from: 'flag' };
  for (const component of components.filter(({ name }) => name !== 'buildkit')) {
    const value = k8sNamespaceOf(snapshot, namespace, component);
    if (value !== undefined) return { name: value, from: 'environment' };
  }
  const asked = helm?.values.envVars?.[SHARED_NAMESPACE_VARIABLE] ?? '';
  return { name: asked === '' ? namespace : asked, from: 'assumed' };
}

function k8sNamespaceOf(snapshot: Snapshot, namespace: string, { name, deployment }: Component): string | undefined {
  const template = deployment.spec?.template;
  for (const container of mainContainers(template, name)) {
    const resolved = resolveVariable(container, SHARED_NAMESPACE_VARIABLE, {
      namespace,
      ...(template ? { template } : {}),
      configMap: configMapsOf(snapshot, namespace),
    });
    if ('value' in resolved && resolved.value !== '') return resolved.value;
  }
  return undefined;
}

function accountOf(components: readonly Component[], namespace: string): AccountRef | undefined {
  const main = components.find(({ name }) => name === 'web') ?? components.find(({ name }) => name === 'worker');
  return main ? { namespace, name: main.account } : undefined;
}

function selectTenants(tenants: readonly Tenant[], settings: Settings): readonly Tenant[] {
  const { orgs, namespaces } = settings;
  if (!orgs && !namespaces) return tenants;
  return tenants.filter(({ id, namespace }) => orgs?.includes(id) ?? namespaces?.includes(namespace));
}

function selectionOf(shared: string, { orgs, namespaces, excludeOrgs = [] }: Settings): Selection {
  const only = orgs ?? namespaces?.flatMap((namespace) => orgOfNamespace(shared, namespace) ?? []);
  return { except: excludeOrgs, ...(only ? { only } : {}) };
}

/** The revision whose values are in force: the newest one that is deployed. */
function newestDeployed(snapshot: Snapshot, namespace: string, release: string | undefined): HelmRelease | undefined {
  return snapshot
    .list('helm-releases', namespace)
    .filter(
      ({ status, release: name, chart }) =>
        status === 'deployed' && (release === undefined ? chart?.name === 'crewai-platform' : name === release),
    )
    .reduce<HelmRelease | undefined>(
      (newest, next) => (newest && newest.revision >= next.revision ? newest : next),
      undefined,
    );
}

function registrySecretOf(
  snapshot: Snapshot,
  settings: Settings,
  shared: string,
  components: readonly Component[],
  helm: HelmRelease | undefined,
): RegistrySetting {
  const sourceNamespace = settings.registrySource?.namespace ?? shared;
  const flag = settings.registrySecret ?? settings.registrySource?.name;
  if (flag !== undefined) return { name: flag, sourceNamespace, from: 'flag' };
  const value = helm?.values.image?.pullSecret;
  if (value) return { name: value, sourceNamespace, from: 'values' };
  const named = [
    ...components.map(({ deployment }) => deployment.spec?.template?.spec),
    ...snapshot
      .list('pods', shared)
      .filter(({ metadata }) => orgOfWorkload({ metadata }) !== undefined || orgOfBuildPod(metadata.name) !== undefined)
      .map(({ spec }) => spec),
  ].flatMap((spec) => spec?.imagePullSecrets?.[0]?.name ?? [])[0];
  return named === undefined
    ? { name: 'docker-registry', sourceNamespace, from: 'default' }
    : { name: named, sourceNamespace, from: 'pods' };
}
