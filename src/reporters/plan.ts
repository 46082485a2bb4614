import { isRecord, stringAt } from '../kubernetes/json-value.ts';
import { targetOf, UNSEEN, type LeftToYou, type Patch, type Plan, type PlannedFix, type Step } from '../model/fix.ts';
import type { RenderOptions } from '../model/report.ts';
import type { Refusal } from '../model/run.ts';
import { count } from '../model/text.ts';
import { cleanDeep } from './clean-report.ts';
import { asciiProse, someOf, stepLines, wrap, wrapParts } from './layout.ts';
import { placesOf } from './object-names.ts';
import { createPaint, type Paint } from './paint.ts';

/** What the API server was asked about a plan before anybody agreed to it. */
export interface Checked {
  readonly rights: number;
  readonly rehearsed: number;
  /** Changes in a Namespace that is yet to be made. */
  readonly later: number;
  readonly unchanged: number;
  readonly refused?: Refusal;
}

export interface PlanFacts {
  /** Where it is for: the context, or the files it was made from. */
  readonly place: string;
  readonly checked?: Checked;
}

const HANG = ' '.repeat(6);
const MAX_STEPS = 24;

/** Everything a plan would do, for whoever agrees to it: nothing is left out, however many organizations there are. */
export function planText(source: Plan, facts: PlanFacts, given: RenderOptions): string {
  const plan = cleanDeep(source) as Plan;
  const options = given.ascii ? { ...given, width: given.width - 2 } : given;
  const paint = createPaint(options.color);
  const blocks = [
    headLines(plan, facts, options, paint),
    ...plan.fixes.map((fix) => fixLines(plan, fix, options, paint)),
    leftLines(plan.left, options, paint),
    checkedLines(plan, cleanDeep(facts.checked) as Checked | undefined, options, paint),
  ].filter((block) => block.length > 0);
  return asciiProse(`${blocks.map((block) => block.join('\n')).join('\n\n')}\n`, options.ascii);
}

function headLines(plan: Plan, { place }: PlanFacts, { width }: RenderOptions, paint: Paint): readonly string[] {
  const places = new Set(plan.steps.map((step) => targetOf(step).namespace ?? targetOf(step).name));
  if (plan.steps.length === 0) {
    const seen = plan.left.some(({ check }) => check === UNSEEN) ? ' in what could be seen' : '';
    return [`${paint.strong(`PLAN ${plan.id}`)}  nothing to change${seen} | ${place}`];
  }
  const parts = [
    `${count(plan.fixes.length, 'fix', 'fixes')}, ${count(plan.steps.length, 'change')} in ${count(places.size, 'namespace')}`,
    place,
    `expires ${plan.expiresAt.slice(0, 16).replace('T', ' ')}Z`,
  ];
  const head = `PLAN ${plan.id}`;
  const [first = '', ...others] = wrapParts(parts, ' | ', width - head.length - 2);
  return [`${paint.strong(head)}  ${first}`, ...others.map((line) => ' '.repeat(head.length + 2) + line)];
}

function fixLines(plan: Plan, fix: PlannedFix, options: RenderOptions, paint: Paint): readonly string[] {
  const numbers = new Set(fix.steps);
  const steps = plan.steps.filter(({ step }) => numbers.has(step));
  const title = `${fix.id} ${fix.class.padEnd(6)}  `;
  const [head = '', ...more] = wrap(fix.summary, options.width, title, ' '.repeat(title.length));
  return [
    (fix.class === 'safe' ? paint.strong : paint.warn)(head),
    ...more,
    ...fixesLine(fix, options),
    ...alike(steps).flatMap((group) => groupLines(group, options)),
  ];
}

function fixesLine({ findings }: PlannedFix, { width }: RenderOptions): readonly string[] {
  const byCheck = new Map<string, number>();
  for (const { check } of findings) byCheck.set(check, (byCheck.get(check) ?? 0) + 1);
  if (byCheck.size === 0) return [];
  const text = [...byCheck].map(([check, number]) => `${check} (${number})`).join(', ');
  return wrap(text, width, '  fixes ', '        ');
}

interface Alike {
  readonly steps: readonly Step[];
  readonly details: readonly string[];
}

/** Steps that do the same to objects of one kind, in the order of their first. */
function alike(steps: readonly Step[]): readonly Alike[] {
  const groups = new Map<string, { steps: Step[]; details: readonly string[] }>();
  for (const step of steps) {
    const details = detailsOf(step);
    const { kind, name, namespace } = targetOf(step);
    const named = step.op === 'create' ? name : namespace;
    const key = JSON.stringify([step.op, kind, kind === 'Namespace' ? '' : named, details]);
    const group = groups.get(key) ?? { steps: [], details };
    groups.set(key, group);
    group.steps.push(step);
  }
  return [...groups.values()];
}

const MARKS = { create: '+', patch: '~', delete: '-' } as const;

function groupLines({ steps, details }: Alike, { width }: RenderOptions): readonly string[] {
  const [first] = steps;
  if (!first) return [];
  const { intro, names } = placesOf(steps.map((step) => ({ object: targetOf(step) })));
  return [
    ...wrap(intro + someOf(names, Infinity), width, `  ${MARKS[first.op]} `, HANG),
    ...details.flatMap((detail) => wrap(detail, width, HANG, `${HANG}  `)),
  ];
}

