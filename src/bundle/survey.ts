import type { CollectInput, CollectOptions } from './collect.ts';
import { contentNamed } from './content.ts';
import type { Manifest, Plan } from './format.ts';
import { HeldObjects } from './held-objects.ts';
import { listInto } from './list-collector.ts';
import { logFacts, planLogs, type LogFact } from './log-plan.ts';
import { logId } from './paths.ts';
import { planAnswers, planLists } from './plan-items.ts';
import { collectSecrets, type HeldList, type SecretLists } from './secret-collector.ts';

/** What was read before a plan could be made. */
export interface Survey {
  readonly held: ReadonlyMap<string, HeldList>;
  readonly facts: readonly LogFact[];
  /** When each container started, by the id of its log. */
  readonly startedAt: ReadonlyMap<string, string>;
  /** Whether the Secrets of all namespaces could be looked for. */
  readonly knownValues: Manifest['redaction']['knownValues'];
}

/**
 * Reads what plans depend on: Secrets, so that their values can be hidden everywhere, and pods, whose logs the plan
 * names. Nothing of it is written anywhere yet.
 */
export async function survey(input: CollectInput): Promise<Survey> {
  const { redaction, scope, options } = input;
  for (const { name } of scope.namespaces)
    redaction.learnObject({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  const secrets = await collectSecrets({ ...input, knownValues: options.knownValues });
  const { pods, facts } = await collectPods(input);
  const startedAt = facts.flatMap((fact) =>
    fact.startedAt === undefined ? [] : [[logId({ ...fact, previous: false }), fact.startedAt] as const],
  );
  return {
    held: new Map([...Object.entries(secrets), ['pods', pods]]),
    facts,
    startedAt: new Map(startedAt),
    knownValues: options.knownValues === 'auto' ? knownValuesOf(secrets, input) : 'off',
  };
}

function knownValuesOf({ secrets }: SecretLists, { scope, redaction }: CollectInput): Survey['knownValues'] {
  const { namespaces } = scope;
  const read = namespaces.filter(({ name }) => secrets.listed.outcome(name).status === 'ok').length;
  if (read === namespaces.length) return redaction.known().capped ? 'partial' : 'on';
  return read === 0 ? 'unavailable' : 'partial';
}

/** What goes into an archive, in which order: nothing of it depends on what comes first. */
export function planOf({ scope, options, head }: CollectInput, facts: readonly LogFact[]): Plan {
  const { budgets, layout = 'crewiso' } = options;
  const logs = planLogs(facts, scope, {
    which: options.logs,
    bytesPerLog: budgets.newest + budgets.oldest,
    bytesPerOrg: budgets.bytesPerOrg,
    bytes: budgets.bytes,
    layout,
  });
  return {
    ...head,
    kind: 'Plan',
    namespaces: scope.namespaces,
    narrow: scope.narrow,
    selection: selectionOf(options),
    budgets,
    knownValues: options.knownValues,
    ...(layout !== 'crewiso' && { layout }),
    items: [...planAnswers(layout), ...planLists(scope, layout, options.exclude), ...logs],
  };
}

/** What somebody chose, so that whoever reads on knows what was left out on purpose. */
export function selectionOf(options: CollectOptions): Plan['selection'] {
  const { sinceSeconds, tail, logs, selector, include, exclude, orgs = [], namespaces = [] } = options;
  return {
    ...(orgs.length > 0 && { orgs }),
    ...(namespaces.length > 0 && { namespaces }),
    ...(sinceSeconds !== undefined && { since: `${String(sinceSeconds)}s` }),
    tail,
    logs,
    ...(selector && { selector: selector.text }),
    ...(include?.size && { include: [...include].sort() }),
    ...(exclude?.size && { exclude: [...exclude].sort() }),
  };
}

/** Pods, and what has to be known of their containers to plan for logs. */
export async function collectPods({
  reader,
  redaction,
  scope,
  options,
}: CollectInput): Promise<{ pods: HeldList; facts: LogFact[] }> {
  const own = new Set(scope.namespaces.map(({ name }) => name));
  let facts: LogFact[] = [];
  const objects = new HeldObjects((pod, namespace) => {
    redaction.learnObject(pod);
    if (own.has(namespace)) facts.push(...logFacts(pod, options.selector));
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
