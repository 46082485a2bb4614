import { count, shellQuote } from '../model/text.ts';
import type { CrdDifference } from './crd-diff.ts';
import type { CrdPlanStep, Instance, NewDefinitions } from './crd-plan.ts';
import { CRD_RULES } from './crd-rules.ts';

/** Whatever comes, what is there now can be looked up. */
export function exportStep({ name, old, objects, changes }: CrdDifference): readonly CrdPlanStep[] {
  const breaks = changes.some(({ verdict }) => verdict === 'breaking' || verdict === 'unknown');
  if (!old || !breaks || (objects.read === 'all' && objects.total === 0)) return [];
  return [
    {
      phase: 'export',
      title: `save ${objects.read === 'all' ? count(objects.total, 'object') : 'the objects'} of ${name}`,
      state: 'ready',
      why: [],
      commands: [`kubectl get ${name} -A -o yaml > ${name}.before.yaml`],
      objects: [],
    },
  ];
}

export function migrateStep(name: string, storage: string, why: readonly string[]): CrdPlanStep {
  return {
    phase: 'migrate',
    title: `write the objects of ${name} anew, as ${storage}`,
    state: 'ready',
    why,
    commands: [
      `kubectl get ${name} -A -o json | kubectl replace -f -`,
      `kubectl patch crd ${name} --subresource=status --type=merge -p '${JSON.stringify({ status: { storedVersions: [storage] } })}'`,
    ],
    objects: [],
  };
}

/** Helm and clients that do not apply own the fields of what they once wrote: without force every change is a conflict. */
const APPLY = 'kubectl apply --server-side --force-conflicts';

const ALONE = 'never through the chart of one instance: with that instance they would go, and every object with them';

/** All definitions at once: they are made to fit each other. */
export function applyStep(changed: readonly CrdDifference[], to: NewDefinitions): CrdPlanStep {
  const place = shellQuote(to.place);
  const refused = changed.flatMap((difference) =>
    difference.changes
      .filter(({ rule }) => CRD_RULES[rule].refused)
      .map(({ reason }) => `${difference.name}: ${reason}`),
  );
  const doubts = changed.flatMap(doubtsOf);
  const names = changed.filter((difference) => difference.new).map(({ name }) => `crd/${name}`);
  return {
    phase: 'definitions',
    title: `apply the definitions (${names.length} new or changed)`,
    state: refused.length > 0 ? 'blocked' : doubts.length > 0 ? 'undecided' : 'ready',
    why: [...refused, ...doubts, ...contracting(changed), ALONE],
    commands: [
      ...to.fetch,
      `${APPLY} --dry-run=server -f ${place}`,
      `${APPLY} -f ${place}`,
      `kubectl wait --for=condition=Established --timeout=60s ${names.join(' ')}`,
    ],
    objects: [],
  };
}

function doubtsOf({ name, old, changes, objects }: CrdDifference): readonly string[] {
  const grave = changes.filter(({ verdict }) => verdict === 'breaking' || verdict === 'unknown').length;
  if (!old || grave === 0) return [];
  const unread = objects.read === 'all' ? [] : [`${name}: ${objects.why ?? 'its objects were not looked at'}`];
  const unknown = changes
    .filter(({ verdict }) => verdict === 'unknown')
    .map(({ path, reason }) => `${name} ${path}: ${reason}`);
  const open = objects.affected.filter(({ unchecked }) => unchecked.length > 0).length;
  return [...unread, ...unknown, ...(open > 0 ? [`${name}: not decided for ${count(open, 'object')}`] : [])];
}

/** Changes that take something away: whoever still needs it fails from then on. */
function contracting(changed: readonly CrdDifference[]): readonly string[] {
  return changed.flatMap(({ name, changes }) =>
    changes
      .filter(({ verdict, rule }) => verdict === 'breaking' && !CRD_RULES[rule].refused)
      .map(
        ({ version = '', path, reason, breaks }) =>
          `${[name, path === '' ? version : path].join(' ').trimEnd()} breaks ${breaks.join(' and ')}: ${reason}`,
      ),
  );
}

/** One after the other, and none without a look at the one before. */
export function instanceSteps(
  instances: readonly Instance[],
  changed: readonly CrdDifference[],
): readonly CrdPlanStep[] {
  const breaks = changed.some(({ changes }) => changes.some(({ verdict }) => verdict === 'breaking'));
  const why = breaks
    ? ['instances of the old release may fail with these definitions: have none left that needs what goes']
    : ['instances of the old release work with the new definitions, which only add'];
  if (instances.length === 0)
    return [
      {
        phase: 'instances',
        title: 'upgrade the instances, one as a canary first',
        state: 'ready',
        why: [...why, 'which ones there are was not seen: name them with --instance NAMESPACE/RELEASE'],
        commands: ['# for each: helm upgrade RELEASE "$CHART" -n NAMESPACE --skip-crds'],
        objects: [],
      },
    ];
  return instances.map(({ namespace, release }, index) => ({
    phase: 'instances',
    title: `${index === 0 ? 'the canary' : 'then'} ${namespace}/${release}`,
    state: 'ready',
    why: index === 0 ? why : [],
    commands: [
      `helm upgrade ${shellQuote(release)} "$CHART" -n ${namespace} --skip-crds --wait`,
      ...(index === 0 ? [`kubectl crewiso doctor`] : []),
    ],
    objects: [],
  }));
}

export function rollBack(instances: readonly Instance[]): readonly string[] {
  return [
    '# instances back, definitions stay: taking definitions back would prune what was written since',
    ...instances.map(({ namespace, release }) => `helm rollback ${shellQuote(release)} -n ${namespace} --wait`),
  ];
}
