import type { KubeObject } from '../model/object.ts';
import type { Resource } from '../model/resource.ts';
import { isRecord, valueAt } from './json-value.ts';
import { podTemplateOf } from './owners.ts';

const POD_SPEC = new Set([
  'affinity',
  'dnsConfig',
  'dnsPolicy',
  'enableServiceLinks',
  'hostAliases',
  'preemptionPolicy',
  'priority',
  'schedulerName',
  'terminationGracePeriodSeconds',
  'tolerations',
  'topologySpreadConstraints',
]);
/** Of a template it matters which nodes its pods may run on; every pod has tolerations that the API server added. */
const TEMPLATE_SPEC = new Set([...POD_SPEC].filter((field) => field !== 'tolerations'));
const CONTAINER = new Set([
  'lifecycle',
  'livenessProbe',
  'readinessProbe',
  'startupProbe',
  'terminationMessagePath',
  'terminationMessagePolicy',
  'volumeMounts',
]);
const POD_STATUS = new Set(['hostIP', 'hostIPs', 'podIP', 'podIPs', 'qosClass']);
const CONTAINER_STATUS = new Set(['allocatedResources', 'containerID', 'imageID', 'resources', 'volumeMounts']);

/**
 * The object without fields that no check reads and that add up to gigabytes of a large cluster's pods: how they are
 * scheduled and probed, their addresses and digests, and in a ReplicaSet the template that it has from its Deployment.
 * Files and clusters are reduced alike, so that a check that comes to need one of them misses it in its own tests.
 */
export function withoutUnread(resource: Resource, object: KubeObject): KubeObject {
  if (resource === 'pods') {
    const pod = object as KubeObject & { readonly spec?: unknown; readonly status?: unknown };
    return { ...pod, ...only('spec', bareSpec(pod.spec)), ...only('status', bareStatus(pod.status)) };
  }
  const template: unknown = podTemplateOf(resource, object);
  if (!isRecord(template)) return object;
  if (resource === 'replicasets.apps' && isControlled(object)) return withTemplate(object, undefined);
  if (resource === 'cronjobs.batch') return object;
  return withTemplate(object, { ...template, ...only('spec', bareSpec(template.spec, TEMPLATE_SPEC)) });
}

function isControlled(object: KubeObject): boolean {
  const owners = valueAt(object, 'metadata', 'ownerReferences');
  return Array.isArray(owners) && owners.some((owner) => valueAt(owner, 'controller') === true);
}

/** Undefined stays absent. */
const only = (field: string, value: unknown): object => (value === undefined ? {} : { [field]: value });

function withTemplate(object: KubeObject, template: object | undefined): KubeObject {
  const { spec } = object as KubeObject & { readonly spec?: unknown };
  return { ...object, spec: { ...omit(spec, new Set(['template'])), ...only('template', template) } } as KubeObject;
}

function bareSpec(spec: unknown, fields: ReadonlySet<string> = POD_SPEC): unknown {
  if (!isRecord(spec)) return spec;
  const containers = ['initContainers', 'containers', 'ephemeralContainers'].map((field) =>
    only(field, each(spec[field], CONTAINER)),
  );
  return Object.assign(omit(spec, fields), ...containers) as unknown;
}

function bareStatus(status: unknown): unknown {
  if (!isRecord(status)) return status;
  const containers = ['initContainerStatuses', 'containerStatuses', 'ephemeralContainerStatuses'].map((field) =>
    only(field, each(status[field], CONTAINER_STATUS)),
  );
  return Object.assign(omit(status, POD_STATUS), ...containers) as unknown;
}

function each(list: unknown, fields: ReadonlySet<string>): unknown {
  return Array.isArray(list) ? list.map((item: unknown) => (isRecord(item) ? omit(item, fields) : item)) : list;
}

/** A loop, because every pod goes through it several times: Object.fromEntries takes six times as long. */
function omit(value: unknown, fields: ReadonlySet<string>): Record<string, unknown> {
  const kept: Record<string, unknown> = {};
  if (!isRecord(value)) return kept;
  for (const field of Object.keys(value)) {
    // No field of Kubernetes; set like this it would be the prototype.
    if (!fields.has(field) && field !== '__proto__') kept[field] = value[field];
  }
  return kept;
}
