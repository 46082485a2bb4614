import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type CrewaiView } from '../model/check.ts';
import type { Evidence, Remediation } from '../model/finding.ts';
import type { Component } from '../model/platform.ts';
import { absent, manual } from './drafting.ts';
import { mainComponents, platformOwner, upgradeSteps } from './platform-release.ts';

const PATH = '/spec/template/spec/serviceAccountName';
type Eyes = CrewaiView<'deployments.apps' | 'serviceaccounts' | 'events'>;

export default defineCheck({
  id: 'platform-service-account-missing',
  title: "The platform's service account exists and is its own",
  severity: 'critical',
  area: 'platform',
  platforms: ['crewai'],
  reads: ['deployments.apps', 'serviceaccounts'],
  evidence: ['events'],
  causes: [{ check: 'platform-release-unhealthy', by: ['release'] }],
  *run(view) {
    const { platform } = view;
    const { platformNamespace } = platform;
    view.complete('deployments.apps', platformNamespace);
    view.complete('serviceaccounts', platformNamespace);
    const components = mainComponents(platform);
    const [reference] = components;
    const missing = new Set<string>();
    for (const component of components) {
      view.examined();
      const { account, deployment } = component;
      const shared = {
        confidence: 'certain' as const,
        keys: { account: `${platformNamespace}/${account}` },
        evidence: evidenceFor(view, components, account),
        remediation: repair(view, account),
      };
      if (account === 'default') {
        yield {
          ...shared,
          object: refOf('deployments.apps', deployment),
          path: PATH,
          message: `Deployment ${deployment.metadata.name} runs as ServiceAccount default of ${platformNamespace}: every right given to it goes to every pod there`,
          severity: 'high',
        };
      } else if (view.find('serviceaccounts', account, platformNamespace) === 'absent') {
        if (missing.has(account)) continue;
        missing.add(account);
        yield {
          ...shared,
          object: absent('serviceaccounts', account, platformNamespace),
          message: `Deployment ${deployment.metadata.name} runs as ServiceAccount ${account}, which does not exist in ${platformNamespace}: no new pod of it can start`,
        };
      } else if (reference && account !== reference.account) {
        yield {
          ...shared,
          object: refOf('deployments.apps', deployment),
          path: PATH,
          message: `Deployment ${deployment.metadata.name} runs as ServiceAccount ${account}, ${reference.deployment.metadata.name} as ${reference.account}: rights given to one are not the other's`,
          severity: 'high',
        };
      }
    }
  },
});

const SHOWN = 5;

/** Who runs as what, accounts there with names alike, and what was said about the account when pods were refused. */
function evidenceFor(view: Eyes, components: readonly Component[], account: string): readonly Evidence[] {
  const { platformNamespace, release } = view.platform;
  const prefix = account.split('-')[0] ?? account;
  const similar = view
    .evidence('serviceaccounts', platformNamespace)
    .map(({ metadata }) => metadata.name)
    .filter(
      (name) => name !== account && (name.startsWith(prefix) || (release !== undefined && name.startsWith(release))),
    );
  const refused = view
    .evidence('events', platformNamespace)
    .filter(({ message }) => message?.includes(`error looking up service account ${platformNamespace}/${account}:`));
  return [
    ...components.map((component) => ({
      type: 'object' as const,
      object: refOf('deployments.apps', component.deployment),
      path: PATH,
      observed: component.account,
    })),
    ...(similar.length > 0
      ? [
          {
            type: 'comparison' as const,
            message: `ServiceAccounts with a name alike: ${similar.slice(0, SHOWN).join(', ')}`,
          },
        ]
      : []),
    ...refused.slice(0, 1).map(({ message = '' }) => ({ type: 'event' as const, message })),
  ];
}

function repair({ platform }: Eyes, account: string): Remediation {
  const own = account === 'default' ? `${platform.release ?? 'crewai'}-sa` : account;
  return {
    ...manual(
      "Let the chart create the platform's own service account",
      `kubectl -n ${platform.platformNamespace} get serviceaccounts`,
      ...upgradeSteps(
        platform,
        'rbac: {create: true}',
        `serviceAccount: {name: ${own}}, or the name of one that exists`,
      ),
    ),
    ...platformOwner(platform),
  };
}
