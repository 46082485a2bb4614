import type { Range } from './marker.ts';
import { mayEnd, mayStart } from './name-starts.ts';

const ORG = /org/gi;
/** `org-4`, in `crewai-org-4`, `org-4-crew-12-sales` and `buildkit-org-4-…`; `org_4` in names of variables. */
const NAME = /(org[-_]0*)([1-9]\d*)/iy;
const QUOTE = String.raw`[\\"'\x60]{0,6}`;
const NUMBER = String.raw`([1-9]\d*(?:,[1-9]\d*)*)`;
/** Where a line may end within: in whole files alone, since a log is looked at line by line. */
const blanks = (whole: boolean): string => (whole ? String.raw`\s{0,64}` : String.raw`[ \t]{0,16}`);

interface Shapes {
  readonly id: RegExp;
  readonly list: RegExp;
  readonly bare: RegExp;
}

/** Numbers that the word before them makes ids: `org-id: "4"`, `organizationId=4`, `organizations/4`, `--org 4,7`. */
function shapesOf(whole: boolean): Shapes {
  const blank = blanks(whole);
  const id = String.raw`org(?:ani[sz]ation)?s?[-_ ]?(?:ids?|numbers?)`;
  const pair = String.raw`,?${blank}${QUOTE}value${QUOTE}${blank}:`;
  const between = String.raw`${QUOTE}${blank}(?:={1,3}>?|:=?|/|#|${pair}|is|in)?${blank}[(\[{]?${QUOTE}`;
  return {
    id: new RegExp(`(${id}${between})${NUMBER}`, 'iy'),
    list: new RegExp(
      String.raw`(org(?:ani[sz]ation)?s?(?:[-_ ]?ids?)?${QUOTE}${blank}[:=]?${blank}(?:in${blank})?[(\[{]${blank}${QUOTE})([1-9]\d*(?:${QUOTE}${blank},${blank}${QUOTE}[1-9]\d*){0,9999})`,
      'iy',
    ),
    bare: new RegExp(
      String.raw`((?:org(?:ani[sz]ation)?${QUOTE}${blank}[:=/#(]?${blank}[#(]?${QUOTE}|org(?:ani[sz]ation)?s/))${NUMBER}`,
      'iy',
    ),
  };
}

const IN_LINES = shapesOf(false);
const IN_FILES = shapesOf(true);

/**
 * Where ids of organizations of CrewAI Platform stand in a text: their digits alone, in order.
 * @param whole all of a file, where a field may go on in the next line
 */
export function orgNumbers(text: string, whole: boolean): readonly Range[] {
  const found: Range[] = [];
  ORG.lastIndex = 0;
  for (let match = ORG.exec(text); match; match = ORG.exec(text)) {
    const at = match.index;
    if (!mayStart(text, at) && !isHump(text, at)) continue;
    const digits = numbersAt(text, at, whole ? IN_FILES : IN_LINES);
    found.push(...digits);
    ORG.lastIndex = Math.max(ORG.lastIndex, digits.at(-1)?.end ?? 0);
  }
  return found;
}

/** `currentOrgId` */
const isHump = (text: string, at: number): boolean => text[at] === 'O' && /[a-z]/.test(text[at - 1] ?? '');

/** `https://x.org:443/` is a host, and `bytesPerOrg`, `per_org` and `per org` are numbers of something else. */
const isPart = (text: string, at: number): boolean =>
  isHump(text, at) || /(?:[._]|[A-Za-z0-9]-|\bper )$/i.test(text.slice(Math.max(0, at - 5), at));

function numbersAt(text: string, at: number, { id, list, bare }: Shapes): readonly Range[] {
  const named = sticky(NAME, text, at);
  if (named) return mayEnd(text, named.end) ? [named] : [];
  const range =
    sticky(list, text, at) ?? sticky(id, text, at) ?? (isPart(text, at) ? undefined : sticky(bare, text, at));
  if (!range || !mayEnd(text, range.end) || /^[-:.]\d/.test(text.slice(range.end, range.end + 2))) return [];
  return [...text.slice(range.start, range.end).matchAll(/\d+/g)].map(({ 0: digits, index }) => ({
    start: range.start + index,
    end: range.start + index + digits.length,
  }));
}

function sticky(shape: RegExp, text: string, at: number): Range | undefined {
  shape.lastIndex = at;
  const match = shape.exec(text);
  const start = at + (match?.[1]?.length ?? 0);
  return match ? { start, end: start + (match[2]?.length ?? 0) } : undefined;
}
