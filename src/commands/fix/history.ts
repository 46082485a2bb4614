import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../shared/base-command.ts';
import { answerFlags } from '../shared/flags.ts';
import { clusterFlags, runFlags } from '../shared/source-flags.ts';

export default class FixHistory extends BaseCommand<typeof FixHistory> {
  static override summary = 'List what was repaired from this machine, or the changes of one run.';

  static override description = `Reads the journals of fix runs; needs no cluster, unless --prune is given. --prune deletes the Secrets in the cluster that runs older than that have kept for their undo, which is not possible any more then.

Exit codes: 0 listed, 2 wrong usage or no such run; with --prune as fix apply.`;

  static override examples = [
    '<%= config.bin %> fix history',
    '<%= config.bin %> fix history r-20261120-1006-4c1d',
    { description: 'Remove old values kept for undo', command: '<%= config.bin %> fix history --prune 7d' },
  ];

  static override args = {
    run: Args.string({ ignoreStdin: true, description: 'id of a run: list its changes' }),
  };

  static override flags = {
    prune: Flags.string({
      helpGroup: 'FIX',
      helpValue: 'DURATION',
      description: 'delete what runs older than this have kept in the cluster for their undo',
    }),
    yes: Flags.boolean({ helpGroup: 'FIX', default: false, description: 'do not ask' }),
    'dry-run': Flags.boolean({
      helpGroup: 'FIX',
      default: false,
      description: 'with --prune: stop after the rehearsal',
    }),
    ...answerFlags,
    ...runFlags,
    ...clusterFlags,
  };

  async run(): Promise<void> {
    const startedAt = Date.now();
    const { flags, args } = this;
    if (flags.prune !== undefined) {
      const { pruneBackups } = await import('../shared/prune.ts');
      const signal = (): AbortSignal => this.interruptible();
      await pruneBackups({ older: flags.prune, flags, version: this.config.version, startedAt, signal });
      return;
    }
    const { showHistory } = await import('../shared/history.ts');
    await showHistory(args.run, flags);
  }
}
