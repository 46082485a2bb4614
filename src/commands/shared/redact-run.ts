import { randomBytes } from 'node:crypto';
import { redactArchive, type RedactedArchive } from '../../bundle/redact-archive.ts';
import { Redactor } from '../../bundle/redaction/redactor.ts';
import { RULES } from '../../bundle/redaction/rules.ts';
import { CrewisoError, EXIT } from '../../model/error.ts';
import { clean, count } from '../../model/text.ts';
import { nearest } from './selection.ts';

/**
 * Redacts a bundle.
 * @throws CrewisoError (2) for a rule that there is not, (4) for what cannot be read or written
 */
export async function redactBundle(input: string, output: string, reveal: readonly string[]): Promise<RedactedArchive> {
  const known: readonly string[] = RULES;
  const unknown = reveal.find((rule) => !known.includes(rule));
  if (unknown !== undefined) {
    const near = nearest(unknown, known);
    throw new CrewisoError(`--reveal-rule ${unknown}: there is no such rule`, {
      code: 'usage',
      exitCode: EXIT.usage,
      suggestions: [near.length > 0 ? `did you mean ${near.join(' or ')}?` : `rules: ${known.join(', ')}`],
    });
  }
  return redactArchive(input, output, new Redactor({ key: randomBytes(32), reveal: new Set(reveal) }));
}

const SHOWN = 20;

/** What was taken out, for people. */
export function redactedText({ file, files, counts, withheld }: RedactedArchive): string {
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
  const rest = withheld.length - SHOWN;
  const lines = [
    `REDACTED  ${clean(file)}`,
    `files     ${count(files, 'file')}, ${count(total, 'value')} taken out`,
    ...Object.entries(counts).map(([rule, n]) => `  ${rule}: ${String(n)}`),
    ...(withheld.length > 0 ? [`left out  ${count(withheld.length, 'file')}`] : []),
    ...withheld.slice(0, SHOWN).map(({ path, why }) => `  ${clean(path)}: ${clean(why)}`),
    ...(rest > 0 ? [`  and ${count(rest, 'more file')}`] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
