import type { CollectInput, CollectOptions } from './collect.ts';
import { contentNamed } from './content.ts';
import type { Manifest, Plan } from './format.ts';
import type { KubeObject } from '../model/object.ts';
import { HeldObjects } from './held-objects.ts';
import { listInto } from './list-collector.ts';
import type { LogRun } from './log-collector.ts';
import { isSilent, logFacts, planLogs, runsOf, type LogFact } from './log-plan.ts';
import { logId } from './paths.ts';
import { planAnswers, planLists } from './plan-items.ts';
import { collectSecrets, type HeldList, type SecretLists } from './secret-collector.ts';

/** What was read before a plan could be made. */
export interface Survey {
  readonly held: ReadonlyMap<string, HeldList>;
  readonly facts: readonly LogFact[];
  /** By the id of a log. */
  readonly runs: ReadonlyMap<string, LogRun>;
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
  const { pods, nodes, facts } = await collectPods(input);
  const runs = facts.flatMap((fact) =>
    runsOf(fact).map((previous): [string, LogRun] => [logId({ ...fact, previous }), logRun(fact, previous)]),
  );
  return {
    held: new Map([...Object.entries(secrets), ['pods', pods], ...(nodes ? [['nodes', nodes] as const] : [])]),
    facts,
    runs: new Map(runs),
    knownValues: options.knownValues === 'auto' ? knownValuesOf(secrets, input) : 'off',
  };
}

const logRun = ({ startedAt, node }: LogFact, previous: boolean): LogRun => ({
  ...(!previous && startedAt !== undefined && { startedAt }),
  ...(node && { node }),
});

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

/** Pods, and what has to be known of their containers and nodes to plan for logs. */
export async function collectPods(
  input: CollectInput,
): Promise<{ readonly pods: HeldList; readonly nodes: HeldList | undefined; readonly facts: readonly LogFact[] }> {
  const { redaction, scope, options } = input;
  const silent = new Set<string>();
  const nodes = options.exclude?.has('nodes')
    ? undefined
    : await hold('nodes', input, (node) => {
        if (isSilent(node)) silent.add(node.metadata.name);
      });
  const own = new Set(scope.namespaces.map(({ name }) => name));
  let facts: LogFact[] = [];
  const pods = await hold(
    'pods',
    input,
    (pod, namespace) => {
      redaction.learnObject(pod);
      if (own.has(namespace)) facts.push(...logFacts(pod, silent, options.selector));
    },
    () => {
      facts = [];
    },
  );
  return { pods, nodes, facts };
}

async function hold(
  name: string,
  { reader, scope }: CollectInput,
  look: (object: KubeObject, namespace: string) => void,
  forget: () => void = () => undefined,
): Promise<HeldList> {
  const objects = new HeldObjects((object, namespace) => {
    look(object, namespace);
    return object;
  });
  const restart = (): void => {
    objects.restart();
    forget();
  };
  const sink = { put: objects.put.bind(objects), restart };
  return { listed: await listInto(reader, contentNamed(name), scope, {}, sink), objects };
}
