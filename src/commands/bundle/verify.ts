import { Args, Flags } from '@oclif/core';
import { EXIT } from '../../model/error.ts';
import { BaseCommand } from '../shared/base-command.ts';
import { answerFlags } from '../shared/flags.ts';
import { widthOf } from '../shared/terminal.ts';

const EXITS = { intact: EXIT.ok, changed: EXIT.findings, cut: EXIT.unreachable, unreadable: EXIT.unreachable };

export default class BundleVerify extends BaseCommand<typeof BundleVerify> {
  static override summary = 'Check that a bundle is whole, unchanged, signed, and free of secrets.';

  static override description = `Compares every byte with the seal at the end, every file with the manifest, and the manifest with the plan, and names the file in which something differs. With --key it checks the signature beside the bundle; with --leaks it looks for secrets in it.

A bundle in which something is missing, and that says so, is intact.

Exit codes: 0 intact, 1 changed, not signed by this key, or a secret in it, 2 wrong usage, 4 only a part of it is there, or it is no bundle of this tool.`;

  static override examples = [
    '<%= config.bin %> bundle verify bundle.tar.gz',
    { description: 'Before it is sent to somebody', command: '<%= config.bin %> bundle verify bundle.tar.gz --leaks' },
    {
      description: 'Is it from whom it should be?',
      command: '<%= config.bin %> bundle verify bundle.tar.gz --key public.pem',
    },
  ];

  static override args = { file: Args.string({ required: true, description: 'the bundle' }) };

  static override flags = {
    key: Flags.string({ helpValue: 'FILE', description: 'public Ed25519 key (PEM) that must have signed it' }),
    leaks: Flags.boolean({ description: 'look for secrets in every file of it' }),
    output: answerFlags.output,
  };

  async run(): Promise<void> {
    const { file } = this.args;
    const { key, leaks, output } = this.flags;
    const { verifyFile } = await import('../shared/verify-run.ts');
    const verified = await verifyFile(file, { key, leaks });
    const { verifiedDocument, verifiedText, writeDocument } = await import('../shared/verified-text.ts');
    if (output === 'table') process.stdout.write(verifiedText(file, verified, widthOf(process.stdout, process.env)));
    else await writeDocument(verifiedDocument(file, verified, this.config.version), output);
    process.exitCode = EXITS[verified.outcome];
  }
}
