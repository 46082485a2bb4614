import { subjectFlag } from '../kubernetes/least-grant.ts';
import { accountOfUser } from '../kubernetes/rbac-question.ts';
import type { AccountRef } from '../model/access.ts';
import { defineCheck } from '../model/check.ts';
import type { FindingDraft } from '../model/finding.ts';
import type { PolicyRule } from '../model/kinds.ts';
import { PLATFORM_IDS, type Platform } from '../model/platform.ts';
import { commented, manual } from './drafting.ts';
import { evidenceOf, groupRefusals, REFUSAL_READS, refusalsOf, sinceOf, type Refusal } from './refusals.ts';

type Escalation = Extract<Refusal['denial'], { class: 'escalation' }>;

export default defineCheck({
  id: 'forbidden-by-escalation',
  title: 'Nobody is stopped from granting a role that it must grant',
  severity: 'high',
  area: 'forbidden',
  platforms: PLATFORM_IDS,
  reads: REFUSAL_READS,
  *run(view) {
    view.examined();
    const groups = groupRefusals(refusalsOf(view), ({ denial, namespace }) =>
      denial.class === 'escalation' ? JSON.stringify([namespace, denial.user, denial.target]) : undefined,
    );
    for (const group of groups) yield draftOf(view.platform, group);
  },
});

function draftOf(platform: Platform, group: readonly [Refusal, ...Refusal[]]): FindingDraft {
  const [{ denial, namespace, subject, reported }] = group;
  const { user, target, missing } = denial as Escalation;
  const account = accountOfUser(user ?? '');
  const who = account ? `ServiceAccount ${account.namespace}/${account.name}` : `User ${user ?? 'unknown'}`;
  const what = target ? `${target.resource}${target.name === undefined ? '' : ` ${target.name}`}` : 'a role';
  return {
    object: subject,
    discriminator: `${user ?? ''} ${what}`,
    message: `${who} was stopped from granting rights that it does not hold itself (${what})`,
    confidence: 'certain',
    evidence: [
      ...evidenceOf(group),
      ...missing.slice(0, 5).map((rule) => ({ type: 'rbac' as const, message: `lacks ${wordsOf(rule)}` })),
    ],
    ...sinceOf(group),
    tenant: namespace,
    ...(account ? { keys: { account: `${account.namespace}/${account.name}` } } : {}),
    remediation: manual(
      'Let an administrator bind the role, or grant the verb bind on exactly that role; never escalate',
      ...(reported && user !== undefined
        ? [`# in the namespace where it happened, which is not told; here as if in ${namespace}:`]
        : []),
      ...(user === undefined ? [] : bindSteps(namespace, user, reported ? undefined : account, platform)),
    ),
  };
}

/** Commented out for everybody but the platform's account: others may rightly be stopped. */
function bindSteps(
  namespace: string,
  user: string,
  account: AccountRef | undefined,
  platform: Platform,
): readonly string[] {
  const steps = [
    `kubectl -n ${namespace} create role bind-edit --verb=bind --resource=clusterroles.rbac.authorization.k8s.io --resource-name=edit`,
    `kubectl -n ${namespace} create rolebinding bind-edit --role=bind-edit ${subjectFlag(user)}`,
  ];
  const own = account?.namespace === platform.account?.namespace && account?.name === platform.account?.name;
  return account && own
    ? ['# with the name of the role that it must grant in place of edit:', ...steps]
    : ['# only if it is meant to grant roles, and with the name of that role in place of edit:', ...commented(steps)];
}

function wordsOf({ verbs, apiGroups, resources, nonResourceURLs }: PolicyRule): string {
  const what =
    nonResourceURLs?.join(', ') ??
    (resources ?? []).map((resource) => `${resource}${apiGroups?.[0] ? `.${apiGroups[0]}` : ''}`).join(', ');
  return `${verbs.join(', ')} ${what}`;
}
