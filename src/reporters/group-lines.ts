import type { Finding, Remediation } from '../model/finding.ts';
import type { Group, RenderOptions, Report } from '../model/report.ts';
import { count } from '../model/text.ts';
import { evidenceText } from './evidence-text.ts';
import { labelled, someOf, spread, stepLines, wrap } from './layout.ts';
import { nameOf, placesOf } from './object-names.ts';
import { letterOf, type Paint } from './paint.ts';
import { shortTime } from './times.ts';

/** What all parts of one report's text need. */
export interface Drawing {
  readonly report: Report;
  readonly options: RenderOptions;
  readonly paint: Paint;
  /** Findings by id. */
  readonly findings: ReadonlyMap<string, Finding>;
}

/** Commands of one group that are printed; a group of a thousand tenants has thousands. */
const MAX_STEPS = 24;
const MAX_PROOFS = 4;

/** One cause: what is wrong, where, why we say so, what follows from it, and what to do. */
export function groupLines(group: Group, drawing: Drawing): readonly string[] {
  const { report, options, paint } = drawing;
  const { width } = options;
  const members = group.findings.flatMap((id) => drawing.findings.get(id) ?? []);
  const roots = rootsOf(group, members);
  const [first] = roots;
  const [head = '', ...more] = spread(
    `${letterOf(group.severity)} ${group.check}`,
    headFacts(group, members, report),
    width,
  );
  return [
    paint.severity(group.severity, head.slice(0, 2 + group.check.length)) + head.slice(2 + group.check.length),
    ...more,
    ...wrap(group.summary, width, '  ').map(paint.strong),
    ...whereLines(group, roots, options),
    ...(first ? proofLines(first, drawing) : []),
    ...leadLines(members, roots, options),
    ...fixLines(group, drawing),
  ];
}

function rootsOf(group: Group, members: readonly Finding[]): readonly Finding[] {
  if (group.root !== null) return members.filter(({ id }) => id === group.root);
  const ids = new Set(members.map(({ id }) => id));
  return members.filter(({ cause, check }) => check === group.check && (cause === null || !ids.has(cause)));
}

function headFacts(group: Group, members: readonly Finding[], report: Report): string {
  const since = shortTime(group.since, report);
  return [
    members.length > 1 ? count(members.length, 'finding') : '',
    group.tenants.length > 0 ? count(group.tenants.length, 'tenant') : '',
    since === '' ? '' : `since ${since}`,
  ]
    .filter((fact) => fact !== '')
    .join('  ');
}

/** Columns for lists of names: two lines of them, or all. */
function columnsFor(options: RenderOptions): number {
  return options.wide ? Infinity : 2 * (options.width - 12);
}

function whereLines(group: Group, roots: readonly Finding[], options: RenderOptions): readonly string[] {
  const { intro, names } = placesOf(roots);
  const columns = columnsFor(options);
  const [only] = roots;
  const path = roots.length === 1 && only?.path ? ` ${only.path}` : '';
  const named = new Set(roots.map(({ object }) => object.namespace ?? object.name));
  const others = group.tenants.filter((tenant) => !named.has(tenant));
  return [
    ...(names.length > 0 ? labelled('where', intro + someOf(names, columns - intro.length) + path, options.width) : []),
    ...(others.length > 0 ? labelled('tenants', someOf(group.tenants, columns), options.width) : []),
  ];
}

function proofLines(finding: Finding, { report, options, paint }: Drawing): readonly string[] {
  const texts = finding.evidence.map((evidence) => evidenceText(evidence, report)).filter((text) => text !== '');
  const shown = texts.slice(0, options.wide ? undefined : MAX_PROOFS);
  const hidden = texts.length - shown.length;
  const lines = shown.length > 0 ? shown : [finding.message];
  return [
    ...lines.flatMap((text, index) =>
      labelled(index === 0 ? 'proof' : '', index === 0 ? `(${finding.confidence}) ${text}` : text, options.width),
    ),
    ...(hidden > 0 ? labelled('', paint.quiet(`${hidden} more (-w shows them)`), options.width) : []),
  ];
}

function leadLines(members: readonly Finding[], roots: readonly Finding[], options: RenderOptions): readonly string[] {
  const rooted = new Set(roots);
  const byCheck = new Map<string, Finding[]>();
  for (const finding of members) {
    if (!rooted.has(finding)) byCheck.set(finding.check, [...(byCheck.get(finding.check) ?? []), finding]);
  }
  const said = new Set(roots.map(({ object }) => nameOf(object)));
  const parts = [...byCheck].map(([check, findings]) => {
    const head = `${check} (${findings.length})`;
    // What `where` says already is not said again.
    if (findings.every(({ object }) => said.has(nameOf(object)))) return head;
    const { intro, names } = placesOf(findings.map(({ object }) => ({ object })));
    return `${head}: ${intro}${someOf(names, columnsFor(options) - head.length - intro.length)}`;
  });
  return parts.flatMap((part, index) =>
    labelled(index === 0 ? 'leads' : '', `${index === 0 ? 'to ' : ''}${part}`, options.width),
  );
}

/** The command that does it, where one can; what comes from files has no cluster to be repaired yet. */
function programSteps(
  check: string,
  { kind, class: name, changes = 0 }: Remediation,
  { report }: Drawing,
): readonly string[] {
  if (kind !== 'fix' || report.target.origin.from !== 'cluster') return [];
  return [
    `kubectl crewiso doctor --fix --check ${check}`,
    `# shows a plan of ${count(changes, 'write')} (${name ?? 'review'}) that can be taken back; or by hand:`,
  ];
}

function fixLines({ check, remediation }: Group, drawing: Drawing): readonly string[] {
  const { options, paint } = drawing;
  const { summary, owner } = remediation;
  const steps = [...programSteps(check, remediation, drawing), ...remediation.steps];
  const shown = options.wide ? steps : steps.slice(0, MAX_STEPS);
  const hidden = steps.length - shown.length;
  const rest = `# ${hidden} more steps: add -w, or take them from -o json (groups[].remediation.steps)`;
  const intro = summary === '' ? (remediation.kind === 'none' ? 'nothing to do' : 'see below') : summary;
  const lines = stepLines(hidden > 0 ? [...shown, rest] : shown, options.width);
  return [
    ...labelled('fix', intro, options.width),
    ...lines.map((line) => (line.trimStart().startsWith('#') ? paint.quiet(line) : paint.command(line))),
    ...(owner === undefined ? [] : labelled('owner', `${owner} may undo a change made by hand`, options.width)),
  ];
}
