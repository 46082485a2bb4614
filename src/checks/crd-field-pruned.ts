import { readCrd, type Crd } from '../kubernetes/crd.ts';
import { decode, schemaOfField } from '../kubernetes/crd-prune.ts';
import type { SchemaNode } from '../kubernetes/crd-schema.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type OpencraneView } from '../model/check.ts';
import type { FindingDraft } from '../model/finding.ts';
import type { KubeObject } from '../model/object.ts';
import { manual } from './drafting.ts';
import { APPLY_BUNDLE, DEFINITIONS, definitionsOf, type Definitions } from './platform-definitions.ts';

const OBJECTS = ['clustertenants.opencrane.io', 'tenants.opencrane.io'] as const;
type Eyes = OpencraneView<Definitions | 'deployments.apps' | (typeof OBJECTS)[number]>;

/** Without it the manager takes every ClusterTenant for one that it has yet to provision. */
const WRITTEN_BY_MANAGERS: Readonly<Record<string, readonly (readonly string[])[]>> = {
  'clustertenants.opencrane.io': [['status', 'observedGeneration']],
};

export default defineCheck({
  id: 'crd-field-pruned',
  title: 'The schema keeps every field that the operator and the manifests write',
  severity: 'high',
  area: 'crd',
  platforms: ['opencrane'],
  reads: [DEFINITIONS, 'deployments.apps', ...OBJECTS],
  causes: [
    { check: 'crd-app-version-incompatible', by: ['platform'] },
    { check: 'crd-bundle-mixed', by: ['platform'] },
  ],
  *run(view) {
    view.complete('deployments.apps');
    for (const definition of definitionsOf(view)) {
      const crd = readCrd(definition);
      if ('fault' in crd) {
        view.unknown(DEFINITIONS, crd.fault);
        continue;
      }
      for (const version of crd.versions.filter(({ served }) => served)) {
        if (!version.schema) view.unknown(DEFINITIONS, `${crd.name} has no schema of ${version.name} in what was read`);
        else {
          view.examined();
          yield* operatorFields(view, definition, crd, version.schema);
        }
      }
      yield* objectFields(view, crd);
    }
  },
});

/** Managers are of 0.6 and later, and write it; an operator may be older than the field. */
function* operatorFields(view: Eyes, definition: KubeObject, crd: Crd, schema: SchemaNode): Iterable<FindingDraft> {
  const manager = view.platform.instances
    .flatMap(({ components }) => components)
    .find(({ name }) => name === 'fleet-manager' || name === 'clustertenant-manager');
  if (!manager) return;
  for (const path of WRITTEN_BY_MANAGERS[crd.name] ?? []) {
    if (crd.preserveUnknownFields || keeps(schema, path)) continue;
    yield {
      object: refOf(DEFINITIONS, definition),
      discriminator: path.join('.'),
      path: '/spec/versions',
      message: `CustomResourceDefinition ${crd.name} has no ${path.join('.')}, which Deployment ${manager.deployment.metadata.name} writes: it is dropped with no more than a warning`,
      confidence: 'likely',
      keys: { object: crd.name },
      evidence: [{ type: 'absence', object: refOf(DEFINITIONS, definition), expected: path.join('.') }],
      remediation: manual('Apply the CRDs of the release that runs', APPLY_BUNDLE),
    };
  }
}

function keeps(schema: SchemaNode, [name, ...rest]: readonly string[]): boolean {
  if (name === undefined) return true;
  const below = schemaOfField(schema, name);
  return below ? keeps(below, rest) : schema.preserveUnknownFields;
}

/** Of objects in files; what a cluster shows has been pruned already. */
function* objectFields(view: Eyes, crd: Crd): Iterable<FindingDraft> {
  const resource = OBJECTS.find((name) => name === crd.name);
  if (resource === undefined) return;
  for (const object of view.list(resource) as readonly KubeObject[]) {
    const version = crd.versions.find(({ name, served }) => served && object.apiVersion === `${crd.group}/${name}`);
    const { dropped } = version?.schema ? decode(object, version.schema, crd) : { dropped: [] };
    const [first] = dropped;
    if (first === undefined) continue;
    const ref = refOf(resource, object);
    yield {
      object: ref,
      path: `/${first.replaceAll('.', '/')}`,
      severity: 'medium',
      message: `${ref.kind} ${ref.name} has ${dropped.join(', ')}, which ${crd.name} does not know: dropped with no more than a warning`,
      confidence: 'certain',
      keys: { object: crd.name },
      evidence: [{ type: 'comparison', object: ref, observed: dropped }],
      remediation: manual('Apply CRDs that know the field, then the object again', APPLY_BUNDLE),
    };
  }
}
