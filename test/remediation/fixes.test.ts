import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/model/fix.ts';
import type { Report } from '../../src/model/report.ts';
import type { ClusterWriter } from '../../src/model/writing.ts';
import { FIXES } from './fixes.ts';
import {
  applied,
  judged,
  planned,
  settledOf,
  stateOf,
  undone,
  whileBroken,
  writesTo,
  type ApplyOptions,
} from './served-fix.ts';

/** Findings of the plan that are still there, and no less grave. */
const remaining = (plan: Plan, { findings }: Report): string[] =>
  plan.fixes
    .flatMap((fix) => fix.findings)
    .filter(({ id, severity }) => findings.some((finding) => finding.id === id && finding.severity === severity))
    .map(({ message }) => message);

describe.each(FIXES.map((fix) => [fix.name, fix] as const))('%s', (_name, fix) => {
  it('is planned', async () => {
    await whileBroken(fix.served, async (patient) => {
      const plan = await planned(patient, fix.checks);
      expect([plan.fixes.map((planned) => planned.class), plan.steps.length, plan.left]).toEqual([
        [fix.class],
        fix.writes,
        plan.left,
      ]);
      expect(JSON.parse(JSON.stringify(plan))).toEqual(plan);
    });
  });

  it('is repaired, and once only', async () => {
    await whileBroken(fix.served, async (patient) => {
      const plan = await planned(patient, fix.checks);
      const first = await applied(patient, plan);
      expect([first.refused, first.stopped, first.exit, first.writes]).toEqual([undefined, undefined, 0, fix.writes]);
      const { report } = await judged(patient);
      expect(remaining(plan, report)).toEqual([]);
      const before = writesTo(patient).length;
      const second = await applied({ ...patient, journal: `${patient.journal}.again` }, plan);
      expect([second.refused, second.stopped, second.exit, second.writes]).toEqual([undefined, undefined, 0, 0]);
      expect(second.outcomes.map(({ result }) => result)).toEqual(plan.steps.map(() => 'unchanged'));
      expect(writesTo(patient).length).toBe(before);
    });
  });

  it('can be taken back', async () => {
    await whileBroken(fix.served, async (patient) => {
      const before = stateOf(patient);
      await applied(patient, await planned(patient, fix.checks));
      expect(stateOf(patient)).not.toEqual(before);
      const result = await undone(patient, { allowDestructive: true });
      expect([result.refused, result.stopped, result.exit]).toEqual([undefined, undefined, 0]);
      expect(stateOf(patient)).toEqual(before);
    });
  });
});

describe.each(FIXES.map((fix) => [fix.name, fix] as const))('%s, when things go wrong', (_name, fix) => {
  it('is not repaired after it was changed by somebody else', async () => {
    await whileBroken(fix.served, async (patient) => {
      const plan = await planned(patient, fix.checks);
      patient.server.store.put(fix.disturb(fix.served.objects));
      const before = stateOf(patient);
      const result = await applied(patient, plan);
      expect([result.exit, result.writes, result.refused?.stale]).toEqual([5, 0, true]);
      expect(stateOf(patient)).toEqual(before);
    });
  });

  it('is not begun without every right that it needs', async () => {
    await whileBroken(fix.served, async (patient) => {
      const plan = await planned(patient, fix.checks);
      const known = new Set<string>();
      const needs = new Map(plan.steps.flatMap((step) => step.needs.map((rule) => [JSON.stringify(rule), rule])));
      for (const denied of needs.values()) {
        const result = await applied(patient, plan, {
          known,
          writer: (writer) => ({
            ...bound(writer),
            allows: (rule) =>
              Promise.resolve(
                rule.verb === denied.verb && rule.resource === denied.resource && rule.name === denied.name
                  ? 'denied'
                  : 'allowed',
              ),
            rulesIn: () => Promise.resolve([]),
          }),
        });
        expect([denied, result.exit, result.refused?.stale]).toEqual([denied, 6, false]);
      }
      expect(writesTo(patient)).toEqual([]);
    });
  });

  it('goes on, or is taken back, wherever it was cut off', async () => {
    const cuts = ['before the write', 'after the write', 'after the journal'] as const;
    for (let step = 1; step <= fix.writes; step += 1) {
      for (const cut of cuts) {
        await whileBroken(fix.served, async (patient) => {
          const before = stateOf(patient);
          const plan = await planned(patient, fix.checks);
          await expect(applied(patient, plan, cutOff(step, cut))).rejects.toThrow('killed');
          const settled = settledOf(patient)!;
          const resumed = await applied(patient, plan, { settled });
          expect([step, cut, resumed.refused, resumed.stopped, resumed.exit]).toEqual([
            step,
            cut,
            undefined,
            undefined,
            0,
          ]);
          const { report } = await judged(patient);
          expect(remaining(plan, report)).toEqual([]);
          const back = await undone(patient, { allowDestructive: true });
          expect([step, cut, back.refused, back.stopped, back.exit]).toEqual([step, cut, undefined, undefined, 0]);
          expect(stateOf(patient)).toEqual(before);
        });
        await whileBroken(fix.served, async (patient) => {
          const before = stateOf(patient);
          await expect(applied(patient, await planned(patient, fix.checks), cutOff(step, cut))).rejects.toThrow(
            'killed',
          );
          const back = await undone(patient, { allowDestructive: true });
          expect([step, cut, back.refused, back.stopped, back.exit]).toEqual([step, cut, undefined, undefined, 0]);
          expect(stateOf(patient)).toEqual(before);
        });
      }
    }
  }, 120_000);
});

const bound = (writer: ClusterWriter): ClusterWriter => ({
  get: (target) => writer.get(target),
  allows: (rule) => writer.allows(rule),
  rulesIn: (namespace) => writer.rulesIn(namespace),
  contents: (namespace) => writer.contents(namespace),
  write: (write, options) => writer.write(write, options),
  writes: () => writer.writes(),
});

/** Ends the process, as far as the run can tell, at the n-th write. */
function cutOff(at: number, cut: 'before the write' | 'after the write' | 'after the journal'): ApplyOptions {
  let writes = 0;
  let done = 0;
  return {
    writer: (writer) => ({
      ...bound(writer),
      write: async (write, options) => {
        if (options.dryRun) return writer.write(write, options);
        writes += 1;
        if (writes === at && cut === 'before the write') throw new Error('killed');
        const written = await writer.write(write, options);
        if (writes === at && cut === 'after the write') throw new Error('killed');
        return written;
      },
    }),
    wrapJournal: (journal) => ({
      append: (event) => {
        journal.append(event);
        if (event.event !== 'done') return;
        done += 1;
        if (done === at && cut === 'after the journal') throw new Error('killed');
      },
    }),
  };
}
