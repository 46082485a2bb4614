import type { CrdDiffDocument } from '../kubernetes/crd-document.ts';
import type { Verdict } from '../kubernetes/crd-rules.ts';
import { qualifiedName } from '../model/object.ts';
import type { RenderOptions } from '../model/report.ts';
import { count } from '../model/text.ts';
import { cleanDeep } from './clean-report.ts';
import { asciiProse, fromTo, someOf, wrap } from './layout.ts';
import { createPaint, type Paint } from './paint.ts';

type Document = CrdDiffDocument;
type Kind = Document['crds'][number];
type Change = Kind['changes'][number];

const HANG = ' '.repeat(12);
const NAMED = 8;

/** What changed between two sets of CRDs, the gravest first, for people. */
export function crdDiffText(source: Document, options: RenderOptions): string {
  const document = cleanDeep(source) as Document;
  const paint = createPaint(options.color);
  const shown = document.crds.filter(({ state }) => state !== 'same');
  const same = document.crds.filter(({ state }) => state === 'same').map(({ name }) => name);
  const blocks = [
    headLines(document, options, paint),
    ...shown.map((kind) => kindLines(kind, options, paint)),
    same.length > 0 ? wrap(same.join(', '), options.width, 'the same    ', HANG) : [],
    footLines(document, options, paint),
  ].filter((block) => block.length > 0);
  return asciiProse(`${blocks.map((block) => block.join('\n')).join('\n\n')}\n`, options.ascii);
}

function headLines(document: Document, { width }: RenderOptions, paint: Paint): readonly string[] {
  const [head = '', ...more] = fromTo(document.old, document.new, width, 'CRDS  ');
  return [
    paint.strong(head),
    ...more,
    ...document.notes.flatMap(({ message }) => wrap(message, width, 'note  ', '      ')),
  ];
}

function kindLines(kind: Kind, options: RenderOptions, paint: Paint): readonly string[] {
  const versions = kind.versions.join(', ');
  const title = `${kind.name}  ${kind.state === 'changed' ? versions : `${kind.state}${versions === '' ? '' : `, ${versions}`}`}`;
  const changes = kind.state === 'added' ? [] : kind.changes;
  const quiet = changes.filter(({ verdict }) => verdict === 'neutral');
  return [
    paint.strong(title),
    ...changes
      .filter(({ verdict }) => verdict !== 'neutral')
      .flatMap((change) => changeLines(change, kind.versions.length > 1, options, paint)),
    ...(quiet.length > 0 ? wrap(neutralText(quiet), options.width, '  neutral   ', HANG) : []),
    ...objectLines(kind, options, paint),
  ];
}

const WORDS: Readonly<Record<Verdict, string>> = {
  breaking: 'BREAKING',
  unknown: 'UNKNOWN',
  additive: 'additive',
  neutral: 'neutral',
};

function changeLines(change: Change, several: boolean, { width }: RenderOptions, paint: Paint): readonly string[] {
  const { verdict, path, rule, breaks, reason, version, losesData, objects = 0 } = change;
  // What happens to a whole version is nothing without its name.
  const where = [(several || path === '') && version, path].filter(Boolean).join(' ');
  const what = verdict === 'additive' ? reason : rule.replaceAll('-', ' ');
  const head = `${where === '' ? '' : `${where}: `}${what}${valuesText(change)}`;
  const [first = '', ...rest] = wrap(head, width, `  ${WORDS[verdict].padEnd(10)}`, HANG);
  const word = WORDS[verdict];
  const lines = [first.replace(word, brushOf(verdict, paint)(word)), ...rest];
  if (verdict === 'additive') return lines;
  const whom = breaks.length > 0 ? `${breaks.join(' and ')}${losesData ? ', silently' : ''}: ` : '';
  const touched = objects > 0 ? `; ${count(objects, 'object')} touched` : '';
  return [...lines, ...wrap(`${whom}${reason}${touched}`, width, HANG)];
}

