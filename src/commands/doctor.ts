import { Flags } from '@oclif/core';
import { BaseCommand } from './shared/base-command.ts';
import { CrewisoError, EXIT } from '../model/error.ts';
import { checkFlags, outputFlags, platformFlags, policyFlags, referenceFlags, scopeFlags } from './shared/flags.ts';
import { fixFlags } from './shared/fix-flags.ts';
import { clusterFlags, evidenceFlags, offlineFlags, runFlags } from './shared/source-flags.ts';
import { loadReporter, parseOut, writeReportFile } from './shared/outputs.ts';
import { renderOptions } from './shared/terminal.ts';
import type { Reading } from './shared/reading.ts';
import { settingsOf } from './shared/settings.ts';

export default class Doctor extends BaseCommand<typeof Doctor> {
  static override summary = 'Find out what is wrong with which organization, why, and what to do.';

  static override description = `Reads the cluster (or files, or a support bundle) and writes nothing, unless --fix is given and agreed to. By default the whole platform is judged: the kubeconfig context's namespace plays no part.

What could not be read is reported as not evaluated together with the permission that is missing; it never counts as passed.

With --fix it plans how to repair what it finds, rehearses every change on the API server, shows the plan and asks; then it repairs one organization, verifies it, and goes on with the others. Everything it writes can be taken back: kubectl crewiso fix undo last.

Exit codes: 0 nothing found, 1 findings at or above --fail-on, 2 wrong usage, 3 incomplete (something could not be seen), 4 cluster, files or bundle unreadable, 70 a bug, 130 interrupted; with --fix also 5 (a change failed, or did not help) and 6 (refused before the first change).`;

  static override examples = [
    { description: 'The cluster of the current context', command: '<%= config.bin %> doctor' },
    {
      description: 'Two organizations in another cluster',
      command: '<%= config.bin %> doctor --context prod-eu --org 17,18',
    },
    {
      description: 'A folder of manifests that holds everything there is',
      command: '<%= config.bin %> doctor -f rendered/ --complete',
    },
    { description: 'A support bundle, whoever sent it', command: '<%= config.bin %> doctor --from bundle.tar.gz' },
    {
      description: 'What the platform itself was refused in the last hour, by its logs too',
      command: '<%= config.bin %> doctor --logs --area forbidden',
    },
    {
      description: 'Refusals in a log, judged by what is there now',
      command: 'kubectl logs deploy/crewai-worker | <%= config.bin %> doctor --from-error -',
    },
    { description: 'For a machine', command: '<%= config.bin %> doctor -o json' },
    { description: 'Repair what can be repaired, after a look at the plan', command: '<%= config.bin %> doctor --fix' },
    {
      description: 'Have the plan reviewed first, and apply it later',
      command: '<%= config.bin %> doctor --fix --plan-out plan.yaml',
    },
  ];

  static override flags = {
    'from-error': Flags.string({
      helpValue: 'TEXT',
      description: 'also judge the refusals in this text, or - for stdin (explain TEXT only says what they mean)',
    }),
    ...offlineFlags,
    ...scopeFlags,
    ...platformFlags,
    ...referenceFlags,
    ...checkFlags,
    ...policyFlags,
    ...fixFlags,
    ...outputFlags,
    ...runFlags,
    ...clusterFlags,
    ...evidenceFlags,
  };

  async run(): Promise<void> {
    const startedAt = Date.now();
    const { flags } = this;
    this.checkFixFlags();
    const settings = settingsOf(flags);
    const out = parseOut(flags.out ?? []);
    const { CHECKS } = await import('../checks/index.ts');
    const { selectChecks } = await import('./shared/selection.ts');
    const checks = selectChecks(CHECKS, flags);
    const { readConfig } = await import('./shared/config-file.ts');
    const { readPolicy, writeBaseline } = await import('./shared/policy-files.ts');
    const { parseYaml } = await import('../manifests/yaml.ts');
    const config = readConfig(flags.config, process.env, parseYaml);
    const policy = await readPolicy(flags, CHECKS, startedAt);
    const { idleReferences, readReferences, withReferences } = await import('./shared/references.ts');
    // A mistake in them costs no run; they are read again with what the configuration file says.
    await readReferences(settings);
    if (flags.fix) {
      const { doctorFix } = await import('./shared/doctor-fix.ts');
      const { version } = this.config;
      const signal = (): AbortSignal => this.interruptible();
      await doctorFix({ flags, command: 'doctor --fix', settings, config, checks, policy, version, startedAt, signal });
      return;
    }
    const reported = await this.reported();
    const { readSource, readsOf } = await import('./shared/read-source.ts');
    const read = await readSource({
      flags,
      settings,
      config,
      reads: readsOf(checks),
      version: this.config.version,
      signal: () => this.interruptible(),
    });
    const reading = await withReferences(reported ? reported(read) : read);
    const { judge } = await import('./shared/judge.ts');
    const report = judge(reading, {
      checks,
      policy,
      failOn: flags['fail-on'],
      allowIncomplete: flags['allow-incomplete'],
      version: this.config.version,
      startedAt,
    });
    for (const note of [...reading.notes, ...idleReferences(reading, report)])
      process.stderr.write(`warning: ${note}\n`);
    const options = renderOptions(flags, process.stdout, process.env);
    const reporter = await loadReporter(flags.output);
    process.stdout.write(reporter(report, options));
    for (const target of out) await writeReportFile(target, report, options);
    if (flags['write-baseline'] !== undefined) await writeBaseline(flags['write-baseline'], report, startedAt);
    process.exitCode = report.exit.code;
  }

  /** Flags that would do nothing are a mistake that must be seen. */
  private checkFixFlags(): void {
    const { flags } = this;
    const needFix = (['plan-out', 'canary', 'yes', 'live'] as const).find((name) => Boolean(flags[name]));
    if (!flags.fix && needFix !== undefined) throw usage(`--${needFix} belongs to --fix`, 'add --fix');
    const report = (['from-error', 'out', 'write-baseline', 'logs'] as const).find((name) => Boolean(flags[name]));
    if (flags.fix && report !== undefined)
      throw usage(
        `--${report} belongs to the report, and --fix writes none`,
        'run doctor without --fix for the report',
      );
  }

  /** What adds the refusals of `--from-error` to what is read; read before, so that a mistake costs no run. */
  private async reported(): Promise<((reading: Reading) => Reading) | undefined> {
    const text = this.flags['from-error'];
    if (text === undefined) return undefined;
    const { readReported, withReported } = await import('./shared/reported-refusals.ts');
    const log = await readReported(text, this.flags.filename, process.stdin, this.interruptible());
    return (reading) => withReported(reading, log);
  }
}

const usage = (message: string, ...suggestions: readonly string[]): CrewisoError =>
  new CrewisoError(message, { code: 'usage', exitCode: EXIT.usage, suggestions });
