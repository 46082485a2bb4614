import { accountOfUser } from '../kubernetes/rbac-question.ts';
import { resourceOfRule } from '../kubernetes/resource-of.ts';
import type { AccessRule } from '../model/access.ts';
import type { Report, Target } from '../model/report.ts';
import { RESOURCES } from '../model/resource.ts';
import { shellQuote } from '../model/text.ts';
import { grantCommands, MAX_NAMESPACES, UNKNOWN_USER } from './grant-commands.ts';

/** So many checks are named one by one; beyond that all of doctor is granted. */
const MAX_CHECKS = 3;

/**
 * The commands with which an administrator gives the identity of a report what was refused to it: kubectl's own as
 * long as one role does it, else one call of `kubectl crewiso rbac`, which knows what will be needed next.
 */
export function grantAdvice(report: Report): readonly string[] {
  const grants = report.coverage.gaps.flatMap(({ grant }) => grant ?? []);
  const commands = grantCommands(grants, report.target.identity);
  const scope = scopeFlag(grants, report);
  const platformUnknown = report.target.platforms.length === 0 && grants.length > 0;
  if (scope === undefined || (commands.length <= 2 && !platformUnknown)) return commands;
  const words = ['--for', purpose(report), ...scope, '--subject', subject(report.target.identity)];
  return [`kubectl crewiso rbac ${words.join(' ')} | kubectl apply -f -`];
}

/** None for the whole cluster; undefined where `rbac` would give more than is missing, or less. */
function scopeFlag(grants: readonly AccessRule[], { target }: Report): readonly string[] | undefined {
  const spaces = new Set(grants.flatMap(({ namespace }) => namespace ?? []));
  if (spaces.size === 0) return [];
  const orgs = target.tenants.filter(({ namespace }) => spaces.has(namespace)).map(({ id }) => id);
  if (orgs.length === 0 || orgs.length > MAX_NAMESPACES) return undefined;
  return grants.every((grant) => grant.namespace !== undefined || isOfCluster(grant))
    ? ['--org', orgs.join(',')]
    : undefined;
}

/** What roles in namespaces leave to the ClusterRole beside them; Deployments elsewhere only tell of other platforms. */
function isOfCluster(grant: AccessRule): boolean {
  const resource = resourceOfRule(grant);
  return resource !== undefined && (resource === 'deployments.apps' || !RESOURCES[resource].namespaced);
}

function purpose({ checks, coverage, target }: Report): string {
  const blind = checks.filter((check) => check.gaps.some((index) => coverage.gaps[index]?.grant !== undefined));
  return blind.length > MAX_CHECKS || target.platforms.length === 0 ? 'doctor' : blind.map(({ id }) => id).join(',');
}

function subject(identity: Target['identity']): string {
  if (!identity) return `"User:${UNKNOWN_USER}"`;
  const account = accountOfUser(identity.username);
  return shellQuote(account ? `${account.namespace}/${account.name}` : `User:${identity.username}`);
}
