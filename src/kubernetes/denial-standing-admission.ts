import type { Snapshot } from '../model/snapshot.ts';
import type { DenialOf } from './denial-explanation.ts';
import type { Standing } from './denial-standing.ts';
import type { Refused } from './forbidden-denial.ts';
import { parseQuantity } from './quantity.ts';

/**
 * Whether what admission refused would still be refused. Only what an object in the snapshot decides is judged: the
 * refused object itself is not there to be tried again.
 * @param namespace where it happened
 */
export function admissionStanding(denial: Refused, snapshot: Snapshot, namespace: string | undefined): Standing {
  if (denial.class === 'account-missing') return accountStanding(denial, snapshot);
  if (denial.class === 'terminating') return namespaceStanding(denial.namespace, snapshot);
  if (denial.class === 'quota') return quotaStanding(denial, snapshot, namespace);
  return unknown(
    denial.class === 'unauthenticated'
      ? 'credentials are not in a cluster to be looked at'
      : 'only trying again tells: kubectl apply --dry-run=server with the same object, as the same user',
  );
}

function unknown(why: string): Standing {
  return { state: 'unknown', why: [why], gaps: [] };
}

function accountStanding({ account }: DenialOf<'account-missing'>, snapshot: Snapshot): Standing {
  const { namespace, name } = account;
  if (snapshot.find('serviceaccounts', name, namespace))
    return { state: 'allowed', why: [`ServiceAccount ${namespace}/${name} exists by now`], gaps: [] };
  const gaps = snapshot.gaps('serviceaccounts', namespace);
  const why = [`ServiceAccount ${namespace}/${name} was not found`];
  return { state: gaps.length === 0 ? 'denied' : 'unknown', why, gaps };
}

function namespaceStanding(name: string, snapshot: Snapshot): Standing {
  const found = snapshot.find('namespaces', name);
  if (!found) {
    const gaps = snapshot.gaps('namespaces');
    return gaps.length > 0
      ? { state: 'unknown', why: [`namespace ${name} was not found`], gaps }
      : { state: 'denied', why: [`namespace ${name} is gone: it must be created anew`], gaps };
  }
  return found.metadata.deletionTimestamp
    ? {
        state: 'denied',
        why: [`namespace ${name} is being deleted since ${found.metadata.deletionTimestamp}`],
        gaps: [],
      }
    : { state: 'allowed', why: [`namespace ${name} is not being deleted`], gaps: [] };
}

function quotaStanding(denial: DenialOf<'quota'>, snapshot: Snapshot, namespace: string | undefined): Standing {
  const { quota, requested, limited } = denial;
  const keys = Object.keys(limited);
  if (quota === undefined || keys.length === 0) return unknown('the message does not say what was exceeded');
  if (namespace === undefined) return unknown('the message names no namespace: add -n NAMESPACE');
  const found = snapshot.find('resourcequotas', quota, namespace);
  if (!found) {
    const gaps = snapshot.gaps('resourcequotas', namespace);
    return gaps.length > 0
      ? { state: 'unknown', why: [`ResourceQuota ${quota} was not found in ${namespace}`], gaps }
      : { state: 'allowed', why: [`there is no ResourceQuota ${quota} in ${namespace} any more`], gaps };
  }
  const { hard = {}, used = {} } = found.status ?? {};
  const rooms = keys.map((key) => ({
    key,
    room: roomFor(requested[key], used[key], hard[key] ?? found.spec?.hard?.[key]),
  }));
  const why = keys.map((key) => `${key}: used ${String(used[key] ?? '?')} of ${String(hard[key] ?? '?')} now`);
  if (rooms.some(({ room }) => room === 'no')) return { state: 'denied', why, gaps: [] };
  return { state: rooms.every(({ room }) => room === 'yes') ? 'allowed' : 'unknown', why, gaps: [] };
}

type Amount = string | number | undefined;

/** Whether as much as was asked for fits by now; what is no longer limited has room. */
function roomFor(requested: Amount, used: Amount, hard: Amount): 'yes' | 'no' | 'unknown' {
  if (hard === undefined) return 'yes';
  if (requested === undefined || used === undefined) return 'unknown';
  const [asked, taken, limit] = [parseQuantity(requested), parseQuantity(used), parseQuantity(hard)];
  if (asked === undefined || taken === undefined || limit === undefined) return 'unknown';
  return taken + asked > limit ? 'no' : 'yes';
}
