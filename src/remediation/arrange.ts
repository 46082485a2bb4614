import { stringAt } from '../kubernetes/json-value.ts';
import { targetOf, type Change, type Step } from '../model/fix.ts';
import { compareNames } from '../model/object.ts';
import { keyOf } from './merge.ts';

/** A change and what it is for; without a number yet. */
export type Loose = Change & { readonly fix: string; readonly tenant: string };

/** Each needs those before it: an account refers to a Secret, and nothing can be bound in a Namespace that is not there. */
const ORDER = ['Namespace', 'Role', 'RoleBinding', 'Secret', 'ServiceAccount'];

/** Tenants of one wave. */
const WAVE = 10;

export interface Arranged {
  readonly steps: readonly Step[];
  readonly waves: readonly (readonly number[])[];
}

/** Steps in the order of application: the canary first, then tenant by tenant, and in each what others build on first. */
export function arrange(changes: readonly Loose[], canary: string | undefined): Arranged {
  const sorted = [...changes].sort(
    (a, b) =>
      Number(b.tenant === canary) - Number(a.tenant === canary) ||
      compareNames(a.tenant, b.tenant) ||
      rankOf(a) - rankOf(b) ||
      // A backup comes before what it is a backup of; what is created, before what is changed.
      Number(a.op !== 'create') - Number(b.op !== 'create') ||
      compareNames(keyOf(a), keyOf(b)),
  );
  const numbers = new Map(sorted.map((change, index) => [keyOf(change), index + 1]));
  const steps = sorted.map((change, index): Step => {
    const dependsOn = dependenciesOf(change, numbers).filter((number) => number !== index + 1);
    return { ...withoutNumbers(change), step: index + 1, ...(dependsOn.length > 0 ? { dependsOn } : {}) };
  });
  return { steps, waves: wavesOf(steps, canary) };
}

/** A plan that is narrowed is numbered anew. */
function withoutNumbers(change: Loose): Loose {
  return Object.fromEntries(Object.entries(change).filter(([key]) => key !== 'dependsOn')) as unknown as Loose;
}

function rankOf(change: Change): number {
  if (change.op === 'delete') return ORDER.length + 1;
  const rank = ORDER.indexOf(targetOf(change).kind);
  return rank < 0 ? ORDER.length : rank;
}

function dependenciesOf(change: Change, numbers: ReadonlyMap<string, number>): readonly number[] {
  const { namespace = '' } = targetOf(change);
  const fills =
    change.op === 'patch' ? (change.inverseFill ?? []) : change.op === 'delete' ? (change.restores?.fill ?? []) : [];
  const role = change.op === 'create' ? stringAt(change.object, 'roleRef', 'name') : undefined;
  const keys = [
    `/Namespace//${namespace}`,
    ...(role === undefined ? [] : [`rbac.authorization.k8s.io/Role/${namespace}/${role}`]),
    ...fills.flatMap(({ from }) => (from === 'time' ? [] : [`/${from.kind}/${from.namespace}/${from.name}`])),
  ];
  return keys.flatMap((key) => numbers.get(key) ?? []);
}

function wavesOf(steps: readonly Step[], canary: string | undefined): readonly (readonly number[])[] {
  const byTenant = new Map<string, number[]>();
  for (const { tenant, step } of steps) byTenant.set(tenant, [...(byTenant.get(tenant) ?? []), step]);
  const others = [...byTenant].filter(([tenant]) => tenant !== canary).map(([, numbers]) => numbers);
  const waves: number[][] = [];
  for (let at = 0; at < others.length; at += WAVE) waves.push(others.slice(at, at + WAVE).flat());
  const first = canary === undefined ? undefined : byTenant.get(canary);
  return first ? [first, ...waves] : waves;
}
