import { Args, Flags } from '@oclif/core';
import { EXIT } from '../../model/error.ts';
import { BaseCommand } from '../shared/base-command.ts';
import { answerFlags } from '../shared/flags.ts';
import { widthOf } from '../shared/terminal.ts';

export default class BundleInspect extends BaseCommand<typeof BundleInspect> {
  static override summary = 'Show what is in a support bundle, what is missing and why, and what was taken out.';

  static override description = `Reads the bundle where it lies; nothing is unpacked. Every planned item has one status; those that are missing are shown with the reason the API server gave.

Exit codes: 0 nothing is missing, 2 wrong usage, 3 something is missing, 4 unreadable.`;

  static override examples = [
    '<%= config.bin %> bundle inspect bundle.tar.gz',
    { description: 'Everything that is missing', command: '<%= config.bin %> bundle inspect bundle.tar.gz --gaps' },
  ];

  static override args = { file: Args.string({ required: true, description: 'the bundle' }) };

  static override flags = {
    gaps: Flags.boolean({ description: 'list everything that is missing' }),
    redactions: Flags.boolean({ description: 'list how much each rule took out, and where' }),
    output: answerFlags.output,
  };

  async run(): Promise<void> {
    const { file } = this.args;
    const { flags } = this;
    const { inspectFile } = await import('../shared/inspect-run.ts');
    const inventory = await inspectFile(file);
    if (flags.output === 'table') {
      const width = widthOf(process.stdout, process.env);
      process.stdout.write(inventory.text({ gaps: flags.gaps, redactions: flags.redactions, width }));
    } else {
      const { writeDocument } = await import('../shared/verified-text.ts');
      await writeDocument(inventory.document(this.config.version), flags.output);
    }
    process.exitCode = inventory.complete ? EXIT.ok : EXIT.incomplete;
  }
}
