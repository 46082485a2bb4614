import { Args, Flags } from '@oclif/core';
import { boundNamespaces } from '../../audit/access-completeness.ts';
import { compareNames } from '../../model/object.ts';
import type { Platform } from '../../model/platform.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { BaseCommand } from '../shared/base-command.ts';
import type { ParsedQuestion } from '../shared/access-words.ts';
import { answerFlags, platformFlags, scopeFlags } from '../shared/flags.ts';
import { settingsOf } from '../shared/settings.ts';
import { clusterFlags, offlineFlags, runFlags } from '../shared/source-flags.ts';

const USAGE = 'kubectl crewiso access who get secrets -n crewai-org-4';

export default class AccessWho extends BaseCommand<typeof AccessWho> {
  static override summary = 'Show everybody who may do something in the namespaces of the organizations.';

  static override description = `By whom: accounts of the namespace itself, the platform's account, Kubernetes, and everybody else, with the binding and the role. RESOURCE is what kubectl takes (secrets, deploy, pods/log), or a URL such as /metrics. Without -n or --org all organizations are looked at, and the cluster scope.

RBAC alone is looked at: other authorizers (Node, cloud webhooks) may allow more people.

Exit codes: 0 answered, 2 wrong usage, 3 something could not be seen, 4 cluster or files unreadable, 130 interrupted.`;

  static override examples = [
    '<%= config.bin %> access who get secrets',
    {
      description: 'Who else may start pods in the namespace of an organization',
      command: '<%= config.bin %> access who create pods -n crewai-org-4 --outside-tenant',
    },
    { description: 'In every namespace of the cluster', command: '<%= config.bin %> access who impersonate sa -A' },
  ];

  // Else oclif takes what is piped in for an argument that is not given, and `-f -` finds nothing.
  static override args = {
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
  static override usage = '<%= command.id %> VERB RESOURCE[/SUBRESOURCE] [NAME] [FLAGS]';

  static override flags = {
    'outside-tenant': Flags.boolean({
      helpGroup: 'QUESTION',
      description: 'only those who do not belong to the namespace: other accounts, users, groups',
    }),
    ...offlineFlags,
    ...scopeFlags,
    namespace: Flags.string({
      char: 'n',
      helpGroup: 'SCOPE',
      helpValue: 'NAMESPACE',
      description: 'look at one namespace, whosever it is (default: those of all organizations)',
    }),
    'all-namespaces': Flags.boolean({ char: 'A', helpGroup: 'SCOPE', description: 'look at every namespace' }),
    ...platformFlags,
    ...answerFlags,
    ...runFlags,
    ...clusterFlags,
  };

  async run(): Promise<void> {
    const startedAt = Date.now();
    const { flags, args } = this;
    const { questionOfWords } = await import('../shared/access-words.ts');
    const { namespace } = flags;
    const asked = questionOfWords({ verb: args.verb, resource: args.resource, name: args.name, namespace }, USAGE);
    const settings = settingsOf(flags);
    const { readAccess, accessRun, writeAnswer } = await import('../shared/access-run.ts');
    const reading = await readAccess({
      flags,
      settings,
      namespace,
      version: this.config.version,
      signal: () => this.interruptible(),
      questions: () => [],
    });
    const { snapshot } = reading;
    const { detectOne } = await import('../shared/detect.ts');
    const found = detectOne(snapshot, reading.settings, `access who ${args.verb ?? ''} ${args.resource ?? ''}`);
    const platform = 'platform' in found ? found.platform : undefined;
    const everywhere = flags['all-namespaces'] || !platform;
    const namespaces = namespacesOf(asked, snapshot, everywhere ? undefined : platform);
    const { accessWho } = await import('../../audit/access-who.ts');
    const { whoDocument } = await import('../../audit/access-document.ts');
    const unmarked = platform ? [] : ['no platform was recognised: its account is not marked'];
    const { who, gaps } = accessWho({
      snapshot,
      question: asked.question,
      namespaces,
      outsideOnly: flags['outside-tenant'],
      notes: [...asked.notes.filter((note) => !note.startsWith('no -n')), ...unmarked],
      ...(platform ? { platform } : {}),
    });
    const run = accessRun({ reading, platform, version: this.config.version, startedAt }, gaps);
    await writeAnswer(whoDocument(run, who), flags);
  }
}

/** The namespace that is asked about, else those of the organizations, else all; none for what has none. */
function namespacesOf(asked: ParsedQuestion, snapshot: Snapshot, platform: Platform | undefined): readonly string[] {
  const { question, namespaced } = asked;
  if ('path' in question) return [];
  if (question.namespace !== undefined) return [question.namespace];
  if (!namespaced || question.resource === 'namespaces') return [];
  if (platform) {
    return platform.tenants.filter(({ exists }) => exists !== false).map(({ namespace }) => namespace);
  }
  const all = [...snapshot.list('namespaces').map(({ metadata }) => metadata.name), ...boundNamespaces(snapshot)];
  return [...new Set(all)].sort(compareNames);
}