function brushOf(verdict: Verdict, paint: Paint): Paint['bad'] {
  return { breaking: paint.bad, unknown: paint.warn, additive: paint.good, neutral: paint.quiet }[verdict];
}

/** What it was and is, where that is short enough to help. */
function valuesText({ before, after }: Change): string {
  const short = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text);
  if (before !== undefined && after !== undefined) return `: ${short(before)} → ${short(after)}`;
  if (after !== undefined) return `: ${short(after)}`;
  return before === undefined ? '' : ` (was ${short(before)})`;
}

function neutralText(changes: readonly Change[]): string {
  const counts = new Map<string, number>();
  for (const { rule } of changes) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  return [...counts].map(([rule, many]) => `${rule.replaceAll('-', ' ')}${many > 1 ? ` (${many})` : ''}`).join(', ');
}

function objectLines({ state, objects }: Kind, { width }: RenderOptions, paint: Paint): readonly string[] {
  if (state !== 'changed') return [];
  if (objects.read === 'none') return wrap(objects.why ?? 'not looked at', width, '  objects   ', HANG);
  const { affected } = objects;
  const lost = affected.filter(({ dropped, nulls }) => dropped.length + nulls.length > 0);
  const refused = affected.filter(({ violations }) => violations.length > 0);
  const stuck = refused.filter(({ violations }) => violations.some(({ always }) => always));
  const open = affected.filter(({ unchecked }) => unchecked.length > 0);
  const line = (many: typeof affected, text: string): readonly string[] =>
    many.length === 0
      ? []
      : wrap(
          `${many.length} ${text}: ${someOf(many.slice(0, NAMED).map(qualifiedName), Infinity)}${many.length > NAMED ? ` … ${many.length - NAMED} more` : ''}`,
          width,
          HANG,
          `${HANG}  `,
        );
  const more = objects.read === 'some' ? `, and there may be more (${objects.why ?? 'not all were seen'})` : '';
  return [
    ...wrap(
      objects.total === 0 && more === '' ? 'there are none' : `${objects.total} looked at${more}`,
      width,
      '  objects   ',
      HANG,
    ),
    ...line(lost, 'would lose fields').map(paint.bad),
    ...line(refused, 'would be refused when written as they are').map(paint.bad),
    ...line(stuck, 'of these even when only a label changes'),
    ...line(open, 'not decided (rules in CEL, redacted values, patterns)'),
  ];
}

function footLines({ summary, exit }: Document, { width }: RenderOptions, paint: Paint): readonly string[] {
  const { breaking, unknown, additive, neutral, crds } = summary;
  const text = `${breaking} breaking, ${unknown} unknown, ${additive} additive, ${neutral} neutral in ${count(crds, 'CRD')}`;
  const [first = '', ...rest] = wrap(`${exit.reason}: ${text}`, width, `exit ${exit.code}  `, '        ');
  return [(exit.code === 0 ? paint.good : exit.code === 1 ? paint.bad : paint.warn)(first), ...rest];
}

/** For a comment on a change: one table. */
export function crdDiffMarkdown(source: Document): string {
  const document = cleanDeep(source) as Document;
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const rows = document.crds.flatMap(({ name, changes }) =>
    changes
      .filter(({ verdict }) => verdict !== 'neutral')
      .map((change) => {
        const { verdict, version = '', path, reason, breaks } = change;
        const whom = breaks.length > 0 ? ` (${breaks.join(', ')})` : '';
        return `| ${verdict}${whom} | ${name} ${version} | ${path === '' ? '' : `\`${cell(path)}\``} | ${cell(reason)} |`;
      }),
  );
  const { breaking, unknown, additive, neutral } = document.summary;
  return [
    `### CRDs: ${document.exit.reason}`,
    '',
    `${breaking} breaking, ${unknown} unknown, ${additive} additive, ${neutral} neutral`,
    ...(rows.length > 0 ? ['', '| verdict | CRD | path | why |', '| --- | --- | --- | --- |', ...rows] : []),
    '',
  ].join('\n');
}
