import { Flags } from '@oclif/core';
import { BaseCommand } from './shared/base-command.ts';
import { platformFlags } from './shared/flags.ts';
import { settingsOf } from './shared/settings.ts';
import { clusterFlags, offlineFlags, runFlags } from './shared/source-flags.ts';

export default class Values extends BaseCommand<typeof Values> {
  static override summary = "Print the Helm values that list every organization's namespace.";

  static override description = `CrewAI's support bundle collects logs from a static list of namespaces (supportBundle.crewLogNamespaces): organizations that came later are missing in it. This prints the complete list, as a fragment for helm upgrade -f, or with --like within your own values file, whose comments and order stay. Nothing is written to the cluster.

Exit codes: 0 printed, 2 wrong usage, 3 incomplete (no platform was recognised, or there may be more organizations), 4 cluster or files unreadable.`;

  static override examples = [
    '<%= config.bin %> values > bundle-values.yaml',
    {
      description: 'In the values file of the release',
      command: '<%= config.bin %> values --like values.yaml > new-values.yaml',
    },
  ];

  static override flags = {
    like: Flags.string({ helpValue: 'FILE', description: 'print this values file with the list brought up to date' }),
    output: Flags.option({
      char: 'o',
      helpGroup: 'OUTPUT',
      options: ['yaml', 'json'] as const,
      default: 'yaml' as const,
      description: 'format',
    })(),
    ...offlineFlags,
    ...platformFlags,
    ...runFlags,
    ...clusterFlags,
  };

  async run(): Promise<void> {
    const { flags } = this;
    const settings = settingsOf({ ...flags, 'all-namespaces': false });
    const { printValues } = await import('./shared/bundle-values.ts');
    await printValues({ flags, settings, version: this.config.version, signal: () => this.interruptible() });
  }
}
