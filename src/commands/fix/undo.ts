import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../shared/base-command.ts';
import { answerFlags } from '../shared/flags.ts';
import { clusterFlags, runFlags } from '../shared/source-flags.ts';

export default class FixUndo extends BaseCommand<typeof FixUndo> {
  static override summary = 'Take back what a run has changed, last change first.';

  static override description = `Only what the run itself has changed is taken back, and only where it is still as the run left it: what somebody has changed since then is refused and named. An undo is rehearsed and journaled like any run, and can be taken back itself.

Exit codes: 0 taken back, 2 wrong usage or no such run, 4 cluster unreadable, 5 something could not be taken back, 6 refused before the first change, 130 interrupted.`;

  static override examples = [
    '<%= config.bin %> fix undo last',
    { description: 'One change of a run', command: '<%= config.bin %> fix undo r-20261120-1006-4c1d --only 2' },
  ];

  static override args = {
    run: Args.string({
      required: true,
      ignoreStdin: true,
      description: 'id of the run (fix history lists them), or last',
    }),
  };

  static override flags = {
    only: Flags.integer({ helpGroup: 'FIX', helpValue: 'STEP', min: 1, description: 'take back this step only' }),
    'dry-run': Flags.boolean({
      helpGroup: 'FIX',
      default: false,
      description: 'stop after the rehearsal: write nothing',
    }),
    yes: Flags.boolean({ helpGroup: 'FIX', default: false, description: 'do not ask' }),
    'allow-destructive': Flags.boolean({
      helpGroup: 'FIX',
      default: false,
      description: 'also delete namespaces that the run has made, if nothing but its own objects is in them',
    }),
    ...answerFlags,
    ...runFlags,
    ...clusterFlags,
  };

  async run(): Promise<void> {
    const startedAt = Date.now();
    const { flags, args } = this;
    const { undoRun } = await import('../shared/undo-run.ts');
    await undoRun({
      name: args.run,
      flags,
      version: this.config.version,
      startedAt,
      signal: () => this.interruptible(),
    });
  }
}
