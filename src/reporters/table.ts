import type { Report, Reporter } from '../model/report.ts';
import { count } from '../model/text.ts';
import { columnLines } from './columns.ts';
import { brokenChecks, factsOf, inPart, outcomes, shownGroups, verdictOf, type Verdict } from './counts.ts';
import { grantAdvice } from './grant-advice.ts';
import { gapLines } from './gap-lines.ts';
import { groupLines, type Drawing } from './group-lines.ts';
import { cutMiddle, someOf, splitAdvice, toAscii, wrap, wrapParts } from './layout.ts';
import { createPaint, type Brush, type Paint } from './paint.ts';
import { soundReport } from './sound-report.ts';
import { duration } from './times.ts';

/**
 * The report for people: verdict, where and as whom, each cause with place, proof, consequences and repair, what could
 * not be seen and what would let us see it, counts, exit code.
 */
export const table: Reporter = (source, given) => {
  // In ASCII an ellipsis takes three columns.
  const options = given.ascii ? { ...given, width: given.width - 2 } : given;
  const report = soundReport(source);
  const paint = createPaint(options.color);
  const findings = new Map(report.findings.map((finding) => [finding.id, finding]));
  const drawing: Drawing = { report, options, paint, findings };
  const blocks = [
    [...verdictLines(drawing), ...targetLines(drawing)],
    ...shownGroups(report, options.minSeverity).map((group) => groupLines(group, drawing)),
    [...hiddenLines(drawing), ...erroredLines(drawing), ...gapLines(drawing)],
    checkLines(drawing),
    footerLines(drawing),
  ].filter((block) => block.length > 0);
  const text = `${blocks.map((block) => block.map((line) => line.trimEnd()).join('\n')).join('\n\n')}\n`;
  return options.ascii ? asciiBut(text, commandsOf(drawing)) : text;
};

function verdictLines({ report, options, paint }: Drawing): readonly string[] {
  const verdict = verdictOf(report);
  const indent = ' '.repeat(verdict.length + 2);
  const lines = wrapParts(factsOf(report), '; ', options.width - indent.length).flatMap((line) =>
    wrap(line, options.width, indent),
  );
  const [first = '', ...rest] = lines;
  return [colorOf(verdict, paint)(verdict) + first.slice(verdict.length), ...rest];
}

function colorOf(verdict: Verdict, paint: Paint): Brush {
  if (verdict === 'HEALTHY') return paint.good;
  return verdict === 'NOT HEALTHY' ? paint.bad : paint.warn;
}

function targetLines({ report, options }: Drawing): readonly string[] {
  const { origin, identity, platforms } = report.target;
  const where =
    origin.from === 'manifests'
      ? [`files ${someOf((origin.file ?? '').split(' '), options.width - 20)}`]
      : [
          origin.from === 'bundle' ? `bundle ${origin.file ?? ''}` : '',
          origin.context ? `context ${origin.context}` : (origin.server ?? ''),
          origin.kubernetes ? `Kubernetes ${origin.kubernetes}` : '',
        ];
  const groups =
    identity && identity.groups.length > 0 ? ` (groups: ${someOf(identity.groups, options.width - 20)})` : '';
  const who = identity ? `as ${identity.username}${identity.impersonated ? ', impersonated' : ''}${groups}` : '';
  return wrapParts([...platforms.map(platformText), ...where, who], ' | ', options.width).flatMap((line) =>
    wrap(line, options.width, '', '  '),
  );
}

function platformText(platform: Report['target']['platforms'][number]): string {
  const { id, version, platformNamespace, sharedNamespace, overridden } = platform;
  const shared = sharedNamespace === undefined ? '' : ` (K8S_NAMESPACE=${sharedNamespace})`;
  const set = overridden.length > 0 ? `, set by flags: ${overridden.join(', ')}` : '';
  return `${id}${version === undefined ? '' : ` ${version}`}${platformNamespace === undefined ? '' : ` in ${platformNamespace}`}${shared}${set}`;
}

function hiddenLines({ report, options }: Drawing): readonly string[] {
  const hidden = report.groups.length - shownGroups(report, options.minSeverity).length;
  return hidden > 0 ? [`${count(hidden, 'cause')} below ${options.minSeverity} not shown (--min-severity)`] : [];
}

