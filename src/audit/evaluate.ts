import type { Check } from '../model/check.ts';
import type { FindingDraft } from '../model/finding.ts';
import type { Platform } from '../model/platform.ts';
import type { Outcome } from '../model/report.ts';
import type { Gap, Snapshot } from '../model/snapshot.ts';
import { createView, type Shared } from './view.ts';

/** What one check said about one platform. */
export interface Evaluation {
  readonly check: Check;
  readonly outcome: Outcome;
  readonly drafts: readonly FindingDraft[];
  readonly gaps: readonly Gap[];
  readonly objects: number;
  /** Why not applicable, or the message of the error. */
  readonly reason?: string;
}

/**
 * Runs one check. Any finding makes it `failed`, together with its gaps; else an error makes it `errored`; else a gap
 * `not-evaluated`; else it `passed` if it judged at least one object, and is `not-applicable` if there was none.
 */
export function evaluate(check: Check, snapshot: Snapshot, platform: Platform, shared?: Shared): Evaluation {
  const beside = besideThePoint(check, snapshot, platform);
  if (beside !== undefined) return notApplicable(check, beside);
  const recording = createView(snapshot, platform, check, shared);
  const drafts: FindingDraft[] = [];
  let error: string | undefined;
  try {
    for (const draft of check.run(recording.view)) drafts.push(draft);
  } catch (cause) {
    error = cause instanceof Error ? cause.message : String(cause);
  }
  const objects = recording.examined();
  const gaps = recording.gaps();
  const result = { check, drafts, gaps, objects };
  if (drafts.length > 0) return { ...result, outcome: 'failed', ...(error === undefined ? {} : { reason: error }) };
  if (error !== undefined) return { ...result, outcome: 'errored', reason: error };
  if (gaps.length > 0) return { ...result, outcome: 'not-evaluated' };
  // What it would judge may belong to organizations that nobody could see.
  if (objects === 0 && recording.hidden.length > 0)
    return { ...result, gaps: recording.hidden, outcome: 'not-evaluated' };
  if (objects === 0) return notApplicable(check, 'nothing of the kind exists here');
  return { ...result, outcome: 'passed' };
}

const FLAGS: Readonly<Record<NonNullable<Check['setting']>, string>> = { crdBaseline: '--crd-baseline DIR' };

/** Why a check has nothing to say about this platform, or about what the snapshot was made of. */
function besideThePoint(check: Check, { origin }: Snapshot, platform: Platform): string | undefined {
  const { platforms, origins, setting } = check;
  if (!platforms.includes(platform.id)) return `does not concern ${platform.id}`;
  if (setting !== undefined && platform[setting] === undefined) return `needs ${FLAGS[setting]} to compare with`;
  return origins?.includes(origin.from) === false ? `is about a ${origins.join(' or ')} alone` : undefined;
}

/** An evaluation of a check that has nothing to judge. */
export function notApplicable(check: Check, reason: string): Evaluation {
  return { check, outcome: 'not-applicable', drafts: [], gaps: [], objects: 0, reason };
}
