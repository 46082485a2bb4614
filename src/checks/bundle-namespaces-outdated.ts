import { refOf } from '../kubernetes/resource-of.ts';
import { orgOfNamespace } from '../kubernetes/tenant-names.ts';
import { defineCheck, type CrewaiView } from '../model/check.ts';
import type { SupportBundleSpec } from '../model/derived.ts';
import type { FindingDraft, Remediation } from '../model/finding.ts';
import { compareNames } from '../model/object.ts';
import type { CrewaiPlatform } from '../model/platform.ts';
import { RESOURCES } from '../model/resource.ts';
import { count } from '../model/text.ts';
import { absent, livingTenants, manual } from './drafting.ts';
import { isolationIsOn, platformOwner, upgradeSteps, valuesInForce } from './platform-release.ts';

const VALUE = 'supportBundle.crewLogNamespaces';
const SHOWN = 10;
type Eyes = CrewaiView<'namespaces' | 'helm-releases' | 'support-bundle-specs' | 'deployments.apps'>;

export default defineCheck({
  id: 'bundle-namespaces-outdated',
  title: "The vendor's support bundle covers every tenant namespace",
  severity: 'high',
  area: 'bundle',
  platforms: ['crewai'],
  reads: ['namespaces', 'helm-releases', 'support-bundle-specs', 'deployments.apps'],
  *run(view) {
    const { platformNamespace, isolation } = view.platform;
    view.complete('deployments.apps', platformNamespace);
    const values = valuesInForce(view);
    view.complete('namespaces');
    view.complete('support-bundle-specs', platformNamespace);
    if (values === undefined || values === 'none') return;
    const listed = [...new Set(values.values.supportBundle?.crewLogNamespaces ?? [])].sort(compareNames);
    const on = isolation.state !== 'off' && isolationIsOn(view);
    if (on || listed.length > 0) view.examined();
    if (on) yield* missing(view, listed);
    yield* stale(view, listed);
    yield* unapplied(view, listed);
  },
});

/** Organizations that exist and are not listed; the shared namespace counts while crews still run there. */
function* missing(view: Eyes, listed: readonly string[]): Iterable<FindingDraft> {
  const { platform } = view;
  const known = new Set(listed);
  const lists = { type: 'comparison' as const, message: `${VALUE}: ${shown(listed)}` };
  for (const { namespace, exists } of livingTenants(platform)) {
    if (exists !== true) continue;
    view.examined();
    if (known.has(namespace)) continue;
    yield {
      object: namespaceRef(namespace),
      message: `Namespace ${namespace} is not in ${VALUE}: no support bundle holds its logs`,
      confidence: platform.isolation.confidence,
      evidence: [lists],
      remediation: repair(platform, `add ${namespace} to ${VALUE}`),
    };
  }
  const { late, confidence, why } = platform.isolation;
  if (!late || known.has(platform.sharedNamespace)) return;
  yield {
    object: namespaceRef(platform.sharedNamespace),
    discriminator: 'shared',
    message: `Crews still run in ${platform.sharedNamespace}, which is not in ${VALUE}`,
    severity: 'medium',
    confidence,
    evidence: [lists, { type: 'comparison', message: why }],
    remediation: repair(platform, `add ${platform.sharedNamespace} to ${VALUE}, as long as crews run there`),
  };
}

function* stale(view: Eyes, listed: readonly string[]): Iterable<FindingDraft> {
  for (const namespace of listed) {
    if (view.find('namespaces', namespace) !== 'absent') continue;
    yield {
      object: absent('namespaces', namespace),
      discriminator: 'stale',
      message: `${VALUE} lists ${namespace}, which does not exist`,
      severity: 'low',
      confidence: 'certain',
      tenant: namespace,
      evidence: [{ type: 'absence', object: absent('namespaces', namespace) }],
      remediation: repair(view.platform, `remove ${namespace} from ${VALUE}`),
    };
  }
}

/** Specs in the cluster that collect other namespaces than the values say: the values were never applied. */
function* unapplied(view: Eyes, listed: readonly string[]): Iterable<FindingDraft> {
  const { platform } = view;
  const specs = view.list('support-bundle-specs', platform.platformNamespace);
  const unread = specs.filter(({ parse }) => parse !== 'ok');
  for (const { metadata } of unread) {
    view.unknown(
      'support-bundle-specs',
      `the support bundle spec ${metadata.name} could not be read`,
      platform.platformNamespace,
    );
  }
  const [first] = specs;
  // A collector without namespaces collects everywhere.
  if (!first || unread.length > 0 || specs.some(({ namespaces }) => namespaces.length === 0)) return;
  view.examined();
  const collected = new Set(specs.flatMap(({ namespaces }) => namespaces));
  const lacks = listed.filter((namespace) => !collected.has(namespace));
  const extra = [...collected].filter(
    (namespace) => orgOfNamespace(platform.sharedNamespace, namespace) !== undefined && !listed.includes(namespace),
  );
  if (lacks.length + extra.length > 0) yield difference(platform, first, lacks, extra.sort(compareNames));
}

function difference(
  platform: CrewaiPlatform,
  spec: SupportBundleSpec,
  lacks: readonly string[],
  extra: readonly string[],
): FindingDraft {
  return {
    object: refOf('support-bundle-specs', spec),
    message: `The installed support bundle spec ${spec.metadata.name} does not match ${VALUE}: ${count(lacks.length, 'namespace')} missing, ${String(extra.length)} too many`,
    severity: 'medium',
    confidence: 'certain',
    evidence: [
      { type: 'comparison', message: `in the values, not in the spec: ${shown(lacks)}` },
      { type: 'comparison', message: `in the spec, not in the values: ${shown(extra)}` },
    ],
    remediation: repair(platform, `${VALUE} as it is meant to be; the upgrade renders the spec anew`),
  };
}

function namespaceRef(name: string): FindingDraft['object'] {
  const { apiVersion, kind } = RESOURCES.namespaces;
  return { apiVersion, kind, name };
}

function shown(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  const rest = names.length - SHOWN;
  return names.slice(0, SHOWN).join(', ') + (rest > 0 ? ` and ${String(rest)} more` : '');
}

function repair(platform: CrewaiPlatform, value: string): Remediation {
  return {
    ...manual(
      `Bring ${VALUE} up to date in the values of the release and upgrade it`,
      '# the complete list, for the values of the release:',
      'kubectl crewiso values',
      ...upgradeSteps(platform, value),
    ),
    ...platformOwner(platform),
  };
}
