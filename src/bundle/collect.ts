import type { ClusterReader } from '../model/cluster-reader.ts';
import type { SecretTools } from '../model/derived.ts';
import type { BundleWriter } from './bundle-writer.ts';
import type { CollectScope } from './collect-scope.ts';
import { contentNamed, findContent, type Content } from './content.ts';
import type { BundleHead, Ended, ManifestItem, Plan, PlanItem } from './format.ts';
import { HeldObjects } from './held-objects.ts';
import { inOrder } from './in-order.ts';
import { listInto, outcomeOf, type Listed } from './list-collector.ts';
import { collectLog, type CollectedFile } from './log-collector.ts';
import { logFacts, planLogs, type LogChoice, type LogFact } from './log-plan.ts';
import { logId, parseListId } from './paths.ts';
import { DISCOVERY, planLists, VERSION } from './plan-items.ts';
import { attempt, RedactingSink } from './redacting-sink.ts';
import { fixed } from './redaction/redacted.ts';
import type { Redaction } from './redaction-counts.ts';
import { collectSecrets, type HeldList, type SecretLists } from './secret-collector.ts';

/** Lists that are read at the same time, and logs: one is fetched while another one is redacted. */
const LISTS_AHEAD = 2;
const LOGS_AHEAD = 8;

export interface CollectOptions {
  readonly knownValues: Plan['knownValues'];
  readonly logs: LogChoice['which'];
  readonly tail: number;
  readonly sinceSeconds?: number;
  readonly budgets: Plan['budgets'];
}

export interface CollectInput {
  readonly reader: ClusterReader;
  readonly redaction: Redaction;
  readonly scope: CollectScope;
  readonly tools: SecretTools;
  readonly head: BundleHead;
  readonly options: CollectOptions;
  readonly signal: AbortSignal;
}

/** What was read before the plan could be made, and what is read after it. */
export interface Prepared {
  readonly plan: Plan;
  readonly held: ReadonlyMap<string, HeldList>;
  readonly startedAt: ReadonlyMap<string, string>;
}

/**
 * Reads what the plan depends on: Secrets, so that their values can be hidden everywhere, and pods, whose logs the plan
 * names. Nothing of it is written anywhere yet.
 */
