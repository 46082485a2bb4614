import { randomBytes } from 'node:crypto';
import { CHECKS } from '../../checks/index.ts';
import { auditWithFixes, type Audited } from '../../audit/report.ts';
import type { Check } from '../../model/check.ts';
import type { Severity } from '../../model/finding.ts';
import type { Policy } from '../../model/policy.ts';
import type { Platform } from '../../model/platform.ts';
import type { Report } from '../../model/report.ts';
import { detectAll } from './detect.ts';
import type { Reading } from './reading.ts';

export interface JudgeOptions {
  /** For advice; `doctor` unless said otherwise. */
  readonly command?: string;
  readonly checks: readonly Check[];
  readonly policy: Policy;
  readonly failOn: Severity | 'never';
  readonly allowIncomplete: boolean;
  readonly version: string;
  readonly startedAt: number;
}

/**
 * The report on what was read.
 * @throws CrewisoError (2) where several platforms were found and no flag says which: guessing would judge the wrong one
 */
export function judge(reading: Reading, options: JudgeOptions): Report {
  return judgeWithFixes(reading, options).report;
}

/** A report with the platforms that it is about and the fixes of its findings. */
export interface Judged extends Audited {
  readonly platforms: readonly Platform[];
}

/** As `judge`, with what a plan is made of. */
export function judgeWithFixes(reading: Reading, options: JudgeOptions): Judged {
  const { snapshot, identity } = reading;
  const found = detectAll(snapshot, reading.settings, options.command ?? 'doctor', reading.references);
  const platforms = 'platforms' in found ? found.platforms : [];
  const audited = auditWithFixes({
    snapshot,
    platforms: 'platforms' in found ? found.platforms : found,
    checks: options.checks,
    catalogue: CHECKS,
    version: options.version,
    run: {
      id: randomBytes(4).toString('hex'),
      startedAt: new Date(options.startedAt).toISOString(),
      durationMs: Math.max(0, Date.now() - options.startedAt),
      ...(reading.interrupted ? { interrupted: true } : {}),
      writes: 0,
      requests: reading.requests,
    },
    ...(identity ? { identity } : {}),
    failOn: options.failOn,
    allowIncomplete: options.allowIncomplete,
    policy: options.policy,
  });
  return { ...audited, platforms };
}
