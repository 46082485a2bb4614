import { Flags } from '@oclif/core';
import type { Split } from '../../bundle/collect-split.ts';
import { LAYOUTS } from '../../bundle/layout.ts';
import { INCLUDABLE } from '../../bundle/reductions.ts';
import { EXIT } from '../../model/error.ts';
import { BaseCommand } from '../shared/base-command.ts';
import { platformFlags } from '../shared/flags.ts';
import { settingsOf } from '../shared/settings.ts';
import { clusterFlags, runFlags } from '../shared/source-flags.ts';
import { tenantFlags, tenantGlobs } from '../shared/tenant-globs.ts';
import { widthOf } from '../shared/terminal.ts';

const { config, platform, release } = platformFlags;

/** As the worst of them came out. */
function exitOf({ archives, absent }: Split): number {
  if (archives.some(({ manifest }) => manifest.ended === 'interrupted')) return EXIT.interrupted;
  const partial = absent.length > 0 || archives.some(({ manifest }) => manifest.state === 'partial');
  return partial ? EXIT.incomplete : EXIT.ok;
}

export default class BundleCollect extends BaseCommand<typeof BundleCollect> {
  static override summary = 'Collect a support bundle of the platform and its organizations, without secrets.';

  static override description = `Reads lists, logs and versions of the platform's namespaces and writes them, redacted, into one archive. Nothing is written to the cluster, no pod is made, nothing is executed.

What could not be read is recorded as missing with its reason, and the archive is valid whatever happens on the way. By default the data of Secrets is read into memory, so that their values can be taken out of everything else, above all of logs; it is never written. --no-secret-reads reads none.

Exit codes: 0 complete, 2 wrong usage, 3 something is missing (the archive says what), 4 nothing could be read or written, 70 a secret was left in it (a bug; the archive is withheld), 130 interrupted (the archive holds what there was).`;

  static override examples = [
    '<%= config.bin %> bundle collect',
    {
      description: 'Two organizations, the last hour of logs',
      command: '<%= config.bin %> bundle collect --org 4,7 --since 1h',
    },
    {
      description: 'Organizations 10 to 19',
      command: "<%= config.bin %> bundle collect --orgs 'crewai-org-1?'",
    },
    {
      description: 'First see what would be read',
      command: '<%= config.bin %> bundle collect --dry-run',
    },
    {
      description: 'Without reading any Secret',
      command: '<%= config.bin %> bundle collect --no-secret-reads -O bundle.tar.gz',
    },
    {
      description: 'For one reader alone: nothing is on the disk unencrypted',
      command: '<%= config.bin %> bundle collect --recipient age1…',
    },
    {
      description: 'One archive of each organization',
      command: '<%= config.bin %> bundle collect --split-by-org',
    },
    {
      description: 'For `support-bundle analyze` and other tools of troubleshoot.sh',
      command: '<%= config.bin %> bundle collect --layout troubleshoot',
    },
    {
      description: 'Go on with one that was cut off',
      command: '<%= config.bin %> bundle collect --resume bundle.tar.gz.partial',
    },
  ];

