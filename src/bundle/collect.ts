import type { ClusterReader } from '../model/cluster-reader.ts';
import type { SecretTools } from '../model/derived.ts';
import { collectAnswer, isAnswer, readingOnce } from './answers.ts';
import type { BundleWriter } from './bundle-writer.ts';
import type { CollectScope } from './collect-scope.ts';
import type { BundleHead, Ended, ManifestItem, Plan, PlanItem } from './format.ts';
import { inOrder, type Ahead } from './in-order.ts';
import { listOf, type Layout } from './layout.ts';
import { ListFiles } from './list-files.ts';
import { listsOf, type ListSource } from './list-source.ts';
import { collectLog, type CollectedFile } from './log-collector.ts';
import type { LogChoice, LogNode, LogSelector } from './log-plan.ts';
import { NodeTurns } from './node-turns.ts';
import type { Inclusions } from './reductions.ts';
import type { Redaction } from './redaction-counts.ts';
import { planOf, survey, type Survey } from './survey.ts';

/** Lists that are read at the same time, and logs: one is fetched while another one is redacted. Lists wait on the disk. */
export const LISTS_AHEAD: Ahead = { tasks: 2, bytes: 0 };
const LOGS_AHEAD: Ahead = { tasks: 8, bytes: 8 * 1024 ** 2 };

export interface CollectOptions {
  /** Organizations that were asked for, and names or globs of tenants' namespaces; the scope is what came of them. */
  readonly orgs?: readonly string[];
  readonly namespaces?: readonly string[];
  readonly knownValues: Plan['knownValues'];
  readonly logs: LogChoice['which'];
  /** Of pods with these labels alone; lists are of all of them. */
  readonly selector?: LogSelector;
  readonly tail: number;
  readonly sinceSeconds?: number;
  readonly budgets: Plan['budgets'];
  readonly include?: Inclusions;
  /** Default: `crewiso`. */
  readonly layout?: Layout;
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
  readonly runs: Survey['runs'];
  readonly knownValues: Survey['knownValues'];
}

/** Reads what the plan depends on, and makes it. */
export async function prepare(input: CollectInput): Promise<Prepared> {
  const { held, facts, runs, knownValues } = await survey(input);
  return { plan: planOf(input, facts), lists: listsOf(input, held), runs, knownValues };
}

export type OnItem = (item: ManifestItem, done: number, planned: number) => void | Promise<void>;

/**
 * Collects what the plan names, from where the writer stands, and seals the bundle, whatever happens on the way.
 * @param onItem is told of each item once it is in the archive
 */
export async function collectPlanned(
  input: CollectInput,
  { plan, lists, runs }: Prepared,
  writer: BundleWriter,
  onItem: OnItem = () => undefined,
): Promise<Ended> {
  const put = async (planned: PlanItem, { item, content }: CollectedFile): Promise<void> => {
    const recorded = await writer.put(planned, item, content);
    await onItem(recorded, writer.items.length, plan.items.length);
  };
  const open = plan.items.slice(writer.items.length);
  const once = { ...input, reader: readingOnce(input.reader) };
  for (const item of open.filter(({ id }) => isAnswer(id))) await put(item, await collectAnswer(item, once));
  const files = new ListFiles(plan, input.redaction);
  const tasks = groupByList(open).map(([name, items]) => ({
    bytes: 0,
    run: async () => ({ items, list: await lists.read(name) }),
  }));
  for await (const { items, list } of inOrder(tasks, LISTS_AHEAD)) {
    for (const item of items) await put(item, files.of(item, list));
    await lists.done(list);
  }
  const logs = open.filter(({ id }) => id.startsWith('log:'));
  const logInput = {
    ...input,
    plan,
    runs,
    ...(input.options.sinceSeconds !== undefined && { sinceSeconds: input.options.sinceSeconds }),
  };
  const nodes = new NodeTurns();
  const nodeOf = ({
    id,
    budget,
    notApplicable,
  }: Pick<PlanItem, 'id' | 'budget' | 'notApplicable'>): LogNode | undefined =>
    notApplicable || budget === 0 ? undefined : runs.get(id)?.node;
  for (const item of writer.items) nodes.saw(nodeOf(item), item);
  const logTasks = logs.map((item) => ({
    bytes: item.budget ?? 0,
    run: async () => ({ item, file: await nodes.run(nodeOf(item), () => collectLog(item, logInput)) }),
  }));
  const sizeOf = ({ file }: { readonly file: CollectedFile }): number => file.content?.size ?? 0;
  for await (const { item, file } of inOrder(logTasks, LOGS_AHEAD, sizeOf)) await put(item, file);
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
    const name = listOf(item.id);
    if (name === undefined) continue;
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return [...groups];
}
