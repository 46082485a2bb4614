import { refOf, resourceOf } from '../kubernetes/resource-of.ts';
import { namespaceOfOrg } from '../kubernetes/tenant-names.ts';
import { MANAGED_BY, MANAGER } from '../kubernetes/write-state.ts';
import { defineCheck, type CrewaiView } from '../model/check.ts';
import type { Evidence, FindingDraft, Remediation } from '../model/finding.ts';
import type { SecretEntry, Service } from '../model/kinds.ts';
import { compareNames, type KubeObject, type ObjectRef } from '../model/object.ts';
import { RESOURCES, type Resource } from '../model/resource.ts';
import { count, shellQuote } from '../model/text.ts';
import { agreeing, atMost, claimsOf, isOfRelease, isSelected, orgOfClaims, weakest } from './crew-objects.ts';
import { hostsOf } from './crew-routes.ts';
import { manual } from './drafting.ts';
import { isolationIsOn } from './platform-release.ts';

/** In the order in which they are named, and may be deleted; the last two hold data. */
const KINDS = [
  'ingresses.networking.k8s.io',
  'services',
  'horizontalpodautoscalers.autoscaling',
  'configmaps',
  'serviceaccounts',
  'persistentvolumeclaims',
  'secrets',
] as const satisfies readonly Resource[];
type Kind = (typeof KINDS)[number];
const DATA: ReadonlySet<Kind> = new Set(['persistentvolumeclaims', 'secrets']);

const SHOWN = 20;

interface Leftover {
  readonly kind: Kind;
  readonly object: KubeObject;
  readonly ref: ObjectRef;
}

export default defineCheck({
  id: 'workload-orphan-leftovers',
  title: 'Nothing else of isolated crews is left in the shared namespace',
  severity: 'medium',
  area: 'workload',
  platforms: ['crewai'],
  reads: KINDS,
  // What the state of the isolation flag is inferred from.
  evidence: ['deployments.apps'],
  causes: [{ check: 'platform-isolation-flag-late', by: ['platform'] }],
  *run(view) {
    const byOrg = leftoversOf(view);
    if (view.platform.isolation.state === 'on') view.examined();
    if (byOrg.size === 0 || !isolationIsOn(view)) return;
    for (const [org, left] of [...byOrg].sort(([a], [b]) => compareNames(a, b))) {
      view.examined();
      yield finding(view, org, left);
    }
  },
});

function leftoversOf(view: CrewaiView<Kind>): ReadonlyMap<string, readonly Leftover[]> {
  const { platform } = view;
  const byOrg = new Map<string, Leftover[]>();
  for (const kind of KINDS) {
    for (const object of view.list(kind, platform.sharedNamespace)) {
      const org = orgOfClaims(claimsOf(object));
      if (org === undefined || !isSelected(platform, org)) continue;
      if (isOfRelease(platform, object) || goesByItself(object) || isKept(object)) continue;
      byOrg.set(org, [...(byOrg.get(org) ?? []), { kind, object, ref: refOf(kind, object) }]);
    }
  }
  return byOrg;
}

/** It goes with the workload or Service that owns it, or is on its way. */
function goesByItself({ metadata }: KubeObject): boolean {
  const owners = metadata.ownerReferences ?? [];
  return Boolean(metadata.deletionTimestamp) || owners.some(({ apiVersion, kind }) => resourceOf(apiVersion, kind));
}

/** What a repair keeps for its undo; `fix history --prune` removes it. */
const isKept = ({ metadata }: KubeObject): boolean => metadata.labels?.[MANAGED_BY] === MANAGER;

function finding(view: CrewaiView<Kind>, org: string, left: readonly Leftover[]): FindingDraft {
  const { isolation, sharedNamespace } = view.platform;
  const home = namespaceOfOrg(sharedNamespace, org);
  const confidence = weakest(isolation.confidence, ...left.map(({ object }) => agreeing(claimsOf(object))));
  const exposed = left.some((item) => exposes(item));
  const kinds = KINDS.flatMap((kind) => {
    const number = left.filter((item) => item.kind === kind).length;
    return number === 0 ? [] : [count(number, RESOURCES[kind].kind, pluralOf(kind))];
  });
  return {
    object: { apiVersion: 'v1', kind: 'Namespace', name: sharedNamespace },
    discriminator: `org-${org}`,
    message: `Of organization ${org}, ${kinds.join(', ')} ${left.length === 1 ? 'is' : 'are'} left in ${sharedNamespace}${exposed ? ', reachable from outside' : ''}`,
    severity: atMost(exposed ? 'high' : 'medium', confidence),
    confidence,
    tenant: home,
    keys: { namespace: [sharedNamespace, home] },
    evidence: [
      ...left.slice(0, SHOWN).map(evidenceOf),
      ...(left.length > SHOWN ? [{ type: 'object' as const, message: `and ${String(left.length - SHOWN)} more` }] : []),
      { type: 'discovery', message: `isolation is on: ${isolation.why}` },
    ],
    remediation: remediationOf(sharedNamespace, home, left),
  };
}

const pluralOf = (kind: Kind): string =>
  kind === 'ingresses.networking.k8s.io' ? 'Ingresses' : `${RESOURCES[kind].kind}s`;

/** Whether it can be reached from outside of the cluster, as far as its kind says. */
function exposes({ kind, object }: Leftover): boolean {
  if (kind === 'ingresses.networking.k8s.io') return true;
  const type = kind === 'services' ? (object as Service).spec?.type : undefined;
  return type === 'LoadBalancer' || type === 'NodePort';
}

function evidenceOf({ kind, object, ref }: Leftover): Evidence {
  return { type: 'object', object: ref, message: `${ref.kind} ${ref.name}${detailOf(kind, object)}` };
}

function detailOf(kind: Kind, object: KubeObject): string {
  if (kind === 'ingresses.networking.k8s.io') return ` for ${hostsOf(object).join(', ') || 'every host'}`;
  if (kind === 'services') return ` of type ${(object as Service).spec?.type ?? 'ClusterIP'}`;
  if (kind === 'secrets') return ` of type ${(object as SecretEntry).type} holds data`;
  return kind === 'persistentvolumeclaims' ? ' holds data' : '';
}

function remediationOf(namespace: string, home: string, left: readonly Leftover[]): Remediation {
  const named = (data: boolean): string =>
    left
      .filter(({ kind }) => DATA.has(kind) === data)
      .map(({ ref }) => `${ref.kind.toLowerCase()}/${shellQuote(ref.name)}`)
      .join(' ');
  const [plain, data] = [named(false), named(true)];
  return manual(
    'Delete what is left once the crews run in their own namespaces; look at what holds data first',
    `# only when ${home} has its own, and no workload of the organization runs in ${namespace} (workload-orphaned):`,
    ...(plain === '' ? [] : [`kubectl -n ${namespace} delete ${plain}`]),
    ...(data === ''
      ? []
      : [`# holds data that deleting destroys; save what is needed, then: kubectl -n ${namespace} delete ${data}`]),
  );
}
