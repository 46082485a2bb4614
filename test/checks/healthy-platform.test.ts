import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/checks/index.ts';
import type { CrewaiOptions } from '../fixtures/crewai.ts';
import { reportOf } from '../support/scenario.ts';

const orgs = (n: number): number[] => Array.from({ length: n }, (_, index) => index + 1);
const bases: CrewaiOptions[] = [0, 2, 50].flatMap((count) =>
  (['auto', 'manual'] as const).flatMap((mode) =>
    (['on', 'off'] as const).flatMap((isolation) =>
      [{}, { platformNamespace: 'platform', sharedNamespace: 'crews' }].map((names) => ({
        orgs: orgs(count),
        mode,
        isolation,
        ...names,
      })),
    ),
  ),
);

describe('a healthy platform', () => {
  it.each(bases.map((base) => [JSON.stringify({ ...base, orgs: base.orgs?.length }), base] as const))(
    'gives no finding: %s',
    (_name, base) => {
      const { findings, checks } = reportOf(CHECKS, { base });
      expect(findings.map(({ check, message }) => `${check}: ${message}`)).toEqual([]);
      expect(checks.filter(({ outcome }) => outcome === 'errored').map(({ id, reason }) => [id, reason])).toEqual([]);
    },
  );
});
