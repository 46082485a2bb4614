import { randomInt } from 'node:crypto';
import { afterAll, afterEach, expect, test } from 'vitest';
import { Batch } from './crd-batch.ts';
import { generateCases, type SchemaCase } from './crd-population.ts';
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

  test.each(Array.from({ length: BATCHES }, (_, index) => index))('generated, batch %i', async (index) => {
    const { size, different } = await judge(generateCases(SEED + index, CASES));
    expect(different, `CREWISO_CRD_SEED=${SEED}`).toEqual([]);
    // Some are no schemas that the API server takes.
    expect(size).toBeGreaterThan(CASES / 2);
  });
});
