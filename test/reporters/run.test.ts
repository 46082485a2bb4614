import { describe, expect, it } from 'vitest';
import type { Plan } from '../../src/model/fix.ts';
import type { RunDocument, RunResult } from '../../src/model/run.ts';
import { runDocument } from '../../src/remediation/run-document.ts';
import { historyText } from '../../src/reporters/history.ts';
import { planText, type PlanFacts } from '../../src/reporters/plan.ts';
import { eventText, runText } from '../../src/reporters/run.ts';
import { brokenPlatform } from '../fixtures/broken.ts';
import { applied, planned, whileBroken, type Applied } from '../remediation/served-fix.ts';
import { NOW } from '../support/scenario.ts';
import { OPTIONS } from './sample-reports.ts';

const golden = (name: string): string => `../goldens/${name}.txt`;
const FACTS: PlanFacts = {
  place: 'prod-eu (uid 0b77c1de)',
  checked: { rights: 9, rehearsed: 5, later: 0, unchanged: 0 },
};
const SAFE = ['rbac-access-missing', 'rbac-binding-subject-wrong', 'registry-secret-missing', 'registry-secret-stale'];

const planOfBroken = (): Promise<Plan> => whileBroken({ objects: brokenPlatform() }, (patient) => planned(patient));
const runOfBroken = (): Promise<readonly [Plan, Applied]> =>
  whileBroken({ objects: brokenPlatform() }, async (patient) => {
    const plan = await planned(patient, SAFE);
    return [plan, await applied(patient, plan)];
  });

function documentOf(plan: Plan, result: RunResult): RunDocument {
  return runDocument(plan, result, {
    run: 'r-20261120-1006-4c1d',
    version: '1.2.3',
    startedAt: NOW,
    now: NOW + 4000,
    dryRun: false,
    requests: { total: 14, list: 0, get: 0, review: 0, retried: 0, refused: 0, throttledMs: 0 },
  });
}

const tooWide = (text: string, width: number): readonly string[] =>
  text
    .split('\n')
    .filter(
      (line) => line.length > width && !/^ *(?:# )?(?:kubectl|helm|echo) /.test(line) && line.trim().includes(' '),
    );

describe('a plan', () => {
  it.each([60, 80, 100])('in %d columns', async (width) => {
    const text = planText(await planOfBroken(), FACTS, { ...OPTIONS, width });
    await expect(text).toMatchFileSnapshot(golden(`plan-${String(width)}`));
    expect(tooWide(text, width)).toEqual([]);
  });

  it('in ASCII', async () => {
    const text = planText(await planOfBroken(), FACTS, { ...OPTIONS, width: 80, ascii: true });
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
  });

  it('names every object, however many there are', async () => {
    const plan = await planOfBroken();
    const [step] = plan.steps.filter(({ op }) => op === 'create');
    if (step?.op !== 'create') throw new Error('no step creates anything');
    const steps = Array.from({ length: 300 }, (_, index) => ({
      ...step,
      step: index + 1,
      fix: '1',
      object: { ...step.object, metadata: { ...step.object.metadata, namespace: `crewai-org-${String(index + 1)}` } },
    }));
    const [fix] = plan.fixes;
    if (!fix) throw new Error('the plan has no fix');
    const many = { ...plan, steps, fixes: [{ ...fix, steps: steps.map((other) => other.step) }] };
    const text = planText(many, FACTS, OPTIONS);
    for (const { object } of steps) expect(text).toMatch(new RegExp(`\\b${object.metadata.namespace}\\b`));
  });

  it('that is refused says why, and what was put into it is harmless', async () => {
    const plan = await planOfBroken();
    const why = ['create RoleBinding x: \u001b[31mno\u001b[0m\nkubectl delete namespace crewai'];
    const checked = { ...FACTS.checked!, refused: { why, stale: false } };
    const text = planText(plan, { ...FACTS, checked }, OPTIONS);
    expect(text).toMatch(/^REFUSED {2}create RoleBinding x: /m);
    expect(text).not.toContain('\u001b');
    expect(text).not.toMatch(/^kubectl delete/m);
  });
});

describe('a run', () => {
  it('tells what happens, and how it ended', async () => {
    const [plan, result] = await runOfBroken();
    const events = result.events.map((event) =>
      eventText({ ...event, ...('milliseconds' in event ? { milliseconds: 1200 } : {}) }, plan, OPTIONS),
    );
    const text = events.join('') + runText(documentOf(plan, result), OPTIONS);
    await expect(text).toMatchFileSnapshot(golden('run-applied'));
  });

  it('that stopped says where, and how to go on or back', async () => {
    const [plan, result] = await runOfBroken();
    const [first] = result.outcomes;
    const [, second] = plan.steps;
    if (!first || !second) throw new Error('too few steps');
    const stale = { step: second, result: 'stale' as const, why: 'RoleBinding exists by now, with other content' };
    const stopped = {
      ...result,
      outcomes: [first, stale],
      stopped: 'create RoleBinding: exists by now',
      exit: 5,
      writes: 1,
    };
    const text =
      eventText({ event: 'step', outcome: stale, milliseconds: 1 }, plan, OPTIONS) +
      runText(documentOf(plan, stopped), OPTIONS);
    await expect(text).toMatchFileSnapshot(golden('run-stopped'));
  });
});

it('the history', async () => {
  const runs = [
    {
      run: 'r-20261120-1006-4c1d',
      at: '2026-11-20T10:06:00.000Z',
      server: 'https://prod',
      summary: "create the platform's RoleBinding",
      changed: 2,
      steps: 2,
      state: 'undone' as const,
    },
    {
      run: 'r-20261120-1010-aaaa',
      at: '2026-11-20T10:10:00.000Z',
      server: 'https://prod',
      summary: '',
      changed: 2,
      steps: 2,
      state: 'applied' as const,
      undoes: 'r-20261120-1006-4c1d',
    },
  ];
  await expect(historyText({ apiVersion: 'crewiso/v1', kind: 'History', runs }, OPTIONS)).toMatchFileSnapshot(
    golden('history'),
  );
  expect(historyText({ apiVersion: 'crewiso/v1', kind: 'History', runs: [] }, OPTIONS)).toBe(
    'nothing was repaired from this machine\n',
  );
});
