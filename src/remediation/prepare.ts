import { Buffer } from 'node:buffer';
import { atPointer, testsHold } from '../kubernetes/json-patch.ts';
import { isRecord, stringAt, valueAt } from '../kubernetes/json-value.ts';
import { MANAGED_BY, MANAGER, RUN_ANNOTATION, writeState } from '../kubernetes/write-state.ts';
import {
  targetOf,
  type Change,
  type Create,
  type Delete,
  type Fill,
  type FillSource,
  type NewObject,
  type Patch,
} from '../model/fix.ts';
import { qualifiedName, type KubeObject, type ObjectRef } from '../model/object.ts';
import type { ClusterWriter, Found, Write } from '../model/writing.ts';
import { withParents } from './parents.ts';
import { restored } from './restore.ts';

/** A change with its values, or why it is not made. */
export type Prepared =
  | { readonly state: 'ready'; readonly write: Write }
  | { readonly state: 'in place'; readonly present: KubeObject | undefined }
  | Trouble;

interface Trouble {
  readonly state: 'stale' | 'refused';
  readonly why: string;
}

export interface Preparing {
  readonly writer: ClusterWriter;
  readonly run: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Objects read already; what many changes rest on is read once. */
  readonly known: Map<string, Promise<Found>>;
}

/**
 * Compares a change with what is there and reads the values that it takes from elsewhere. Only what comes back from
 * here holds values of Secrets, and it is written and forgotten.
 */
export async function prepare(change: Change, context: Preparing): Promise<Prepared> {
  const target = targetOf(change);
  const found = await context.writer.get(target);
  if (found.state === 'unknown') return refused(`${nameOf(target)} cannot be read: ${found.why}`);
  const present = found.state === 'found' ? found.object : undefined;
  if (change.op === 'create') {
    // What it was made from has gone on since: that it is there is all there is to know.
    if (change.backup && present) return backupInPlace(target, present);
    const missing = present ? undefined : await missingReference(change, context);
    if (missing) return missing;
  }
  return compare(change, present, context);
}

async function compare(change: Change, present: KubeObject | undefined, context: Preparing): Promise<Prepared> {
  const write = await withValues(change, present, context);
  if ('why' in write) return write;
  switch (writeState(write, present)) {
    case 'in place':
      return { state: 'in place', present };
    case 'as expected':
      return { state: 'ready', write };
    case 'different':
      return stale(whyDifferent(change, present));
  }
}

const stale = (why: string): Trouble => ({ state: 'stale', why });
const refused = (why: string): Trouble => ({ state: 'refused', why });
const nameOf = (ref: ObjectRef): string => `${ref.kind} ${qualifiedName(ref)}`;

function whyDifferent(change: Change, present: KubeObject | undefined): string {
  const name = nameOf(targetOf(change));
  if (!present) return `${name} is gone`;
  if (change.op === 'create') return `${name} exists by now, with other content`;
  if (change.uid !== undefined && present.metadata.uid !== change.uid) return `${name} was deleted and made anew`;
  return `${name} was changed since the plan was made`;
}

function backupInPlace(target: ObjectRef, present: KubeObject): Prepared {
  const ours = present.metadata.labels?.[MANAGED_BY] === MANAGER;
  return ours ? { state: 'in place', present } : stale(`${nameOf(target)} exists and is not ours`);
}

/** The API server takes a binding to a role or an account that does not exist: it would grant nothing. */
async function missingReference(change: Create, context: Preparing): Promise<Trouble | undefined> {
  const { kind, metadata, roleRef, subjects } = change.object;
  if (kind !== 'RoleBinding') return undefined;
  const apiVersion = 'rbac.authorization.k8s.io/v1';
  const role = stringAt(roleRef, 'kind') ?? '';
  const within = role === 'Role' ? { namespace: metadata.namespace ?? '' } : {};
  const refs: ObjectRef[] = [{ apiVersion, kind: role, ...within, name: stringAt(roleRef, 'name') ?? '' }];
  for (const subject of Array.isArray(subjects) ? subjects : []) {
    const namespace = stringAt(subject, 'namespace') ?? '';
    refs.push({ apiVersion: 'v1', kind: 'ServiceAccount', namespace, name: stringAt(subject, 'name') ?? '' });
  }
  for (const ref of refs) {
    const found = await read(ref, context);
    if (found.state === 'absent') return refused(`${nameOf(ref)} does not exist`);
  }
  return undefined;
}

/** What a step before makes is there for those after it, also where it is only rehearsed. */
export function foresee({ object }: Create, { known }: Preparing): void {
  const { namespace, name } = object.metadata;
  known.set(
    keyOf({ kind: object.kind ?? '', ...(namespace === undefined ? {} : { namespace }), name }),
    Promise.resolve({ state: 'found', object }),
  );
}

const keyOf = (ref: Pick<ObjectRef, 'kind' | 'namespace' | 'name'>): string =>
  [ref.kind, ref.namespace ?? '', ref.name].join('/');

