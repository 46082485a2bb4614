import { ownerOf } from '../kubernetes/ownership.ts';
import type { CrewaiView } from '../model/check.ts';
import type { HelmRelease } from '../model/derived.ts';
import type { Component, CrewaiPlatform } from '../model/platform.ts';
import { shellQuote } from '../model/text.ts';

/** Chart of CrewAI's installation guide; installations from a local copy name their directory instead. */
const CHART = 'oci://registry.crewai.com/crewai/stable/crewai-platform';

/** The components whose account, token and variable are the platform's own. */
export function mainComponents({ components }: CrewaiPlatform): readonly Component[] {
  return components.filter(({ name, deployment }) => name !== 'buildkit' && (deployment.spec?.replicas ?? 1) > 0);
}

/** How to change what the chart makes: the values that are meant, then the upgrade; Git where Flux or Argo CD would revert it. */
export function upgradeSteps(platform: CrewaiPlatform, ...values: readonly string[]): readonly string[] {
  const { release, platformNamespace, components } = platform;
  const [first] = components;
  const owner = first && ownerOf(first.deployment);
  const meant = values.map((value) => `# in the values of the release: ${value}`);
  if (owner && owner.kind !== 'helm') return [...meant, `# ${owner.owner}: ${owner.advice}`];
  if (release === undefined) return [...meant, `# then upgrade the Helm release in namespace ${platformNamespace}`];
  return [
    ...meant,
    '# with the chart, its version (--version) and the values file that this installation was made from:',
    `helm upgrade ${shellQuote(release)} ${CHART} -n ${platformNamespace} -f values.yaml`,
  ];
}

/** Who would revert a change of the platform's own objects, for a remediation. */
export function platformOwner({ components }: CrewaiPlatform): { readonly owner?: string } {
  const [first] = components;
  const owner = first && ownerOf(first.deployment);
  return owner ? { owner: owner.owner } : {};
}

/**
 * The revision whose values are in force: the newest deployed one; `none` where the platform has no release there, and
 * undefined where revisions could not be read, which is remembered: a newer one may say otherwise.
 */
export function valuesInForce(view: CrewaiView<'helm-releases'>): HelmRelease | 'none' | undefined {
  const { platformNamespace, release } = view.platform;
  const releases = view.list('helm-releases', platformNamespace);
  if (!view.complete('helm-releases', platformNamespace)) return undefined;
  return releases
    .filter(({ status }) => status === 'deployed')
    .filter((item) => (release === undefined ? item.chart?.name === 'crewai-platform' : item.release === release))
    .reduce<HelmRelease | 'none'>(
      (newest, next) => (newest !== 'none' && newest.revision >= next.revision ? newest : next),
      'none',
    );
}

/**
 * Whether the isolation flag is on. Where nothing tells, that is remembered as a gap: a check that needs to know is then
 * not evaluated instead of passed.
 */
export function isolationIsOn(view: CrewaiView<'deployments.apps'>): boolean {
  const { state } = view.platform.isolation;
  if (state === 'unknown') {
    view.unknown('deployments.apps', 'the state of the isolation flag is not known: pass --isolation on or off');
  }
  return state === 'on';
}
