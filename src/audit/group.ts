import { SEVERITIES, type Finding, type Remediation } from '../model/finding.ts';
import { FIX_CLASSES } from '../model/fix.ts';
import { compareNames } from '../model/object.ts';
import type { Group } from '../model/report.ts';
import { rootOf } from './causes.ts';
import { compareFindings } from './identify.ts';

/**
 * One group per root cause; roots of one check that say the same about different objects and need the same repair share
 * a group (`root: null`). Findings must be sorted; severity and exit code ignore grouping.
 */
export function groupFindings(findings: readonly Finding[]): readonly Group[] {
  const byId = new Map(findings.map((finding) => [finding.id, finding]));
  const bundles = new Map<string, Bundle>();
  for (const finding of findings) {
    const root = rootOf(finding, byId);
    const key = JSON.stringify([root.check, root.severity, root.confidence, root.remediation.summary, shapeOf(root)]);
    const bundle = bundles.get(key) ?? { roots: [], others: [] };
    bundles.set(key, bundle);
    (root === finding ? bundle.roots : bundle.others).push(finding);
  }
  return [...bundles.values()].map(toGroup).sort(compareGroups);
}

interface Bundle {
  readonly roots: Finding[];
  readonly others: Finding[];
}

function toGroup({ roots, others }: Bundle): Group {
  const [first] = roots;
  if (!first) throw new Error('a group of findings without a root');
  const since = roots.flatMap((finding) => finding.since ?? []).sort()[0];
  const tenants = new Set([...roots, ...others].flatMap((finding) => finding.tenant?.namespace ?? []));
  return {
    root: roots.length === 1 ? first.id : null,
    check: first.check,
    severity: first.severity,
    summary: roots.length === 1 ? first.message : shapeOf(first),
    findings: [...roots, ...others].map(({ id }) => id),
    tenants: [...tenants].sort(compareNames),
    ...(since === undefined ? {} : { since }),
    remediation: mergeRemediations(roots.map(({ remediation }) => remediation)),
  };
}

/** The message with the names that differ between members of a group left open. */
function shapeOf(finding: Finding): string {
  let shape = finding.message;
  const { namespace, name, kind } = finding.object;
  if (kind !== 'Namespace' && name !== namespace) shape = replaceWord(shape, name, `<${kind}>`);
  for (const word of [finding.tenant?.namespace, namespace, kind === 'Namespace' ? name : undefined]) {
    if (word !== undefined) shape = replaceWord(shape, word, '<namespace>');
  }
  return finding.tenant?.id === undefined
    ? shape
    : shape.replaceAll(new RegExp(`\\borg ${finding.tenant.id}\\b`, 'g'), 'org <id>');
}

function replaceWord(text: string, word: string, by: string): string {
  const escaped = word.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  return text.replaceAll(new RegExp(`(?<![\\w.-])${escaped}(?![\\w-])`, 'g'), by);
}

function mergeRemediations(remediations: readonly Remediation[]): Remediation {
  const [first] = remediations;
  if (!first) throw new Error('a group of findings without a remediation');
  if (remediations.length === 1) return first;
  const owners = [...new Set(remediations.flatMap(({ owner }) => owner ?? []))].sort(compareNames);
  const steps = mergeSteps(remediations.map((remediation) => remediation.steps));
  return {
    kind: first.kind,
    summary: first.summary,
    steps,
    ...mergedFix(remediations),
    ...(owners.length === 0 ? {} : { owner: listOf(owners) }),
  };
}

/** Where only some can be fixed, that many changes can be made; what each needs stands with its finding. */
function mergedFix(remediations: readonly Remediation[]): Partial<Remediation> {
  const fixes = remediations.filter(({ kind }) => kind === 'fix');
  if (fixes.length === 0) return {};
  const classes = FIX_CLASSES.filter((name) => fixes.some((fix) => fix.class === name));
  return {
    kind: 'fix',
    class: classes.at(-1) ?? 'review',
    changes: fixes.reduce((sum, { changes = 0 }) => sum + changes, 0),
    verify: [...new Set(fixes.flatMap(({ verify = [] }) => verify))].sort(compareNames),
  };
}

const MAX_OWNERS = 3;

function listOf(names: readonly string[]): string {
  const more = names.length - MAX_OWNERS;
  return names.slice(0, MAX_OWNERS).join(', ') + (more > 0 ? ` and ${String(more)} more` : '');
}

/**
 * The steps of equal repairs of many objects. Advice says what the commands behind it are for, so it must stay in front
 * of all of them: where the repairs differ in commands only, all first steps come first, then all second ones; else
 * each repair stays in one piece.
 */
function mergeSteps(all: readonly (readonly string[])[]): readonly string[] {
  const distinct = [...new Map(all.map((steps) => [JSON.stringify(steps), steps])).values()];
  const [first = []] = distinct;
  const alike = distinct.every(
    (steps) => steps.length === first.length && first.every((step, at) => !isAdvice(step) || steps[at] === step),
  );
  if (!alike) return distinct.flat();
  return first.flatMap((_, at) => [...new Set(distinct.flatMap((steps) => steps[at] ?? []))]);
}

/** Prose; a command behind `# ` is an alternative to what stands before it. */
const isAdvice = (step: string): boolean => step.startsWith('#');

function compareGroups(a: Group, b: Group): number {
  return (
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    compareNames(a.check, b.check) ||
    compareNames(a.tenants[0] ?? '', b.tenants[0] ?? '') ||
    compareNames(a.findings[0] ?? '', b.findings[0] ?? '')
  );
}

/** Sorts findings into the order in which every format shows them. */
export function sortFindings(findings: readonly Finding[]): readonly Finding[] {
  return [...findings].sort(compareFindings);
}
