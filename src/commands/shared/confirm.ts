import { createInterface } from 'node:readline';
import { CrewisoError, EXIT } from '../../model/error.ts';
import { targetOf, type Plan, type PlannedFix } from '../../model/fix.ts';
import { qualifiedName } from '../../model/object.ts';
import { count } from '../../model/text.ts';
import { narrowPlan } from '../../remediation/plan.ts';

/** Puts a question; the line that was typed, or undefined at the end of input or when the user stopped. */
export type Ask = (question: string) => Promise<string | undefined>;

interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/** Somebody can be asked, and sees what is asked. */
export function canAsk({ input, output }: Terminal): boolean {
  return input.isTTY === true && output.isTTY === true;
}

/** Questions on a terminal, one line each. The terminal stays in its own mode: Ctrl-C is a signal as anywhere else. */
export function askOn({ input, output }: Terminal, signal: AbortSignal): Ask {
  let ended = false;
  input.once('end', () => (ended = true));
  return (question) =>
    new Promise((resolve) => {
      const lines = createInterface({ input, terminal: false });
      const end = (line?: string): void => {
        signal.removeEventListener('abort', stop);
        lines.removeAllListeners('close');
        lines.close();
        if (line === undefined) output.write('\n');
        resolve(line?.trim());
      };
      const stop = (): void => {
        end();
      };
      lines.once('line', end);
      lines.once('close', stop);
      signal.addEventListener('abort', stop, { once: true });
      // An input that has ended before tells nobody again.
      if (signal.aborted || ended) stop();
      else output.write(question);
    });
}

const refused = (message: string, ...suggestions: readonly string[]): CrewisoError =>
  new CrewisoError(message, { code: 'refused', exitCode: EXIT.refused, suggestions });

const PLAN_OUT = 'kubectl crewiso doctor --fix --plan-out plan.yaml';

/** How somebody agrees: `--yes`, answers on a terminal, or not at all. */
export interface Agreement {
  readonly yes: boolean;
  readonly ask?: Ask;
}

/**
 * The part of a plan that is agreed to: `--yes` covers what is safe, a terminal what is safe or reviewed there; what is
 * destructive goes through a plan file.
 * @throws CrewisoError (6) where nothing is
 */
export async function agreeTo(plan: Plan, { yes, ask }: Agreement): Promise<Plan> {
  if (!yes && !ask) {
    throw refused(
      'nothing was written: there is no terminal to ask on',
      'agree to what is safe with --yes',
      `or review a plan and apply it: ${PLAN_OUT}`,
    );
  }
  const agreed = new Set<string>();
  for (const fix of plan.fixes) {
    if (fix.class === 'destructive') continue;
    const answered = yes ? fix.class === 'safe' : await agrees(fix, ask);
    if (answered) agreed.add(fix.id);
  }
  if (agreed.size === 0) {
    const [hint] = plan.fixes.some((fix) => fix.class !== 'safe') ? [`review a plan and apply it: ${PLAN_OUT}`] : [];
    throw refused(
      yes
        ? 'nothing was written: no fix of this plan is safe without a review'
        : 'nothing was written: no fix was agreed to',
      ...(hint === undefined ? [] : [hint]),
    );
  }
  return narrowPlan(plan, ({ id }) => agreed.has(id), {
    why: (fix) =>
      fix.class === 'destructive'
        ? 'destructive: only with a plan file and fix apply --allow-destructive'
        : yes
          ? '--yes does not cover what needs a review'
          : 'not agreed to',
  });
}

async function agrees(fix: PlannedFix, ask: Ask | undefined): Promise<boolean> {
  const writes = count(fix.steps.length, 'write');
  const question = `Apply fix ${fix.id} (${fix.class}, ${writes})?`;
  if (fix.class === 'safe') return (await ask?.(`${question} Type yes: `)) === 'yes';
  return /^y(es)?$/i.test((await ask?.(`${question} y/N: `)) ?? '');
}

/** Agrees to a whole plan, or to nothing. @throws CrewisoError (6) */
export async function agreeToAll(plan: Plan, { yes, ask }: Agreement): Promise<Plan> {
  if (yes) return plan;
  if (!ask) throw refused('nothing was written: there is no terminal to ask on', 'agree with --yes');
  const answer = await ask(`Apply ${count(plan.steps.length, 'change')}? Type yes: `);
  if (answer !== 'yes') throw refused('nothing was written: not agreed to');
  return plan;
}

export interface Permission {
  readonly allowDestructive: boolean;
  /** What was given with `--confirm`. */
  readonly confirm?: string | undefined;
  readonly ask?: Ask;
}

/**
 * A reviewed plan: only what is destructive needs more, the name of everything that goes, typed on a terminal, or the
 * digest of exactly this plan.
 * @throws CrewisoError (6)
 */
export async function agreeToReviewed(plan: Plan, permission: Permission): Promise<Plan> {
  const { allowDestructive, confirm, ask } = permission;
  const digest = plan.digest.slice(0, 8);
  if (confirm !== undefined && confirm !== digest)
    throw refused(`--confirm ${confirm} is not this plan: its digest begins with ${digest}`);
  const destructive = new Set(plan.fixes.filter((fix) => fix.class === 'destructive').map(({ id }) => id));
  if (destructive.size === 0) return plan;
  if (!allowDestructive) {
    throw refused(
      'nothing was written: the plan deletes objects, and --allow-destructive was not given',
      'make a plan without them with doctor --fix --check, or allow it with --allow-destructive',
    );
  }
  if (confirm !== undefined) return plan;
  if (!ask)
    throw refused(
      'nothing was written: there is no terminal to ask on',
      `confirm what is deleted: --confirm ${digest}`,
    );
  for (const step of plan.steps) {
    if (step.op !== 'delete' || !destructive.has(step.fix)) continue;
    const name = qualifiedName(targetOf(step));
    if ((await ask(`Delete ${targetOf(step).kind}? Type ${name}: `)) !== name)
      throw refused(`nothing was written: ${name} was not confirmed`);
  }
  return plan;
}
