import type { Check } from '../model/check.ts';
import type { Platform } from '../model/platform.ts';
import type { Outcome } from '../model/report.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { evaluate, notApplicable, type Evaluation } from './evaluate.ts';
import { identify, type Keyed } from './identify.ts';
import { createShared, gapKey } from './view.ts';

/** What one check said: of each platform that it is for, and all in all. */
export interface Evaluated {
  readonly evaluation: Evaluation;
  readonly parts: readonly { readonly platform: Platform; readonly evaluation: Evaluation }[];
}

/** Runs every check on every platform that it is for. */
export function evaluateAll(
  checks: readonly Check[],
  snapshot: Snapshot,
  platforms: readonly Platform[],
): readonly Evaluated[] {
  const shared = new Map(platforms.map((platform) => [platform, createShared()]));
  return checks.map((check) => {
    const parts = platforms
      .filter(({ id }) => check.platforms.includes(id))
      .map((platform) => ({ platform, evaluation: evaluate(check, snapshot, platform, shared.get(platform)) }));
    return { evaluation: together(check, parts, platforms), parts };
  });
}

/** The worst that was said comes first: what was seen on one platform is no excuse for what was not on another. */
const ORDER: readonly Outcome[] = ['failed', 'errored', 'not-evaluated', 'passed', 'not-applicable'];

function together(check: Check, parts: Evaluated['parts'], platforms: readonly Platform[]): Evaluation {
  const [first, ...others] = parts.map(({ evaluation }) => evaluation);
  if (!first) return notApplicable(check, `does not concern ${platforms.map(({ id }) => id).join(', ')}`);
  if (others.length === 0) return first;
  const all = [first, ...others];
  const outcome = ORDER.find((candidate) => all.some((evaluation) => evaluation.outcome === candidate)) ?? 'errored';
  // An error is told of, whatever else was found.
  const reason = (
    all.find((evaluation) => evaluation.outcome === 'errored') ??
    all.find((evaluation) => evaluation.outcome === outcome)
  )?.reason;
  return {
    check,
    outcome,
    drafts: all.flatMap(({ drafts }) => drafts),
    gaps: [...new Map(all.flatMap(({ gaps }) => gaps).map((gap) => [gapKey(gap), gap])).values()],
    objects: all.reduce((sum, { objects }) => sum + objects, 0),
    ...(reason === undefined ? {} : { reason }),
  };
}

/** All findings; what two platforms found alike is one. */
export function identifyAll(evaluated: readonly Evaluated[], snapshot: Snapshot): readonly Keyed[] {
  const known = new Map<string, Keyed>();
  for (const { platform, evaluation } of evaluated.flatMap(({ parts }) => parts)) {
    for (const keyed of identify(evaluation, snapshot, platform)) {
      if (!known.has(keyed.finding.id)) known.set(keyed.finding.id, keyed);
    }
  }
  return [...known.values()];
}
