import type { AccessRule } from '../model/access.ts';
import type { AccessDocument, BindingPath } from '../model/access-document.ts';
import { compareNames } from '../model/object.ts';
import type { RenderOptions } from '../model/report.ts';
import { GAP_WORDS, gapCauses } from './gap-lines.ts';
import { grantCommands } from './grant-commands.ts';
import { asciiProse, someOf, stepLines, wrap } from './layout.ts';
import type { Paint } from './paint.ts';

export interface AccessDrawing {
  readonly document: AccessDocument;
  readonly options: RenderOptions;
  readonly paint: Paint;
}

const LABEL = 10;

/** The body, what could not be seen and how to see it, and the exit code. */
export function accessFrame(body: readonly string[], drawing: AccessDrawing): string {
  const { options, document } = drawing;
  const { code, reasons } = document.exit;
  // The answer to `why` stands in the first line.
  const why = document.view === 'why' ? '' : reasons.join('; ');
  const exit = wrap(why, options.width, `exit ${String(code)}  `, ' '.repeat(8));
  const lines = [...body, ...unseenLines(drawing), ...exit].map((line) => line.trimEnd());
  return asciiProse(`${lines.join('\n')}\n`, options.ascii);
}

function unseenLines({ document, options, paint }: AccessDrawing): readonly string[] {
  const { width, wide } = options;
  const causes = gapCauses({ coverage: { gaps: document.gaps }, checks: [] });
  const grants = grantCommands(
    document.gaps.flatMap(({ grant }) => grant ?? []),
    document.target.identity,
  );
  const who = document.target.identity?.username ?? 'the account';
  return [
    ...causes.flatMap(({ resources, reason, namespaces, details: [detail] }) => {
      const columns = wide ? Infinity : 2 * (width - 12);
      const where = namespaces.length > 0 ? ` in ${someOf(namespaces, columns)}` : '';
      const says = detail === undefined ? '' : `: ${detail}`;
      return field('unseen', `${someOf(resources, columns)} ${GAP_WORDS[reason]}${where}${says}`, width).map(
        paint.warn,
      );
    }),
    ...(grants.length > 0 ? field('grant', `lets ${who} see it; for an administrator:`, width) : []),
    ...stepLines(grants, width).map(paint.command),
  ];
}

/** Prose behind a label at the left edge. */
export function field(label: string, text: string, width: number): readonly string[] {
  return wrap(text, width, label.padEnd(LABEL), ' '.repeat(LABEL));
}

/** `RoleBinding crewai-sa-edit -> ClusterRole/edit`. */
export const pathText = ({ kind, name, role }: BindingPath): string =>
  `${kind}${name === undefined ? '' : ` ${name}`} -> ${role}`;

/** `crewai-org-4,7,17..20`: names that differ in their last number only share what is before it. */
export function compactNames(names: readonly string[], columns: number): string {
  const groups = new Map<string, string[]>();
  for (const name of [...names].sort(compareNames)) {
    const [, prefix = '', number] = /^(.*?)(0|[1-9]\d{0,14})$/.exec(name) ?? [];
    const key = number === undefined ? name : prefix;
    const members = groups.get(key) ?? [];
    groups.set(key, members);
    if (number !== undefined) members.push(number);
  }
  const parts = [...groups].flatMap(([prefix, numbers]) =>
    numbers.length === 0 ? [{ text: prefix, names: 1 }] : runsOf(prefix, numbers),
  );
  return joinSome(parts, columns);
}

interface Part {
  readonly text: string;
  readonly names: number;
}

/** Three and more numbers in a row become the first and the last one. */
function runsOf(prefix: string, numbers: readonly string[]): readonly Part[] {
  const runs: string[][] = [];
  for (const number of numbers) {
    const run = runs.at(-1);
    if (run && Number(run.at(-1)) + 1 === Number(number)) run.push(number);
    else runs.push([number]);
  }
  const parts = runs.flatMap((run) =>
    run.length < 3
      ? run.map((number) => ({ text: number, names: 1 }))
      : [{ text: `${run[0] ?? ''}..${run.at(-1) ?? ''}`, names: run.length }],
  );
  return parts.map((part, at) => (at === 0 ? { ...part, text: prefix + part.text } : part));
}

function joinSome(parts: readonly Part[], columns: number): string {
  let text = '';
  for (const [index, part] of parts.entries()) {
    const next = index === 0 ? part.text : `${text}${/^\d/.test(part.text) ? ',' : ', '}${part.text}`;
    if (index > 0 && next.length > columns) {
      const left = parts.slice(index).reduce((sum, { names }) => sum + names, 0);
      return `${text} … ${String(left)} more`;
    }
    text = next;
  }
  return text;
}

/**
 * `create, patch deployments.apps, services; get pods/log`: resources that share their verbs stand together.
 * @param whole with these, resources of which all verbs are among the rules are named without them
 */
export function rulesText(rules: readonly AccessRule[], whole: readonly AccessRule[] = []): string {
  const all = verbsByResource(whole);
  const byVerbs = new Map<string, string[]>();
  for (const [name, verbs] of verbsByResource(rules)) {
    const complete = verbs.length > 1 && verbs.length === all.get(name)?.length;
    const words = complete ? 'everything on' : verbs.join(', ');
    byVerbs.set(words, [...(byVerbs.get(words) ?? []), name]);
  }
  return [...byVerbs].map(([words, names]) => `${words} ${names.join(', ')}`).join('; ');
}

function verbsByResource(rules: readonly AccessRule[]): ReadonlyMap<string, readonly string[]> {
  const verbs = new Map<string, string[]>();
  for (const rule of rules) {
    const name = resourceText(rule);
    verbs.set(name, [...(verbs.get(name) ?? []), rule.verb]);
  }
  return verbs;
}

function resourceText({ group, resource }: AccessRule): string {
  const [plural = '', ...sub] = resource.split('/');
  return [group === '' ? plural : `${plural}.${group}`, ...sub].join('/');
}
