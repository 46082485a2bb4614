import { subjectFlag } from '../kubernetes/least-grant.ts';
import type { AccessRule } from '../model/access.ts';
import { compareNames } from '../model/object.ts';
import type { Target } from '../model/report.ts';
import { shellQuote } from '../model/text.ts';

/** Beyond this many namespaces a cluster-wide role is the smaller thing to ask for. */
export const MAX_NAMESPACES = 20;

/** In double quotes: the name, as the shell of whoever was refused something finds it out. */
export const UNKNOWN_USER = "$(kubectl auth whoami -o jsonpath='{.status.userInfo.username}')";

/**
 * The kubectl commands with which an administrator gives the identity of a report what was refused to it: read rights
 * in one role, reviews in another. Roles are bound in namespaces only where the cluster scope was not what is missing.
 */
export function grantCommands(grants: readonly AccessRule[], identity: Target['identity']): readonly string[] {
  const subject = identity ? subjectFlag(identity.username) : `--user="${UNKNOWN_USER}"`;
  const reading = grants.filter(({ verb }) => verb !== 'create');
  const asking = grants.filter(({ verb }) => verb === 'create');
  return [
    ...commandsFor('crewiso-reader', 'get,list', reading, subject),
    ...commandsFor('crewiso-reviewer', 'create', asking, subject),
  ];
}

function commandsFor(role: string, verbs: string, grants: readonly AccessRule[], subject: string): readonly string[] {
  const spaces = new Set(grants.flatMap(({ namespace }) => namespace ?? []));
  const everywhere = spaces.size > MAX_NAMESPACES;
  const cluster = grants.filter(({ namespace }) => everywhere || namespace === undefined).map(resourceOf);
  const known = new Set(cluster);
  const local = grants.filter((grant) => grant.namespace !== undefined && !known.has(resourceOf(grant)));
  return [
    ...(cluster.length > 0
      ? [
          `kubectl create clusterrole ${role} --verb=${verbs} --resource=${joined(cluster)}`,
          `kubectl create clusterrolebinding ${role} --clusterrole=${role} ${subject}`,
        ]
      : []),
    ...namespaced(local).flatMap(([resources, namespaces]) =>
      roleCommands(role, verbs, resources, namespaces, subject),
    ),
  ];
}

function roleCommands(
  role: string,
  verbs: string,
  resources: string,
  spaces: readonly string[],
  subject: string,
): string[] {
  const create = `kubectl create role ${role} --verb=${verbs} --resource=${resources} -n`;
  const bind = `kubectl create rolebinding ${role} --role=${role} ${subject} -n`;
  const [only = '', ...others] = spaces.map(shellQuote);
  if (others.length === 0) return [`${create} ${only}`, `${bind} ${only}`];
  return [`for ns in ${[only, ...others].join(' ')}; do ${create} "$ns"; ${bind} "$ns"; done`];
}

/** Namespaces in which the same resources are missing. */
function namespaced(grants: readonly AccessRule[]): readonly (readonly [string, readonly string[]])[] {
  const byNamespace = new Map<string, string[]>();
  for (const grant of grants) {
    const namespace = grant.namespace ?? '';
    byNamespace.set(namespace, [...(byNamespace.get(namespace) ?? []), resourceOf(grant)]);
  }
  const byResources = new Map<string, string[]>();
  for (const namespace of [...byNamespace.keys()].sort(compareNames)) {
    const resources = joined(byNamespace.get(namespace) ?? []);
    byResources.set(resources, [...(byResources.get(resources) ?? []), namespace]);
  }
  return [...byResources];
}

/** As `kubectl create role --resource` takes it: `pods/log`, `deployments.apps/scale`. */
function resourceOf({ resource, group }: AccessRule): string {
  const [plural = '', ...sub] = resource.split('/');
  return [group === '' ? plural : `${plural}.${group}`, ...sub].join('/');
}

const joined = (resources: readonly string[]): string =>
  shellQuote([...new Set(resources)].sort(compareNames).join(','));
