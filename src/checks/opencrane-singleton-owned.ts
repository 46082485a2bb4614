import { isPartOfOpencrane } from '../kubernetes/opencrane-names.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck } from '../model/check.ts';
import { manual } from './drafting.ts';

/** Kinds of which one object serves the whole cluster, and the value that makes a namespaced one instead. */
const SINGLETONS = [
  ['clusterissuers.cert-manager.io', 'multiInstance.certIssuer'],
  ['clustersecretstores.external-secrets.io', 'multiInstance.secretStore'],
] as const;

export default defineCheck({
  id: 'opencrane-singleton-owned',
  title: 'No instance owns a cluster-wide issuer or secret store',
  severity: 'high',
  area: 'opencrane',
  platforms: ['opencrane'],
  reads: ['clusterissuers.cert-manager.io', 'clustersecretstores.external-secrets.io', 'deployments.apps'],
  *run(view) {
    view.complete('deployments.apps');
    for (const [resource, value] of SINGLETONS) {
      const objects = view.list(resource);
      if (view.platform.instances.length < 2) continue;
      for (const object of objects.filter(isPartOfOpencrane)) {
        view.examined();
        const { name, annotations } = object.metadata;
        const release = annotations?.['meta.helm.sh/release-name'];
        const namespace = annotations?.['meta.helm.sh/release-namespace'] ?? '';
        const owner = view.platform.instances.find((one) => one.release === release && one.namespace === namespace);
        // A release of what all of them share is what they should have.
        if (!owner || release === undefined) continue;
        const ref = refOf(resource, object);
        yield {
          object: ref,
          path: '/metadata/annotations/meta.helm.sh~1release-name',
          message: `${ref.kind} ${name} serves every instance and belongs to release ${release} in ${namespace}: it changes and goes with that one`,
          confidence: 'certain',
          keys: { release: namespace },
          evidence: [{ type: 'object', object: ref, observed: release }],
          remediation: manual(
            'Let each instance have its own, in its namespace',
            `# values of release ${release}: ${value} namespaced`,
            `# helm upgrade ${release} CHART -n ${namespace} --skip-crds -f VALUES`,
          ),
        };
      }
    }
  },
});
