import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../shared/base-command.ts';
import { answerFlags } from '../shared/flags.ts';
import { clusterFlags, runFlags } from '../shared/source-flags.ts';

export default class FixApply extends BaseCommand<typeof FixApply> {
  static override summary = 'Apply a plan that doctor --fix --plan-out or provision --plan-out has written.';

  static override description = `The plan must be for this cluster, this user and this version, not edited and not expired. Every change is compared with what is there and rehearsed on the API server before the first one is made; then one organization is repaired and verified, then the others, ten at a time. The first trouble ends the run.

What is there already is not written again, so a plan can be applied twice. A run that was cut off is gone on with by --resume RUN, or taken back by fix undo RUN.

Exit codes: 0 applied and verified, 2 wrong usage, 4 cluster or plan unreadable, 5 a change failed, was stale or did not help, 6 refused before the first change, 130 interrupted.`;

  static override examples = [
    '<%= config.bin %> fix apply plan.yaml',
    { description: 'Only rehearse it', command: '<%= config.bin %> fix apply plan.yaml --dry-run' },
    {
      description: 'With deletions, where nobody can be asked',
      command: '<%= config.bin %> fix apply plan.yaml --allow-destructive --confirm 4c1d09e2',
    },
    {
      description: 'Go on with a run that was cut off',
      command: '<%= config.bin %> fix apply --resume r-20261120-1006-4c1d',
    },
  ];

  static override args = {
    plan: Args.string({ description: 'file of the plan, or - for stdin', ignoreStdin: true }),
  };

  static override usage = '<%= command.id %> PLAN | --resume RUN [FLAGS]';

  static override flags = {
    'allow-destructive': Flags.boolean({
      helpGroup: 'FIX',
      default: false,
      description: 'also delete what the plan deletes',
    }),
    confirm: Flags.string({
      helpGroup: 'FIX',
      helpValue: 'DIGEST8',
      description: 'first 8 digits of the digest of the plan, to agree to deletions without a terminal',
    }),
    'max-writes': Flags.integer({
      helpGroup: 'FIX',
      helpValue: 'N',
      min: 1,
      description: 'refuse a plan with more writes (default: what was given when it was made)',
    }),
    canary: Flags.string({
      helpGroup: 'FIX',
      helpValue: 'ORG',
      description: 'organization (id or namespace) that goes first (default: as planned)',
    }),
    resume: Flags.string({ helpGroup: 'FIX', helpValue: 'RUN', description: 'go on with a run that was cut off' }),
    'dry-run': Flags.boolean({
      helpGroup: 'FIX',
      default: false,
      description: 'stop after the rehearsal: write nothing',
    }),
    ...answerFlags,
    ...runFlags,
    ...clusterFlags,
  };

  async run(): Promise<void> {
    const startedAt = Date.now();
    const { flags, args } = this;
    const { applyFile } = await import('../shared/apply-file.ts');
    await applyFile({
      file: args.plan,
      flags,
      version: this.config.version,
      startedAt,
      signal: () => this.interruptible(),
    });
  }
}
