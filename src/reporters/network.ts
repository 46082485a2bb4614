import type { NetworkMatrix, NetworkGroup, ReachState } from '../model/access-document.ts';
import { count } from '../model/text.ts';
import { compactNames, field, type AccessDrawing } from './access-frame.ts';
import { columnLines } from './columns.ts';
import { widthOf } from './layout.ts';

const MARKS: Readonly<Record<ReachState, string>> = { all: '+', part: '~', none: '-', unknown: '?' };
const NAMES = 32;
const SHOWN = 10;

/** Groups of namespaces against each other, then which tenants reach which. */
export function networkLines(network: NetworkMatrix, drawing: AccessDrawing): readonly string[] {
  const { options, paint } = drawing;
  const { width } = options;
  const { groups, left, notes, policies } = network;
  const tenants = groups.filter(({ of }) => of === 'tenant').flatMap(({ namespaces }) => namespaces).length;
  const head = `${count(policies, 'NetworkPolicy', 'NetworkPolicies')}, ${count(tenants, 'tenant namespace')}`;
  const legend = '+ all pods and ports  ~ some  - none  ? not known  own: of the same namespace';
  return [
    ...field('NETWORK', head, width),
    ...(groups.length > 0
      ? [...tableLines(groups, drawing), ...(options.headers ? [paint.quiet(legend)] : []), '']
      : []),
    ...tenantLines(network, drawing),
    ...left.slice(0, SHOWN).flatMap(({ namespace, why }) => field('left out', `${namespace} ${why}`, width)),
    ...(left.length > SHOWN ? field('', `and ${count(left.length - SHOWN, 'other')}`, width) : []),
    ...notes.flatMap((note) => field('note', note, width)),
  ];
}

/** Rows send, columns receive. Where the columns do not fit, one line for each that is reached. */
function tableLines(groups: readonly NetworkGroup[], { options }: AccessDrawing): readonly string[] {
  const names = groups.map(
    ({ namespaces }, at) => `[${String(at + 1)}] ${compactNames(namespaces, options.wide ? Infinity : NAMES)}`,
  );
  const headers = ['from \\ to', ...groups.map((_, at) => `[${String(at + 1)}]`), 'own', 'outside'];
  const rows = groups.map(({ reaches, own, outside, namespaces }, at) => [
    names[at] ?? '',
    ...reaches.map((state, to) => (to === at && namespaces.length === 1 ? '' : MARKS[state])),
    MARKS[own],
    MARKS[outside],
  ]);
  const lines = columnLines(headers, rows, options.headers);
  if (options.wide || lines.every((line) => widthOf(line) <= options.width)) return lines;
  return groups.flatMap(({ reaches, own, outside }, at) => {
    const to = reaches.flatMap((state, index) => (state === 'none' ? [] : [`[${String(index + 1)}] ${MARKS[state]}`]));
    const reached = [...to, `own ${MARKS[own]}`, `outside ${MARKS[outside]}`].join('  ');
    return field('', `${names[at] ?? ''} reaches ${reached}`, options.width);
  });
}

function tenantLines({ pairs, crossTenant }: NetworkMatrix, { options, paint }: AccessDrawing): readonly string[] {
  const { all, part, none, unknown } = crossTenant;
  const total = all + part + none + unknown;
  const words = [
    ...(all > 0 ? [`${String(all)} reach everything`] : []),
    ...(part > 0 ? [`${String(part)} reach something`] : []),
    ...(unknown > 0 ? [`of ${String(unknown)} it is not known`] : []),
  ];
  const sum =
    total === 0
      ? 'there is one tenant, or none'
      : `of ${count(total, 'pair')} of tenants ${words.join(', ') || 'none reaches the other'}`;
  const color = all + part > 0 ? paint.warn : (text: string) => text;
  const listed = pairs.slice(0, options.wide ? Infinity : SHOWN);
  const counted = all + part + unknown;
  return [
    ...field('TENANTS', sum, options.width).map(color),
    ...listed.flatMap(({ from, to, state, ports }) =>
      field('', `${from} -> ${to}: ${state === 'unknown' ? `may be ${ports}` : ports}`, options.width),
    ),
    ...(counted > listed.length
      ? field('', `and ${String(counted - listed.length)} more (--wide, -o json)`, options.width)
      : []),
  ];
}
