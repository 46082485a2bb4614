import type { Report } from '../model/report.ts';

/** RFC 3339 time for people: `09:41Z` on the day of the report, else the date; '' for what is no time. */
export function shortTime(time: string | undefined, report: Report): string {
  const at = instant(time);
  if (at === undefined) return '';
  const day = instant(report.target.origin.takenAt ?? report.run.startedAt)?.slice(0, 10);
  return at.startsWith(day ?? 'no day') ? `${at.slice(11, 16)}Z` : at.slice(0, 10);
}

function instant(time: string | undefined): string | undefined {
  const at = Date.parse(time ?? '');
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

/** `0.4 s`, `1 m 5 s`. */
export function duration(milliseconds: number): string {
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1000);
  return `${Math.floor(seconds / 60)} m ${seconds % 60} s`;
}
