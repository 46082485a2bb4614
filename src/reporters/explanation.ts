import type { ExplainedRefusal, ExplanationDocument, RelatedFinding } from '../kubernetes/denial-document.ts';
import type { Standing } from '../kubernetes/denial-standing.ts';
import type { RenderOptions } from '../model/report.ts';
import { cleanMessage, count } from '../model/text.ts';
import { cleanDeep } from './clean-report.ts';
import { stepLines, toAscii, wrap } from './layout.ts';
import { createPaint, letterOf, type Paint } from './paint.ts';

type Options = Pick<RenderOptions, 'color' | 'width' | 'ascii'>;

/** More at once are not read by anybody: JSON has them all. */
const SHOWN = 20;
const LABEL = 10;
const INDENT = ' '.repeat(LABEL);

/** The explanations as one JSON document: schemas/explanation.schema.json. */
export function explanationJson(document: ExplanationDocument): string {
  return `${JSON.stringify(cleanDeep(document), null, 2)}\n`;
}

/** The same as YAML, written by a function that another folder owns the package for. */
export function explanationYaml(document: ExplanationDocument, stringify: (value: unknown) => string): string {
  return stringify(cleanDeep(document));
}

/** The explanations as text, one block for each refusal. */
export function explanationText(document: ExplanationDocument, options: Options): string {
  const clean = cleanDeep(document) as ExplanationDocument;
  const { refusals } = clean;
  const paint = createPaint(options.color);
  const shown = refusals.slice(0, SHOWN);
  const blocks = shown.map((refusal, at) => {
    const number = refusals.length > 1 ? `${String(at + 1)}/${String(refusals.length)}  ` : '';
    return block(refusal, number, options, paint);
  });
  const sections = [...summary(clean, options), ...blocks.map((lines) => lines.join('\n'))];
  return `${[...sections, ...rest(clean, shown.length, options)].join('\n\n')}\n`;
}

function summary({ refusals, total }: ExplanationDocument, { width }: Options): readonly string[] {
  if (refusals.length < 2) return [];
  const kinds = `${count(total, 'refusal')}, ${String(refusals.length)} different ones, the most frequent first`;
  return [wrap(kinds, width).join('\n')];
}

function rest(document: ExplanationDocument, shown: number, { width }: Options): readonly string[] {
  const { refusals, left, exit } = document;
  const more = refusals.length - shown;
  return [
    ...(more > 0 ? [`${String(more)} different ones more: -o json shows them all`] : []),
    ...(left > 0 ? [`${count(left, 'refusal')} more not told apart: there are too many different ones`] : []),
    ...(exit.reasons.length > 0 ? [`exit ${String(exit.code)}: ${exit.reasons.join('; ')}`] : []),
  ].map((line) => wrap(line, width).join('\n'));
}

function block(refusal: ExplainedRefusal, number: string, options: Options, paint: Paint): readonly string[] {
  const { width, ascii } = options;
  const prose = (text: string): string => (ascii ? toAscii(text) : text);
  const row = (label: string, texts: readonly string[]): readonly string[] =>
    texts.flatMap((text, at) => wrap(prose(cleanMessage(text)), width, (at === 0 ? label : '').padEnd(LABEL), INDENT));
  const verdict = refusal.rbac ? 'RBAC' : 'NOT RBAC';
  const [first = '', ...others] = wrap(prose(refusal.headline), width, `${number}${verdict}  `, INDENT);
  return [
    first.replace(verdict, paint.strong(verdict)),
    ...others,
    ...row('seen', seen(refusal)),
    ...row('what', refusal.what),
    ...row('who', refusal.who === undefined ? [] : [refusal.who]),
    ...row('where', [refusal.where]),
    ...(refusal.now ? nowLines(refusal.now, row, paint) : []),
    ...row('doctor', (refusal.findings ?? []).map(findingText)),
    ...doLines(refusal.now, refusal.steps, width, paint),
    ...row('watch', refusal.now?.state === 'allowed' ? [] : refusal.watch),
    ...row(
      'see',
      refusal.see.map((id) => `kubectl crewiso explain ${id}`),
    ),
  ];
}

type Row = (label: string, texts: readonly string[]) => readonly string[];

/** How often and when, where the text is more than one message. */
function seen({ count: times, firstAt, lastAt }: ExplainedRefusal): readonly string[] {
  const when = firstAt === lastAt ? firstAt : `${firstAt ?? ''} to ${lastAt ?? ''}`;
  if (times === 1) return when === undefined ? [] : [when];
  return [`${String(times)}x${when === undefined ? '' : `, ${when}`}`];
}

const STATES: Readonly<Record<Standing['state'], string>> = {
  denied: 'STILL DENIED',
  allowed: 'ALLOWED NOW',
  unknown: 'COULD NOT BE SEEN',
};
const GAPS = 3;

function nowLines({ state, why, gaps }: Standing, row: Row, paint: Paint): readonly string[] {
  const word = STATES[state];
  const brush = { denied: paint.bad, allowed: paint.good, unknown: paint.warn }[state];
  const [first = '', ...others] = row('now', [word, ...why, ...gaps.slice(0, GAPS).map(gapText)]);
  return [first.replace(word, brush(word)), ...others];
}

function gapText({ resource, namespace, detail }: Standing['gaps'][number]): string {
  return `not seen: ${resource}${namespace === undefined ? '' : ` in ${namespace}`}: ${detail}`;
}

function findingText({ severity, check, message }: RelatedFinding): string {
  return `${letterOf(severity)} ${check}: ${message}`;
}

/** What is allowed by now needs nothing done about it. */
function doLines(now: Standing | undefined, steps: readonly string[], width: number, paint: Paint): readonly string[] {
  const lines = now?.state === 'allowed' ? [`${INDENT}# nothing: try it again`] : stepLines(steps, width);
  return lines.map((line, at) => {
    const text = line.slice(LABEL);
    const label = at === 0 ? 'do'.padEnd(LABEL) : INDENT;
    return label + (text.startsWith('#') ? text : paint.command(text));
  });
}
