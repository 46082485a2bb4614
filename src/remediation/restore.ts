import { Buffer } from 'node:buffer';
import { isRecord } from '../kubernetes/json-value.ts';
import type { NewObject } from '../model/fix.ts';

const SERVERS = ['uid', 'resourceVersion', 'creationTimestamp', 'generation', 'managedFields', 'deletionTimestamp'];
const DELETIONS = ['deletionGracePeriodSeconds', 'finalizers', 'selfLink'];
const OF_ONE_JOB = ['controller-uid', 'job-name', 'batch.kubernetes.io/controller-uid', 'batch.kubernetes.io/job-name'];

/** An object out of its backup, without what the server gave the old one. */
export function restored(value: unknown): NewObject | undefined {
  const object = typeof value === 'string' ? parsed(Buffer.from(value, 'base64').toString('utf8')) : undefined;
  if (!isRecord(object) || !isRecord(object.metadata)) return undefined;
  const metadata = without(object.metadata, [...SERVERS, ...DELETIONS]);
  const whole = { ...without(object, ['status']), metadata } as unknown as NewObject;
  return whole.kind === 'Job' ? withoutJobLabels(whole) : whole;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** Selector and labels that name the Job by its uid; the controller makes new ones. */
function withoutJobLabels(job: NewObject): NewObject {
  const spec = isRecord(job.spec) ? without(job.spec, ['selector']) : {};
  const template = isRecord(spec.template) ? spec.template : {};
  const metadata = isRecord(template.metadata) ? template.metadata : {};
  const labels = isRecord(metadata.labels) ? without(metadata.labels, OF_ONE_JOB) : {};
  return { ...job, spec: { ...spec, template: { ...template, metadata: { ...metadata, labels } } } };
}

function without(
  record: Readonly<Record<string, unknown>>,
  keys: readonly string[],
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
}
