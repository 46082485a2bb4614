import type { Event } from '../model/kinds.ts';
import { groupOf, type KubeObject } from '../model/object.ts';
import { valueAt } from './json-value.ts';

/**
 * When an event was last seen, as RFC 3339, or undefined. Any of the fields may be null: events.k8s.io recorders leave
 * the old ones empty, and the others the new one (k8s.io/client-go tools/events and tools/record).
 */
export function eventTime(event: Event): string | undefined {
  return (
    event.series?.lastObservedTime ??
    event.lastTimestamp ??
    event.eventTime ??
    event.firstTimestamp ??
    event.metadata.creationTimestamp ??
    undefined
  );
}

/** How often an event was seen at least: recorders merge and drop repetitions, so the number is a lower bound. */
export function eventCount(event: Event): number {
  return Math.max(event.series?.count ?? 0, event.count ?? 0, 1);
}

/** An event of events.k8s.io in the field names of core/v1, under which the same object can also be read. */
export function asCoreEvent(object: KubeObject): KubeObject {
  if (groupOf(object.apiVersion ?? '') !== 'events.k8s.io') return object;
  const {
    regarding,
    note,
    deprecatedCount,
    deprecatedFirstTimestamp,
    deprecatedLastTimestamp,
    deprecatedSource,
    ...rest
  } = object as KubeObject & Readonly<Record<string, unknown>>;
  const fields = {
    involvedObject: regarding,
    message: note,
    count: deprecatedCount,
    firstTimestamp: deprecatedFirstTimestamp,
    lastTimestamp: deprecatedLastTimestamp,
    source: deprecatedSource,
    reportingComponent: valueAt(object, 'reportingController'),
  };
  const given = Object.entries(fields).filter(([, value]) => value !== undefined);
  return { ...rest, apiVersion: 'v1', ...Object.fromEntries(given) };
}
