import { Flags } from '@oclif/core';
import { BaseCommand } from './shared/base-command.ts';
import { orgFlag, platformFlags } from './shared/flags.ts';
import { clusterFlags, runFlags } from './shared/source-flags.ts';

const { config, platform, release } = platformFlags;

export default class Rbac extends BaseCommand<typeof Rbac> {
  static override summary = 'Print the roles and bindings that this tool needs, ready for kubectl apply.';

  static override description = `The least that lets a subject run doctor, collect a bundle or repair, as YAML (or JSON) for kubectl apply -f -. Nothing is written to the cluster.

--scope cluster (the default) makes one ClusterRole and reads nothing. --scope namespaced (the default with -n or --org) makes a Role in each namespace of the platform, and a ClusterRole only for what is in no namespace; it reads the cluster to find these namespaces.

Exit codes: 0 printed, 2 wrong usage, 3 incomplete (no platform was recognised, or a namespace was left out), 4 cluster unreadable.`;

  static override examples = [
    {
      description: 'Let a group run doctor on the whole cluster',
      command: '<%= config.bin %> rbac --for doctor --subject Group:oncall | kubectl apply -f -',
    },
    {
      description: 'Let somebody look at one organization',
      command: '<%= config.bin %> rbac --org 17 --subject User:bo',
    },
    {
      description: 'Only what two checks need, for a service account',
      command: '<%= config.bin %> rbac --for registry-secret-missing,registry-secret-stale --subject audit/crewiso',
    },
  ];

  static override flags = {
    for: Flags.string({
      helpValue: 'doctor|bundle|fix|CHECK',
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      default: ['doctor'],
      description: 'what the rights are for: commands, or the ids of checks',
    }),
    subject: Flags.string({
      helpValue: 'SUBJECT',
      multiple: true,
      multipleNonGreedy: true,
      description: 'who gets them: User:NAME, Group:NAME or NAMESPACE/SERVICEACCOUNT (repeatable); none: no binding',
    }),
    logs: Flags.boolean({ description: 'also read logs of pods (doctor --logs)' }),
    scope: Flags.option({
      helpGroup: 'SCOPE',
      options: ['cluster', 'namespaced'] as const,
      description: 'rights in the whole cluster, or only in the namespaces of the platform',
    })(),
    output: Flags.option({
      char: 'o',
      options: ['yaml', 'json'] as const,
      default: 'yaml' as const,
      description: 'format',
    })(),
    namespace: Flags.string({
      char: 'n',
      helpGroup: 'SCOPE',
      helpValue: 'NAMESPACE',
      description: "this tenant namespace and the platform's own",
    }),
    org: orgFlag("the namespaces of these organizations and the platform's own"),
    config,
    platform,
    'platform-namespace': platformFlags['platform-namespace'],
    'shared-namespace': platformFlags['shared-namespace'],
    release,
    handle: platformFlags.handle,
    'exclude-org': platformFlags['exclude-org'],
    ...runFlags,
    ...clusterFlags,
  };

  async run(): Promise<void> {
    const { flags } = this;
    const { parseSubject } = await import('./shared/subject-argument.ts');
    const subjects = (flags.subject ?? []).map(parseSubject);
    const { settingsOf } = await import('./shared/settings.ts');
    const settings = settingsOf({ ...flags, 'all-namespaces': false });
    const { purposeOf } = await import('./shared/purposes.ts');
    const purpose = purposeOf(flags.for, flags.logs, settings.platforms);
    const { clusterWide, inNamespaces, renderRoles } = await import('./shared/role-documents.ts');
    const scope = flags.scope ?? (flags.namespace !== undefined || flags.org ? 'namespaced' : 'cluster');
    const { stringifyYaml, parseYaml } = await import('../manifests/yaml.ts');
    if (scope === 'cluster') {
      const { refuseUnread } = await import('./shared/unread-flags.ts');
      refuseUnread(flags);
      process.stdout.write(renderRoles(clusterWide(purpose, subjects), flags.output, stringifyYaml));
      return;
    }
    const { readConfig } = await import('./shared/config-file.ts');
    const { readPlaces } = await import('./shared/platform-places.ts');
    const places = await readPlaces({
      flags,
      settings,
      config: readConfig(flags.config, process.env, parseYaml),
      version: this.config.version,
      signal: this.interruptible(),
    });
    for (const note of places.notes) process.stderr.write(`warning: ${note}\n`);
    process.stdout.write(renderRoles(inNamespaces(purpose, subjects, places), flags.output, stringifyYaml));
    process.exitCode = places.exitCode;
  }
}
