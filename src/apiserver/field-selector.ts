import { goQuote } from '../kubernetes/go-quote.ts';
import { parseFieldSelector } from '../kubernetes/selector-text.ts';
import { fieldsMeetAll } from '../kubernetes/selector.ts';
import type { ResourceType } from './resource-types.ts';
import { badRequest } from './status.ts';
import { child, text, type Json, type Wire } from './wire.ts';

type Field = (object: Wire) => string;

const METADATA: Readonly<Record<string, Field>> = {
  'metadata.name': (object) => object.metadata.name,
  'metadata.namespace': (object) => object.metadata.namespace ?? '',
};

const at =
  (parent: string, key: string): Field =>
  (object) =>
    scalar(child(object, parent)[key]);

const scalar = (value: unknown): string =>
  typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';

const under = (parent: string, keys: readonly string[]): Readonly<Record<string, Field>> =>
  Object.fromEntries(keys.map((key) => [`${parent}.${key}`, at(parent, key)]));

const firstIp: Field = (object) => {
  const ips = child(object, 'status').podIPs;
  const addresses = Array.isArray(ips) ? ips.map((ip: unknown) => text(ip, 'ip')) : [];
  return addresses.join(',') || text(child(object, 'status'), 'podIP');
};

/** Selectable fields per `plural.group`, as the `SelectableFields` of each registry (pkg/registry/…/strategy.go). */
const FIELDS: Readonly<Record<string, Readonly<Record<string, Field>>>> = {
  pods: {
    ...under('spec', ['nodeName', 'restartPolicy', 'schedulerName', 'serviceAccountName']),
    'spec.hostNetwork': (object) => String(child(object, 'spec').hostNetwork === true),
    ...under('status', ['phase', 'podIP', 'nominatedNodeName']),
    'status.podIPs': firstIp,
  },
  events: {
    ...under('involvedObject', ['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath']),
    reason: (object) => text(object, 'reason'),
    reportingComponent: (object) => text(object, 'reportingComponent'),
    source: (object) => text(child(object, 'source'), 'component') || text(object, 'reportingComponent'),
    type: (object) => text(object, 'type'),
  },
  secrets: { type: (object) => text(object, 'type') },
  namespaces: under('status', ['phase']),
  nodes: { 'spec.unschedulable': (object) => String(child(object, 'spec').unschedulable === true) },
  services: under('spec', ['type', 'clusterIP']),
  'jobs.batch': { 'status.successful': (object) => String(Number(child(object, 'status').succeeded ?? 0)) },
};

/**
 * A field selector as a query parameter, for a type that has only some fields to select by.
 *
 * @returns whether an object has the fields
 * @throws StatusError 400 for a field that cannot be selected or text that is no selector
 */
export function fieldSelector(type: ResourceType, selector: string): (object: Wire) => boolean {
  const parsed = parseFieldSelector(selector);
  if ('error' in parsed) throw badRequest(parsed.error);
  const special = FIELDS[type.group ? `${type.resource}.${type.group}` : type.resource];
  const fields = new Map(Object.entries({ ...METADATA, ...special }));
  for (const { key } of parsed.requirements) if (!fields.has(key)) throw badRequest(unknown(key, special));
  return (object) => fieldsMeetAll(parsed.requirements, (key) => fields.get(key)?.(object) ?? '');
}

function unknown(label: string, special: Json | undefined): string {
  return special
    ? `field label not supported: ${label}`
    : `${goQuote(label)} is not a known field selector: only "metadata.name", "metadata.namespace"`;
}
