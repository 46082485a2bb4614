/** A piece of a document that is parsed alone, and where its offsets lie in the document. */
export interface Part {
  readonly text: string;
  origin(offset: number): number;
}

export interface ListItems {
  /** Offset of `items:`. */
  readonly start: number;
  /** The document without `items`: apiVersion, kind and metadata of the list. */
  readonly frame: Part;
  readonly items: readonly Part[];
}

const ITEMS = /^items:[ \t]*\r?\n/m;

/**
 * Cuts a list in block style into its items, each of which is a YAML document of its own: the dash is replaced by a
 * blank, so that columns stay. Undefined where the text has another shape.
 * Every line of an item that is neither blank nor a comment is indented more than its dash (YAML 1.1, 4.2.2), also in
 * block scalars; quoted texts that break this rule are not YAML, whole or cut.
 */
export function splitListItems(document: string): ListItems | undefined {
  const head = ITEMS.exec(document);
  if (!head) return undefined;
  const start = head.index + head[0].length;
  const dash = /^(?:[ \t]*(?:#[^\n]*)?\r?\n)*( *)-[ \t\r\n]/.exec(document.slice(start, start + 10_000));
  if (!dash) return undefined;
  const indent = dash[1] ?? '';
  const items: Part[] = [];
  const close = (from: number, until: number): void => {
    const text = ' '.repeat(indent.length + 1) + document.slice(from + indent.length + 1, until);
    items.push({ text, origin: (offset) => from + offset });
  };
  const lines = new RegExp(String.raw`^ {0,${indent.length}}(?:(-)(?=[ \t\r\n]|$)|[^\s#-]|-(?=\S))`, 'gm');
  lines.lastIndex = start;
  let open: number | undefined;
  let end = document.length;
  for (let line = lines.exec(document); line; line = lines.exec(document)) {
    if (open !== undefined) close(open, line.index);
    open = line[1] && line[0].length === indent.length + 1 ? line.index : undefined;
    if (open === undefined) {
      end = line.index;
      break;
    }
  }
  if (open !== undefined) close(open, end);
  const origin = (offset: number): number => (offset < head.index ? offset : offset - head.index + end);
  return { start: head.index, frame: { text: document.slice(0, head.index) + document.slice(end), origin }, items };
}
