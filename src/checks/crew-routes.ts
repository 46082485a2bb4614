import { isRecord, stringAt, valueAt } from '../kubernetes/json-value.ts';
import { podTemplateOf } from '../kubernetes/owners.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { selects } from '../kubernetes/selector.ts';
import type { View } from '../model/check.ts';
import type { Evidence } from '../model/finding.ts';
import type { Ingress, Service } from '../model/kinds.ts';
import type { KubeObject } from '../model/object.ts';
import type { RootWorkload } from './root-workloads.ts';

/** What leads requests to a workload, or scales it: evidence alone. */
export const ROUTE_EVIDENCE = [
  'services',
  'ingresses.networking.k8s.io',
  'horizontalpodautoscalers.autoscaling',
] as const;
type RouteView = View<(typeof ROUTE_EVIDENCE)[number]>;

/** What is still led to one workload. */
export interface Routes {
  readonly services: readonly Service[];
  readonly ingresses: readonly Ingress[];
  readonly evidence: readonly Evidence[];
}

/** Services that select its pods, Ingresses with one of them as backend, and autoscalers that target it. */
export function routesTo(view: RouteView, namespace: string, root: RootWorkload): Routes {
  const labels =
    (root.object && root.resource ? podTemplateOf(root.resource, root.object) : root.pods[0])?.metadata?.labels ?? {};
  const services = view
    .evidence('services', namespace)
    // A Service without selector has its endpoints from elsewhere.
    .filter(({ spec }) => Object.keys(spec?.selector ?? {}).length > 0)
    .filter(({ spec }) => selects({ matchLabels: spec?.selector ?? null }, labels));
  const names = new Set(services.map(({ metadata }) => metadata.name));
  const ingresses = view
    .evidence('ingresses.networking.k8s.io', namespace)
    .filter((ingress) => backendsOf(ingress).some((name) => names.has(name)));
  const scalers = view
    .evidence('horizontalpodautoscalers.autoscaling', namespace)
    .filter(({ spec }) => spec?.scaleTargetRef?.kind === root.ref.kind && spec.scaleTargetRef.name === root.ref.name);
  return {
    services,
    ingresses,
    evidence: [
      ...services.map((service) => evidence('services', service, 'selects its pods')),
      ...ingresses.map((ingress) =>
        evidence('ingresses.networking.k8s.io', ingress, `leads ${hostsOf(ingress).join(', ') || 'every host'} to it`),
      ),
      ...scalers.map((scaler) =>
        evidence('horizontalpodautoscalers.autoscaling', scaler, 'scales it, but not once it has 0 replicas'),
      ),
    ],
  };
}

function evidence(resource: (typeof ROUTE_EVIDENCE)[number], object: KubeObject, message: string): Evidence {
  const ref = refOf(resource, object);
  return { type: 'object', object: ref, message: `${ref.kind} ${ref.name} ${message}` };
}

/** Hosts of an Ingress, in its order; none where it takes every host. */
export function hostsOf({ spec }: Ingress): readonly string[] {
  return (spec?.rules ?? []).flatMap(({ host }) => host ?? []);
}

/** Names of the Services of an Ingress (networking.k8s.io/v1: `spec.defaultBackend`, `rules[].http.paths[].backend`). */
function backendsOf(ingress: Ingress): readonly string[] {
  const rules = listOf(valueAt(ingress, 'spec', 'rules'));
  const paths = rules.flatMap((rule) => listOf(valueAt(rule, 'http', 'paths')));
  return [
    stringAt(ingress, 'spec', 'defaultBackend', 'service', 'name'),
    ...paths.map((path) => stringAt(path, 'backend', 'service', 'name')),
  ].filter((name) => name !== undefined);
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value.filter(isRecord) : [];
}
