import { grantSteps } from '../kubernetes/least-grant.ts';
import { questionOfDenial, type DeniedAccess } from '../kubernetes/forbidden.ts';
import { accountOfUser, serviceAccountIdentity } from '../kubernetes/rbac-question.ts';
import { authorizerOf } from '../kubernetes/rbac-snapshot.ts';
import type { Authorizer } from '../kubernetes/rbac.ts';
import type { AccountRef, Identity } from '../model/access.ts';
import { defineCheck, type View } from '../model/check.ts';
import type { FindingDraft, Remediation, Severity } from '../model/finding.ts';
import type { ObjectRef } from '../model/object.ts';
import { PLATFORM_IDS } from '../model/platform.ts';
import { RBAC } from '../model/resource.ts';
import { rbacComplete } from './access.ts';
import { commented, manual } from './drafting.ts';
import { evidenceOf, groupRefusals, REFUSAL_READS, refusalsOf, sinceOf, type Refusal } from './refusals.ts';

const READS = [...REFUSAL_READS, ...RBAC] as const;
type Eyes = View<(typeof READS)[number]>;
type RbacDenial = Extract<Refusal['denial'], { class: 'rbac' | 'cloud-iam' | 'impersonation' }>;

export default defineCheck({
  id: 'forbidden-by-rbac',
  title: 'No recent request of the platform was denied by RBAC',
  severity: 'critical',
  area: 'forbidden',
  platforms: PLATFORM_IDS,
  reads: READS,
  causes: [
    { check: 'namespace-missing', by: ['namespace'] },
    { check: 'rbac-access-missing', by: ['namespace', 'account'] },
    { check: 'rbac-access-partial', by: ['namespace', 'account'] },
    { check: 'rbac-isolation-binding-missing', by: ['account'] },
    { check: 'rbac-binding-role-missing', by: ['namespace', 'account'] },
  ],
  *run(view) {
    const authorizer = authorizerOf({ origin: view.origin, list: (resource) => view.evidence(resource) });
    view.examined(); // the Events of the last hour are what is judged, also when there are none
    for (const group of groupRefusals(refusalsOf(view), keyOf)) yield draftOf(view, authorizer, group);
  },
});

function isRbac(denial: Refusal['denial']): denial is RbacDenial {
  return denial.class === 'rbac' || denial.class === 'cloud-iam' || denial.class === 'impersonation';
}

/** Who, what, where; the object's name plays no part, a missing right concerns all of them. */
function keyOf({ denial, namespace }: Refusal): string | undefined {
  if (!isRbac(denial)) return undefined;
  const { user, verb, group, resource, subresource, path, scope } = denial;
  return JSON.stringify([
    user,
    verb,
    group,
    resource,
    subresource,
    path,
    scope === 'namespace' ? denial.namespace : scope,
    scope === 'unknown' ? namespace : '',
  ]);
}

function draftOf(view: Eyes, authorizer: Authorizer, group: readonly [Refusal, ...Refusal[]]): FindingDraft {
  const [{ denial, namespace: seenIn }] = group;
  const denied = denial as RbacDenial;
  const account = accountOfUser(denied.user ?? '');
  const state = isAllowedNow(view, authorizer, denied, account);
  const namespace = denied.scope === 'namespace' ? denied.namespace : undefined;
  const what = [denied.verb ?? 'use', describe(denied)].join(' ');
  const where =
    namespace === undefined ? (denied.scope === 'cluster' ? ' at the cluster scope' : '') : ` in ${namespace}`;
  const now = {
    yes: 'it is allowed now',
    no: 'RBAC still denies it',
    unknown: 'whether it is allowed now could not be seen',
  }[state];
  return {
    object: objectOf(denied, namespace, seenIn, account),
    discriminator: [denied.user, denied.verb, describe(denied)].join(' '),
    message: `${account ? `ServiceAccount ${account.namespace}/${account.name}` : `User ${denied.user ?? 'unknown'}`} was denied to ${what}${where}; ${now}`,
    severity: severityOf(view, state, account),
    confidence: 'certain',
    evidence: [
      ...evidenceOf(group),
      ...denied.danglingRoles.map((role) => ({
        type: 'rbac' as const,
        message: `${role.kind} ${role.name}, which a binding refers to, does not exist`,
      })),
    ],
    ...sinceOf(group),
    keys: {
      ...(account ? { account: `${account.namespace}/${account.name}` } : { account: denied.user ?? '' }),
      ...(namespace === undefined ? {} : { namespace }),
    },
    ...(namespace === undefined ? {} : { tenant: namespace }),
    remediation: remediationOf(view, denied, account, state),
  };
}

