import type { ClusterReader } from '../model/cluster-reader.ts';
import type { SecretTools } from '../model/derived.ts';
import type { BundleWriter } from './bundle-writer.ts';
import type { CollectScope } from './collect-scope.ts';
import type { BundleHead, Ended, ManifestItem, Plan, PlanItem } from './format.ts';
import { inOrder } from './in-order.ts';
import { outcomeOf } from './list-collector.ts';
import { listsOf, type ListSource, type ReadList } from './list-source.ts';
import { collectLog, type CollectedFile } from './log-collector.ts';
import type { LogChoice } from './log-plan.ts';
import { parseListId } from './paths.ts';
import { VERSION } from './plan-items.ts';
import { attempt } from './redacting-sink.ts';
import { fixed } from './redaction/redacted.ts';
import type { Inclusions } from './reductions.ts';
import type { Redaction } from './redaction-counts.ts';
import { planOf, survey, type Survey } from './survey.ts';

/** Lists that are read at the same time, and logs: one is fetched while another one is redacted. */
export const LISTS_AHEAD = 2;
const LOGS_AHEAD = 8;

export interface CollectOptions {
  readonly knownValues: Plan['knownValues'];
  readonly logs: LogChoice['which'];
  readonly tail: number;
  readonly sinceSeconds?: number;
  readonly budgets: Plan['budgets'];
  readonly include?: Inclusions;
  /** Lists that are left out. */
  readonly exclude?: ReadonlySet<string>;
}

export interface CollectInput {
  readonly reader: ClusterReader;
  readonly redaction: Redaction;
  readonly scope: CollectScope;
  readonly tools: SecretTools;
  /** Where not all of it goes into one archive: those of the one that a namespace goes into. */
  readonly toolsIn?: (namespace: string) => SecretTools | undefined;
  readonly head: BundleHead;
  readonly options: CollectOptions;
  readonly signal: AbortSignal;
}

/** What is written, and where it comes from. */
export interface Prepared {
  readonly plan: Plan;
  readonly lists: ListSource;
  readonly startedAt: Survey['startedAt'];
  readonly knownValues: Survey['knownValues'];
}

/** Reads what the plan depends on, and makes it. */
export async function prepare(input: CollectInput): Promise<Prepared> {
  const { held, facts, startedAt, knownValues } = await survey(input);
  return { plan: planOf(input, facts), lists: listsOf(input, held), startedAt, knownValues };
}

export type OnItem = (item: ManifestItem, done: number, planned: number) => void | Promise<void>;

/**
 * Collects what the plan names, from where the writer stands, and seals the bundle, whatever happens on the way.
 * @param onItem is told of each item once it is in the archive
 */
export async function collectPlanned(
  input: CollectInput,
  { plan, lists, startedAt }: Prepared,
  writer: BundleWriter,
  onItem: OnItem = () => undefined,
): Promise<Ended> {
  const put = async (planned: PlanItem, { item, content }: CollectedFile): Promise<void> => {
    const recorded = await writer.put(planned, item, content);
    await onItem(recorded, writer.items.length, plan.items.length);
  };
  const open = plan.items.slice(writer.items.length);
  for (const item of open.filter(({ id }) => id.startsWith('get:'))) await put(item, await collectAnswer(item, input));
  const tasks = groupByList(open).map(([name, items]) => async () => ({ items, list: await lists.read(name) }));
  for await (const { items, list } of inOrder(tasks, LISTS_AHEAD)) {
    for (const item of items) await put(item, fileOfList(item, list));
    await lists.done(list);
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

function fileOfList(planned: PlanItem, { sink, listed, head }: ReadList): CollectedFile {
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
