import { defineCheck, type View } from '../model/check.ts';
import type { CrewaiGuest } from '../model/coreweave.ts';
import type { FindingDraft } from '../model/finding.ts';
import { asSureAsHandle, MAX_IDENTIFIER, MAX_NAMESPACES, namespaceRef } from './coreweave-siblings.ts';
import { absent, manual } from './drafting.ts';

type Rule = Pick<FindingDraft, 'object' | 'message' | 'evidence' | 'discriminator'>;

export default defineCheck({
  id: 'coreweave-isolation-infeasible',
  title: "CrewAI's namespace isolation fits CoreWeave's rules for namespaces",
  severity: 'high',
  area: 'platform',
  platforms: ['coreweave'],
  reads: ['namespaces', 'deployments.apps'],
  *run(view) {
    const { crewai } = view.platform;
    view.complete('namespaces');
    view.complete('deployments.apps');
    // Without isolation nothing is called after an organization.
    if (!crewai || crewai.isolation.state === 'off') return;
    view.examined();
    for (const rule of [...names(view, crewai), ...numbers(view, crewai), ...automatic(view, crewai)]) {
      yield {
        ...rule,
        ...asSureAsHandle(view, crewai.isolation.state === 'on' ? crewai.isolation.confidence : 'likely', 'high'),
        remediation: manual(
          'Keep CrewAI in its shared namespace, or run it in a cluster of its own',
          '# CoreWeave Kubernetes Service (CKS) is a whole cluster: these limits are not there',
          '# what fits is made by hand: the namespace in the portal, then kubectl crewiso provision ID for its RoleBinding and Secret',
        ),
      };
    }
  },
});

type Guest = View<never, 'coreweave'>;

/** The identifier is what follows the handle: `org-<id>`, with at most three digits where K8S_NAMESPACE is the original. */
function names({ platform: { original } }: Guest, { sharedNamespace, orgs }: CrewaiGuest): readonly Rule[] {
  if (sharedNamespace !== original && !sharedNamespace.startsWith(`${original}-`)) {
    return [
      {
        object: namespaceRef(sharedNamespace),
        discriminator: 'prefix',
        message: `namespaces of organizations would be called ${sharedNamespace}-org-…, and CoreWeave makes none that does not begin with ${original}-`,
        evidence: [{ type: 'comparison', observed: sharedNamespace, expected: original }],
      },
    ];
  }
  return orgs
    .filter(({ exists }) => exists !== true)
    .map(({ id, namespace }) => ({ id, namespace, identifier: namespace.slice(original.length + 1) }))
    .filter(({ identifier }) => identifier.length > MAX_IDENTIFIER)
    .map(({ id, namespace, identifier }) => ({
      object: absent('namespaces', namespace),
      message: `organization ${id} needs the identifier ${identifier} of ${String(identifier.length)} characters, ${String(MAX_IDENTIFIER)} are allowed`,
      evidence: [{ type: 'comparison' as const, observed: identifier.length, expected: MAX_IDENTIFIER }],
    }));
}

function numbers({ platform: { original, allTenants } }: Guest, { orgs }: CrewaiGuest): readonly Rule[] {
  const missing = orgs.filter(({ exists }) => exists === false);
  const all = allTenants.length + missing.length;
  if (missing.length === 0 || all <= MAX_NAMESPACES) return [];
  return [
    {
      object: namespaceRef(original),
      discriminator: 'number',
      message: `${String(allTenants.length)} namespaces are there and ${String(missing.length)} organizations need one each: more than ${String(MAX_NAMESPACES)} cannot be made`,
      evidence: [{ type: 'comparison', observed: all, expected: MAX_NAMESPACES }],
    },
  ];
}

function automatic({ platform: { original } }: Guest, { auto }: CrewaiGuest): readonly Rule[] {
  if (!auto) return [];
  return [
    {
      object: namespaceRef(original),
      discriminator: 'automatic',
      message:
        'CrewAI is to make namespaces itself (rbac.namespaceIsolation), and namespaces are made in the portal alone',
      evidence: [{ type: 'comparison', path: 'rbac.namespaceIsolation', observed: true, expected: false }],
    },
  ];
}
