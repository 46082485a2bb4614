import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../shared/base-command.ts';
import { answerFlags, platformFlags } from '../shared/flags.ts';
import { settingsOf } from '../shared/settings.ts';
import { clusterFlags, offlineFlags, runFlags } from '../shared/source-flags.ts';

const USAGE = 'kubectl crewiso access why crewai/crewai-sa create deployments.apps -n crewai-org-4';

export default class AccessWhy extends BaseCommand<typeof AccessWhy> {
  static override summary = 'Say whether somebody may do something, through which binding, or what comes nearest.';

  static override description = `SUBJECT is NAMESPACE/SERVICEACCOUNT, User:NAME or Group:NAME. RESOURCE is what kubectl takes (deployments.apps, deploy, pods/log), or a URL such as /metrics. Without -n the question is for the cluster scope: all namespaces at once.

The API server is asked too (SubjectAccessReview), where that is allowed. Where it says something else than RBAC, another authorizer takes part and its answer counts.

Exit codes: 0 allowed, 1 denied, 2 wrong usage, 3 unknown because something could not be seen, 4 cluster or files unreadable, 130 interrupted.`;

  static override examples = [
    `<%= config.bin %> access why crewai/crewai-sa create deployments.apps -n crewai-org-4`,
    {
      description: 'A person, with the groups of their login',
      command: '<%= config.bin %> access why User:anna --group oncall get pods/log -n crewai-org-4',
    },
    {
      description: 'One object',
      command: '<%= config.bin %> access why crewai/crewai-sa get secret docker-registry -n crewai-org-4',
    },
    { description: 'A URL', command: '<%= config.bin %> access why Group:monitoring get /metrics' },
  ];

  // Else oclif takes what is piped in for an argument that is not given, and `-f -` finds nothing.
  static override args = {
    subject: Args.string({ description: 'NAMESPACE/SERVICEACCOUNT, User:NAME or Group:NAME', ignoreStdin: true }),
    verb: Args.string({
      description: 'get, list, watch, create, update, patch, delete, deletecollection, or any other',
      ignoreStdin: true,
    }),
    resource: Args.string({
      description: 'RESOURCE, RESOURCE.GROUP, RESOURCE/SUBRESOURCE or /URL',
      ignoreStdin: true,
    }),
    name: Args.string({ description: 'name of one object', ignoreStdin: true }),
  };
  static override usage = '<%= command.id %> SUBJECT VERB RESOURCE[/SUBRESOURCE] [NAME] [FLAGS]';

  static override flags = {
    namespace: Flags.string({
      char: 'n',
      helpGroup: 'QUESTION',
      helpValue: 'NAMESPACE',
      description: 'where (default: the cluster scope)',
    }),
    group: Flags.string({
      helpGroup: 'QUESTION',
      helpValue: 'GROUP',
      multiple: true,
      multipleNonGreedy: true,
      description: 'a further group of the subject (repeatable)',
    }),
    ...offlineFlags,
    ...platformFlags,
    ...answerFlags,
    ...runFlags,
    ...clusterFlags,
  };

  async run(): Promise<void> {
    const startedAt = Date.now();
    const { flags, args } = this;
    const { questionOfWords, subjectOfWord } = await import('../shared/access-words.ts');
    const { identity, group } = subjectOfWord(args.subject, flags.group ?? [], USAGE);
    const { namespace } = flags;
    const { verb, resource, name } = args;
    const { question, notes, namespaced } = questionOfWords({ verb, resource, name, namespace }, USAGE);
    const { readAccess, accessRun, writeAnswer } = await import('../shared/access-run.ts');
    const reading = await readAccess({
      flags: { ...flags, 'all-namespaces': false },
      // The whole platform: -n says what is asked, not what is judged.
      settings: settingsOf({ ...flags, namespace: undefined, 'all-namespaces': false }),
      namespace,
      version: this.config.version,
      signal: () => this.interruptible(),
      questions: () => [{ identity, question }],
    });
    const { snapshot } = reading;
    const { detectCrewai } = await import('../../platforms/crewai.ts');
    const found = detectCrewai(snapshot, reading.settings);
    const platform = 'platform' in found ? found.platform : undefined;
    const { accessWhy } = await import('../../audit/access-why.ts');
    const { whyDocument } = await import('../../audit/access-document.ts');
    const { why, gaps } = accessWhy({
      snapshot,
      identity,
      question,
      namespaced,
      notes,
      ...(platform ? { platform } : {}),
      ...(group === undefined ? {} : { group }),
    });
    const run = accessRun({ reading, platform, version: this.config.version, startedAt }, gaps);
    await writeAnswer(whyDocument(run, why), flags);
  }
}
