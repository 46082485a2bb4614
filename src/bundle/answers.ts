import { stringAt } from '../kubernetes/json-value.ts';
import type { ClusterReader } from '../model/cluster-reader.ts';
import { apiGroups, apiResources } from './discovery-lists.ts';
import type { PlanItem } from './format.ts';
import { outcomeOf } from './list-collector.ts';
import type { CollectedFile } from './log-collector.ts';
import { attempt } from './redacting-sink.ts';
import { fixed } from './redaction/redacted.ts';
import type { Redaction } from './redaction-counts.ts';

type Reply = Awaited<ReturnType<ClusterReader['get']>>;

/** What is no list, by the id of its item. */
const ANSWERS: Readonly<Record<string, (reader: ClusterReader) => Promise<Reply>>> = {
  'get:version': version,
  'get:discovery': discovery,
  // What tools for bundles of troubleshoot.sh look for; JSON is YAML.
  'get:bundle-version': () => Promise.resolve({ value: BUNDLE_VERSION }),
  'get:cluster-version': async (reader) =>
    mapped(await version(reader), (info) => ({ info, string: stringAt(info, 'gitVersion') ?? '' })),
  'get:groups': async (reader) => mapped(await discovery(reader), apiGroups),
  'get:resources': async (reader) => mapped(await discovery(reader), apiResources),
};

const BUNDLE_VERSION = {
  apiVersion: 'troubleshoot.sh/v1beta2',
  kind: 'SupportBundle',
  spec: { versionNumber: 'kubectl-crewiso' },
};

export const isAnswer = (id: string): boolean => Object.hasOwn(ANSWERS, id);

/** @throws Error for an id that no answer has */
export async function collectAnswer(
  { id }: PlanItem,
  { reader, redaction }: { readonly reader: ClusterReader; readonly redaction: Pick<Redaction, 'object'> },
): Promise<CollectedFile> {
  const ask = ANSWERS[id];
  if (!ask) throw new Error(`${id} is no answer`);
  const reply = await ask(reader);
  if ('trouble' in reply) return { item: outcomeOf(reply.trouble, false) };
  return documentFile(redaction, reply.value);
}

const NEWLINE = fixed`
`;

/** A document of its own, redacted. */
export function documentFile(redaction: Pick<Redaction, 'object'>, value: unknown): CollectedFile {
  const redacted = attempt(() => redaction.object(value));
  if ('withheld' in redacted)
    return { item: { status: 'redactionFailed', detail: `${redacted.withheld.rule}: ${redacted.withheld.why}` } };
  const pieces = [redacted.bytes, NEWLINE];
  return { item: { status: 'ok' }, content: { size: redacted.bytes.length + NEWLINE.length, pieces } };
}

/** Asks for nothing twice: several files are made of one answer. */
export function readingOnce(reader: ClusterReader): ClusterReader {
  const answers = new Map<string, ReturnType<ClusterReader['get']>>();
  return {
    ...reader,
    get(path, accept) {
      const answer = answers.get(path) ?? reader.get(path, accept);
      answers.set(path, answer);
      return answer;
    },
  };
}

function version(reader: ClusterReader): Promise<Reply> {
  return reader.get('/version');
}

const GROUPS = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** Both halves of aggregated discovery: kubectl takes both or neither. */
async function discovery(reader: ClusterReader): Promise<Reply> {
  const core = await reader.get('/api', `${GROUPS},application/json`);
  if ('trouble' in core) return core;
  const groups = await reader.get('/apis', `${GROUPS},application/json`);
  if ('trouble' in groups) return groups;
  return { value: { api: core.value, apis: groups.value } };
}

const mapped = (reply: Reply, make: (value: unknown) => unknown): Reply =>
  'trouble' in reply ? reply : { value: make(reply.value) };
