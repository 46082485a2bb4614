import { describe, expect, it } from 'vitest';
import { detectCoreweave } from '../../src/platforms/coreweave.ts';
import type { Settings } from '../../src/model/platform.ts';
import { coreweaveNamespaces } from '../fixtures/coreweave.ts';
import { namespaceObject } from '../fixtures/crewai.ts';
import { snapshotOf, type Scenario } from '../support/scenario.ts';

function seen(scenario: Scenario, settings: Settings = {}): unknown {
  const detection = detectCoreweave(snapshotOf(scenario), settings);
  if (!('platform' in detection)) return 'none';
  const { original, handleFrom, tenants } = detection.platform;
  return [original, handleFrom, tenants.map(({ namespace }) => namespace)];
}
const named = (...names: string[]): Scenario => ({ base: names.map((name) => namespaceObject(name)) });

describe('the handle', () => {
  it.each([
    [
      'three names that begin alike',
      named('tenant-a', 'tenant-a-x', 'tenant-a-y'),
      {},
      ['tenant-a', 'names', ['tenant-a', 'tenant-a-x', 'tenant-a-y']],
    ],
    [
      'never at a hyphen of its own',
      named('tenant-sta-v', 'tenant-sta-v-x', 'tenant-sta-v-y'),
      {},
      ['tenant-sta-v', 'names', ['tenant-sta-v', 'tenant-sta-v-x', 'tenant-sta-v-y']],
    ],
    ['two names are too few', named('tenant-a', 'tenant-a-x'), {}, 'none'],
    ['nothing is called so', named('tenant-a-x', 'tenant-a-y', 'tenant-a-z'), {}, 'none'],
    ['nothing in common but tenant-', named('tenant-a', 'tenant-b', 'tenant-c'), {}, 'none'],
    ['letters are not parts', named('tenant-a', 'tenant-ab', 'tenant-ac'), {}, 'none'],
    [
      'the flag',
      named('tenant-a', 'tenant-ab', 'tenant-a-x'),
      { handle: 'a' },
      ['tenant-a', 'flag', ['tenant-a', 'tenant-a-x']],
    ],
    ['the flag, and no such namespace', named('tenant-b'), { handle: 'a' }, 'none'],
  ] as readonly (readonly [string, Scenario, Settings, unknown])[])('%s', (_name, scenario, settings, expected) => {
    expect(seen(scenario, settings)).toEqual(expected);
  });

  it('works with the namespaces that the user names where none may be listed', () => {
    const scenario: Scenario = { base: coreweaveNamespaces(), faults: [{ resource: 'namespaces' }] };
    expect(seen(scenario, { handle: 'acme', namespaces: ['tenant-acme-dev'] })).toEqual([
      'tenant-acme',
      'flag',
      ['tenant-acme-dev'],
    ]);
  });
});
