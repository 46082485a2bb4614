import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/audit/evaluate.ts';
import { createShared } from '../../src/audit/view.ts';
import { CHECKS } from '../../src/checks/index.ts';
import { brokenPlatform } from '../fixtures/broken.ts';
import { platformOf, snapshotOf, type Fault } from '../support/scenario.ts';

describe('a check says the same alone and after others, whose findings it shares', () => {
  it.each<[string, readonly Fault[]]>([
    ['everything seen', []],
    ['no events', [{ resource: 'events' }]],
    ['no pods in one namespace', [{ resource: 'pods', namespace: 'crewai-org-4' }]],
    ['no ReplicaSets', [{ resource: 'replicasets.apps' }]],
  ])('%s', (_, faults) => {
    const snapshot = snapshotOf({ change: () => brokenPlatform(), faults });
    const platform = platformOf(snapshot);
    const alone = CHECKS.map((check) => evaluate(check, snapshot, platform));
    for (const order of [CHECKS, [...CHECKS].reverse()]) {
      const shared = createShared();
      const together = order.map((check) => evaluate(check, snapshot, platform, shared));
      expect([...together].sort((a, b) => CHECKS.indexOf(a.check) - CHECKS.indexOf(b.check))).toEqual(alone);
    }
    expect(alone.flatMap(({ drafts }) => drafts).length).toBeGreaterThan(10);
  });
});
