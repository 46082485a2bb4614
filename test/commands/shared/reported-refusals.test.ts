import { expect, it } from 'vitest';
import { reportedRefusals, withReported } from '../../../src/commands/shared/reported-refusals.ts';
import { NO_REQUESTS, type Reading } from '../../../src/commands/shared/reading.ts';
import { denialsOf } from '../../../src/kubernetes/denial-log.ts';
import { createSnapshot } from '../../../src/model/snapshot.ts';

const message = (where: string): string =>
  `pods is forbidden: User "u" cannot list resource "pods" in API group "" ${where}`;

it('lists refusals where they say that they happened, else nowhere', () => {
  const text = [
    `2026-11-20T09:41:00Z ${message('in the namespace "a"')}`,
    `2026-11-20T09:42:00Z ${message('in the namespace "a"')}`,
    message('at the cluster scope'),
    'pods "p" is forbidden: error looking up service account b/x: serviceaccount "x" not found',
  ].join('\n');
  const item = (name: string, namespace: string | undefined, text: string, count = 1): unknown => ({
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
    source: 'text',
    message: text,
    count,
  });
  expect(reportedRefusals(denialsOf(text))).toEqual([
    {
      ...(item('text-1', 'a', message('in the namespace "a"'), 2) as object),
      firstAt: '2026-11-20T09:41:00Z',
      lastAt: '2026-11-20T09:42:00Z',
    },
    item('text-2', undefined, message('at the cluster scope')),
    item('text-3', 'b', expect.stringContaining('error looking up service account b/x') as string),
  ]);
});

it('adds them to what was read, and says when there are none', () => {
  const reading: Reading = {
    snapshot: createSnapshot({ origin: { from: 'cluster' }, now: 0, listings: {} }),
    requests: NO_REQUESTS,
    interrupted: false,
    notes: ['a note'],
    settings: {},
  };
  const read = withReported(reading, denialsOf(message('at the cluster scope')));
  expect(read.snapshot.list('refusals')).toHaveLength(1);
  expect(read.snapshot.completeness('refusals')).toBe('complete');
  expect(read.notes).toEqual(['a note']);
  expect(withReported(reading, denialsOf('all is well')).notes).toHaveLength(2);
  const twice = withReported(read, denialsOf(message('in the namespace "a"')));
  expect(twice.snapshot.list('refusals').map(({ metadata }) => metadata.namespace)).toEqual([undefined, 'a']);
});
