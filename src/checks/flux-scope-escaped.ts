import { authorizerOf } from '../kubernetes/rbac-snapshot.ts';
import type { Authorizer } from '../kubernetes/rbac.ts';
import { defineCheck, type FluxView } from '../model/check.ts';
import type { FindingDraft } from '../model/finding.ts';
import { RBAC } from '../model/resource.ts';
import { count } from '../model/text.ts';
import { rbacComplete } from './access.ts';
import { manual } from './drafting.ts';
import {
  actorOf,
  APPLIED,
  appliedIn,
  identityOf,
  keyOfRef,
  mayWrite,
  sameTenant,
  tenantsSeen,
  type Applied,
} from './flux-objects.ts';

const READS = [...APPLIED, 'namespaces', 'deployments.apps', ...RBAC] as const;
type Eyes = FluxView<(typeof READS)[number]>;

export default defineCheck({
  id: 'flux-scope-escaped',
  title: 'Tenant Flux objects manage only their own namespace',
  severity: 'critical',
  area: 'namespace',
  platforms: ['flux'],
  reads: READS,
  causes: [{ check: 'flux-account-unset', by: ['object'] }],
  *run(view) {
    const authorizer = authorizerOf({ origin: view.origin, list: (resource) => view.evidence(resource) });
    for (const { namespace } of tenantsSeen(view)) {
      for (const applied of appliedIn(view, namespace)) {
        view.examined();
        // In another cluster, of which nothing is known.
        if (applied.spec.kubeConfig) continue;
        const entries = foreignEntries(view, applied);
        const fields = foreignFields(view, authorizer, applied);
        if (entries.length > 0 || fields.length > 0) yield draftOf(applied, entries, fields);
      }
    }
  },
});

/** One object of an inventory: `<namespace>_<name>_<group>_<kind>`, without a namespace in none. */
interface Entry {
  readonly namespace: string;
  readonly group: string;
  readonly kind: string;
}

/** What it owns by its own account of things; names may hold `_` (for `:`, as `__`), the other parts cannot. */
function foreignEntries({ platform }: Eyes, { object, namespace }: Applied): readonly Entry[] {
  return (object.status?.inventory?.entries ?? []).flatMap(({ id }) => {
    const [, where = '', group = '', kind = ''] = /^([^_]*)_.+_([^_]*)_([^_]+)$/.exec(id) ?? [];
    if (kind === '' || (where !== '' && sameTenant(platform, namespace, where))) return [];
    return [{ namespace: where, group, kind }];
  });
}

/** A namespace that the object names, and where whoever applies it has rights. */
interface Field {
  readonly path: string;
  readonly namespace: string;
}

function foreignFields(view: Eyes, authorizer: Authorizer, applied: Applied): readonly Field[] {
  const { spec, namespace } = applied;
  const named = (['targetNamespace', 'storageNamespace'] as const).flatMap((field): Field[] => {
    const value = spec[field];
    return value ? [{ path: `/spec/${field}`, namespace: value }] : [];
  });
  const foreign = named.filter((field) => !sameTenant(view.platform, namespace, field.namespace));
  if (foreign.length === 0) return [];
  const actor = actorOf(view, applied);
  if (actor.as === 'controller') return foreign;
  if (actor.as !== 'account') return [];
  return foreign.filter((field) => {
    // An account without rights there escapes nowhere: flux-account-unbound and flux-not-ready tell of it.
    if (mayWrite(authorizer, identityOf(actor.account), field.namespace)) return true;
    rbacComplete(view, field.namespace);
    return false;
  });
}

function draftOf({ ref, name, namespace }: Applied, entries: readonly Entry[], fields: readonly Field[]): FindingDraft {
  const proven = entries.length > 0;
  const [field] = fields;
  const places = new Map<string, number>();
  for (const entry of entries) {
    const place = `${entry.namespace === '' ? 'at the cluster scope' : `in ${entry.namespace}`}: ${entry.kind}${entry.group === '' ? '' : `.${entry.group}`}`;
    places.set(place, (places.get(place) ?? 0) + 1);
  }
  const said = fields.map((each) => `${each.path.slice('/spec/'.length)} ${each.namespace}`).join(' and ');
  return {
    object: ref,
    path: proven ? '/status/inventory/entries' : (field?.path ?? '/spec'),
    message: proven
      ? `${ref.kind} ${namespace}/${name} manages ${count(entries.length, 'object')} outside of its namespace`
      : `${ref.kind} ${namespace}/${name} has ${said}, and the account that applies it may write there`,
    severity: proven ? 'critical' : 'high',
    confidence: proven ? 'certain' : 'likely',
    evidence: [
      ...[...places]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .slice(0, 10)
        .map(([place, number]) => ({
          type: 'object' as const,
          object: ref,
          path: '/status/inventory/entries',
          message: place,
          count: number,
        })),
      ...fields.map((each) => ({ type: 'object' as const, object: ref, path: each.path, observed: each.namespace })),
    ],
    keys: { object: keyOfRef(ref) },
    remediation: manual(
      "Apply it as the tenant's account, which has rights in its namespace only, and move the rest to the platform's repository",
      '# order: 1. the objects outside of its namespace into a Kustomization in the namespace of Flux; wait until that is ready',
      '# 2. only then out of this one: with prune: true it deletes what it no longer holds',
      `# 3. spec.serviceAccountName in ${ref.kind} ${namespace}/${name} (flux-account-unset)`,
    ),
  };
}
