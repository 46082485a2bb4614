import { refOf } from '../kubernetes/resource-of.ts';
import type { BoundRole } from '../kubernetes/rbac.ts';
import { authorizerOf } from '../kubernetes/rbac-snapshot.ts';
import { defineCheck, type View } from '../model/check.ts';
import type { FindingDraft } from '../model/finding.ts';
import { PLATFORM_IDS } from '../model/platform.ts';
import { RBAC } from '../model/resource.ts';
import { count } from '../model/text.ts';
import { rbacComplete } from './access.ts';
import { bindingResource } from './binding-steps.ts';
import { dangerousRights, type Right } from './dangerous-rights.ts';
import { livingTenants, manual } from './drafting.ts';
import {
  confidenceOf,
  evidenceOfBinding,
  knownRights,
  livingNamespaces,
  ownNamespaceSteps,
  severityOf,
  tenantOf,
  withdrawal,
} from './tenant-rights.ts';
import { tenantSubjects, whoseOf, type TenantSubject } from './tenant-subjects.ts';

const READS = [...RBAC, 'serviceaccounts', 'namespaces'] as const;
type Eyes = View<(typeof READS)[number]>;

export default defineCheck({
  id: 'rbac-cross-tenant-access',
  title: "No organization's account reaches into another organization's namespace",
  severity: 'critical',
  area: 'rbac',
  platforms: PLATFORM_IDS,
  reads: READS,
  causes: [{ check: 'rbac-tenant-cluster-wide', by: ['account', 'object'] }],
  *run(view) {
    const { platform } = view;
    const authorizer = authorizerOf({ origin: view.origin, list: (resource) => view.evidence(resource) });
    const rightsOf = knownRights(dangerousRights);
    const everyTenant = livingNamespaces(platform.allTenants);
    const judged = livingTenants(platform).map(({ namespace }) => namespace);
    const chosen = new Set(judged);
    view.complete('namespaces');
    // What serves all organizations is foreign to each of them.
    const shared = platform.ownNamespaces;
    for (const namespace of [...judged, ...(judged.length > 0 ? shared : [])]) {
      view.examined();
      rbacComplete(view, namespace);
      const tenants = chosen.has(namespace) ? everyTenant : chosen;
      for (const bound of authorizer.bindingsIn(namespace)) {
        const foreign = strangers(view, bound, tenants, namespace);
        const rights = foreign.length > 0 ? rightsOf(bound) : [];
        if (rights.length > 0) yield draftOf(view, bound, foreign, rights, { count: 1, some: [namespace] });
      }
    }
    if (judged.length === 0) return;
    for (const bound of authorizer.bindingsIn()) {
      const subjects = existing(view, tenantSubjects(bound, everyTenant));
      const rights = subjects.length > 0 ? rightsOf(bound) : [];
      if (rights.length > 0) yield draftOf(view, bound, subjects, rights, reachedBy(subjects, [...judged, ...shared]));
    }
  },
});

/** Accounts of other tenants. A group of everybody is one, once there is another tenant. */
function strangers(view: Eyes, bound: BoundRole, tenants: ReadonlySet<string>, here: string): readonly TenantSubject[] {
  const found = tenantSubjects(bound, tenants);
  if (found.length === 0) return [];
  const own = namespacesOfTenant(view.platform, here);
  const others = [...tenants].some((namespace) => !own.has(namespace));
  return existing(
    view,
    found.filter(({ namespace }) => (namespace === undefined ? others : !own.has(namespace))),
  );
}

/** A tenant may have several namespaces; in the platform's own it has none. */
function namespacesOfTenant({ allTenants }: Eyes['platform'], here: string): ReadonlySet<string> {
  const id = allTenants.find(({ namespace }) => namespace === here)?.id;
  return new Set([here, ...allTenants.filter((tenant) => tenant.id === id).map(({ namespace }) => namespace)]);
}

/** A name that no account has grants nothing yet: rbac-binding-subject-wrong tells of it. Groups are never empty, for every namespace has `default`. */
function existing(view: Eyes, subjects: readonly TenantSubject[]): readonly TenantSubject[] {
  return subjects.filter(
    ({ account }) => !account || view.find('serviceaccounts', account.name, account.namespace) !== 'absent',
  );
}

/** Where rights hold that are not the subjects' own: how many namespaces, and the first few of them. */
interface Reached {
  readonly count: number;
  readonly some: readonly string[];
}

const SHOWN = 3;

/** All namespaces, but their own where the subjects are of one tenant. Only as many are looked at as are shown. */
function reachedBy(subjects: readonly TenantSubject[], all: readonly string[]): Reached {
  const [own, ...others] = new Set(subjects.map(({ namespace }) => namespace));
  const without = others.length === 0 ? own : undefined;
  const some = all.slice(0, SHOWN + 1).filter((namespace) => namespace !== without);
  return { count: all.length - (without !== undefined && all.includes(without) ? 1 : 0), some: some.slice(0, SHOWN) };
}

function draftOf(
  view: Eyes,
  bound: BoundRole,
  subjects: readonly TenantSubject[],
  rights: readonly Right[],
  reached: Reached,
): FindingDraft {
  const { binding, kind } = bound;
  const wide = kind === 'ClusterRoleBinding';
  const [worst] = rights;
  const may = rights.filter(({ severity }) => severity === worst?.severity).map(({ words }) => words);
  return {
    object: refOf(bindingResource(kind), binding),
    path: `/subjects/${String(subjects[0]?.index ?? 0)}`,
    message: `${whoseOf(subjects)} may ${may.join(', ')} in ${placeOf(view, bound, reached)}`,
    severity: severityOf(subjects, worst?.severity ?? 'high'),
    confidence: confidenceOf(view, bound),
    evidence: [
      ...evidenceOfBinding(view, bound, subjects, worst?.shown ?? ''),
      ...(wide ? [{ type: 'comparison' as const, message: `reaches ${listed(reached)}` }] : []),
    ],
    keys: {
      account: subjects.map(({ key }) => key),
      ...(wide ? { object: `ClusterRoleBinding/${binding.metadata.name}` } : {}),
    },
    ...tenantOf(view.platform, bound, subjects),
    remediation: manual(
      'Take these accounts out of the binding',
      ...withdrawal(view.platform, bound, subjects),
      ...(wide ? ownNamespaceSteps(bound, subjects) : []),
    ),
  };
}

function placeOf({ platform }: Eyes, { kind, binding }: BoundRole, { count: reached }: Reached): string {
  if (kind === 'ClusterRoleBinding') return `${count(reached, 'namespace')} besides its own`;
  const { namespace = '' } = binding.metadata;
  const shared = platform.ownNamespaces.includes(namespace);
  return `${namespace}, ${shared ? "the platform's own namespace" : "another organization's namespace"}`;
}

function listed({ count: reached, some }: Reached): string {
  const more = reached - some.length;
  return `${some.join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
}