  static override flags = {
    'output-file': Flags.string({
      char: 'O',
      helpValue: 'FILE',
      description: 'where it goes (default: crewiso-CONTEXT-TIME.tar.gz here)',
    }),
    since: Flags.string({ helpGroup: 'LOGS', helpValue: 'DURATION', description: 'only log lines younger than this' }),
    tail: Flags.integer({ helpGroup: 'LOGS', default: 10_000, min: 1, description: 'most lines of each log' }),
    logs: Flags.string({
      helpGroup: 'LOGS',
      helpValue: 'BYTES|none',
      default: 'newest=2Mi,oldest=256Ki',
      description: 'what is kept of each log',
    }),
    'logs-of': Flags.option({
      helpGroup: 'LOGS',
      options: ['all', 'unhealthy'] as const,
      default: 'all' as const,
      description: 'of which containers',
    })(),
    selector: Flags.string({
      char: 'l',
      helpGroup: 'LOGS',
      helpValue: 'SELECTOR',
      description: 'of pods with these labels (app=web,tier!=test); lists hold all pods',
    }),
    'max-bytes-per-org': Flags.string({
      helpGroup: 'LOGS',
      helpValue: 'BYTES',
      default: '50Mi',
      description: 'most bytes of the logs of one organization',
    }),
    'max-bytes': Flags.string({
      helpGroup: 'LOGS',
      helpValue: 'BYTES',
      default: '1Gi',
      description: 'most bytes of all logs',
    }),
    'known-values': Flags.option({
      helpGroup: 'SECRETS',
      options: ['auto', 'off'] as const,
      default: 'auto' as const,
      description:
        'read the data of Secrets, to take their values out of everything else; off: only of pull Secrets and releases',
    })(),
    'no-secret-reads': Flags.boolean({ helpGroup: 'SECRETS', description: 'read the data of no Secret' }),
    'fingerprint-key': Flags.string({
      helpGroup: 'SECRETS',
      helpValue: 'FILE',
      description:
        'key of the fingerprints of what was taken out, so that bundles can be compared (default: random, thrown away)',
    }),
    sign: Flags.string({
      helpValue: 'KEY',
      description: 'Ed25519 key (PEM) that signs the bundle: FILE.sig beside it, for bundle verify --key',
    }),
    recipient: Flags.string({
      helpValue: 'age1…',
      multiple: true,
      multipleNonGreedy: true,
      description: 'encrypt it with age to this public key; may be given several times',
    }),
    'passphrase-file': Flags.string({
      helpValue: 'FILE',
      description: 'encrypt it with age under the passphrase in the first line of this file',
    }),
    include: Flags.option({
      helpGroup: 'CONTENT',
      options: INCLUDABLE,
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      description: 'also keep the values of ConfigMaps (redacted), or the images that nodes hold',
    })(),
    exclude: Flags.string({
      helpGroup: 'CONTENT',
      helpValue: 'LIST',
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      description: 'leave out these lists, such as events or deployments.apps; what needs them is not evaluated then',
    }),
    'dry-run': Flags.boolean({
      description: 'tell what would be read and where it would go; no Secret is read and nothing is written',
    }),
    layout: Flags.option({
      options: LAYOUTS,
      default: 'crewiso' as const,
      description: 'troubleshoot: its files are where tools for support bundles of troubleshoot.sh look for them',
    })(),
    'split-by-org': Flags.boolean({
      description: 'one archive of each organization, and one of the platform, in which nothing is of another one',
    }),
    resume: Flags.string({ helpValue: 'FILE', description: 'go on with an unfinished bundle (FILE.partial)' }),
    strict: Flags.boolean({ description: 'a bundle that is not complete keeps the name FILE.partial' }),
    ...tenantFlags,
    config,
    platform,
    'platform-namespace': platformFlags['platform-namespace'],
    'shared-namespace': platformFlags['shared-namespace'],
    'platform-account': platformFlags['platform-account'],
    release,
    handle: platformFlags.handle,
    'exclude-org': platformFlags['exclude-org'],
    ...runFlags,
    quiet: Flags.boolean({ char: 'q', helpGroup: 'RUN', description: 'print the path of the bundle alone' }),
    timeout: Flags.string({
      helpGroup: 'RUN',
      default: '15m',
      helpValue: 'DURATION',
      description: 'limit of the whole run; the archive holds what was read until then',
    }),
    stall: Flags.string({
      helpGroup: 'RUN',
      default: '15s',
      helpValue: 'DURATION',
      description: 'how long an answer may stand still',
    }),
    ...clusterFlags,
  };

  async run(): Promise<void> {
    const { flags } = this;
    const globs = tenantGlobs(flags);
    const settings = settingsOf(globs ? { ...flags, namespace: undefined } : flags);
    const { keepHeapSmall } = await import('../shared/small-heap.ts');
    keepHeapSmall();
    const { readConfig } = await import('../shared/config-file.ts');
    const { parseYaml } = await import('../../manifests/yaml.ts');
    const { collectBundle, planBundle } = await import('../shared/collect-run.ts');
    const run = {
      flags,
      settings,
      ...(globs && { globs }),
      config: readConfig(flags.config, process.env, parseYaml),
      version: this.config.version,
      signal: this.interruptible(),
    };
    if (flags['dry-run']) {
      const { plannedText } = await import('../shared/planned-text.ts');
      process.stdout.write(plannedText(await planBundle(run), widthOf(process.stdout, process.env)));
      return;
    }
    const collected = await collectBundle(run);
    const { collectedText, splitText } = await import('../shared/bundle-text.ts');
    const width = widthOf(process.stdout, process.env);
    const { archives } = collected;
    const text = flags.quiet
      ? archives.map(({ file }) => `${file}\n`).join('')
      : flags['split-by-org']
        ? splitText(collected)
        : archives.map((one) => collectedText(one, width)).join('');
    process.stdout.write(text);
    process.exitCode = exitOf(collected);
  }
}