type Now = 'yes' | 'no' | 'unknown';

function isAllowedNow(view: Eyes, authorizer: Authorizer, denied: RbacDenial, account: AccountRef | undefined): Now {
  const question = questionOfDenial(denied);
  if (!question || denied.user === undefined || denied.class !== 'rbac') return 'unknown';
  const identity: Identity = account
    ? serviceAccountIdentity(account.namespace, account.name)
    : { user: denied.user, groups: ['system:authenticated'] };
  if (authorizer.decide(identity, question).allowed) return 'yes';
  // A person's groups are not in the message: what a group grants them cannot be seen.
  return account && rbacComplete(view, 'path' in question ? undefined : question.namespace) ? 'no' : 'unknown';
}

function severityOf(view: Eyes, state: Now, account: AccountRef | undefined): Severity {
  if (state === 'yes') return 'info';
  return state === 'no' && isPlatforms(view, account) ? 'critical' : 'high';
}

function isPlatforms({ platform }: Eyes, account: AccountRef | undefined): boolean {
  const own = platform.account;
  return own !== undefined && own.name === account?.name && own.namespace === account.namespace;
}

function objectOf(
  denied: RbacDenial,
  namespace: string | undefined,
  seenIn: string,
  account: AccountRef | undefined,
): ObjectRef {
  if (namespace !== undefined) return { apiVersion: 'v1', kind: 'Namespace', name: namespace };
  if (account) return { apiVersion: 'v1', kind: 'ServiceAccount', namespace: account.namespace, name: account.name };
  return { apiVersion: 'v1', kind: 'Namespace', name: seenIn };
}

function describe({ resource, subresource, group = '', path }: DeniedAccess): string {
  if (path !== undefined) return path;
  return `${resource ?? 'something'}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`;
}

function remediationOf(view: Eyes, denied: RbacDenial, account: AccountRef | undefined, state: Now): Remediation {
  if (state === 'yes') return { kind: 'none', summary: 'Nothing to do: the request is allowed now', steps: [] };
  if (denied.class === 'cloud-iam')
    return manual(
      "Grant it in the cloud's access management",
      '# the API server asked the cloud, not RBAC: a RoleBinding does not help',
    );
  if (denied.class === 'impersonation')
    return manual('Ask without impersonation', '# leave out --as and --as-group, or grant impersonate');
  const steps = stepsFor(denied);
  if (steps.length === 0)
    return manual(
      'Find the whole message: what is left of it does not say what was asked, and where',
      '# look for it in the log of whoever was refused',
    );
  if (isPlatforms(view, account))
    return manual('Grant exactly this, unless another finding already explains it', ...steps);
  // Anybody who can write an Event or end a container with a message can name an account here.
  return manual(
    'Decide whether it should be allowed at all; if so, grant exactly this',
    '# keeping others out is what the boundaries between organizations are for; only for what should be allowed:',
    ...commented(steps),
  );
}

/** A role with exactly the denied right for any object, and its binding; none where the text does not say all of it. */
function stepsFor(denied: RbacDenial): readonly string[] {
  const question = questionOfDenial(denied);
  if (!question || denied.user === undefined) return [];
  return grantSteps(denied.user, 'path' in question ? question : { ...question, name: '' });
}
