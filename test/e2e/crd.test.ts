import { randomInt } from 'node:crypto';
import { afterAll, afterEach, expect, test } from 'vitest';
import { compareCrds } from '../../src/kubernetes/crd-compare.ts';
import { readCrd, type Crd } from '../../src/kubernetes/crd.ts';
import type { KubeObject } from '../../src/model/object.ts';
import { generateCases, type SchemaCase } from '../support/crd-changes.ts';
import type { Json } from '../support/crd-documents.ts';
import { waitFor } from './control-plane.ts';
import { HAND_CASES, worldOf } from './crd-hand.ts';
import { Batch } from './crd-batch.ts';
import { CrdServer } from './crd-server.ts';
import { cluster, describeCluster } from './harness.ts';
import { createMultiplexedClient } from './multiplexed-client.ts';

// What we say about changes of CRDs against what the API server does. CREWISO_CRD_SEED repeats a run.
const SEED = Number(process.env.CREWISO_CRD_SEED ?? randomInt(2 ** 31));
const BATCHES = 5;
const CASES = 60;

describeCluster('changes of CRDs', () => {
  const client = createMultiplexedClient(cluster().admin);
  const server = new CrdServer(client);
  afterEach(() => server.remove());
  afterAll(() => {
    client.close();
  });

  const judge = async (cases: readonly SchemaCase[]): Promise<{ size: number; different: readonly unknown[] }> => {
    const batch = await Batch.of(server, { group: 'generated.example.com', plural: 'widgets', kind: 'Widget' }, cases);
    return {
      size: batch.size,
      different: batch.disagreements(await batch.witnesses()).map((one) => JSON.stringify(one)),
    };
  };

  test.each(HAND_CASES.map((one) => [one.title, one] as const))('%s', async (_title, one) => {
    const world = worldOf(server);
    const rules = compareCrds(read(one.old), read(one.now)).map(({ rule }) => rule);
    expect([...rules].sort()).toEqual([...one.rules].sort());
    expect((await server.put(one.old)).status).toBeLessThan(300);
    await waitFor('objects are served', async () => (await server.send('GET', world.path)).status === 200);
    await one.before?.(world);
    expect(await one.broken(world), 'under the old definition').toBe(false);
    expect((await server.put(one.now)).status).toBeLessThan(300);
    await waitFor('what worked does not any more', () => one.broken(world), 20_000);
  });

  test.each(Array.from({ length: BATCHES }, (_, index) => index))('generated, batch %i', async (index) => {
    const { size, different } = await judge(generateCases(SEED + index, CASES));
    expect(different, `CREWISO_CRD_SEED=${SEED}`).toEqual([]);
    // Some are no schemas that the API server takes.
    expect(size).toBeGreaterThan(CASES / 2);
  });
});

function read(object: Json): Crd {
  const crd = readCrd(object as unknown as KubeObject);
  if ('fault' in crd) throw new Error(crd.fault);
  return crd;
}
