import { crewOfName } from '../kubernetes/tenant-names.ts';
import { defineCheck } from '../model/check.ts';
import type { FindingDraft, Remediation } from '../model/finding.ts';
import type { Tenant } from '../model/platform.ts';
import { shellQuote } from '../model/text.ts';
import { claimsOfWorkload, type CrewClaims } from './crew-objects.ts';
import { livingTenants, manual } from './drafting.ts';
import { objectKey } from './workload-subjects.ts';
import { ownedBy } from './owned.ts';
import { relabel } from './fix-changes.ts';
import { ROOT_READS, rootWorkloads, type RootWorkload } from './root-workloads.ts';

const WORDS: Readonly<Record<keyof CrewClaims, string>> = {
  name: 'name',
  label: 'label',
  template: "pod template's label",
  pods: "pods' label",
};

export default defineCheck({
  id: 'workload-namespace-mismatch',
  title: 'Each workload runs in the namespace of the organization it belongs to',
  severity: 'critical',
  area: 'workload',
  platforms: ['crewai'],
  reads: ROOT_READS,
  evidence: ['secrets'],
  *run(view) {
    for (const tenant of livingTenants(view.platform)) {
      for (const root of rootWorkloads(view, tenant.namespace)) {
        const claims = claimsOfWorkload(root, idOfLabel);
        if (Object.keys(claims).length === 0) continue;
        view.examined();
        const foreign = (Object.keys(WORDS) as (keyof CrewClaims)[]).filter(
          (source) => claims[source] !== undefined && claims[source] !== tenant.id,
        );
        if (foreign.length === 0) continue;
        const draft = finding(tenant, root, claims, foreign);
        yield root.object
          ? {
              ...draft,
              ...relabelFix(tenant, root, claims, foreign),
              remediation: ownedBy(view, root.object, draft.remediation),
            }
          : draft;
      }
    }
  },
});

/** Compared as numbers: a label `org-07` means organization 7, although CrewAI itself writes none such. */
function idOfLabel(value: string | undefined): string | undefined {
  return /^org-0*([1-9][0-9]*)$/.exec(value ?? '')?.[1];
}

function finding(
  tenant: Tenant,
  root: RootWorkload,
  claims: CrewClaims,
  foreign: readonly (keyof CrewClaims)[],
): FindingDraft {
  const { ref } = root;
  const { namespace, id } = tenant;
  // One of them says that it is at home: then this is a wrong mark, not a foreign crew.
  const disagree = foreign.length < Object.keys(claims).length;
  const orgs = [...new Set(foreign.map((source) => claims[source] ?? ''))];
  const by = foreign.map((source) => WORDS[source]).join(' and ');
  const created = root.object?.metadata.creationTimestamp;
  return {
    object: ref,
    message: disagree
      ? `${ref.kind} ${ref.name} in ${namespace} says organization ${orgs.join(' and ')} by its ${by}, ${id} otherwise`
      : `${ref.kind} ${ref.name} runs in ${namespace} and belongs to organization ${orgs.join(' and ')} by its ${by}`,
    severity: disagree ? 'medium' : 'critical',
    confidence: foreign.some((source) => source !== 'name') ? 'certain' : 'likely',
    ...(created ? { since: created } : {}),
    keys: { object: objectKey(ref) },
    evidence: [
      {
        type: 'comparison',
        object: ref,
        observed: claims,
        expected: id,
        message: `${(Object.keys(WORDS) as (keyof CrewClaims)[]).map((source) => `${WORDS[source]}: ${claims[source] ?? 'none'}`).join(', ')}; namespace: ${id}`,
      },
    ],
    remediation: disagree ? relabelSteps(tenant, root, foreign) : moveHome(tenant, root, orgs),
  };
}

/** Only where the object's own label alone is wrong: selector and pod template stay as they are. */
function relabelFix(
  { id }: Tenant,
  { object, resource }: RootWorkload,
  claims: CrewClaims,
  foreign: readonly (keyof CrewClaims)[],
): Pick<FindingDraft, 'fix'> {
  const only = foreign.length === 1 && foreign[0] === 'label' && Object.keys(claims).length > 1;
  if (!only || !object || !resource || resource === 'pods') return {};
  return {
    fix: {
      class: 'review',
      summary: "correct the object's label org-id",
      changes: [relabel(resource, object, 'org-id', `org-${id}`)],
    },
  };
}

function relabelSteps({ id, namespace }: Tenant, { ref }: RootWorkload, foreign: readonly string[]): Remediation {
  const what = `${ref.kind.toLowerCase()} ${shellQuote(ref.name)}`;
  if (foreign.length === 1 && foreign[0] === 'label') {
    return manual(
      'Correct the label org-id of the object; selector and pod template stay as they are',
      `kubectl -n ${namespace} label ${what} org-id=org-${id} --overwrite`,
    );
  }
  return manual(
    'Find out which organization it is of, and deploy the crew again from the CrewAI UI there',
    `kubectl -n ${namespace} get ${what} -o yaml`,
    '# the pod template and the name cannot be corrected in place: selectors depend on them',
  );
}

function moveHome({ namespace, id }: Tenant, { ref }: RootWorkload, orgs: readonly string[]): Remediation {
  const crew = crewOfName(ref.name)?.crew;
  return manual(
    'Deploy each crew again in its own organization, delete the stray one, and replace what the other tenant could read',
    `# deploy ${crew === undefined ? 'it' : `crew ${crew}`} again from the CrewAI UI in organization ${orgs.join(' or ')}; once it is ready there:`,
    `kubectl -n ${namespace} delete ${ref.kind.toLowerCase()} ${shellQuote(ref.name)}`,
    `# then replace every key that it held: organization ${id} could read them`,
  );
}
