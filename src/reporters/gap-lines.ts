import { compareNames } from '../model/object.ts';
import type { Report } from '../model/report.ts';
import type { Gap, GapReason } from '../model/snapshot.ts';
import { count } from '../model/text.ts';
import { grantAdvice } from './grant-advice.ts';
import type { Drawing } from './group-lines.ts';
import { labelled, someOf, spread, stepLines, wrap } from './layout.ts';

export const GAP_WORDS: Readonly<Record<GapReason, string>> = {
  forbidden: 'forbidden',
  'not-served': 'not served by this API server',
  'not-collected': 'not read',
  failed: 'could not be read',
  truncated: 'read only in part',
};

/** Gaps with one reason in the same places, and the checks that ran into them. */
export interface GapCause {
  readonly reason: GapReason;
  /** None = the whole listing. */
  readonly namespaces: readonly string[];
  readonly resources: readonly string[];
  readonly details: readonly string[];
  readonly checks: readonly { readonly id: string; readonly partly: boolean }[];
}

/** What of a report is needed to gather its gaps; without checks they are gathered alone. */
interface GapsOfReport {
  readonly coverage: Pick<Report['coverage'], 'gaps'>;
  readonly checks: Report['checks'];
}

const MAX_CAUSES = 6;

/** What could not be seen, why, which checks that concerns, and the commands that would let us see it. */
export function gapLines(drawing: Drawing): readonly string[] {
  const { report, options, paint } = drawing;
  const causes = gapCauses(report);
  const shown = options.wide ? causes : causes.slice(0, MAX_CAUSES);
  const hidden = causes.length - shown.length;
  const grants = grantAdvice(report);
  const who = report.target.identity?.username ?? 'the account';
  return [
    ...shown.flatMap((cause) => causeLines(cause, drawing)),
    ...(hidden > 0 ? [`? ${count(hidden, 'more reason')} (-w shows them)`] : []),
    ...(grants.length > 0 ? labelled('grant', `lets ${who} see it; for an administrator:`, options.width) : []),
    ...stepLines(grants, options.width).map(paint.command),
  ];
}

function causeLines(cause: GapCause, { options, paint }: Drawing): readonly string[] {
  const { width, wide } = options;
  const columns = wide ? Infinity : 2 * (width - 12);
  const unseen = cause.checks.filter(({ partly }) => !partly).length;
  const [detail, ...others] = cause.details;
  const similar = others.length > 0 ? ` (and ${others.length} like it)` : '';
  const title = `${someOf(cause.resources, columns)}: ${GAP_WORDS[cause.reason]}${scopeOf(cause, columns)}`;
  const lines = wrap(title, width, '? ', '  ');
  const fact = unseen > 0 ? `${count(unseen, 'check')} NOT EVALUATED` : '';
  const [head = '', ...rest] = [...lines.slice(0, -1), ...spread(lines.at(-1) ?? '', fact, width)];
  return [
    paint.warn(head),
    ...rest,
    ...(detail === undefined ? [] : labelled('says', detail + similar, width)),
    ...labelled('checks', someOf(checkNames(cause), columns), width),
  ];
}

/** Names of the checks; those that found something in what they could see are marked. */
export function checkNames(cause: GapCause): readonly string[] {
  return cause.checks.map(({ id, partly }) => (partly ? `${id} (in part)` : id));
}

function scopeOf(cause: GapCause, columns: number): string {
  if (cause.namespaces.length > 0) return ` in ${someOf(cause.namespaces, columns)}`;
  return cause.reason === 'forbidden' ? ' at the cluster scope' : '';
}

/** The gaps of a report, gathered by reason and place; those that concern most checks first. */
export function gapCauses(report: GapsOfReport): readonly GapCause[] {
  const places = new Map<string, Gap[]>();
  for (const gaps of gather(report.coverage.gaps, ({ reason, resource }) => `${reason} ${resource}`)) {
    const key = JSON.stringify([gaps[0]?.reason, namespacesOf(gaps)]);
    places.set(key, [...(places.get(key) ?? []), ...gaps]);
  }
  return [...places.values()].map((gaps) => causeOf(gaps, report)).sort(compareCauses);
}

function gather(gaps: readonly Gap[], keyOf: (gap: Gap) => string): Iterable<readonly Gap[]> {
  const gathered = new Map<string, Gap[]>();
  for (const gap of gaps) {
    const key = keyOf(gap);
    const members = gathered.get(key);
    if (members) members.push(gap);
    else gathered.set(key, [gap]);
  }
  return gathered.values();
}

/** None where one gap covers the whole listing. */
function namespacesOf(gaps: readonly Gap[]): readonly string[] {
  const namespaces = gaps.map(({ namespace }) => namespace);
  if (namespaces.includes(undefined)) return [];
  return [...new Set(namespaces.flatMap((namespace) => namespace ?? []))].sort(compareNames);
}

function causeOf(gaps: readonly Gap[], report: GapsOfReport): GapCause {
  const members = new Set(gaps);
  const concerns = (index: number): boolean => {
    const gap = report.coverage.gaps[index];
    return gap !== undefined && members.has(gap);
  };
  return {
    reason: gaps[0]?.reason ?? 'failed',
    namespaces: namespacesOf(gaps),
    resources: [...new Set(gaps.map(({ resource }) => resource))].sort(compareNames),
    details: [...new Set(gaps.map(({ detail }) => detail).filter((detail) => detail !== ''))],
    checks: report.checks
      .filter((check) => check.gaps.some(concerns))
      .map(({ id, outcome }) => ({ id, partly: outcome === 'failed' || outcome === 'passed' })),
  };
}

function compareCauses(a: GapCause, b: GapCause): number {
  return b.checks.length - a.checks.length || compareNames(a.resources[0] ?? '', b.resources[0] ?? '');
}
