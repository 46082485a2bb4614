import { isMap, isScalar, isSeq, type Node } from 'yaml';
import { offsetOf, YamlFault } from './convert.ts';
import { contentStart, splitDocuments, type Chunk, type Remark } from './document-text.ts';
import { itemOffsets, locateInJson, parseJsonStream } from './json-text.ts';
import { compose, parseOne } from './parse-yaml.ts';

/** One document of a file. All offsets count from the start of the file's text. */
export interface Document {
  readonly offset: number;
  /** JSON values, or why there are none. */
  readonly content: { readonly value: unknown } | { readonly fault: string };
  readonly remarks: readonly Remark[];
  /** Where the elements of a top-level `items` stand. */
  readonly items?: readonly number[];
  /** Offset of a path below the value that stands at an offset and ends before another; as far as the path exists. */
  locate(path: readonly string[], from: number, until?: number): number;
}

/** Every document of a text in YAML, JSON or both, broken ones too. Never throws for what the text says. */
export function readDocuments(text: string): readonly Document[] {
  const chunks = splitDocuments(text);
  return chunks.flatMap((chunk) => {
    const start = contentStart(chunk.text);
    if (start === undefined) return [nothing(chunk)];
    if (!/[{[]/.test(chunk.text[start] ?? '')) return [yamlDocument(text, chunk)];
    return jsonDocuments(text, chunk, chunks.length > 1);
  });
}

const nothing = (chunk: Chunk): Document => ({
  offset: chunk.remarks[0]?.offset ?? chunk.offset,
  content: { value: null },
  remarks: chunk.remarks,
  locate: (_path, from) => from,
});

function yamlDocument(text: string, chunk: Chunk): Document {
  const shift = (remark: Remark): Remark => ({ ...remark, offset: remark.offset + chunk.offset });
  const end = chunk.offset + chunk.text.length;
  const locate: Document['locate'] = (path, from, until = end) => locateInYaml(text, from, until, path);
  try {
    const { value, offset, items, remarks } = parseOne(chunk.text);
    return {
      offset: chunk.offset + offset,
      content: { value },
      remarks: [...chunk.remarks, ...remarks.map(shift)],
      ...(items ? { items: items.map((item) => item + chunk.offset) } : {}),
      locate,
    };
  } catch (error) {
    if (!(error instanceof YamlFault)) throw error;
    return { offset: chunk.offset + error.offset, content: { fault: error.message }, remarks: chunk.remarks, locate };
  }
}

/** YAML in braces looks like JSON, so that what is no JSON is tried as YAML, unless it is JSON that was cut. */
function jsonDocuments(text: string, chunk: Chunk, mixed: boolean): readonly Document[] {
  const { values, fault } = parseJsonStream(chunk.text);
  if (fault && values.length === 0 && fault.offset < chunk.text.trimEnd().length) {
    const document = yamlDocument(text, chunk);
    const looksLikeJson = /^\s*[{[]\s*["{[\]}]/.test(chunk.text) && !/^\s*\{\{/.test(chunk.text);
    if (!('fault' in document.content) || !looksLikeJson) return [document];
  }
  const locate: Document['locate'] = (path, from) => locateInJson(text, from, path);
  const remarks = [...chunk.remarks];
  if (mixed && values.length > 1) {
    remarks.push({ offset: chunk.offset, message: 'kubectl refuses several JSON objects in a row beside --- lines' });
  }
  const documents = values.map(({ value, offset }, index): Document => {
    const items = itemOffsets(chunk.text, offset)?.map((item) => item + chunk.offset);
    return {
      offset: chunk.offset + offset,
      content: { value },
      remarks: index === 0 ? remarks : [],
      ...(items ? { items } : {}),
      locate,
    };
  });
  if (!fault) return documents;
  const broken = { offset: chunk.offset + fault.offset, content: { fault: fault.message }, remarks: [], locate };
  return [...documents, broken];
}

function locateInYaml(text: string, from: number, until: number, path: readonly string[]): number {
  const column = from - (text.lastIndexOf('\n', from - 1) + 1);
  const shift = from - column;
  const piece = text.slice(from, until).replace(/\s*-?\s*$/, '');
  let node: Node | null = compose(' '.repeat(column) + piece).contents;
  let offset = from;
  for (const step of path) {
    const next: { shown: unknown; node: unknown } | undefined = childOf(node, step);
    if (!next) return offset;
    offset = shift + offsetOf(next.shown);
    node = next.node as Node | null;
  }
  return offset;
}

function childOf(node: Node | null, step: string): { shown: unknown; node: unknown } | undefined {
  if (isMap(node)) {
    const pair = node.items.findLast(({ key }) => isScalar(key) && String(key.value) === step);
    return pair && { shown: pair.key, node: pair.value };
  }
  const item = isSeq(node) ? node.items[Number(step)] : undefined;
  return item === undefined ? undefined : { shown: item, node: item };
}
