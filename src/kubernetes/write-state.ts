import type { KubeObject, ObjectRef } from '../model/object.ts';
import type { Write } from '../model/writing.ts';
import { covers, patchHolds, testsHold } from './json-patch.ts';

export const MANAGED_BY = 'app.kubernetes.io/managed-by';
export const MANAGER = 'kubectl-crewiso';
export const RUN_ANNOTATION = 'crewiso.dev/run';

/** What is there, seen from a write: its result, what it was made for, or something else. */
export type WriteState = 'in place' | 'as expected' | 'different';

/** @param present the object as it is, undefined where there is none */
export function writeState(write: Write, present: KubeObject | undefined): WriteState {
  switch (write.op) {
    case 'create':
      if (!present) return 'as expected';
      return isMade(write, present) ? 'in place' : 'different';
    case 'patch':
      return patchState(write, present);
    case 'delete':
      return present ? deleteState(write, present) : 'in place';
  }
}

function patchState({ uid, patch }: Write & { op: 'patch' }, present: KubeObject | undefined): WriteState {
  if (present?.metadata.uid !== uid) return 'different';
  if (patchHolds(present, patch)) return 'in place';
  return testsHold(present, patch) ? 'as expected' : 'different';
}

function deleteState({ uid, resourceVersion }: Write & { op: 'delete' }, { metadata }: KubeObject): WriteState {
  if (metadata.uid !== uid) return 'different';
  if (metadata.deletionTimestamp) return 'in place';
  const same = resourceVersion === undefined || metadata.resourceVersion === resourceVersion;
  return same ? 'as expected' : 'different';
}

function isMade(write: Write & { op: 'create' }, present: KubeObject): boolean {
  if (present.metadata.deletionTimestamp) return false;
  // It holds what was there before, which is no longer there to be compared with.
  if (write.backup) return present.metadata.labels?.[MANAGED_BY] === MANAGER;
  return covers(present, withoutRun(write.object));
}

/** Another run may have made the same. */
function withoutRun(object: KubeObject): KubeObject {
  const { annotations, ...metadata } = object.metadata;
  const kept = Object.entries(annotations ?? {}).filter(([key]) => key !== RUN_ANNOTATION);
  return { ...object, metadata: { ...metadata, annotations: Object.fromEntries(kept) } };
}

/** The object that a write is about. */
export function writtenRef(write: Write): ObjectRef {
  if (write.op !== 'create') return write.target;
  const { apiVersion = '', kind = '', metadata } = write.object;
  const { namespace, name } = metadata;
  return { apiVersion, kind, ...(namespace === undefined ? {} : { namespace }), name };
}
