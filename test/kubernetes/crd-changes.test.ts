import { expect, test } from 'vitest';
import { compareSchemas } from '../../src/kubernetes/crd-compare-schema.ts';
import { readSchema } from '../../src/kubernetes/crd-schema.ts';
import { generateCases } from '../support/crd-changes.ts';
import { expected, telling, verdictFaults } from '../support/crd-witness.ts';

// Seeds of their own in every run would only repeat what is done on the API server (test/e2e/crd.test.ts).
test.each([1, 2, 3, 4, 5])('what is said of changes is what they do to objects, seed %i', (seed) => {
  for (const change of generateCases(seed, 60)) {
    const [old, now] = [change.old, change.now].map((schema) => readSchema({ properties: { x: schema } }));
    const rules = compareSchemas(old!, now!).map(({ rule }) => rule);
    expect(verdictFaults(telling(change).map(expected(change)), rules), JSON.stringify(change)).toEqual([]);
  }
});
