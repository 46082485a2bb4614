import { Args, Flags } from '@oclif/core';
import { EXIT } from '../../model/error.ts';
import { BaseCommand } from '../shared/base-command.ts';
import { answerFlags, platformFlags } from '../shared/flags.ts';
import { widthOf } from '../shared/terminal.ts';

const { config } = platformFlags;

export default class BundleDiff extends BaseCommand<typeof BundleDiff> {
  static override summary = 'Show what changed between two bundles: findings, then objects.';

  static override description = `Findings are those of doctor on each bundle. Objects are compared field by field, but for events and versions; credentials only where both bundles were collected with one --fingerprint-key. Lists that are not whole in one of the bundles are not compared, and named.

Exit codes: 0 nothing differs, 1 something does, 2 wrong usage, 4 unreadable.`;

  static override examples = [
    '<%= config.bin %> bundle diff before.tar.gz after.tar.gz',
    { description: 'One organization', command: '<%= config.bin %> bundle diff before.tar.gz after.tar.gz --org 4' },
  ];

  static override args = {
    a: Args.string({ required: true, description: 'the older bundle' }),
    b: Args.string({ required: true, description: 'the newer bundle' }),
  };

  static override flags = {
    org: Flags.string({
      helpValue: 'ID',
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      description: 'only these organizations',
    }),
    config,
    output: answerFlags.output,
  };

  async run(): Promise<void> {
    const { a, b } = this.args;
    const { output, org } = this.flags;
    const { diffFiles, diffDocument, diffText } = await import('../shared/diff-run.ts');
    const difference = await diffFiles(a, b, { orgs: org, config: this.flags.config, version: this.config.version });
    if (output === 'table') process.stdout.write(diffText(difference, widthOf(process.stdout, process.env)));
    else {
      const { writeDocument } = await import('../shared/verified-text.ts');
      await writeDocument(diffDocument(difference, this.config.version), output);
    }
    process.exitCode = difference.findings.length + difference.objects.length > 0 ? EXIT.findings : EXIT.ok;
  }
}
