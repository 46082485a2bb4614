import { PassThrough } from 'node:stream';
import { describe, expect, it } from 'vitest';
import { agreeTo, agreeToAll, agreeToReviewed, askOn, canAsk, type Ask } from '../../../src/commands/shared/confirm.ts';
import { CrewisoError } from '../../../src/model/error.ts';
import type { Plan, PlannedFix, Step } from '../../../src/model/fix.ts';
import { digestOf } from '../../../src/remediation/canonical.ts';

const fix = (id: string, name: PlannedFix['class']): PlannedFix => ({
  ...{ id, class: name, summary: `fix ${id}`, steps: [Number(id)], verify: [], leaves: [] },
  findings: [
    { id: `f${id}`, check: 'rbac-access-missing', severity: 'critical', tenant: 'crewai-org-4', message: 'm' },
  ],
});
const step = (number: number, op: 'create' | 'delete'): Step => {
  const target = { apiVersion: 'v1', kind: 'Secret', namespace: 'crewai-org-4', name: `s${String(number)}` };
  const common = { step: number, fix: String(number), tenant: 'crewai-org-4', needs: [] };
  if (op === 'delete') return { ...common, op, target, uid: 'u' };
  const { namespace, name } = target;
  return { ...common, op, object: { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name } } };
};

function planOf(...classes: readonly PlannedFix['class'][]): Plan {
  const plan: Omit<Plan, 'digest'> = {
    apiVersion: 'crewiso/v1',
    kind: 'Plan',
    id: '4c1d09e2',
    createdAt: '2026-11-20T10:00:00Z',
    expiresAt: '2026-11-20T10:15:00Z',
    tool: { name: 'kubectl-crewiso', version: '1.2.3' },
    report: 'r',
    origin: 'cluster',
    binding: { platform: 'crewai/crewai', namespaces: ['crewai-org-4'] },
    settings: {},
    fixes: classes.map((name, index) => fix(String(index + 1), name)),
    steps: classes.map((name, index) => step(index + 1, name === 'destructive' ? 'delete' : 'create')),
    waves: [classes.map((_, index) => index + 1)],
    maxWrites: 50,
    left: [],
  };
  return { ...plan, digest: digestOf(plan) };
}

/** Answers in turn, and what was asked. */
function answers(...lines: readonly (string | undefined)[]): { ask: Ask; asked: string[] } {
  const asked: string[] = [];
  const left = [...lines];
  return {
    asked,
    ask: (question) => {
      asked.push(question);
      return Promise.resolve(left.shift());
    },
  };
}

const refusal = (message: RegExp): unknown =>
  expect.objectContaining({ exitCode: 6, message: expect.stringMatching(message) as string });
const classesOf = ({ fixes }: Plan): readonly string[] => fixes.map((one) => one.class);

describe('agreeTo', () => {
  it.each<[string, readonly (string | undefined)[], readonly string[]]>([
    ['everything', ['yes', 'y'], ['safe', 'review']],
    ['only what is safe', ['yes', 'n'], ['safe']],
    ['only what is reviewed', ['no', 'YES'], ['review']],
    ['Enter is no', ['', 'y'], ['review']],
    ['y is not enough for several at once', ['y', 'y'], ['review']],
  ])('%s', async (_, lines, kept) => {
    const { ask, asked } = answers(...lines);
    const agreed = await agreeTo(planOf('safe', 'review', 'destructive'), { yes: false, ask });
    expect(classesOf(agreed)).toEqual(kept);
    expect(asked).toEqual(['Apply fix 1 (safe, 1 write)? Type yes: ', 'Apply fix 2 (review, 1 write)? y/N: ']);
    expect(agreed.left).toHaveLength(3 - kept.length);
    expect(agreed.left.at(-1)?.why).toContain('fix apply --allow-destructive');
    expect(agreed.digest).toBe(digestOf(agreed));
  });

  it('--yes covers what is safe and asks nothing', async () => {
    expect(classesOf(await agreeTo(planOf('safe', 'review'), { yes: true }))).toEqual(['safe']);
    await expect(agreeTo(planOf('review'), { yes: true })).rejects.toEqual(refusal(/no fix of this plan is safe/));
  });

  it('nobody agreed is a refusal, as is nobody to ask', async () => {
    const { ask } = answers(undefined, undefined);
    await expect(agreeTo(planOf('safe', 'review'), { yes: false, ask })).rejects.toEqual(
      refusal(/no fix was agreed to/),
    );
    await expect(agreeTo(planOf('safe'), { yes: false })).rejects.toEqual(refusal(/no terminal to ask on/));
  });
});

