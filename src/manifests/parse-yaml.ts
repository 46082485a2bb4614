import { isMap, isSeq, parseDocument, type Document, type Node, type ErrorCode, type YAMLError } from 'yaml';
import { isRecord } from '../kubernetes/json-value.ts';
import { convert, offsetOf, UNKNOWN_ANCHOR, YamlFault } from './convert.ts';
import type { Remark } from './document-text.ts';
import { splitListItems, type Part } from './list-items.ts';
import { DIALECT, NOT_FINITE_REFUSED } from './scalars.ts';

/** One parsed document; all offsets count from the start of the text that was handed in. */
export interface Parsed {
  readonly value: unknown;
  readonly offset: number;
  /** Where the elements of a top-level `items` stand. */
  readonly items?: readonly number[];
  readonly remarks: readonly Remark[];
}

/** A document or list item of more characters is not read: real objects end at etcd's 1.5 MiB, and parsing takes 60 times its size. */
export const MAX_DOCUMENT = 8 * 1024 * 1024;

/**
 * Parses one YAML document (no `---` in it). A `v1 List` in block style, which `kubectl get -o yaml` prints, is parsed
 * item by item, so that memory does not grow with the list. Throws YamlFault.
 */
export function parseOne(text: string): Parsed {
  const list = splitListItems(text);
  if (!list) return parseWhole(text);
  const parts = [list.frame, ...list.items].map(parsePart);
  const [frame, ...items] = parts;
  if (!frame || !isRecord(frame.value) || 'items' in frame.value || parts.includes(undefined)) return parseWhole(text);
  const read = items.filter((item) => item !== undefined);
  return {
    value: { ...frame.value, items: read.map((item) => item.value) },
    offset: Math.min(frame.offset, list.start),
    items: read.map((item) => item.offset),
    remarks: [frame, ...read].flatMap((part) => part.remarks),
  };
}

/** Undefined where the part uses an anchor of another part: then only the whole document makes sense. */
function parsePart(part: Part): Parsed | undefined {
  try {
    const parsed = parseWhole(part.text);
    const remarks = parsed.remarks.map((remark) => ({ ...remark, offset: part.origin(remark.offset) }));
    return { value: parsed.value, offset: part.origin(parsed.offset), remarks };
  } catch (error) {
    if (!(error instanceof YamlFault)) throw error;
    if (error.message === UNKNOWN_ANCHOR) return undefined;
    throw new YamlFault(error.message, part.origin(error.offset));
  }
}

function parseWhole(text: string): Parsed {
  if (text.length > MAX_DOCUMENT) throw new YamlFault(`larger than ${MAX_DOCUMENT / 1024 / 1024} MiB`, 0);
  const control = FORBIDDEN.exec(text);
  if (control) throw new YamlFault('a control character, which YAML does not allow', control.index);
  try {
    const document = compose(text);
    const [fault] = [...document.errors, ...document.warnings].sort((a, b) => a.pos[0] - b.pos[0]);
    if (fault) throw new YamlFault(explain(fault), Math.min(fault.pos[0], text.trimEnd().length));
    const root = document.contents;
    const items = isMap(root) ? root.get('items', true) : undefined;
    return {
      ...convert(root),
      offset: offsetOf(root),
      ...(isSeq(items) ? { items: items.items.map(offsetOf) } : {}),
    };
  } catch (error) {
    if (error instanceof RangeError) throw new YamlFault('nested too deeply', 0);
    if (error instanceof YamlFault && isTemplate(text, error.offset)) {
      throw new YamlFault('an unrendered Helm template ({{ … }}): render it with helm template first', error.offset);
    }
    throw error;
  }
}

/** Parses without judging: for finding positions in text that was read before. */
export function compose(text: string): Document<Node, boolean> {
  return parseDocument<Node, boolean>(text, DIALECT);
}

// What the reader of goyaml.v2 refuses (yaml_parser_update_buffer), as far as UTF-8 can hold it.
// eslint-disable-next-line no-control-regex -- exactly these are refused
const FORBIDDEN = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f\ufffe\uffff]/;

/** An unquoted `{{` on the line of the fault or just before it; far above it may be a legitimate text (Prometheus rules). */
function isTemplate(text: string, offset: number): boolean {
  const lineEnd = text.indexOf('\n', offset);
  const lines = text.slice(Math.max(0, offset - 2000), lineEnd < 0 ? undefined : lineEnd).split('\n');
  return lines.slice(-3).some((line) => /^[^"'#]*\{\{/.test(line));
}

/** Our words for errors of `yaml` whose own may quote the text, which may be a Secret. */
const WORDS: Partial<Record<ErrorCode, string>> = {
  ALIAS_PROPS: 'a broken alias (*)',
  BAD_ALIAS: 'a broken alias (*) or anchor (&)',
  BAD_COLLECTION_TYPE: 'a tag (!) that is not read here',
  BAD_DIRECTIVE: 'a directive (%) inside a document',
  BAD_DQ_ESCAPE: 'an invalid escape sequence in a double-quoted text',
  BAD_SCALAR_START: 'a text starts with a character that must be quoted (@, `, %, …)',
  RESOURCE_EXHAUSTION: 'nested too deeply',
  TAG_RESOLVE_FAILED: 'a tag (!) that is not read here',
};

/** Errors whose words never hold any of the text. */
const SPEAKING: readonly ErrorCode[] = [
  'BAD_INDENT',
  'BLOCK_AS_IMPLICIT_KEY',
  'BLOCK_IN_FLOW',
  'KEY_OVER_1024_CHARS',
  'MISSING_CHAR',
  'MULTILINE_IMPLICIT_KEY',
  'MULTIPLE_ANCHORS',
  'MULTIPLE_TAGS',
  'TAB_AS_INDENT',
];

function explain(error: YAMLError): string {
  if (error.message === NOT_FINITE_REFUSED) return error.message;
  const own = SPEAKING.includes(error.code) ? lowerFirst(error.message) : WORDS[error.code];
  return `not YAML: ${own ?? 'unexpected characters'}`;
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);
