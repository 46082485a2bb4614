import { deniedRules } from '../kubernetes/denied-rules.ts';
import { accountName } from '../kubernetes/owners.ts';
import { questionOfRule, serviceAccountIdentity } from '../kubernetes/rbac-question.ts';
import { authorizerOf } from '../kubernetes/rbac-snapshot.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import type { AstronomerPlatform, Pool } from '../model/astronomer.ts';
import type { KubeObject } from '../model/object.ts';
import { FILE_SETTINGS, type Settings, type Tenant } from '../model/platform.ts';
import type { Detection } from '../model/profile.ts';
import type { AccessQuestion, ReadScope } from '../model/reading.ts';
import type { Resource } from '../model/resource.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { findAstronomer, isCommander, type AstronomerParts } from './astronomer-detect.ts';
import { commanderNeeds } from './astronomer-needs.ts';
import { newestDeployed, poolOf, type PoolSources } from './astronomer-pool.ts';

export const ASTRONOMER_READS = [
  'namespaces',
  'deployments.apps',
  'houston-configs',
  'helm-releases',
  'roles.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'clusterroles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
] as const satisfies readonly Resource[];

/** Nothing on a namespace says that it belongs to the pool. */
export const ASTRONOMER_SECOND = ['houston-configs', 'helm-releases'] as const satisfies readonly Resource[];

/** Namespaces up to which a narrowed run lists per namespace instead of cluster-wide. */
const NARROW_LIMIT = 8;
const MAX_QUESTIONS = 20;

/** Whether a Commander runs here. Houston alone works in other clusters. */
export function isAstronomerThere(first: Snapshot, settings: Settings): boolean {
  return first.list('deployments.apps', settings.platformNamespace).some(isCommander);
}

/** Finds Astronomer Software; two releases are never guessed apart. */
export function detectAstronomer(snapshot: Snapshot, settings: Settings): Detection<'astronomer'> {
  const found = findAstronomer(snapshot, settings).filter((parts) => worksHere(snapshot, parts));
  if (found.length > 1) return { several: found.map(({ namespace, release }) => ({ namespace, release })) };
  const [parts] = found;
  if (parts) return { platform: describe(snapshot, settings, parts) };
  return {
    none: 'no Commander of Astronomer Software was found',
    gaps: snapshot.gaps('deployments.apps', settings.platformNamespace),
  };
}

/** Configuration without a Commander is that of a control plane, unless the Commander is only out of sight. */
function worksHere(snapshot: Snapshot, { commander, granted, namespace }: AstronomerParts): boolean {
  if (commander || granted) return true;
  return snapshot.completeness('deployments.apps', namespace) !== 'complete';
}

function describe(snapshot: Snapshot, settings: Settings, parts: AstronomerParts): AstronomerPlatform {
  const { namespace, release, commander, houston, granted } = parts;
  const pool = poolOf(sourcesOf(snapshot, parts));
  const allTenants = tenantsOf(snapshot, pool, granted);
  const { namespaces } = settings;
  const version = commander && versionOf(commander);
  const account = settings.account ?? accountOf(parts);
  return {
    id: 'astronomer',
    ...(version === undefined ? {} : { version }),
    platformNamespace: namespace,
    ownNamespaces: [namespace],
    release,
    ...(account ? { account } : {}),
    ...(commander ? { commander } : {}),
    ...(houston ? { houston } : {}),
    tenants: namespaces ? allTenants.filter((tenant) => namespaces.includes(tenant.namespace)) : allTenants,
    allTenants,
    ...(namespaces ? { selection: { only: namespaces, except: [] } } : {}),
    detectedBy: [
      ...(commander ? [refOf('deployments.apps', commander)] : []),
      ...(houston ? [refOf('houston-configs', houston)] : []),
    ],
    overridden: Object.keys(settings)
      .filter((key) => !['namespaces', 'platforms', ...FILE_SETTINGS].includes(key))
      .sort(),
    pool,
    needs: commanderNeeds(version),
  };
}

