import type { BundleSnapshot } from '../../bundle/bundle-snapshot.ts';
import { RESOURCE_NAMES, RESOURCES, UNLISTED, type Resource } from '../../model/resource.ts';
import type { Gap } from '../../model/snapshot.ts';
import { clean, count } from '../../model/text.ts';
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
    text: (options) => {
      const about = [
        `made about ${takenAt} by ${format}`,
        ...(kubernetes === undefined ? [] : [`Kubernetes ${kubernetes}`]),
      ];
      const lines = [clean(file), clean(about.join(', ')), ...rows.flatMap((row) => rowLines(row, options))];
      return lines.map((line) => `${line}\n`).join('');
    },
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

const SHOWN = 3;

function rowLines({ resource, items, gaps }: Row, { gaps: all, width }: InspectOptions): readonly string[] {
  const state = gaps.length === 0 ? 'complete' : count(gaps.length, 'gap');
  const shown = all ? gaps : gaps.slice(0, SHOWN);
  const rest = gaps.length - shown.length;
  return [
    `${resource}  ${count(items, 'object')}, ${state}`,
    ...shown.flatMap(({ namespace, reason, detail }) =>
      wrap(clean(`${reason}${namespace === undefined ? '' : ` in ${namespace}`}: ${detail}`), width, '  ', '    '),
    ),
    ...(rest > 0 ? [`  and ${count(rest, 'more gap')}: --gaps`] : []),
  ];
}
