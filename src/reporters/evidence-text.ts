import { isRecord } from '../kubernetes/json-value.ts';
import type { Evidence } from '../model/finding.ts';
import type { Report } from '../model/report.ts';
import { nameOf } from './object-names.ts';
import { shortTime } from './times.ts';

const SOURCES: Readonly<Record<Evidence['type'], string>> = {
  object: '',
  absence: '',
  rbac: 'RBAC',
  review: 'API server',
  event: 'event',
  log: 'log',
  condition: 'status',
  comparison: '',
  discovery: 'API server',
};

/** One line of proof: who says so, how often, when last, and what. */
export function evidenceText(evidence: Evidence, report: Report): string {
  const last = shortTime(evidence.lastAt, report);
  const times = evidence.count !== undefined && evidence.count > 1 ? `${evidence.count}x` : '';
  const source = [SOURCES[evidence.type], times].filter((part) => part !== '').join(' ');
  const head = [source, last === '' ? '' : `last ${last}`].filter((part) => part !== '').join(', ');
  const body = bodyOf(evidence);
  return [head, body].filter((part) => part !== '').join(': ');
}

function bodyOf(evidence: Evidence): string {
  if (evidence.message) return evidence.message;
  if (evidence.type === 'absence' && evidence.object)
    return `there is no ${nameOf({ ...evidence.object, absent: false })}`;
  const subject = [evidence.object ? nameOf(evidence.object) : '', evidence.path ?? '']
    .filter((part) => part !== '')
    .join(' ');
  const observed = 'observed' in evidence ? valueText(evidence.observed) : '';
  const expected = 'expected' in evidence ? `expected ${valueText(evidence.expected)}` : '';
  const values = [observed, expected].filter((part) => part !== '').join(', ');
  return [subject, values].filter((part) => part !== '').join(': ');
}

const MAX_VALUE = 120;

function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'nothing';
  if (isRecord(value) && value.redacted === true) return 'a redacted value';
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > MAX_VALUE ? `${text.slice(0, MAX_VALUE)}…` : text;
}
