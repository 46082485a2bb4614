import { isPartOfOpencrane } from '../kubernetes/opencrane-names.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck } from '../model/check.ts';
import type { KubeObject } from '../model/object.ts';
import type { OpencraneInstance } from '../model/opencrane.ts';
import { manual } from './drafting.ts';
import { isMultiInstance } from './opencrane-watchers.ts';

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
  reads: [
    'clusterissuers.cert-manager.io',
    'clustersecretstores.external-secrets.io',
    'deployments.apps',
    'networkpolicies.networking.k8s.io',
  ],
  *run(view) {
    view.complete('deployments.apps');
    const several = isMultiInstance(view);
    for (const [resource, value] of SINGLETONS) {
      const objects = view.list(resource);
      if (!several) continue;
      for (const object of objects.filter(isPartOfOpencrane)) {
        view.examined();
        const owner = ownerOf(view.platform.instances, object);
        // A release of what all of them share is what they should have.
        if (!owner) continue;
        const { namespace, release } = owner.instance;
        const ref = refOf(resource, object);
        yield {
          object: ref,
          path: owner.path,
          message: `${ref.kind} ${ref.name} serves every instance and belongs to release ${release} in ${namespace}: it changes and goes with that one`,
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

interface Owner {
  readonly instance: OpencraneInstance & { readonly release: string };
  readonly path: string;
}

/** Helm's marks; what it only printed (`helm template`, and what applies that) has the chart's label alone. */
function ownerOf(instances: readonly OpencraneInstance[], { metadata }: KubeObject): Owner | undefined {
  const { annotations, labels } = metadata;
  const marked = annotations?.['meta.helm.sh/release-name'];
  const release = marked ?? labels?.['app.kubernetes.io/instance'];
  if (release === undefined) return undefined;
  const place = annotations?.['meta.helm.sh/release-namespace'];
  const instance = instances.find(
    (one) => one.release === release && (marked === undefined || one.namespace === place),
  );
  const path =
    marked === undefined
      ? '/metadata/labels/app.kubernetes.io~1instance'
      : '/metadata/annotations/meta.helm.sh~1release-name';
  return instance && { instance: { ...instance, release }, path };
}
