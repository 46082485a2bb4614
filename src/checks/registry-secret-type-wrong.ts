import { DOCKER_CFG, DOCKER_CONFIG_JSON } from '../kubernetes/registry-secret.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type CrewaiView } from '../model/check.ts';
import type { FindingDraft } from '../model/finding.ts';
import type { SecretEntry } from '../model/kinds.ts';
import type { Pod } from '../model/pods.ts';
import { manual } from './drafting.ts';
import { ownedBy } from './owned.ts';
import { hostsInUse, isPullType, namesSecret, registryNamespaces } from './registry-secrets.ts';
import { replaceSteps } from './registry-steps.ts';
import { isGeneratedPullSecret } from './secret-names.ts';

export default defineCheck({
  id: 'registry-secret-type-wrong',
  title: 'The registry secret has type kubernetes.io/dockerconfigjson',
  severity: 'high',
  area: 'registry',
  platforms: ['crewai'],
  reads: ['namespaces', 'secrets'],
  evidence: ['pods'],
  causes: [{ check: 'registry-source-secret-broken', by: ['secret'] }],
  *run(view) {
    const { name, sourceNamespace } = view.platform.registrySecret;
    for (const namespace of registryNamespaces(view)) {
      const secret = view.find('secrets', name, namespace);
      if (typeof secret !== 'object') continue;
      view.examined();
      if (secret.type === DOCKER_CONFIG_JSON || isGeneratedPullSecret(name)) continue;
      // A source that serves no pull at all is registry-source-secret-broken.
      if (namespace === sourceNamespace && !isPullType(secret.type)) continue;
      yield finding(view, secret, namespace);
    }
  },
});

function finding(view: CrewaiView<'secrets' | 'pods'>, secret: SecretEntry, namespace: string): FindingDraft {
  const { name, sourceNamespace } = view.platform.registrySecret;
  const legacy = secret.type === DOCKER_CFG;
  const users = view.evidence('pods', namespace).filter(({ spec }) => namesSecret(spec, name));
  const consequence = legacy
    ? 'which build pods, that mount .dockerconfigjson, cannot use'
    : 'which the kubelet ignores for pulls';
  const steps =
    namespace === sourceNamespace
      ? [
          '# log in to the registry with docker or a tool like it, then make the secret anew from its configuration:',
          `kubectl -n ${namespace} delete secret ${name}`,
          `kubectl -n ${namespace} create secret generic ${name} --type=${DOCKER_CONFIG_JSON} --from-file=.dockerconfigjson="$HOME/.docker/config.json"`,
        ]
      : replaceSteps({ namespace: sourceNamespace, name }, namespace);
  return {
    object: refOf('secrets', secret),
    path: '/type',
    message: `Secret ${namespace}/${name} has type ${secret.type}, ${consequence}`,
    severity: legacy ? 'medium' : 'high',
    confidence: 'certain',
    evidence: [
      {
        type: 'object',
        object: refOf('secrets', secret),
        path: '/type',
        observed: secret.type,
        expected: DOCKER_CONFIG_JSON,
      },
      ...usersEvidence(users),
    ],
    remediation: ownedBy(
      view,
      secret,
      manual('Delete the registry secret, whose type cannot be changed, and copy it anew from its source', ...steps),
    ),
    keys: { secret: name, host: hostsInUse(view, namespace) },
  };
}

function usersEvidence(users: readonly Pod[]): FindingDraft['evidence'] {
  const [first] = users;
  return first ? [{ type: 'object', object: refOf('pods', first), message: 'names it', count: users.length }] : [];
}
