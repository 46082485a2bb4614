import { Args, Flags } from '@oclif/core';
import { readFile } from 'node:fs/promises';
import { BaseCommand } from './shared/base-command.ts';
import { AREAS } from '../model/check.ts';
import { CrewisoError, EXIT } from '../model/error.ts';
import { platformFlags, outputFlags } from './shared/flags.ts';
import { clusterFlags, offlineFlags, runFlags } from './shared/source-flags.ts';
import { widthOf } from './shared/terminal.ts';

const { color, ascii } = outputFlags;

export default class Explain extends BaseCommand<typeof Explain> {
  static override summary = 'Explain a check, or a refusal: who refused what to whom, and the least that ends it.';

  static override description = `With the id of a check: its page. With a message, or - for standard input: every refusal of the API server in it, however it is wrapped (kubectl, Events, JSON logs, Python, Flux) and however long the log is. Without either: the list of all checks.

Needs no cluster. With --live it also looks whether the refusal still stands, and why; with -f or --from it looks into files or a bundle instead.

Exit codes: 0 explained (with --live, -f or --from: no longer refused), 1 still refused, 2 wrong usage or no such check, 3 whether it is still refused could not be seen, 4 no refusal in the text, or nothing could be read, 70 a bug, 130 interrupted.`;

  static override examples = [
    '<%= config.bin %> explain registry-secret-missing',
    {
      description: 'What a message means',
      command:
        '<%= config.bin %> explain \'pods "p" is forbidden: exceeded quota: q, requested: pods=1, used: pods=9, limited: pods=9\'',
    },
    {
      description: 'Every refusal in a log, and whether it still stands',
      command: 'kubectl logs deploy/crewai-worker --timestamps | <%= config.bin %> explain - --live',
    },
    { description: 'The JSON Schema of doctor -o json', command: '<%= config.bin %> explain --schema report' },
  ];

  static override args = {
    // Standard input is read by the command itself: oclif would read all of it into memory, and only for a moment.
    id: Args.string({ description: 'id of a check, a message in quotes, or - for stdin', ignoreStdin: true }),
  };

  static override usage = '<%= command.id %> [ID | MESSAGE | -] [FLAGS]';

  static override flags = {
    schema: Flags.string({
      options: [
        ...['report', 'access', 'plan', 'run', 'waivers', 'config', 'version-matrix'],
        ...['explanation', 'crd-diff', 'crd-plan'],
      ],
      description: 'print the JSON Schema of a document instead',
    }),
    live: Flags.boolean({ description: 'look into the cluster whether the refusal still stands' }),
    namespace: Flags.string({
      char: 'n',
      helpValue: 'NAMESPACE',
      description: 'where it happened, for messages that do not say',
    }),
    output: Flags.option({
      char: 'o',
      helpGroup: 'OUTPUT',
      options: ['table', 'json', 'yaml'] as const,
      default: 'table' as const,
      description: 'format of the explanation of a message',
    })(),
    color,
    ascii,
    ...offlineFlags,
    ...platformFlags,
    ...runFlags,
    ...clusterFlags,
  };

  async run(): Promise<void> {
    const { schema } = this.flags;
    const { id } = this.args;
    if (schema !== undefined) {
      if (id !== undefined) throw usage('--schema and the id of a check contradict', 'give one of them');
      process.stdout.write(await readFile(new URL(`../../schemas/${schema}.schema.json`, import.meta.url), 'utf8'));
      return;
    }
    if (id !== undefined && isMessage(id)) {
      await this.explainMessage(id);
      return;
    }
    const misplaced = ['live', 'filename', 'from', 'namespace'].find((name) => name in this.flags);
    if (misplaced !== undefined || this.flags.output !== 'table') {
      throw usage(
        `${misplaced === undefined ? '-o' : `--${misplaced}`} is about a message`,
        "kubectl crewiso explain 'MESSAGE', or - for standard input",
      );
    }
    await this.explainCheck(id);
  }

  private async explainCheck(id: string | undefined): Promise<void> {
    const { CHECKS } = await import('../checks/index.ts');
    const { listChecks, wrapPage } = await import('./shared/page.ts');
    const width = widthOf(process.stdout, process.env);
    if (id === undefined) {
      process.stdout.write(listChecks(CHECKS, AREAS, width));
      return;
    }
    const check = CHECKS.find((candidate) => candidate.id === id);
    if (!check) {
      const { unknownCheck } = await import('./shared/selection.ts');
      throw unknownCheck(CHECKS, id, id);
    }
    const page = await readFile(new URL(`../../docs/checks/${check.id}.md`, import.meta.url), 'utf8');
    process.stdout.write(wrapPage(page.endsWith('\n') ? page : `${page}\n`, width));
  }

  private async explainMessage(message: string): Promise<void> {
    const { flags } = this;
    const { checkMessageFlags, writeExplanation } = await import('./shared/explain-output.ts');
    checkMessageFlags(message, flags);
    const { readDenials, requireDenials } = await import('./shared/denial-input.ts');
    const signal = this.interruptible();
    const log = await readDenials(message, process.stdin, signal);
    requireDenials(log, signal.aborted);
    const { version } = this.config;
    const input = { log, version, ...(flags.namespace === undefined ? {} : { namespace: flags.namespace }) };
    if (!flags.live && !flags.filename && flags.from === undefined) {
      const { explanationDocument } = await import('../kubernetes/denial-document.ts');
      await writeExplanation(explanationDocument(log, input), flags);
    } else {
      const { explainWithLook } = await import('./shared/explain-present.ts');
      const { document, notes } = await explainWithLook(input, flags, () => signal);
      for (const note of notes) process.stderr.write(`warning: ${note}\n`);
      await writeExplanation(document, flags);
    }
    if (signal.aborted) process.exitCode = EXIT.interrupted;
  }
}

/** One word in kebab-case is an id, even if no check has it: a typing error must not be read as a message. */
function isMessage(text: string): boolean {
  return !/^[a-z0-9]+(?:-[a-z0-9]+)*$/.test(text);
}

const usage = (message: string, ...suggestions: string[]): CrewisoError =>
  new CrewisoError(message, { code: 'usage', exitCode: EXIT.usage, suggestions });
