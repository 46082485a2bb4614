import { astronomerPlatform } from '../fixtures/astronomer.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import { put } from '../support/scenario.ts';
import { waitFor } from './control-plane.ts';
import { occupy, type FixCase } from './fix-cases.ts';
import { NODE } from './kubelet.ts';

const OLD = 'airflow-one';
const GONE = 'airflow-two';
const scope = ['--platform', 'astronomer'];
const options = { controllers: true, nodeName: NODE, pool: [OLD, GONE] } as const;

/** Of an older version the Roles stayed, and one namespace of the pool is not there. */
export function faultyPool(): RawObject[] {
  const roles = astronomerPlatform({ ...options, version: '0.34.1' }).filter(({ kind }) => kind === 'Role');
  return put(astronomerPlatform({ ...options, version: '0.37.1' }), ...roles).filter(
    ({ kind, metadata }) => metadata.namespace !== GONE && (kind !== 'Namespace' || metadata.name !== GONE),
  );
}

export const ASTRONOMER_CASES: readonly FixCase[] = [
  {
    name: 'a Role of Commander that an older version was content with',
    check: 'astronomer-role-outdated',
    class: 'review',
    writes: 2,
    scope,
    place: OLD,
    disturb: occupy(`/apis/rbac.authorization.k8s.io/v1/namespaces/${OLD}/roles`, {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'Role',
      metadata: { name: 'astronomer-commander-0.37.1' },
      rules: [],
    }),
  },
  {
    name: 'a missing namespace of the pool',
    check: 'astronomer-pool-namespace-missing',
    class: 'review',
    writes: 3,
    scope,
    place: GONE,
    disturb: async (client) => {
      const path = `/api/v1/namespaces/${GONE}`;
      const restore = await occupy('/api/v1/namespaces', { metadata: { name: GONE } })(client);
      // What is looked at afterwards must not be what controllers have just added.
      await waitFor(`${GONE} has its account`, async () => {
        const { status } = await client.send('GET', `${path}/serviceaccounts/default`);
        return status === 200;
      });
      return async () => {
        await restore();
        await waitFor(`${GONE} is gone`, async () => (await client.send('GET', path)).status === 404);
      };
    },
  },
];
