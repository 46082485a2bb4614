import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/checks/index.ts';
import { purposeOf } from '../../src/commands/shared/purposes.ts';
import { clusterWide } from '../../src/commands/shared/role-documents.ts';
import { parseSubject } from '../../src/commands/shared/subject-argument.ts';
import type { PlatformId } from '../../src/model/platform.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import { FIXES, type FixCase } from './fixes.ts';
import { applied, planned, undone, whileBroken } from './served-fix.ts';

/** Of the platforms that a fix is for the rights are printed. */
const platformsOf = ({ checks }: FixCase): readonly PlatformId[] =>
  CHECKS.find(({ id }) => id === checks[0])?.platforms.slice(0, 1) ?? [];
const BO = { user: 'bo', groups: ['system:authenticated'] };

describe('whoever has the rights that rbac --for fix prints', () => {
  const harmless = FIXES.filter((fix) => fix.class !== 'destructive');

  it.each(harmless.map((fix) => [fix.name, fix] as const))('can repair and take back: %s', async (_name, fix) => {
    const { items } = clusterWide(purposeOf(['fix'], false, platformsOf(fix)), [parseSubject('User:bo')]);
    const served = { ...fix.served, objects: [...fix.served.objects, ...(items as readonly RawObject[])] };
    await whileBroken(
      served,
      async (patient) => {
        const plan = await planned(patient, fix.checks);
        expect(plan.steps).toHaveLength(fix.writes);
        const result = await applied(patient, plan);
        expect([result.refused, result.stopped, result.exit]).toEqual([undefined, undefined, 0]);
        // Namespaces are deleted by whoever may: that is a right of its own.
        const back = await undone(patient, { allowDestructive: false });
        expect([back.refused, back.stopped, back.exit]).toEqual([undefined, undefined, 0]);
      },
      { anonymous: BO },
    );
  });

  it('may delete no workload', async () => {
    const { items } = clusterWide(purposeOf(['fix'], false), [parseSubject('User:bo')]);
    for (const fix of FIXES.filter((candidate) => candidate.class === 'destructive')) {
      const served = { ...fix.served, objects: [...fix.served.objects, ...(items as readonly RawObject[])] };
      await whileBroken(
        served,
        async (patient) => {
          const result = await applied(patient, await planned(patient, fix.checks));
          expect([result.exit, result.refused?.why.join()]).toEqual([6, expect.stringContaining('cannot delete')]);
        },
        { anonymous: BO },
      );
    }
  });
});