describe('agreeToAll', () => {
  it('takes yes for all of it and nothing else', async () => {
    const plan = planOf('review');
    expect(await agreeToAll(plan, { yes: true })).toBe(plan);
    expect(await agreeToAll(plan, { yes: false, ask: answers('yes').ask })).toBe(plan);
    for (const line of ['y', '', undefined, 'yes!']) {
      await expect(agreeToAll(plan, { yes: false, ask: answers(line).ask })).rejects.toEqual(refusal(/not agreed to/));
    }
    await expect(agreeToAll(plan, { yes: false })).rejects.toEqual(refusal(/no terminal/));
  });
});

describe('agreeToReviewed', () => {
  const plan = planOf('review', 'destructive');
  const digest = plan.digest.slice(0, 8);

  it('applies what deletes nothing without a word', async () => {
    const harmless = planOf('safe', 'review');
    expect(await agreeToReviewed(harmless, { allowDestructive: false })).toBe(harmless);
  });

  it('deletes only what is allowed and confirmed, by its name or by the digest', async () => {
    await expect(agreeToReviewed(plan, { allowDestructive: false, confirm: digest })).rejects.toEqual(
      refusal(/--allow-destructive was not given/),
    );
    await expect(agreeToReviewed(plan, { allowDestructive: true })).rejects.toEqual(refusal(/no terminal/));
    await expect(agreeToReviewed(plan, { allowDestructive: true, confirm: '00000000' })).rejects.toEqual(
      refusal(/is not this plan/),
    );
    expect(await agreeToReviewed(plan, { allowDestructive: true, confirm: digest })).toBe(plan);
    const { ask, asked } = answers('crewai-org-4/s2');
    expect(await agreeToReviewed(plan, { allowDestructive: true, ask })).toBe(plan);
    expect(asked).toEqual(['Delete Secret? Type crewai-org-4/s2: ']);
    for (const line of ['yes', 's2', undefined]) {
      await expect(agreeToReviewed(plan, { allowDestructive: true, ask: answers(line).ask })).rejects.toEqual(
        refusal(/crewai-org-4\/s2 was not confirmed/),
      );
    }
  });
});

describe('askOn', () => {
  const signal = new AbortController().signal;

  it('takes a line each, and the end of input for no answer', async () => {
    const [input, output] = [new PassThrough(), new PassThrough()];
    const ask = askOn({ input, output }, signal);
    const first = ask('Sure? ');
    input.write(' yes \n');
    expect(await first).toBe('yes');
    const second = ask('Really? ');
    input.end();
    expect(await second).toBeUndefined();
    expect(String(output.read())).toBe('Sure? Really? \n');
    expect(await ask('And now? ')).toBeUndefined();
  });

  it('ends with the run', async () => {
    const controller = new AbortController();
    const ask = askOn({ input: new PassThrough(), output: new PassThrough() }, controller.signal);
    const answer = ask('Sure? ');
    controller.abort();
    expect(await answer).toBeUndefined();
    expect(await ask('Sure? ')).toBeUndefined();
  });

  it('asks only where somebody sees the question and can answer', () => {
    const stream = (isTTY: boolean): PassThrough & { isTTY: boolean } => Object.assign(new PassThrough(), { isTTY });
    expect([true, false].map((tty) => canAsk({ input: stream(tty), output: stream(true) }))).toEqual([true, false]);
    expect(canAsk({ input: stream(true), output: stream(false) })).toBe(false);
  });
});

it('refusals are errors of ours', async () => {
  await expect(agreeToAll(planOf('safe'), { yes: false })).rejects.toBeInstanceOf(CrewisoError);
});