function read(ref: ObjectRef, { writer, known }: Preparing): Promise<Found> {
  const key = keyOf(ref);
  const found = known.get(key) ?? writer.get(ref);
  known.set(key, found);
  return found;
}

async function withValues(
  change: Change,
  present: KubeObject | undefined,
  context: Preparing,
): Promise<Write | Trouble> {
  switch (change.op) {
    case 'create':
      return filledCreate(change, context);
    case 'patch':
      return filledPatch(change, present, context);
    case 'delete':
      return deletion(change, present);
  }
}

function deletion(change: Delete, present: KubeObject | undefined): Write | Trouble {
  const { target, uid, propagation } = change;
  const version = versionToDelete(change, present);
  if (typeof version === 'object') return version;
  return {
    op: 'delete',
    target,
    uid: uid ?? present?.metadata.uid ?? '',
    ...(version === undefined ? {} : { resourceVersion: version }),
    ...(propagation === undefined ? {} : { propagation }),
  };
}

/** Where it matters what the object says, nobody may have written to it since that was looked at. */
function versionToDelete(
  { target, resourceVersion, tests }: Delete,
  present: KubeObject | undefined,
): string | undefined | Trouble {
  if (!tests || !present || present.metadata.deletionTimestamp) return resourceVersion;
  if (testsHold(present, tests)) return present.metadata.resourceVersion;
  return stale(`${nameOf(target)} is not any more what may be deleted`);
}

async function filledCreate({ object, fill = [], backup }: Create, context: Preparing): Promise<Write | Trouble> {
  let filled = object;
  for (const one of fill) {
    const value = await valueOf(one, undefined, context);
    if ('why' in value) return value;
    const whole = one.path === '' ? restored(value.value) : withValue(filled, one.path, value.value);
    if (!whole) return stale('the backup does not hold the object');
    filled = whole;
  }
  // What is put back is what it was.
  if (restores(fill)) return { op: 'create', object: filled };
  const annotations = { ...filled.metadata.annotations, [RUN_ANNOTATION]: context.run };
  const marked = { ...filled, metadata: { ...filled.metadata, annotations } };
  return { op: 'create', object: marked, ...(backup ? { backup } : {}) };
}

async function filledPatch(
  { target, uid, patch, fill = [] }: Patch,
  present: KubeObject | undefined,
  context: Preparing,
): Promise<Write | Trouble> {
  if (!present) return stale(`${nameOf(target)} is gone`);
  const own = present.metadata.uid ?? '';
  let operations = patch;
  for (const one of fill) {
    const value = await valueOf(one, present, context);
    if ('why' in value) return value;
    operations = operations.map((operation) =>
      operation.path === one.path && operation.op !== 'test' && operation.op !== 'remove'
        ? { ...operation, value: value.value }
        : operation,
    );
  }
  const known = operations.some(({ op, path }) => op === 'test' && path === '/metadata/uid');
  return {
    op: 'patch',
    target,
    uid: uid ?? own,
    patch: withParents(
      known ? operations : [{ op: 'test', path: '/metadata/uid', value: uid ?? own }, ...operations],
      present,
    ),
  };
}

/** Whether a creation puts back a whole object from its backup. */
export const restores = (fill: readonly Fill[] = []): boolean => fill.some(({ path }) => path === '');

type Value = { readonly value: unknown } | Trouble;

async function valueOf({ path, from }: Fill, present: KubeObject | undefined, context: Preparing): Promise<Value> {
  // A time that stands there already is when it was done.
  if (from === 'time') {
    return atPointer(present, path) ?? { value: new Date(context.now).toISOString().replace(/\.\d+Z$/, 'Z') };
  }
  const { apiVersion, kind, namespace, name } = from;
  const ref = { apiVersion, kind, namespace, name };
  const found = await read(ref, context);
  if (found.state === 'unknown') return refused(`${nameOf(ref)} cannot be read: ${found.why}`);
  if (found.state === 'absent') return stale(`${nameOf(ref)} is gone`);
  const changed = changedSource(from, found.object);
  if (changed !== undefined) return stale(`${nameOf(ref)} ${changed}`);
  if (from.key === undefined) return { value: base64(JSON.stringify(found.object)) };
  const value = valueAt(found.object, 'data', from.key);
  return value === undefined ? stale(`${nameOf(ref)} has no ${from.key} any more`) : { value };
}

const base64 = (text: string): string => Buffer.from(text, 'utf8').toString('base64');

function changedSource({ uid, resourceVersion }: FillSource, { metadata }: KubeObject): string | undefined {
  if (uid !== undefined && metadata.uid !== uid) return 'was deleted and made anew';
  return resourceVersion !== undefined && metadata.resourceVersion !== resourceVersion
    ? 'was changed since the plan was made'
    : undefined;
}

/** A value put where the object has room for it: a map's entry. */
function withValue(object: NewObject, path: string, value: unknown): NewObject {
  const [, field = '', key = ''] = /^\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
  const name = key.replaceAll('~1', '/').replaceAll('~0', '~');
  const map = object[field];
  return { ...object, [field]: { ...(isRecord(map) ? map : {}), [name]: value } };
}