function erroredLines({ report, options, paint }: Drawing): readonly string[] {
  return brokenChecks(report).flatMap(({ id, outcome, reason }) => {
    const meaning = outcome === 'failed' ? 'it may not have found everything' : 'not counted as passed';
    const text = `${id} ERRORED: ${reason ?? 'a bug of kubectl-crewiso'}; ${meaning}`;
    return wrap(text, options.width, '! ', '  ').map(paint.bad);
  });
}

/** What `--show` asks for. */
function checkLines({ report, options }: Drawing): readonly string[] {
  const all = options.show.includes('all');
  const shown = report.checks.filter(
    ({ outcome }) => options.show.includes(outcome) || (all && (outcome === 'passed' || outcome === 'not-applicable')),
  );
  if (shown.length === 0) return [];
  const rows = shown.map(({ id, outcome, objects, title, reason }) => [
    outcome,
    id,
    String(objects),
    outcome === 'not-applicable' ? (reason ?? title) : title,
  ]);
  const lines = columnLines(['outcome', 'check', 'objects', 'what it says'], rows, options.headers);
  return options.tty && !options.wide ? lines.map((line) => cutMiddle(line, options.width)) : lines;
}

function footerLines({ report, options, paint }: Drawing): readonly string[] {
  const { exit, run, groups, waived } = report;
  const counts = (['passed', 'failed', 'not-evaluated', 'errored', 'not-applicable'] as const)
    .map((outcome) => [outcomes(report, outcome), outcome.replace('-', ' ')] as const)
    .filter(([n]) => n > 0)
    .map(([n, outcome]) => `${n} ${outcome}`);
  const partly = inPart(report);
  const [first] = groups;
  const reason = exit.reasons.length > 0 ? exit.reasons.join('; ') : 'nothing found';
  const head = `exit ${exit.code}  `;
  const advice = exit.code === 3 ? '; --allow-incomplete accepts that' : '';
  const counted = wrap(
    [
      `${count(report.checks.length, 'check')}: ${counts.join(', ')}`,
      ...(partly > 0 ? [`${partly} only in part`] : []),
      ...(waived.length > 0 ? [`${count(waived.length, 'finding')} waived`] : []),
    ].join('; '),
    options.width,
  );
  return [
    // The verdict on a healthy platform says as much.
    ...(verdictOf(report) === 'HEALTHY' ? [] : counted),
    ...wrapParts(
      [requestsText(report), `${run.writes} writes`, duration(run.durationMs), run.id && `report ${run.id}`],
      ', ',
      options.width,
    ),
    ...(first ? [`next    ${paint.command(`kubectl crewiso explain ${first.check}`)}`] : []),
    ...wrap(reason + advice, options.width, head, ' '.repeat(head.length)),
  ];
}

function requestsText({ run: { requests }, target }: Report): string {
  if (target.origin.from !== 'cluster' && requests.total === 0) return '';
  const kinds = (['list', 'get', 'review', 'refused', 'retried'] as const)
    .filter((kind) => requests[kind] > 0)
    .map((kind) => `${requests[kind]} ${kind}`);
  return `${count(requests.total, 'request')}${kinds.length > 0 ? ` (${kinds.join(', ')})` : ''}`;
}

/** Commands keep their characters: a name that is not ASCII must stay the name. */
function commandsOf({ report }: Drawing): ReadonlySet<string> {
  const steps = [...report.groups.flatMap(({ remediation }) => remediation.steps), ...grantAdvice(report)];
  return new Set(steps.flatMap(commandIn).map((command) => command.trim()));
}

/** The command of a step, as its own line shows it. */
function commandIn(step: string): readonly string[] {
  if (!step.startsWith('#')) return [step];
  const [, command] = splitAdvice(step.replace(/^#+\s*/, ''));
  return command === undefined ? [] : [`# ${command}`];
}

function asciiBut(text: string, commands: ReadonlySet<string>): string {
  return (
    text
      .split('\n')
      // eslint-disable-next-line no-control-regex -- the colours of commands
      .map((line) => (commands.has(line.replaceAll(/\u001b\[\d+m/g, '').trim()) ? line : toAscii(line)))
      .join('\n')
  );
}
