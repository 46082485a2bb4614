import { MANAGED_BY, MANAGER } from '../kubernetes/write-state.ts';
import type { Step } from '../model/fix.ts';
import type { ObjectRef } from '../model/object.ts';
import type { ClusterWriter } from '../model/writing.ts';
import type { RunInput } from './run.ts';

/** What every namespace has without anybody's doing. */
const STANDARD: ReadonlySet<string> = new Set([
  'ConfigMap/kube-root-ca.crt',
  'ConfigMap/openshift-service-ca.crt',
  'ServiceAccount/default',
]);

/**
 * Why a Namespace must not be deleted: deleting it deletes everything in it, and only what we made ourselves, and what
 * every namespace has, may go.
 */
export async function guardNamespaces(
  step: Step,
  { plan }: RunInput,
  writer: ClusterWriter,
): Promise<string | undefined> {
  if (step.op !== 'delete' || step.target.kind !== 'Namespace') return undefined;
  const contents = await writer.contents(step.target.name);
  if ('why' in contents) return `what is in it could not be seen: ${contents.why}`;
  const ours = new Set(plan.steps.flatMap((other) => (other.op === 'delete' ? [keyOf(other.target)] : [])));
  for (const ref of contents) {
    if (STANDARD.has(`${ref.kind}/${ref.name}`) || ours.has(keyOf(ref))) continue;
    if (!(await isOurs(ref, writer))) return `it holds ${ref.kind} ${ref.name}, which is not ours`;
  }
  return undefined;
}

const keyOf = ({ kind, namespace = '', name }: ObjectRef): string => `${kind}/${namespace}/${name}`;

/** Kinds that we never make are not ours, whatever their labels say. */
const MADE: ReadonlySet<string> = new Set(['Secret', 'RoleBinding', 'Role']);

async function isOurs(ref: ObjectRef, writer: ClusterWriter): Promise<boolean> {
  if (!MADE.has(ref.kind)) return false;
  const found = await writer.get(ref);
  return found.state === 'found' && found.object.metadata.labels?.[MANAGED_BY] === MANAGER;
}
