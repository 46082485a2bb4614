import { describe, expect, it } from 'vitest';
import { asCoreEvent, eventCount, eventTime } from '../../src/kubernetes/event.ts';
import type { Event } from '../../src/model/kinds.ts';

const event = (fields: Partial<Event>, creationTimestamp?: string): Event => ({
  metadata: { name: 'e', ...(creationTimestamp ? { creationTimestamp } : {}) },
  ...fields,
});
const nulls = { lastTimestamp: null, eventTime: null, firstTimestamp: null, series: null };

describe('eventTime', () => {
  it.each<[string, Event, string | undefined]>([
    [
      'the series',
      event({ series: { lastObservedTime: '5' }, lastTimestamp: '4', eventTime: '3', firstTimestamp: '2' }, '1'),
      '5',
    ],
    ['a series without time', event({ series: { lastObservedTime: null }, lastTimestamp: '4', eventTime: '3' }), '4'],
    ['lastTimestamp', event({ ...nulls, lastTimestamp: '4', eventTime: '3' }), '4'],
    ['eventTime', event({ ...nulls, eventTime: '3', firstTimestamp: '2' }), '3'],
    ['firstTimestamp', event({ ...nulls, firstTimestamp: '2' }, '1'), '2'],
    ['creation', event(nulls, '1'), '1'],
    ['nothing', event(nulls), undefined],
  ])('%s', (_, subject, time) => {
    expect(eventTime(subject)).toBe(time);
  });
});

it.each<[Event, number]>([
  [event({ count: 3 }), 3],
  [event({ count: 3, series: { count: 7 } }), 7],
  [event({ series: null }), 1],
])('eventCount %#', (subject, count) => {
  expect(eventCount(subject)).toBe(count);
});

it('leaves core events alone', () => {
  const core = { apiVersion: 'v1', kind: 'Event', metadata: { name: 'e' }, note: 'kept' };
  expect(asCoreEvent(core)).toBe(core);
});
