import { splitDocuments } from './document-text.ts';
import { YamlFault } from './convert.ts';
import { parseOne } from './parse-yaml.ts';
import { createLineIndex, type Position } from './positions.ts';

export { stringifyYaml } from './write-yaml.ts';

/** Text that is not YAML as kubectl reads it. The message names line and column and never quotes the text. */
export class YamlError extends Error {
  readonly line: number;
  readonly column: number;

  constructor(message: string, position: Position) {
    super(`line ${position.line}, column ${position.column}: ${message}`);
    this.name = 'YamlError';
    this.line = position.line;
    this.column = position.column;
  }
}

export interface YamlDocument extends Position {
  /** JSON values only; undefined where `error` says why. */
  readonly value?: unknown;
  readonly error?: YamlError;
  /** What kubectl does silently and people may not expect: duplicate keys, ignored text. */
  readonly warnings: readonly YamlError[];
}

/** Every document of a YAML stream that has content, broken ones too. Never throws for what the text says. */
export function parseYamlDocuments(text: string): readonly YamlDocument[] {
  const lines = createLineIndex(text);
  const at = (offset: number, message: string): YamlError => new YamlError(message, lines.positionOf(offset));
  return splitDocuments(text).flatMap((chunk): YamlDocument[] => {
    const warnings = chunk.remarks.map((remark) => at(remark.offset, remark.message));
    if (chunk.text === '') return [];
    try {
      const parsed = parseOne(chunk.text);
      warnings.push(...parsed.remarks.map((remark) => at(chunk.offset + remark.offset, remark.message)));
      return [{ ...lines.positionOf(chunk.offset + parsed.offset), value: parsed.value, warnings }];
    } catch (error) {
      if (!(error instanceof YamlFault)) throw error;
      const offset = chunk.offset + error.offset;
      return [{ ...lines.positionOf(offset), error: at(offset, error.message), warnings }];
    }
  });
}

/**
 * The first document of a text, as Go's `yaml.Unmarshal` reads a kubeconfig: JSON values, null for a text without content.
 * Throws YamlError.
 */
export function parseYaml(text: string): unknown {
  const [first] = parseYamlDocuments(text.startsWith('\ufeff') ? text.slice(1) : text);
  if (first?.error) throw first.error;
  return first?.value ?? null;
}
