import { redactArchive, type RedactedArchive } from '../../bundle/redact-archive.ts';
import { PseudonymousRedactor } from '../../bundle/redaction/pseudonymous.ts';
import type { PseudonymKind } from '../../bundle/redaction/learned-names.ts';
import { Pseudonyms, type LearnedName } from '../../bundle/redaction/pseudonyms.ts';
import { Redactor } from '../../bundle/redaction/redactor.ts';
import { RULES } from '../../bundle/redaction/rules.ts';
import { CrewisoError, EXIT } from '../../model/error.ts';
import { clean, count } from '../../model/text.ts';
import { fingerprintKey, usage } from './collect-arguments.ts';
import { orgNames } from './pseudonym-names.ts';
import { nearest } from './selection.ts';

export interface RedactFlags {
  readonly reveal: readonly string[];
  readonly pseudonyms: readonly PseudonymKind[];
  readonly 'fingerprint-key'?: string | undefined;
}

/**
 * Redacts a bundle.
 * @throws CrewisoError (2) for a rule that there is not, (4) for what cannot be read or written
 */
export async function redactBundle(input: string, output: string, flags: RedactFlags): Promise<RedactedArchive> {
  requireRules(flags.reveal);
  const key = fingerprintKey(flags['fingerprint-key']);
  const redaction = new Redactor({ key, reveal: new Set(flags.reveal) });
  if (flags.pseudonyms.length === 0) return redactArchive(input, output, { redaction });
  const pseudonyms = new Pseudonyms({ key, kinds: flags.pseudonyms });
  if (pseudonyms.kinds.has('orgs')) for (const name of await orgNames(input)) learn(pseudonyms, name);
  return redactArchive(input, output, { redaction: new PseudonymousRedactor(redaction, pseudonyms), pseudonyms });
}

function requireRules(reveal: readonly string[]): void {
  const known: readonly string[] = RULES;
  const unknown = reveal.find((rule) => !known.includes(rule));
  if (unknown === undefined) return;
  const near = nearest(unknown, known);
  throw usage(
    `--reveal-rule ${unknown}: there is no such rule`,
    near.length > 0 ? `did you mean ${near.join(' or ')}?` : `rules: ${known.join(', ')}`,
  );
}

function learn(pseudonyms: Pseudonyms, name: LearnedName): void {
  try {
    pseudonyms.learnName(name);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new CrewisoError(`${name.name} is the name of an organization, and cannot be told from numbers and words`, {
      code: 'pseudonyms',
      exitCode: EXIT.unreachable,
      suggestions: ['leave orgs out of --pseudonyms'],
    });
  }
}

const SHOWN = 20;

/** What was taken out, for people. */
export function redactedText({ file, files, counts, withheld, names }: RedactedArchive): string {
  const total = Object.values(counts).reduce((sum, n) => sum + n, 0);
  const rest = withheld.length - SHOWN;
  const lines = [
    `REDACTED  ${clean(file)}`,
    `files     ${count(files, 'file')}, ${count(total, 'value')} taken out`,
    ...Object.entries(counts).map(([rule, n]) => `  ${rule}: ${String(n)}`),
    ...(names > 0 ? [`renamed   ${count(names, 'name')}`] : []),
    ...(withheld.length > 0 ? [`left out  ${count(withheld.length, 'file')}`] : []),
    ...withheld.slice(0, SHOWN).map(({ path, why }) => `  ${clean(path)}: ${clean(why)}`),
    ...(rest > 0 ? [`  and ${count(rest, 'more file')}`] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}
