import { targetOf, UNSEEN, type Plan } from '../model/fix.ts';
import { qualifiedName } from '../model/object.ts';
import type { RenderOptions } from '../model/report.ts';
import type { RunDocument, RunEvent, StepOutcome, Verification } from '../model/run.ts';
import { count } from '../model/text.ts';
import { cleanDeep } from './clean-report.ts';
import { compactNames } from './access-frame.ts';
import { asciiProse, widthOf, wrap, wrapParts } from './layout.ts';
import { createPaint, type Paint } from './paint.ts';
import { duration } from './times.ts';

const DONE = { create: 'created', patch: 'changed', delete: 'deleted' } as const;
const MARKS = { create: '+', patch: '~', delete: '-' } as const;
const LABEL = 10;

/** One line for each thing that happens while a plan is applied; '' for what is not told. */
export function eventText(event: RunEvent, plan: Plan, options: RenderOptions): string {
  const paint = createPaint(options.color);
  const clean = cleanDeep(event) as RunEvent;
  switch (clean.event) {
    case 'rights':
    case 'rehearsed':
      return '';
    case 'step':
      return drawn(stepLines(clean.outcome, plan, options, paint), options);
    case 'verified':
      return drawn(verifiedLines(clean.verifications, clean.milliseconds, options, paint), options);
  }
}

const drawn = (lines: readonly string[], { ascii }: RenderOptions): string =>
  lines.length === 0 ? '' : asciiProse(`${lines.map((line) => line.trimEnd()).join('\n')}\n`, ascii);

function stepLines(outcome: StepOutcome, plan: Plan, { width }: RenderOptions, paint: Paint): readonly string[] {
  const { step, result } = outcome;
  const total = String(plan.steps.length);
  const tenants = Math.max(...plan.steps.map(({ tenant }) => widthOf(tenant)));
  const number = `${String(step.step).padStart(total.length)}/${total}`;
  const { kind, name, namespace } = targetOf(step);
  // The namespace stands in the column before, unless the object is elsewhere.
  const object = namespace === undefined || namespace === step.tenant ? name : qualifiedName({ name, namespace });
  const head = `${number} ${step.tenant.padEnd(tenants)}  ${MARKS[step.op]} ${kind} ${object}  `;
  if (!('why' in outcome)) return [head + resultText(step.op, outcome.result)];
  return [head + paint.bad(result.toUpperCase()), ...wrap(outcome.why, width, ' '.repeat(LABEL))];
}

function resultText(op: keyof typeof DONE, result: 'applied' | 'unchanged' | 'earlier'): string {
  if (result === 'unchanged') return 'in place already';
  return result === 'earlier' ? 'done before' : DONE[op];
}

function verifiedLines(
  verifications: readonly Verification[],
  milliseconds: number,
  { width }: RenderOptions,
  paint: Paint,
): readonly string[] {
  if (verifications.length === 0) return [];
  const groups = new Map<string, Verification[]>();
  for (const verification of verifications) {
    const { check, result } = verification;
    const key = check === 'reading' ? result : `${check} ${result}`;
    groups.set(key, [...(groups.get(key) ?? []), verification]);
  }
  return [...groups].flatMap(([key, members]) => {
    const [first] = members;
    const where = compactNames([...new Set(members.map(({ tenant }) => tenant))], Infinity);
    const what = first?.check === 'reading' ? readWords(first.result) : key;
    const lines = wrap(`${what} in ${where} (${duration(milliseconds)})`, width, 'verified  ', ' '.repeat(LABEL));
    return first?.result === 'fixed' ? lines : lines.map(paint.bad);
  });
}

const readWords = (result: Verification['result']): string =>
  result === 'fixed' ? 'as intended' : result === 'not-fixed' ? 'NOT as intended' : 'could not be read again';

/** How a run ended, what is left, and the next command. */
export function runText(source: RunDocument, options: RenderOptions): string {
  const run = cleanDeep(source) as RunDocument;
  const paint = createPaint(options.color);
  const { width } = options;
  const field = (label: string, text: string): readonly string[] =>
    text === '' ? [] : wrap(text, width, label.padEnd(LABEL), ' '.repeat(LABEL));
  const next = nextCommands(run);
  const costs = [count(run.writes, 'write'), count(run.requests.total, 'request'), duration(run.durationMs)];
  return drawn(
    [
      ...(run.stopped === undefined ? [] : field('STOPPED', run.stopped).map(paint.bad)),
      ...(run.interrupted ? field('STOPPED', 'interrupted').map(paint.bad) : []),
      ...run.regressed.flatMap(({ check, message }) => field('new', `${check}: ${message}`).map(paint.bad)),
      ...field('left', leftText(run)),
      ...wrapParts(costs, ', ', width),
      ...next.flatMap(([label, command]) => [label.padEnd(LABEL) + paint.command(command)]),
      ...wrap(run.exit.reasons.join('; '), width, `exit ${String(run.exit.code)}  `, ' '.repeat(8)),
    ],
    options,
  );
}

function leftText({ steps, left }: RunDocument): string {
  const open = steps.filter(({ result }) => result === 'not-reached').length;
  const findings = left.filter(({ check }) => check !== UNSEEN).length;
  const parts = [open > 0 ? count(open, 'change') : '', findings > 0 ? `${count(findings, 'finding')} for you` : ''];
  return parts.filter((part) => part !== '').join(', ');
}

function nextCommands(run: RunDocument): readonly (readonly [label: string, command: string])[] {
  const begun = run.steps.some(({ result }) => result === 'applied' || result === 'unknown');
  const ended = run.steps.every(({ result }) => result !== 'not-reached' && result !== 'unknown');
  if (run.dryRun || run.refused !== undefined || !begun) return [];
  return [
    ...(ended ? [] : [['go on', `kubectl crewiso fix apply --resume ${run.id}`] as const]),
    ['undo', `kubectl crewiso fix undo ${run.id}`],
  ];
}
