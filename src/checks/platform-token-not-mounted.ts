import { namesVariable } from '../kubernetes/platform-component.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type View } from '../model/check.ts';
import type { Remediation } from '../model/finding.ts';
import type { ObjectRef } from '../model/object.ts';
import type { Component, CrewaiPlatform } from '../model/platform.ts';
import { shellQuote } from '../model/text.ts';
import { manual } from './drafting.ts';
import { mainComponents, platformOwner, upgradeSteps } from './platform-release.ts';

export default defineCheck({
  id: 'platform-token-not-mounted',
  title: "The platform's pods can log in to the API server",
  severity: 'high',
  area: 'platform',
  platforms: ['crewai'],
  reads: ['deployments.apps', 'serviceaccounts'],
  *run(view) {
    const { platform } = view;
    const { platformNamespace } = platform;
    view.complete('deployments.apps', platformNamespace);
    for (const component of mainComponents(platform)) {
      view.examined();
      const where = logsInOtherwise(component) ? undefined : switchedOff(view, component);
      if (!where) continue;
      const { ref, path } = where;
      const { name } = component.deployment.metadata;
      yield {
        object: refOf('deployments.apps', component.deployment),
        path,
        message: `Pods of Deployment ${name} get no token for the API server: automountServiceAccountToken is false on ${ref.kind} ${ref.name}`,
        confidence: 'certain',
        keys: { account: `${platformNamespace}/${component.account}` },
        evidence: [{ type: 'object', object: ref, path, observed: false, expected: true }],
        remediation: repair(platform, component, ref.kind === 'ServiceAccount'),
      };
    }
  },
});

interface Place {
  readonly ref: ObjectRef;
  readonly path: string;
}

/** Where mounting is switched off; the pod's word beats the account's (plugin/pkg/admission/serviceaccount). */
function switchedOff(view: View<'serviceaccounts'>, { deployment, account: name }: Component): Place | undefined {
  const own = deployment.spec?.template?.spec?.automountServiceAccountToken;
  if (own === false) {
    return { ref: refOf('deployments.apps', deployment), path: '/spec/template/spec/automountServiceAccountToken' };
  }
  const account = own === true ? 'absent' : view.find('serviceaccounts', name, view.platform.platformNamespace);
  return typeof account !== 'string' && account.automountServiceAccountToken === false
    ? { ref: refOf('serviceaccounts', account), path: '/automountServiceAccountToken' }
    : undefined;
}

/** A projected token, or a kubeconfig of its own. */
function logsInOtherwise({ deployment }: Component): boolean {
  const spec = deployment.spec?.template?.spec;
  const projected = (spec?.volumes ?? []).some((volume) =>
    (volume.projected?.sources ?? []).some(({ serviceAccountToken }) => serviceAccountToken !== undefined),
  );
  return projected || (spec?.containers ?? []).some((container) => namesVariable(container, 'KUBECONFIG'));
}

function repair(platform: CrewaiPlatform, { account, deployment }: Component, byAccount: boolean): Remediation {
  const { platformNamespace } = platform;
  const name = shellQuote(deployment.metadata.name);
  const steps = byAccount
    ? [
        `kubectl -n ${platformNamespace} patch serviceaccount ${shellQuote(account)} -p '{"automountServiceAccountToken":true}'`,
        `kubectl -n ${platformNamespace} rollout restart deployment/${name}`,
      ]
    : [
        `kubectl -n ${platformNamespace} patch deployment ${name} -p '{"spec":{"template":{"spec":{"automountServiceAccountToken":true}}}}'`,
      ];
  return {
    ...manual(
      "Let the service account's token be mounted into the platform's pods",
      ...steps,
      `kubectl -n ${platformNamespace} rollout status deployment/${name}`,
      '# what owns the object would revert this at its next run; make it last:',
      ...upgradeSteps(platform, 'automountServiceAccountToken true, wherever it was switched off'),
    ),
    ...platformOwner(platform),
  };
}