export async function prepare(input: CollectInput): Promise<Prepared> {
  const { redaction, scope, options, head } = input;
  for (const { name } of scope.namespaces)
    redaction.learnObject({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const secrets: SecretLists = await collectSecrets({ ...input, knownValues: options.knownValues });
  const { pods, facts } = await collectPods(input);
  const { budgets } = options;
  const logs = planLogs(facts, scope, {
    which: options.logs,
    bytesPerLog: budgets.newest + budgets.oldest,
    bytesPerOrg: budgets.bytesPerOrg,
    bytes: budgets.bytes,
  });
  const plan: Plan = {
    ...head,
    kind: 'Plan',
    namespaces: scope.namespaces,
    narrow: scope.narrow,
    selection: {
      ...(options.sinceSeconds !== undefined && { since: `${String(options.sinceSeconds)}s` }),
      tail: options.tail,
      logs: options.logs,
    },
    budgets,
    knownValues: options.knownValues,
    items: [VERSION, DISCOVERY, ...planLists(scope), ...logs],
  };
  const startedAt = new Map(
    facts.flatMap((fact) =>
      fact.startedAt === undefined ? [] : [[logId({ ...fact, previous: false }), fact.startedAt] as const],
    ),
  );
  return { plan, held: new Map([...Object.entries(secrets), ['pods', pods]]), startedAt };
}

async function collectPods({ reader, redaction, scope }: CollectInput): Promise<{ pods: HeldList; facts: LogFact[] }> {
  const own = new Set(scope.namespaces.map(({ name }) => name));
  let facts: LogFact[] = [];
  const objects = new HeldObjects((pod, namespace) => {
    redaction.learnObject(pod);
    if (own.has(namespace)) facts.push(...logFacts(pod));
    return pod;
  });
  const restart = (): void => {
    objects.restart();
    facts = [];
  };
  const sink = { put: objects.put.bind(objects), restart };
  const listed = await listInto(reader, contentNamed('pods'), scope, {}, sink);
  return { pods: { listed, objects }, facts };
}

export type OnItem = (item: ManifestItem, done: number, planned: number) => void | Promise<void>;

/**
 * Collects what the plan names, from where the writer stands, and seals the bundle, whatever happens on the way.
 * @param onItem is told of each item once it is in the archive
 */
export async function collectPlanned(
  input: CollectInput,
  { plan, held, startedAt }: Prepared,
  writer: BundleWriter,
  onItem: OnItem = () => undefined,
): Promise<Ended> {
  const put = async (planned: PlanItem, { item, content }: CollectedFile): Promise<void> => {
    const recorded = await writer.put(planned, item, content);
    await onItem(recorded, writer.items.length, plan.items.length);
  };
  const open = plan.items.slice(writer.items.length);
  for (const item of open.filter(({ id }) => id.startsWith('get:'))) await put(item, await collectAnswer(item, input));
  const lists = groupByList(open);
  const tasks = lists.map(([name, items]) => async () => ({ items, ...(await collectList(name, input, held)) }));
  for await (const { items, sink, listed, head } of inOrder(tasks, LISTS_AHEAD)) {
    for (const item of items) await put(item, fileOfList(item, sink, listed, head));
    await sink.close();
  }
  const logs = open.filter(({ id }) => id.startsWith('log:'));
  const logInput = {
    ...input,
    plan,
    startedAt,
    ...(input.options.sinceSeconds !== undefined && { sinceSeconds: input.options.sinceSeconds }),
  };
  const logTasks = logs.map((item) => async () => ({ item, file: await collectLog(item, logInput) }));
  for await (const { item, file } of inOrder(logTasks, LOGS_AHEAD)) await put(item, file);
  return endedBy(input.signal);
}

export function endedBy(signal: AbortSignal): Ended {
  if (!signal.aborted) return 'finished';
  const reason: unknown = signal.reason;
  return reason instanceof Error && reason.name === 'TimeoutError' ? 'timeout' : 'interrupted';
}

function groupByList(items: readonly PlanItem[]): readonly (readonly [string, readonly PlanItem[]])[] {
  const groups = new Map<string, PlanItem[]>();
  for (const item of items) {
    const name = parseListId(item.id)?.resource;
    if (name === undefined) continue;
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return [...groups];
}

type Head = Pick<Content, 'apiVersion' | 'kind'>;

async function collectList(
  name: string,
  { reader, redaction, scope }: CollectInput,
  held: Prepared['held'],
): Promise<{ readonly sink: RedactingSink; readonly listed: Listed; readonly head: Head }> {
  const sink = new RedactingSink(redaction, name);
  const before = held.get(name);
  if (before) {
    await before.objects.moveTo(sink);
    return { sink, listed: before.listed, head: findContent(name) ?? { apiVersion: 'v1', kind: 'Secret' } };
  }
  const content = contentNamed(name);
  return { sink, listed: await listInto(reader, content, scope, {}, sink), head: content };
}

function fileOfList(planned: PlanItem, sink: RedactingSink, listed: Listed, head: Head): CollectedFile {
  const { namespace } = parseListId(planned.id) ?? {};
  const key = namespace ?? '';
  const outcome = listed.outcome(namespace);
  if (outcome.status !== 'ok' && outcome.status !== 'truncated') return { item: outcome };
  const { resourceVersion } = outcome;
  const content = sink.content(key, {
    apiVersion: head.apiVersion,
    kind: `${head.kind}List`,
    metadata: resourceVersion === undefined ? {} : { resourceVersion },
  });
  const result = sink.result(key);
  if (!content) return { item: { status: 'redactionFailed', detail: 'the head of the list' } };
  if ('withheld' in result) return { item: { status: 'redactionFailed', detail: result.withheld } };
  const status = outcome.status === 'ok' && result.objects === 0 ? 'empty' : outcome.status;
  const dropped = namespace === '*' && listed.dropped.length > 0 ? { dropped: listed.dropped } : {};
  return { item: { ...outcome, ...result, ...dropped, status }, content };
}

const NEWLINE = fixed`
`;

const GROUPS = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

async function collectAnswer({ id }: PlanItem, { reader, redaction }: CollectInput): Promise<CollectedFile> {
  const reply = id === VERSION.id ? await reader.get('/version') : await discovery(reader);
  if ('trouble' in reply) return { item: outcomeOf(reply.trouble, false) };
  const redacted = attempt(() => redaction.object(reply.value));
  if ('withheld' in redacted)
    return { item: { status: 'redactionFailed', detail: `${redacted.withheld.rule}: ${redacted.withheld.why}` } };
  const pieces = [redacted.bytes, NEWLINE];
  return { item: { status: 'ok' }, content: { size: redacted.bytes.length + NEWLINE.length, pieces } };
}

/** Both halves of aggregated discovery: kubectl takes both or neither. */
async function discovery(reader: ClusterReader): ReturnType<ClusterReader['get']> {
  const core = await reader.get('/api', `${GROUPS},application/json`);
  if ('trouble' in core) return core;
  const groups = await reader.get('/apis', `${GROUPS},application/json`);
  if ('trouble' in groups) return groups;
  return { value: { api: core.value, apis: groups.value } };
}
