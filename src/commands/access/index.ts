import { Flags } from '@oclif/core';
import type { AccountRef } from '../../model/access.ts';
import { CrewisoError, EXIT } from '../../model/error.ts';
import { shellQuote } from '../../model/text.ts';
import { BaseCommand } from '../shared/base-command.ts';
import { answerFlags, platformFlags, scopeFlags } from '../shared/flags.ts';
import { settingsOf } from '../shared/settings.ts';
import { clusterFlags, offlineFlags, runFlags } from '../shared/source-flags.ts';

export default class Access extends BaseCommand<typeof Access> {
  static override summary = "Show what the platform's account may do in every organization's namespace.";

  static override description = `A matrix of namespaces and the permissions that the platform needs. Namespaces in which the account may do the same share a row; below stand the rights that are missing, and those that the account holds where the platform has nothing to do or that are dangerous in every namespace.

Reads RBAC and asks the API server to confirm what is missing; never writes.

Exit codes: 0 nothing is missing, 1 a needed permission is missing, 2 wrong usage, 3 something could not be seen or no platform was recognised, 4 cluster or files unreadable, 130 interrupted.`;

  static override examples = [
    '<%= config.bin %> access',
    { description: 'Two organizations', command: '<%= config.bin %> access --org 4,17' },
    {
      description: 'Another account, and only what nothing works without',
      command: '<%= config.bin %> access --account crewai:default --profile core',
    },
    { description: 'From files that hold all there is', command: '<%= config.bin %> access -f dump/ --complete=all' },
  ];

  static override flags = {
    account: Flags.string({
      helpGroup: 'QUESTION',
      helpValue: 'NAMESPACE:NAME',
      description: "ServiceAccount to look at (default: the platform's)",
    }),
    profile: Flags.option({
      helpGroup: 'QUESTION',
      options: ['core', 'full'] as const,
      default: 'full' as const,
      description: 'core: without these nothing can be deployed; full: all that crews consist of',
    })(),
    ...offlineFlags,
    ...scopeFlags,
    ...platformFlags,
    ...answerFlags,
    ...runFlags,
    ...clusterFlags,
  };

  override async init(): Promise<void> {
    const at = this.argv.findIndex((word) => word === 'why' || word === 'who');
    const [command = '', next = '-', ...rest] = this.argv.slice(at);
    // The parser would only say that there is one word too many.
    if (at > 0 && !next.startsWith('-')) {
      const words = [command, next, ...rest, ...this.argv.slice(0, at)].map(shellQuote).join(' ');
      throw usage(`${command} stands behind a flag`, `flags come after it: kubectl crewiso access ${words}`);
    }
    await super.init();
  }

  async run(): Promise<void> {
    const startedAt = Date.now();
    const { flags } = this;
    const chosen = accountOf(flags.account);
    const settings = settingsOf(flags);
    const { readAccess, accessRun, writeAnswer } = await import('../shared/access-run.ts');
    const { accessMatrix, emptyMatrix, matrixQuestions } = await import('../../audit/access-matrix.ts');
    const { matrixDocument } = await import('../../audit/access-document.ts');
    const { detectOne } = await import('../shared/detect.ts');
    const { profile } = flags;
    const reading = await readAccess({
      flags,
      settings,
      namespace: flags.namespace,
      version: this.config.version,
      signal: () => this.interruptible(),
      questions: (snapshot, known) => {
        const found = detectOne(snapshot, known, 'access');
        const account = chosen ?? ('platform' in found ? found.platform.account : undefined);
        return 'platform' in found && account
          ? matrixQuestions({ snapshot, platform: found.platform, account, profile })
          : [];
      },
    });
    const { snapshot } = reading;
    const found = detectOne(snapshot, reading.settings, 'access');
    const platform = 'platform' in found ? found.platform : undefined;
    const account = chosen ?? platform?.account;
    const { matrix, gaps } =
      platform && account
        ? accessMatrix({ snapshot, platform, account, profile })
        : {
            matrix: emptyMatrix(
              profile,
              'none' in found ? found.none : 'no Deployment says which account it is: give --account NAMESPACE:NAME',
            ),
            gaps: 'none' in found ? found.gaps : snapshot.gaps('deployments.apps', platform?.platformNamespace),
          };
    const run = accessRun({ reading, platform, version: this.config.version, startedAt }, gaps);
    await writeAnswer(matrixDocument(run, matrix), flags);
  }
}

function accountOf(value: string | undefined): AccountRef | undefined {
  if (value === undefined) return undefined;
  const [namespace, name, ...rest] = value.split(/[:/]/);
  if (namespace && name && rest.length === 0) return { namespace, name };
  throw usage(`--account ${value} is not NAMESPACE:NAME`, 'write it like --account crewai:crewai-sa');
}

const usage = (message: string, suggestion: string): CrewisoError =>
  new CrewisoError(message, { code: 'usage', exitCode: EXIT.usage, suggestions: [suggestion] });