function detailsOf(step: Step): readonly string[] {
  switch (step.op) {
    case 'create':
      return createdDetails(step);
    case 'patch':
      return patchedDetails(step);
    case 'delete':
      return step.propagation ? ['with what it owns'] : [];
  }
}

function createdDetails({ object, fill = [], backup }: Step & { op: 'create' }): readonly string[] {
  if (backup) return ['what is there now, for undo'];
  const sources = fill.flatMap(({ from }) =>
    from === 'time' ? [] : [`data from ${from.kind} ${from.namespace}/${from.name}`],
  );
  const labels = Object.entries(object.metadata.labels ?? {}).filter(([key]) => key !== 'app.kubernetes.io/managed-by');
  const subjects = Array.isArray(object.subjects) ? object.subjects.map(subjectText) : [];
  const rules = Array.isArray(object.rules) ? [`rules ${JSON.stringify(object.rules)}`] : [];
  const role = isRecord(object.roleRef)
    ? [`role ${stringAt(object.roleRef, 'kind') ?? ''}/${stringAt(object.roleRef, 'name') ?? ''}`]
    : [];
  return [
    ...role,
    ...subjects.map((subject) => `for ${subject}`),
    ...rules,
    ...labels.map(([key, value]) => `label ${key}=${value}`),
    ...sources,
  ];
}

function subjectText(subject: unknown): string {
  const namespace = stringAt(subject, 'namespace');
  const name = stringAt(subject, 'name') ?? '';
  return `${stringAt(subject, 'kind') ?? ''} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
}

/** What each field is and becomes; values of Secrets are only ever read while the change is made. */
function patchedDetails({ patch, fill = [] }: Patch): readonly string[] {
  const before = new Map(
    patch.flatMap((operation) => (operation.op === 'test' ? [[operation.path, operation.value]] : [])),
  );
  const sources = new Map(
    fill.map(({ path, from }) => [
      path,
      from === 'time' ? 'the time' : `from ${from.kind} ${from.namespace}/${from.name}`,
    ]),
  );
  return patch.flatMap((operation) => {
    const { op, path } = operation;
    if (op === 'test') return [];
    const field = path.replaceAll('~1', '/').replaceAll('~0', '~');
    if (op === 'remove') return [`${field}  removed`];
    const value = sources.get(path) ?? shown(operation.value);
    return [before.has(path) ? `${field}  ${shown(before.get(path))} -> ${value}` : `${field}  ${value}`];
  });
}

const shown = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** What a person has to do, told once for all objects of which the same is to be said. */
function leftLines(left: readonly LeftToYou[], options: RenderOptions, paint: Paint): readonly string[] {
  const groups = new Map<string, LeftToYou[]>();
  for (const item of left) {
    const key = `${item.check} ${item.why}`;
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  if (groups.size === 0) return [];
  const columns = options.wide ? Infinity : 2 * (options.width - 12);
  const lines = [...groups.values()].flatMap((items) => {
    const [first] = items;
    if (!first) return [];
    const objects = someOf([...new Set(items.map(({ object }) => object))], columns);
    const steps = [...new Set(items.flatMap((item) => item.steps))];
    const more = steps.length - MAX_STEPS;
    return [
      ...wrap(`${first.check} (${items.length})  ${objects}`, options.width, '  ', HANG),
      ...wrap(first.why, options.width, HANG),
      ...stepLines(steps.slice(0, MAX_STEPS), options.width).map(paint.command),
      ...(more > 0 ? [`${HANG}${count(more, 'more command')}: kubectl crewiso doctor -o json`] : []),
    ];
  });
  return [paint.strong('left to you'), ...lines];
}

function checkedLines(
  plan: Plan,
  checked: Checked | undefined,
  { width }: RenderOptions,
  paint: Paint,
): readonly string[] {
  if (plan.steps.length === 0) return [];
  const canary = plan.canary;
  const first =
    canary !== undefined && plan.waves.length > 1
      ? [`${canary} goes first, then up to 10 organizations at a time`]
      : [];
  if (!checked) return first.flatMap((line) => wrap(line, width, 'order    ', ' '.repeat(9)));
  const { rights, rehearsed, later, unchanged, refused } = checked;
  const parts = [
    count(rights, 'right'),
    `server dry-run of ${count(rehearsed, 'change')}`,
    later > 0 ? `${later} to be rehearsed once their Namespace is there` : '',
    unchanged > 0 ? `${unchanged} in place already` : '',
    `${plan.steps.length} of ${plan.maxWrites} writes`,
  ];
  const troubles = refused?.why ?? [];
  return [
    ...wrapParts(parts, ' | ', width - 9).map((line, index) => (index === 0 ? 'checked  ' : ' '.repeat(9)) + line),
    ...first.flatMap((line) => wrap(line, width, 'order    ', ' '.repeat(9))),
    ...troubles.flatMap((why) =>
      wrap(why, width, refused?.stale ? 'STALE    ' : 'REFUSED  ', ' '.repeat(9)).map(paint.bad),
    ),
  ];
}