function accountOf({ namespace, release, commander, granted }: AstronomerParts): AstronomerPlatform['account'] {
  if (commander) return { namespace, name: accountName(commander.spec?.template?.spec) };
  return granted && { namespace, name: `${release}-commander` };
}

function sourcesOf(snapshot: Snapshot, { namespace, release, commander, houston }: AstronomerParts): PoolSources {
  const seen = snapshot.completeness('houston-configs', namespace) === 'complete';
  const helm = newestDeployed(snapshot.list('helm-releases', namespace), release);
  const helmSeen = snapshot.completeness('helm-releases', namespace) === 'complete';
  return {
    ...(houston ? { houston } : seen ? {} : { houston: 'unknown' }),
    ...(commander ? { commander } : {}),
    ...(helm ? { helm } : helmSeen ? {} : { helm: 'unknown' }),
  };
}

/** The chart writes its own version on pods and Deployment alike; images have versions of their own. */
function versionOf({ metadata, spec }: NonNullable<AstronomerParts['commander']>): string | undefined {
  const label =
    spec?.template?.metadata?.labels?.version ?? /^astronomer-v?(\d.*)$/.exec(metadata.labels?.chart ?? '')?.[1];
  return label !== undefined && /^v?\d+\.\d+/.test(label) ? label.replace(/^v/, '') : undefined;
}

/** The pool's namespaces in the order of the list, and those that files grant something in where they hold no list. */
function tenantsOf(snapshot: Snapshot, pool: Pool, granted: readonly string[] = []): readonly Tenant[] {
  const [list] = pool.lists;
  const names = [...new Set([...pool.names, ...granted])];
  return names.map((name) => {
    const found = snapshot.find('namespaces', name);
    const known = snapshot.completeness('namespaces', name) === 'complete';
    return {
      id: name,
      namespace: name,
      exists: found ? true : known ? false : 'unknown',
      terminating: found?.status?.phase === 'Terminating' || Boolean(found?.metadata.deletionTimestamp),
      seen: pool.names.includes(name) ? [list?.where ?? ''] : ['a RoleBinding for Commander'],
      proven: pool.names.includes(name),
    };
  });
}

export function astronomerScope(seen: Snapshot, settings: Settings, allNamespaces: boolean): ReadScope {
  const found = findAstronomer(seen, settings);
  const detection = detectAstronomer(seen, settings);
  const tenants = 'platform' in detection ? detection.platform.tenants : [];
  const platformNamespaces = [...new Set(found.map(({ namespace }) => namespace))];
  const existing = tenants.filter(({ exists }) => exists !== false).map(({ namespace }) => namespace);
  const namespaces = [...new Set([...platformNamespaces, ...existing])];
  const belongs = new Set(namespaces);
  return {
    platformNamespaces,
    namespaces,
    narrow: settings.namespaces !== undefined && !allNamespaces && namespaces.length <= NARROW_LIMIT,
    keeps: (resource, object) =>
      object.metadata.namespace === undefined || belongs.has(object.metadata.namespace) || concerns(resource, object),
  };
}

/** What Commander may do elsewhere, and another Commander. */
function concerns(resource: Resource, object: KubeObject): boolean {
  if (resource === 'roles.rbac.authorization.k8s.io' || resource === 'rolebindings.rbac.authorization.k8s.io')
    return true;
  return resource === 'deployments.apps' && isCommander(object);
}

/** What to ask the API server's own authorizer: in each namespace of the pool the first right that the model denies. */
export function astronomerQuestions(snapshot: Snapshot, platform: AstronomerPlatform): readonly AccessQuestion[] {
  const { account, needs, tenants } = platform;
  if (!account) return [];
  const identity = serviceAccountIdentity(account.namespace, account.name);
  const denied = deniedRules(authorizerOf(snapshot), identity, needs.version ?? needs.always);
  return tenants
    .filter(({ exists }) => exists === true)
    .flatMap(({ namespace }) => {
      const [first] = denied(namespace);
      return first ? [{ identity, question: questionOfRule({ ...first, namespace }) }] : [];
    })
    .slice(0, MAX_QUESTIONS);
}
