import { parseQuantity } from '../kubernetes/quantity.ts';
import { defineCheck, type View } from '../model/check.ts';
import { compareNames } from '../model/object.ts';
import { asSureAsHandle, namespaceRef } from './coreweave-siblings.ts';
import { livingTenants, manual } from './drafting.ts';

type DriftView = View<'namespaces' | 'resourcequotas' | 'rolebindings.rbac.authorization.k8s.io', 'coreweave'>;

export default defineCheck({
  id: 'coreweave-sibling-drift',
  title: "Sibling namespaces have the original's quota and permissions",
  severity: 'medium',
  area: 'quota',
  platforms: ['coreweave'],
  reads: ['namespaces', 'resourcequotas', 'rolebindings.rbac.authorization.k8s.io'],
  *run(view) {
    const { original } = view.platform;
    view.complete('namespaces');
    const wanted = stateOf(view, original);
    for (const { namespace } of livingTenants(view.platform)) {
      if (namespace === original) continue;
      view.examined();
      const found = stateOf(view, namespace);
      if (!wanted.seen || !found.seen || view.find('namespaces', original) === 'absent') continue;
      const differences = [
        ...differing('quota', wanted.quota, found.quota),
        ...differing('', wanted.people, found.people),
      ];
      if (differences.length === 0) continue;
      yield {
        object: namespaceRef(namespace),
        message: `${namespace} differs from ${original}: ${differences.slice(0, 3).join('; ')}${differences.length > 3 ? '; …' : ''}`,
        ...asSureAsHandle(view, 'likely', 'medium'),
        tenant: namespace,
        evidence: differences.map((message) => ({ type: 'comparison' as const, message })),
        remediation: manual(
          'Have it made equal, if it is not meant to differ',
          '# it has the quota and permissions of the namespace that was selected in the portal when it was made',
          `# quotas are CoreWeave's to change: https://cloud.coreweave.com/contact, naming ${namespace} and ${original}`,
          `kubectl -n ${namespace} get resourcequotas,rolebindings`,
        ),
      };
    }
  },
});

interface State {
  readonly seen: boolean;
  readonly quota: ReadonlyMap<string, string>;
  readonly people: ReadonlyMap<string, string>;
}

function stateOf(view: DriftView, namespace: string): State {
  const seen = [
    view.complete('resourcequotas', namespace),
    view.complete('rolebindings.rbac.authorization.k8s.io', namespace),
  ].every(Boolean);
  return { seen, quota: quotaOf(view, namespace), people: peopleOf(view, namespace) };
}

/** All quotas of a namespace as one, the strictest of each dimension. */
function quotaOf(view: DriftView, namespace: string): State['quota'] {
  const quota = new Map<string, string>();
  for (const { spec } of view.evidence('resourcequotas', namespace)) {
    for (const [dimension, value] of Object.entries(spec?.hard ?? {})) {
      const known = quota.get(dimension);
      const text = String(value);
      if (known === undefined || (amount(text) ?? Infinity) < (amount(known) ?? Infinity)) quota.set(dimension, text);
    }
  }
  return quota;
}

/** Bindings by what they say, not by their names. */
function peopleOf(view: DriftView, namespace: string): State['people'] {
  const people = new Map<string, string>();
  for (const { roleRef, subjects } of view.evidence('rolebindings.rbac.authorization.k8s.io', namespace)) {
    for (const subject of subjects ?? []) {
      // An account of the namespace itself is the same as its counterpart in another one.
      const home = subject.namespace === namespace ? '' : `${subject.namespace ?? ''}/`;
      const who = subject.kind === 'ServiceAccount' ? `${home}${subject.name}` : subject.name;
      people.set(`${subject.kind} ${who} with ${roleRef.kind} ${roleRef.name}`, 'yes');
    }
  }
  return people;
}

const amount = (text: string): number | undefined => {
  const parsed = parseQuantity(text);
  return parsed === undefined ? undefined : Number(parsed);
};

function differing(what: string, wanted: State['quota'], found: State['quota']): readonly string[] {
  const keys = [...new Set([...wanted.keys(), ...found.keys()])].sort(compareNames);
  return keys.flatMap((key) => {
    const [there, here] = [wanted.get(key), found.get(key)];
    if (there === here || (there !== undefined && here !== undefined && amount(there) === amount(here))) return [];
    if (what === '') return [`${here === undefined ? 'lacks' : 'has besides'} ${key}`];
    return [`${what} ${key} ${here ?? 'unlimited'} instead of ${there ?? 'unlimited'}`];
  });
}
