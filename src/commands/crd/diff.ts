import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../shared/base-command.ts';
import { outputFlags, platformFlags } from '../shared/flags.ts';
import { clusterFlags, runFlags } from '../shared/source-flags.ts';
import { renderOptions } from '../shared/terminal.ts';

const { config } = platformFlags;
const { color, ascii } = outputFlags;

export default class CrdDiff extends BaseCommand<typeof CrdDiff> {
  static override summary = 'Show what a change of CRDs breaks, and which objects it drops fields of or refuses.';

  static override description = `OLD and NEW are files or folders of manifests, bundles, cluster: for the cluster of the kubeconfig, or REVISION:PATH for a folder in git (nothing is checked out). Every change is breaking (for readers, for writers), unknown, additive or neutral, with the rule of the API server that says so.

The objects in OLD are held against NEW: what would be pruned without an error, what would be refused. Rules in CEL are named and not evaluated.

Exit codes: 0 nothing breaks, 1 something does, 2 wrong usage, 3 something could not be judged or read, 4 OLD or NEW unreadable, 130 interrupted.`;

  static override examples = [
    { description: 'Before an upgrade', command: '<%= config.bin %> crd diff cluster: ./chart/crds' },
    {
      description: 'In a pull request',
      command: '<%= config.bin %> crd diff origin/main:chart/crds chart/crds -o markdown',
    },
    { description: 'Between two releases', command: '<%= config.bin %> crd diff v0.2.0:chart/crds v0.5.0:chart/crds' },
  ];

  static override args = {
    old: Args.string({ required: true, description: 'what is there', ignoreStdin: true }),
    new: Args.string({ required: true, description: 'what it becomes', ignoreStdin: true }),
  };

  static override usage = '<%= command.id %> OLD NEW [FLAGS]';

  static override flags = {
    output: Flags.option({
      char: 'o',
      helpGroup: 'OUTPUT',
      options: ['table', 'json', 'yaml', 'markdown'] as const,
      default: 'table' as const,
      description: 'format of the answer',
    })(),
    color,
    ascii,
    config,
    ...runFlags,
    ...clusterFlags,
  };

  async run(): Promise<void> {
    const { flags, args } = this;
    const { compareSources } = await import('../shared/crd-run.ts');
    const { crdDiffDocument } = await import('../../kubernetes/crd-document.ts');
    const live = { flags, version: this.config.version, signal: () => this.interruptible() };
    const { differences, run } = await compareSources(args.old, args.new, live);
    const document = crdDiffDocument(differences, run);
    if (flags.output === 'json' || flags.output === 'yaml') {
      const { writeDocument } = await import('../shared/verified-text.ts');
      await writeDocument(document, flags.output);
    } else {
      const { crdDiffMarkdown, crdDiffText } = await import('../../reporters/crd-diff.ts');
      const display = { ...flags, wide: false, 'no-headers': false, 'min-severity': 'info' as const };
      const options = renderOptions(display, process.stdout, process.env);
      process.stdout.write(flags.output === 'markdown' ? crdDiffMarkdown(document) : crdDiffText(document, options));
    }
    process.exitCode = document.exit.code;
  }
}
