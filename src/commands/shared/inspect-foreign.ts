import type { BundleSnapshot } from '../../bundle/bundle-snapshot.ts';
import { RESOURCE_NAMES, RESOURCES, UNLISTED, type Resource } from '../../model/resource.ts';
import type { Gap } from '../../model/snapshot.ts';
import { compareNames } from '../../model/object.ts';
import { clean, count, shellQuote } from '../../model/text.ts';
import { wrap } from '../../reporters/layout.ts';
import type { Inventory, InspectOptions } from './inspect-run.ts';

interface Row {
  readonly resource: Resource;
  readonly items: number;
  readonly gaps: readonly Gap[];
}

/** What another tool's bundle shows, listing by listing. */
export function foreignInventory(file: string, { snapshot }: BundleSnapshot): Inventory {
  const rows = RESOURCE_NAMES.filter(
    (resource) => !UNLISTED.has(resource) && RESOURCES[resource].from === undefined,
  ).map((resource): Row => ({ resource, items: snapshot.list(resource).length, gaps: snapshot.gaps(resource) }));
  const { origin, now } = snapshot;
  const format = origin.from === 'bundle' ? origin.format : '';
  const kubernetes = origin.from === 'bundle' ? origin.kubernetes : undefined;
  const takenAt = new Date(now).toISOString();
  return {
    complete: rows.every(({ gaps }) => gaps.length === 0),
    text: (options) =>
      textOf(file, rows, [`about ${takenAt} by ${format}`, kubernetes && `Kubernetes ${kubernetes}`], options),
    document: (version) => ({
      apiVersion: 'crewiso/v1',
      kind: 'Inventory',
      tool: { name: 'kubectl-crewiso', version },
      file: clean(file),
      format,
      takenAt,
      ...(kubernetes !== undefined && { cluster: { kubernetes } }),
      listings: rows.map(({ resource, items, gaps }) => ({ resource, objects: items, gaps })),
    }),
  };
}

/** Gaps that are written out before the rest is only counted. */
const SHOWN = 10;

function textOf(
  file: string,
  rows: readonly Row[],
  made: readonly (string | undefined)[],
  { gaps: all, width }: InspectOptions,
): string {
  const row = (name: string, text: string): readonly string[] =>
    text === '' ? [] : wrap(clean(text), width, name.padEnd(10), ' '.repeat(10));
  const whole = rows.filter(({ gaps }) => gaps.length === 0);
  const missing = gapLines(rows);
  const shown = missing.slice(0, all ? missing.length : SHOWN);
  const rest = missing.length - shown.length;
  const lines = [
    `${missing.length === 0 ? 'COMPLETE' : 'PARTIAL '}  ${clean(file)}`,
    ...row('made', made.filter(Boolean).join(', ')),
    ...row('whole', whole.map(({ resource, items }) => `${resource} ${String(items)}`).join(', ')),
    ...(missing.length > 0 ? ['missing', ...shown.flatMap((line) => wrap(clean(line), width, '  ', '    '))] : []),
    ...(rest > 0 ? [`  and ${count(rest, 'more kind')} of gaps: bundle inspect --gaps`] : []),
    `next      kubectl crewiso doctor --from ${shellQuote(clean(file))}`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** A line for each reason: what it keeps from view, and where. */
function gapLines(rows: readonly Row[]): readonly string[] {
  const groups = new Map<string, { readonly what: Set<string>; readonly where: Set<string> }>();
  for (const { resource, items, gaps } of rows)
    for (const { reason, detail, namespace } of gaps) {
      const key = `${reason}: ${detail}`;
      const group = groups.get(key) ?? { what: new Set(), where: new Set() };
      group.what.add(items > 0 ? `${resource} (but for ${String(items)})` : resource);
      if (namespace !== undefined) group.where.add(namespace);
      groups.set(key, group);
    }
  return [...groups].map(([why, { what, where }]) => {
    const names = [...where].sort(compareNames);
    const places = names.length > 3 ? count(names.length, 'namespace') : names.join(', ');
    return `${[...what].join(', ')}${places === '' ? '' : ` in ${places}`}: ${why}`;
  });
}
