import { decryptCommand } from '../../bundle/encrypted-file.ts';
import type { Split } from '../../bundle/collect-split.ts';
import type { Collected } from '../../bundle/collect-file.ts';
import type { Manifest, ManifestItem, Plan } from '../../bundle/format.ts';
import { isGap } from '../../bundle/format.ts';
import { compareNames } from '../../model/object.ts';
import { clean, count } from '../../model/text.ts';
import { wrap } from '../../reporters/layout.ts';

/** Gaps that are written out before the rest is only counted. */
const SHOWN = 10;

/** `412 items: 390 ok, 9 empty, 13 forbidden`. */
export function totalsLine({ totals }: Pick<Manifest, 'totals'>): string {
  const { planned = 0, ...statuses } = totals;
  const parts = Object.entries(statuses).map(([status, n]) => `${String(n)} ${clean(status)}`);
  return `${count(planned, 'item')}: ${parts.join(', ')}`;
}

/** What is missing from a bundle, a line each: equal ones of many namespaces are one. */
export function gapLines({ items }: Pick<Manifest, 'items'>, width: number, most = SHOWN): readonly string[] {
  const groups = new Map<string, ManifestItem[]>();
  for (const item of items.filter(isGap)) {
    const { id, status, detail = '', cause = '' } = item;
    const kind = id.startsWith('log:') ? 'logs' : id.replace(/^(?:list|view):(?:[^/]*\/)?/, '');
    // The server names the namespace in its message.
    const said = detail.replaceAll(/in the namespace "[^"]*"/g, 'in the namespace');
    const key = [status, kind, said, cause].join('\0');
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  const lines = [...groups.values()].map((group) => gapLine(group));
  const rest = lines.length - most;
  const shown =
    rest > 0 ? [...lines.slice(0, most), `and ${count(rest, 'more kind')} of gaps: bundle inspect --gaps`] : lines;
  return shown.flatMap((line) => wrap(line, width, '  ', '    '));
}

function gapLine(group: readonly ManifestItem[]): string {
  const [first] = group;
  if (!first) return '';
  const { id, status, detail, cause } = first;
  const why = detail ?? cause;
  const others = group.length > 1 ? ` and ${count(group.length - 1, 'more')}`.replace(/mores$/, 'more') : '';
  return clean(`${status} ${id}${others}${why === undefined ? '' : `: ${why}`}`);
}

/** Organizations that are written out before the rest is only counted. */
const ORGS_SHOWN = 20;

/** `38 whole; 7: 20 of 31, 12: 30 of 31`. */
export function orgsLine({ orgs }: Pick<Manifest, 'orgs'>): string {
  const all = Object.entries(orgs).sort(([a], [b]) => compareNames(a, b));
  const lacking = all.filter(([, { planned, usable }]) => usable < planned);
  const whole = all.length - lacking.length;
  const shown = lacking
    .slice(0, ORGS_SHOWN)
    .map(([org, { planned, usable }]) => `${clean(org)}: ${String(usable)} of ${String(planned)}`);
  const rest = lacking.length - shown.length;
  return [
    ...(whole > 0 ? [`${String(whole)} whole`] : []),
    ...(shown.length > 0 ? [shown.join(', ')] : []),
    ...(rest > 0 ? [`${String(rest)} more not whole`] : []),
  ].join('; ');
}

/** What somebody chose: `organizations 4, 7; logs of pods with app=web (12)`; nothing where it is all there is. */
export function chosenLine(
  { orgs = [], namespaces = [], selector }: Plan['selection'],
  { items }: Pick<Manifest, 'items'>,
): string {
  const logs = items.filter(({ id }) => id.startsWith('log:')).length;
  return [
    ...(orgs.length > 0 ? [`organizations ${orgs.join(', ')}`] : []),
    ...(namespaces.length > 0 ? [`tenant namespaces ${namespaces.join(', ')}`] : []),
    ...(selector === undefined
      ? []
      : [`logs of pods with ${selector} (${logs > 0 ? String(logs) : 'there are none'})`]),
  ].join('; ');
}

/** How much was taken out, and by how many rules. */
export function redactionLine({ redaction }: Pick<Manifest, 'redaction'>): string {
  const counts = Object.values(redaction.counts);
  const total = counts.reduce((sum, n) => sum + n, 0);
  const withheld = redaction.withheld > 0 ? `; ${count(redaction.withheld, 'file')} withheld` : '';
  const taken = total === 0 ? 'nothing' : `${count(total, 'value')} by ${count(counts.length, 'rule')}`;
  return `${taken}; values of Secrets ${WORDS[redaction.knownValues]}${withheld}`;
}

const WORDS: Readonly<Record<Manifest['redaction']['knownValues'], string>> = {
  on: 'were looked for everywhere',
  off: 'were not looked for (--known-values off)',
  partial: 'were looked for as far as they could be read',
  unavailable: 'could not be read, and so not looked for',
};

/** Several archives, a line each. */
export function splitText({ archives, absent }: Split): string {
  const lines = [
    ...archives.map(({ file, manifest }) => `${stateWord(manifest)}  ${file}  (${totalsLine(manifest)})`),
    ...absent.map(({ file, why }) => `NOTHING   ${file}  (${why})`),
  ];
  return lines.map((line) => `${clean(line)}\n`).join('');
}

const stateWord = ({ state }: Pick<Manifest, 'state'>): string => (state === 'complete' ? 'COMPLETE' : 'PARTIAL ');

/** What was collected, for people. */
export function collectedText(
  { file, manifest, selection, tarDigest, plain, passphrase }: Collected,
  width: number,
): string {
  const orgs = orgsLine(manifest);
  const chosen = clean(chosenLine(selection, manifest));
  const lines = [
    `${stateWord(manifest)}  ${file}`,
    ...wrap(totalsLine(manifest), width, 'items     ', '          '),
    ...(chosen === '' ? [] : wrap(chosen, width, 'chosen    ', '          ')),
    ...(orgs === '' ? [] : wrap(orgs, width, 'orgs      ', '          ')),
    ...wrap(redactionLine(manifest), width, 'redacted  ', '          '),
    `digest    sha256:${tarDigest} (of the tar)`,
    ...(manifest.state === 'complete' ? [] : ['missing', ...gapLines(manifest, width)]),
    `next      ${plain ? decryptCommand(file, passphrase === true) : `kubectl crewiso bundle inspect ${file}`}`,
  ];
  return lines.map((line) => `${line}\n`).join('');
}
