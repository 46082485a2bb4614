import { Document, Scalar, visit } from 'yaml';
import { DIALECT } from './scalars.ts';

// Go's reader refuses these or takes them for line breaks, and npm yaml writes them as they are.
const UNSAFE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;
// eslint-disable-next-line no-control-regex -- what a block or plain scalar cannot hold unchanged
const NEEDS_QUOTES = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/;
// Block scalars of which a line is only blanks do not come back unchanged.
const BLANKS_AT_BREAKS = /^[ \n].*\n| \n|\n.* $/s;

/**
 * Writes a JSON value as YAML that kubectl reads back unchanged: texts that it would take for numbers, booleans or null
 * are quoted, as is `<<`; line separators and control characters are escaped. Two blanks of indentation, lists not
 * indented, as kubectl prints. Values that JSON cannot hold are written as JSON.stringify would; ends with a line break.
 */
export function stringifyYaml(value: unknown): string {
  const json = JSON.stringify(value) as string | undefined;
  const document = new Document(json === undefined ? null : (JSON.parse(json) as unknown), DIALECT);
  visit(document, {
    Scalar(_key, node) {
      if (typeof node.value !== 'string') return;
      const text = node.value.replace(/\p{Surrogate}/gu, '\ufffd');
      node.value = text;
      if (text === '<<' || NEEDS_QUOTES.test(text) || BLANKS_AT_BREAKS.test(text)) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document
    .toString({ lineWidth: 0, indentSeq: false, blockQuote: 'literal' })
    .replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
