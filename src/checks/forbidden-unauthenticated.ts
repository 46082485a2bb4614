import { orgOfWorkload } from '../kubernetes/platform-component.ts';
import { defineCheck } from '../model/check.ts';
import type { FindingDraft } from '../model/finding.ts';
import { PLATFORM_IDS } from '../model/platform.ts';
import { shellQuote } from '../model/text.ts';
import { manual } from './drafting.ts';
import { evidenceOf, groupRefusals, REFUSAL_READS, refusalsOf, sinceOf, type Refusal } from './refusals.ts';

export default defineCheck({
  id: 'forbidden-unauthenticated',
  title: "The API server accepts the platform's credentials",
  severity: 'high',
  area: 'forbidden',
  platforms: PLATFORM_IDS,
  reads: REFUSAL_READS,
  causes: [
    { check: 'platform-service-account-missing', by: ['account'] },
    { check: 'platform-token-not-mounted', by: ['account'] },
  ],
  *run(view) {
    view.examined();
    const { platformNamespace, ownNamespaces } = view.platform;
    const own = platformNamespace === undefined ? ownNamespaces : [platformNamespace];
    const groups = groupRefusals(refusalsOf(view, own), (refusal) =>
      refusal.denial.class === 'unauthenticated' && !isCrews(refusal) ? JSON.stringify(refusal.subject) : undefined,
    );
    for (const group of groups) yield draftOf(group);
  },
});

/** What crews do with credentials of their own is not the platform's. */
function isCrews({ subject, subjectObject }: Refusal): boolean {
  return orgOfWorkload(subjectObject ?? { metadata: { name: subject.name } }) !== undefined;
}

function draftOf(group: readonly [Refusal, ...Refusal[]]): FindingDraft {
  const [{ subject, namespace, evidence }] = group;
  const told = evidence.type === 'log' && !evidence.object;
  const target = shellQuote(`${subject.kind.toLowerCase()}/${subject.name}`);
  return {
    object: subject,
    message: `${told ? 'Whoever wrote the text' : `${subject.kind} ${namespace}/${subject.name}`} was turned away by the API server: its credentials are missing or not valid`,
    confidence: 'certain',
    evidence: evidenceOf(group),
    ...sinceOf(group),
    tenant: namespace,
    remediation: manual(
      'Give the pods a fresh token; no role or binding helps',
      '# tokens of an account that was deleted and made anew are not valid: restart pods that are older than their account',
      subject.kind === 'Deployment' || subject.kind === 'StatefulSet'
        ? `kubectl -n ${namespace} rollout restart ${target}`
        : `kubectl -n ${namespace} describe ${target}`,
      '# check the clocks of the nodes, and that the account still exists:',
      `kubectl -n ${namespace} get serviceaccounts`,
    ),
  };
}
