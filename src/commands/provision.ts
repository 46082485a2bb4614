import { Args, Flags } from '@oclif/core';
import { BaseCommand } from './shared/base-command.ts';
import { planFlags } from './shared/fix-flags.ts';
import { answerFlags, platformFlags } from './shared/flags.ts';
import { settingsOf } from './shared/settings.ts';
import { clusterFlags, runFlags } from './shared/source-flags.ts';

export default class Provision extends BaseCommand<typeof Provision> {
  static override summary =
    'Give an organization its namespace, the rights of the platform in it and the registry secret.';

  static override description = `For manual mode, where the operator makes namespaces: creates the Namespace with the labels that its siblings agree on, the RoleBinding of the platform's account and a clean copy of the registry secret; what is there already stays as it is. In automatic mode the platform makes the namespace at the first deployment, and only the secret is added.

Everything is rehearsed on the API server and shown before it is agreed to, verified afterwards, and can be taken back: kubectl crewiso fix undo last --allow-destructive.

Exit codes: 0 the organization can be deployed to, 2 wrong usage, 3 no platform was recognised, 4 cluster unreadable, 5 a change failed or did not help, 6 refused before the first change, 130 interrupted.`;

  static override examples = [
    '<%= config.bin %> provision 42',
    { description: 'Have it reviewed first', command: '<%= config.bin %> provision 42 --plan-out org-42.yaml' },
  ];

  static override args = {
    org: Args.string({ required: true, ignoreStdin: true, description: 'id of the organization' }),
  };

  static override flags = {
    ...planFlags,
    'pull-secret-on-account': Flags.boolean({
      helpGroup: 'FIX',
      default: false,
      description: "also name the secret in the namespace's default ServiceAccount, for pods that name none",
    }),
    'dry-run': Flags.boolean({
      helpGroup: 'FIX',
      default: false,
      description: 'stop after the rehearsal: write nothing',
    }),
    ...platformFlags,
    ...answerFlags,
    ...runFlags,
    ...clusterFlags,
  };

  async run(): Promise<void> {
    const startedAt = Date.now();
    const { flags, args } = this;
    const settings = settingsOf({ ...flags, org: [args.org], 'all-namespaces': false });
    const { provisionOrg } = await import('./shared/provision-org.ts');
    const { readConfig } = await import('./shared/config-file.ts');
    const { parseYaml } = await import('../manifests/yaml.ts');
    await provisionOrg({
      org: args.org,
      flags,
      settings,
      config: readConfig(flags.config, process.env, parseYaml),
      version: this.config.version,
      startedAt,
      signal: () => this.interruptible(),
    });
  }
}
