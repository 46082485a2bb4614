import type { Pool, PoolPlace } from '../model/astronomer.ts';
import { defineCheck, type View } from '../model/check.ts';
import type { FindingDraft, Severity } from '../model/finding.ts';
import { compareNames, type ObjectRef } from '../model/object.ts';
import { manual } from './drafting.ts';

type Said = Pick<FindingDraft, 'object' | 'message' | 'evidence'> & {
  readonly discriminator: string;
  readonly severity: Severity;
  readonly path?: string;
};

export default defineCheck({
  id: 'astronomer-config-disagrees',
  title: 'Houston, Commander and the chart agree on the pool',
  severity: 'high',
  area: 'platform',
  platforms: ['astronomer'],
  reads: ['houston-configs', 'deployments.apps'],
  *run(view) {
    const { pool, platformNamespace, release, commander, houston } = view.platform;
    view.complete('houston-configs', platformNamespace);
    view.complete('deployments.apps', platformNamespace);
    if (pool.state === 'unknown') {
      view.unknown('houston-configs', `the pool is not known: ${pool.why}`, platformNamespace);
      return;
    }
    if (pool.state === 'on' || pool.switches.some(({ value }) => value)) view.examined();
    const said = [
      // Where Houston is in another cluster there is nothing to compare Commander with.
      ...(commander && houston ? disagreeingSwitches(pool, commanderRef(view)) : []),
      ...badList(pool, platformNamespace),
      ...disagreeingLists(pool),
    ];
    for (const finding of said) {
      yield {
        ...finding,
        confidence: 'certain',
        remediation: manual(
          'Say it in one place, the values of the platform, and apply them',
          '# 2.0 and newer: global.namespaceManagement.namespacePools, 0.29 to 1.x: global.features.namespacePools, before: astronomer.houston.config.deployments and astronomer.commander.env',
          `# then: helm upgrade ${release} astronomer/astronomer -n ${platformNamespace} -f config.yaml; what is edited in the ConfigMap by hand is lost with the next upgrade`,
        ),
      };
    }
  },
});

const commanderRef = ({ platform }: View<never, 'astronomer'>): ObjectRef => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  namespace: platform.platformNamespace,
  name: platform.commander?.metadata.name ?? '',
});

const VARIABLE = 'COMMANDER_MANUAL_NAMESPACE_NAMES';

/** Houston offers names, Commander must take them: with only one of both no deployment is made, or one beside the pool. */
function disagreeingSwitches(pool: Pool, object: ObjectRef): readonly Said[] {
  const houston = pool.switches.find((place) => place.in === 'houston');
  const commander = pool.switches.find(({ where }) => where === VARIABLE);
  const [wanted, set] = [houston?.value ?? false, commander?.value ?? false];
  if (wanted === set) return [];
  return [
    {
      object,
      path: 'spec.template.spec.containers[0].env',
      discriminator: 'switch',
      severity: 'high',
      message: `${VARIABLE} of Commander is ${commander ? `${set ? '' : 'not '}"true"` : 'not set'}, and ${houston?.where ?? 'manualNamespaceNames'} is ${String(wanted)}`,
      evidence: [
        { type: 'comparison', path: houston?.where ?? 'deployments.manualNamespaceNames', observed: wanted },
        { type: 'comparison', object, path: VARIABLE, observed: set, expected: wanted },
      ],
    },
  ];
}

/** What is wrong with the list that counts. */
function badList(pool: Pool, own: string): readonly Said[] {
  if (pool.state !== 'on') return [];
  const [list] = pool.lists;
  const place = list ?? pool.switches[0];
  if (!place) return [];
  const { object, where } = place;
  const say = (discriminator: string, severity: Severity, message: string): Said => ({
    object,
    path: where,
    discriminator,
    severity,
    message,
    evidence: [{ type: 'object', object, path: where, observed: pool.names }],
  });
  const twice = [...new Set(pool.names.filter((name, index) => pool.names.indexOf(name) !== index))].sort(compareNames);
  return [
    ...(pool.names.length === 0
      ? [say('empty', 'high', 'the pool is on and lists no namespace: nothing can be deployed')]
      : []),
    ...(pool.names.includes(own) ? [say('own', 'high', `the pool lists ${own}, where the platform itself runs`)] : []),
    ...(twice.length > 0 ? [say('twice', 'medium', `the pool lists ${twice.join(', ')} more than once`)] : []),
  ];
}

/** Every other list against the one that counts; order plays no part. */
function disagreeingLists(pool: Pool): readonly Said[] {
  const [first, ...others] = pool.lists;
  if (pool.state !== 'on' || !first) return [];
  return others.flatMap((other) => {
    const only = { first: without(first, other), other: without(other, first) };
    if (only.first.length + only.other.length === 0) return [];
    const words = [
      ...(only.first.length > 0 ? [`${only.first.join(', ')} only in ${first.where}`] : []),
      ...(only.other.length > 0 ? [`${only.other.join(', ')} only in ${other.where}`] : []),
    ];
    return [
      {
        object: other.object,
        path: other.where,
        discriminator: `list ${other.where}`,
        severity: 'medium' as const,
        message: `two lists of the pool differ: ${words.join('; ')}`,
        evidence: [
          {
            type: 'comparison' as const,
            object: other.object,
            path: other.where,
            observed: other.value,
            expected: first.value,
          },
        ],
      },
    ];
  });
}

const without = (list: PoolPlace<readonly string[]>, other: PoolPlace<readonly string[]>): readonly string[] =>
  [...new Set(list.value)].filter((name) => !other.value.includes(name)).sort(compareNames);
