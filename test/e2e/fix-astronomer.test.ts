import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ASTRONOMER_CASES, faultyPool } from './fix-cases-astronomer.ts';
import { isChange, READER, READER_RIGHTS, TRIES } from './fix-tries.ts';
import { adminClient, auditEvents, describeCluster } from './harness.ts';
import { createObjects, removeObjects, waitForDeployments } from './platform.ts';

describeCluster("fixes of Astronomer Software's pool on the real API server", () => {
  const client = adminClient();
  const objects = [...faultyPool(), ...READER_RIGHTS];

  beforeAll(async () => {
    await createObjects(client, objects);
    await waitForDeployments(
      client,
      objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name),
    );
  });
  afterAll(() => removeObjects(client, objects));

  // One after the other: all are of one platform, and what one does would be in the plan of another.
  describe.each(TRIES)('%s:', (_title, tried) => {
    test.each(ASTRONOMER_CASES.map((fix) => [fix.name, fix] as const))('%s', (_name, fix) => tried(client, fix));
  });

  test('nothing was written by somebody who may only read', () => {
    const asked = auditEvents(READER);
    expect([asked.length > 0, asked.filter(isChange)]).toEqual([true, []]);
  });
});
