import { goQuote } from '../kubernetes/go-quote.ts';
import { isRecord, sameJson } from '../kubernetes/json-value.ts';
import { authorize } from './access.ts';
import { json, type Answer } from './answer.ts';
import { parseBody, placed } from './body.ts';
import type { Call } from './call.ts';
import { fieldPath, fromFieldsV1, leavesOf } from './managed-fields.ts';
import { invalid, notImplemented, required, StatusError } from './status.ts';
import { type ManagedFields, type Wire } from './wire.ts';
import { change, insert, managerOf, type Ownership } from './write.ts';

/** Types without lists that merge item by item: there, leaves are all that apply has to know. */
const APPLICABLE = [
  'configmaps',
  'namespaces',
  'secrets',
  'resourcequotas',
  'roles.rbac.authorization.k8s.io',
  'rolebindings.rbac.authorization.k8s.io',
  'clusterroles.rbac.authorization.k8s.io',
  'clusterrolebindings.rbac.authorization.k8s.io',
];

/**
 * Server-side apply for the types that a person repairs a platform with (k8s.io/apimachinery/pkg/util/managedfields).
 *
 * @throws StatusError 409 when another manager owns a field that would change, 501 for other types
 */
export function apply(call: Call): Answer {
  const { type, question, query, backend } = call;
  const applied = placed(call, parseBody(call.request.body));
  if (!query.get('fieldManager'))
    throw invalid({ group: 'meta.k8s.io', resource: 'patchoptions', kind: 'PatchOptions' }, '', [
      required('fieldManager', 'is required for apply patch'),
    ]);
  if (!APPLICABLE.includes(type.group ? `${type.resource}.${type.group}` : type.resource))
    throw notImplemented(`server-side apply of ${type.resource}`);
  const before = backend.store.get(type, question.namespace, question.name ?? '');
  const gained = new Set(leavesOf(applied).keys());
  if (!before) {
    const asCreate = { ...question, verb: 'create', name: '' };
    authorize(backend.access, call.identity, asCreate);
    const creating = { ...call, question: { ...question, verb: 'create' } };
    return json(201, insert(creating, applied, { operation: 'Apply', gained }));
  }
  const force = query.get('force') === 'true';
  if (!force) refuseConflicts(before, applied, managerOf(call));
  const same = [...gained].filter((path) => sameJson(leavesOf(before).get(path), leavesOf(applied).get(path)));
  const ownership: Ownership = { operation: 'Apply', gained, shared: new Set(same) };
  return json(200, change(call, before, merged(before, applied, managerOf(call)), ownership));
}

function refuseConflicts(before: Wire, applied: Wire, manager: string): void {
  const now = leavesOf(before);
  const differing = [...leavesOf(applied)].filter(([path, value]) => now.has(path) && !sameJson(now.get(path), value));
  const others = (before.metadata.managedFields ?? []).filter(
    (entry) => entry.manager !== manager || entry.operation !== 'Apply',
  );
  const conflicts = others.flatMap((entry) => {
    const owned = fromFieldsV1(entry.fieldsV1);
    return differing
      .filter(([path]) => owned.has(path))
      .map(([path]) => ({ who: describe(entry), field: fieldPath(path) }));
  });
  if (conflicts.length === 0) return;
  const causes = conflicts.map(({ who, field }) => ({
    reason: 'FieldManagerConflict',
    message: `conflict with ${who}`,
    field,
  }));
  const [only] = conflicts;
  const text = conflicts.length === 1 && only ? `conflict with ${only.who}: ${only.field}` : grouped(conflicts);
  const plural = conflicts.length === 1 ? 'conflict' : 'conflicts';
  throw new StatusError(409, 'Conflict', `Apply failed with ${conflicts.length} ${plural}: ${text}`, { causes });
}

/** Updates are told apart from applies by the version they were made through. */
const describe = ({ manager, operation, apiVersion }: ManagedFields): string =>
  operation === 'Apply' ? goQuote(manager) : `${goQuote(manager)} using ${apiVersion}`;

function grouped(conflicts: readonly { readonly who: string; readonly field: string }[]): string {
  return [...new Set(conflicts.map(({ who }) => who))]
    .sort()
    .map((who) => {
      const fields = conflicts.filter((conflict) => conflict.who === who).map(({ field }) => `- ${field}`);
      return `conflicts with ${who}:\n${fields.join('\n')}`;
    })
    .join('\n');
}

/** The applied fields over what is there, without those that this manager applied before and now leaves out. */
function merged(before: Wire, applied: Wire, manager: string): Wire {
  const entries = before.metadata.managedFields ?? [];
  const mine = entries.find((entry) => entry.manager === manager && entry.operation === 'Apply');
  const others = entries.filter((entry) => entry !== mine).flatMap((entry) => [...fromFieldsV1(entry.fieldsV1)]);
  const wanted = leavesOf(applied);
  const dropped = [...(mine ? fromFieldsV1(mine.fieldsV1) : [])].filter(
    (path) => !wanted.has(path) && !others.includes(path),
  );
  let result: unknown = before;
  for (const path of dropped) result = setAt(result, path.split('\0'), undefined);
  for (const [path, value] of wanted) result = setAt(result, path.split('\0'), value);
  const { uid, resourceVersion } = applied.metadata;
  const next = result as Wire;
  const claimed = { ...(uid ? { uid } : {}), ...(resourceVersion ? { resourceVersion } : {}) };
  return { ...next, metadata: { ...next.metadata, ...claimed } };
}

function setAt(node: unknown, [part = '', ...rest]: readonly string[], value: unknown): unknown {
  const object = isRecord(node) ? node : {};
  if (rest.length > 0) return { ...object, [part]: setAt(object[part], rest, value) };
  if (value !== undefined) return { ...object, [part]: value };
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== part));
}
