/** One document of a YAML stream: a piece of the text, without its `---` line. */
export interface Chunk {
  /** Offset of the piece in the text. */
  readonly offset: number;
  /** Empty where only remarks are left. */
  readonly text: string;
  /** What kubectl would ignore or refuse here although it can be read. */
  readonly remarks: readonly Remark[];
}

export interface Remark {
  readonly offset: number;
  readonly message: string;
}

const SEPARATOR = /^---(?=[ \t\r\n]|$)[^\n]*\n?/gm;
const END = /^\.\.\.(?=[ \t\r\n]|$)/m;

/**
 * Cuts a text at its `---` lines, as kubectl does before it parses anything (YAMLReader in
 * k8s.io/apimachinery/pkg/util/yaml/decoder.go). Documents without content are left out.
 * JSON passes through whole: no line of it can start with `---`.
 */
export function splitDocuments(text: string): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let start = 0;
  let remarks: Remark[] = [];
  const push = (end: number): void => {
    const chunk = chunkOf(text.slice(start, end), start, remarks);
    if (chunk) chunks.push(chunk);
  };
  for (const separator of text.matchAll(SEPARATOR)) {
    push(separator.index);
    remarks = [];
    start = separator.index + separator[0].length;
    if (/^---[ \t]+[^#\s]/.test(separator[0])) {
      start = separator.index + 3;
      remarks.push({ offset: separator.index, message: 'kubectl refuses content on the line of ---' });
    }
  }
  push(text.length);
  return chunks;
}

function chunkOf(text: string, offset: number, before: readonly Remark[]): Chunk | undefined {
  const end = END.exec(text);
  const body = end ? text.slice(0, end.index) : text;
  const remarks = [...before];
  if (end && contentStart(text.slice(end.index + 3)) !== undefined) {
    remarks.push({ offset: offset + end.index, message: 'the text after ... is ignored, as kubectl ignores it' });
  }
  const start = contentStart(body);
  if (start !== undefined && !(body[start] === '%' && onlyDirectives(body.slice(start)))) {
    return { offset, text: body, remarks };
  }
  if (start !== undefined) {
    remarks.push({ offset: offset + start, message: 'kubectl refuses YAML directives (lines that start with %)' });
  }
  return remarks.length > 0 ? { offset, text: '', remarks } : undefined;
}

function onlyDirectives(text: string): boolean {
  return text.split('\n').every((line) => line.startsWith('%') || contentStart(line) === undefined);
}

/** Offset of the first character that is neither blank nor part of a comment. */
export function contentStart(text: string): number | undefined {
  const skip = /[ \t\r\n]+|#[^\n]*/y;
  let offset = 0;
  while (skip.test(text)) offset = skip.lastIndex;
  return offset < text.length ? offset : undefined;
}
