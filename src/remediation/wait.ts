import { stringAt } from '../kubernetes/json-value.ts';
import type { Delete } from '../model/fix.ts';
import type { ObjectRef } from '../model/object.ts';
import type { RunPorts } from './run.ts';

const POLL = 250;
const NAMESPACE_READY = 10_000;
const REMOVED = 60_000;

type Ports = Pick<RunPorts, 'writer' | 'sleep' | 'signal'>;

/** Until a new Namespace is Active and has its `default` account, which a controller makes. */
export async function awaitNamespace(name: string, ports: Ports): Promise<boolean> {
  const namespace: ObjectRef = { apiVersion: 'v1', kind: 'Namespace', name };
  const account: ObjectRef = { apiVersion: 'v1', kind: 'ServiceAccount', namespace: name, name: 'default' };
  return until(NAMESPACE_READY, ports, async () => {
    const found = await ports.writer.get(namespace);
    if (found.state !== 'found' || stringAt(found.object, 'status', 'phase') !== 'Active') return false;
    // Who may not read accounts does not need this one.
    return (await ports.writer.get(account)).state !== 'absent';
  });
}

/** Until an object that was deleted in the foreground is gone, or another one has its name. */
export async function awaitRemoval({ target, uid }: Delete, ports: Ports): Promise<boolean> {
  return until(REMOVED, ports, async () => {
    const found = await ports.writer.get(target);
    return found.state === 'absent' || (found.state === 'found' && found.object.metadata.uid !== uid);
  });
}

async function until(limit: number, { sleep, signal }: Ports, reached: () => Promise<boolean>): Promise<boolean> {
  for (let waited = 0; ; waited += POLL) {
    if (await reached()) return true;
    if (waited >= limit || signal.aborted) return false;
    await sleep(POLL);
  }
}
