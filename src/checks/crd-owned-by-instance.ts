import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type OpencraneView } from '../model/check.ts';
import type { CustomResourceDefinition } from '../model/kinds.ts';
import { manual } from './drafting.ts';
import { DEFINITIONS, definitionsOf, type Definitions } from './platform-definitions.ts';

export default defineCheck({
  id: 'crd-owned-by-instance',
  title: 'Shared CRDs belong to no single instance',
  severity: 'high',
  area: 'crd',
  platforms: ['opencrane'],
  reads: [DEFINITIONS, 'deployments.apps'],
  *run(view) {
    view.complete('deployments.apps');
    const definitions = definitionsOf(view);
    // Of a single install the CRDs may go with it.
    if (view.platform.instances.length < 2) return;
    for (const definition of definitions) {
      view.examined();
      const owner = ownerOf(view, definition);
      if (!owner) continue;
      const { name } = definition.metadata;
      yield {
        object: refOf(DEFINITIONS, definition),
        path: owner.path,
        message: `CustomResourceDefinition ${name} belongs to ${owner.who}: when that goes, the objects of every instance go with it`,
        confidence: 'certain',
        keys: { object: name },
        evidence: [{ type: 'object', object: refOf(DEFINITIONS, definition), path: owner.path, observed: owner.who }],
        remediation: manual(
          'Let it belong to nobody, and install instances with --skip-crds',
          `kubectl annotate crd ${name} helm.sh/resource-policy=keep --overwrite`,
          `kubectl annotate crd ${name} meta.helm.sh/release-name- meta.helm.sh/release-namespace-`,
          `kubectl label crd ${name} app.kubernetes.io/managed-by-`,
          ...(owner.path === '/metadata/ownerReferences'
            ? [`kubectl patch crd ${name} --type=json -p '[{"op":"remove","path":"/metadata/ownerReferences"}]'`]
            : []),
        ),
      };
    }
  },
});

interface Owner {
  readonly who: string;
  readonly path: string;
}

function ownerOf(view: OpencraneView<Definitions>, { metadata }: CustomResourceDefinition): Owner | undefined {
  const [reference] = metadata.ownerReferences ?? [];
  if (reference) return { who: `${reference.kind} ${reference.name}`, path: '/metadata/ownerReferences' };
  const { annotations, labels } = metadata;
  // Helm leaves it where it is.
  if (annotations?.['helm.sh/resource-policy'] === 'keep') return undefined;
  const release = annotations?.['meta.helm.sh/release-name'];
  const namespace = annotations?.['meta.helm.sh/release-namespace'];
  const isInstance = view.platform.instances.some((one) => one.release === release && one.namespace === namespace);
  // A release of CRDs alone is a life of their own.
  if (release !== undefined)
    return isInstance
      ? {
          who: `Helm release ${release} in ${namespace ?? ''}`,
          path: '/metadata/annotations/meta.helm.sh~1release-name',
        }
      : undefined;
  return labels?.['app.kubernetes.io/managed-by'] === 'Helm'
    ? { who: 'a Helm release', path: '/metadata/labels/app.kubernetes.io~1managed-by' }
    : undefined;
}
