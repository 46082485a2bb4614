import { crewOfName } from '../kubernetes/tenant-names.ts';
import { defineCheck, type View } from '../model/check.ts';
import type { FindingDraft } from '../model/finding.ts';
import type { KubeObject } from '../model/object.ts';
import { PLATFORM_IDS, type Platform } from '../model/platform.ts';
import { isAdmission, readAdmission, type Admission } from './admission-classes.ts';
import { evidenceOf, groupRefusals, REFUSAL_READS, refusalsOf, sinceOf, type Refusal } from './refusals.ts';

export default defineCheck({
  id: 'forbidden-by-admission',
  title: 'No recent object was refused by admission',
  severity: 'high',
  area: 'forbidden',
  platforms: PLATFORM_IDS,
  reads: REFUSAL_READS,
  evidence: ['serviceaccounts'],
  causes: [
    { check: 'quota-exhausted', by: ['namespace'] },
    { check: 'quota-requests-unset', by: ['namespace', 'object'] },
    { check: 'pod-security-violated', by: ['namespace', 'object'] },
    { check: 'namespace-terminating', by: ['namespace'] },
  ],
  *run(view) {
    view.examined();
    const groups = groupRefusals(refusalsOf(view), ({ denial, namespace, subject, subjectObject, reported }) =>
      isAdmission(denial) && (reported || !isSettled(view, denial, subjectObject))
        ? JSON.stringify([subject, denial.class, readAdmission(denial, namespace).name, reported && denial.target])
        : undefined,
    );
    for (const group of groups) yield draftOf(view.platform, group);
  },
});

function draftOf(platform: Platform, group: readonly [Refusal, ...Refusal[]]): FindingDraft {
  const [refusal] = group;
  const { denial, subject, subjectObject, reported } = refusal;
  const namespace = placeOf(platform, refusal);
  const { name, words, remediation } = readAdmission(denial as Admission, namespace);
  const requested = [denial.target?.resource, denial.target?.name].filter(Boolean).join(' ');
  return {
    object: subject,
    discriminator: [denial.class, name, ...(reported ? [requested] : [])].join(' '),
    message: reported
      ? `${requested === '' ? 'A request' : `A request for ${requested}`} was ${words}, says ${tellerOf(refusal)}`
      : `${subject.kind} ${subject.name} in ${namespace} was ${words}`,
    severity: !reported && isComplete(subjectObject) ? 'medium' : 'high',
    confidence: 'certain',
    evidence: evidenceOf(group),
    ...sinceOf(group),
    tenant: namespace,
    // Who tells of it is not held up by it.
    keys: { namespace, ...(reported ? {} : { object: `${subject.kind}/${namespace}/${subject.name}` }) },
    remediation,
  };
}

const tellerOf = ({ subject, evidence }: Refusal): string =>
  evidence.object ? `the log of ${subject.kind} ${subject.namespace ?? ''}/${subject.name}` : 'the text';

/** Where it was refused. Logs and texts seldom say so; the name of what a crew was to get tells whose it is. */
function placeOf({ allTenants }: Platform, { denial, namespace, reported }: Refusal): string {
  if (!reported) return namespace;
  if (denial.class === 'terminating') return denial.namespace;
  const org = crewOfName(denial.target?.name ?? '')?.org;
  return allTenants.find(({ id }) => id === org)?.namespace ?? namespace;
}

/**
 * In a new namespace the first pods often come before the account that a controller makes: nothing to do once the
 * workload has its pods, or the account is there and what became of the workload is not to be seen.
 */
function isSettled(view: View<'serviceaccounts'>, denial: Admission, object: KubeObject | undefined): boolean {
  if (denial.class !== 'account-missing') return false;
  if (object) return isComplete(object) && isUpdated(object);
  const { namespace, name } = denial.account;
  return view.evidence('serviceaccounts', namespace).some(({ metadata }) => metadata.name === name);
}

/** No pod of an older template stands in for one that is refused. */
function isUpdated(object: KubeObject): boolean {
  const { spec, status } = object as { spec?: { replicas?: number }; status?: { updatedReplicas?: number } };
  return status?.updatedReplicas === undefined || status.updatedReplicas >= (spec?.replicas ?? 1);
}

/** It was refused once and has all its pods now. */
function isComplete(object: KubeObject | undefined): boolean {
  const { spec, status } = (object ?? {}) as { spec?: { replicas?: number }; status?: { readyReplicas?: number } };
  return object !== undefined && (status?.readyReplicas ?? 0) >= (spec?.replicas ?? 1);
}
