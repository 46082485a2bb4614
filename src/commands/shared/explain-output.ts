import type { ExplanationDocument } from '../../kubernetes/denial-document.ts';
import { CrewisoError, EXIT } from '../../model/error.ts';
import { clusterFlags } from './source-flags.ts';
import { renderOptions, type DisplayFlags } from './terminal.ts';

interface MessageFlags {
  readonly live: boolean;
  readonly from?: string | undefined;
  readonly filename?: readonly string[] | undefined;
}

/**
 * What is asked about a message may not contradict itself.
 * @throws CrewisoError (2) for `--live` with files, for flags of a cluster that is not looked into, and where two things
 *   are to be read from standard input
 */
export function checkMessageFlags(message: string, flags: MessageFlags): void {
  if (flags.live && flags.filename) throw usage('--live looks into a cluster and -f into files', 'give one of them');
  if (flags.live && flags.from !== undefined)
    throw usage('--live looks into a cluster and --from into a bundle', 'give one of them');
  if (message === '-' && flags.filename?.includes('-')) {
    throw usage('the message and the files cannot both come from standard input', 'put one of them into a file');
  }
  if (flags.live || flags.filename || flags.from !== undefined) return;
  const given = Object.keys(clusterFlags).find((name) => {
    const value = (flags as unknown as Record<string, unknown>)[name];
    return value !== undefined && value !== false;
  });
  if (given !== undefined) throw usage(`--${given} is about a cluster, and none is looked into`, 'add --live');
}

/** Writes the explanation and sets the exit code. */
export async function writeExplanation(
  document: ExplanationDocument,
  flags: Pick<DisplayFlags, 'color' | 'ascii'> & { readonly output: 'table' | 'json' | 'yaml' },
): Promise<void> {
  const { explanationJson, explanationText, explanationYaml } = await import('../../reporters/explanation.ts');
  if (flags.output === 'json') process.stdout.write(explanationJson(document));
  else if (flags.output === 'yaml') {
    const { stringifyYaml } = await import('../../manifests/yaml.ts');
    process.stdout.write(explanationYaml(document, stringifyYaml));
  } else {
    const display = { ...flags, wide: false, 'no-headers': false, 'min-severity': 'info' as const };
    process.stdout.write(explanationText(document, renderOptions(display, process.stdout, process.env)));
  }
  process.exitCode = document.exit.code;
}

const usage = (message: string, suggestion: string): CrewisoError =>
  new CrewisoError(message, { code: 'usage', exitCode: EXIT.usage, suggestions: [suggestion] });
