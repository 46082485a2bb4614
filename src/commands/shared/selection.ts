import type { Check } from '../../model/check.ts';
import { CrewisoError, EXIT } from '../../model/error.ts';

export interface Selection {
  readonly check?: readonly string[] | undefined;
  readonly 'skip-check'?: readonly string[] | undefined;
  readonly area?: readonly string[] | undefined;
}

/**
 * The checks that `--check`, `--skip-check` and `--area` leave.
 * @throws CrewisoError (2) for an id that no check has, with the nearest ids: never "all checks" by mistake
 */
export function selectChecks(all: readonly Check[], selection: Selection): readonly Check[] {
  const wanted = new Set(known(all, selection.check ?? [], '--check'));
  const skipped = new Set(known(all, selection['skip-check'] ?? [], '--skip-check'));
  const selected = all.filter(
    ({ id, area }) =>
      (wanted.size === 0 || wanted.has(id)) && !skipped.has(id) && (!selection.area || selection.area.includes(area)),
  );
  if (selected.length > 0) return selected;
  throw new CrewisoError('these flags select no check', {
    code: 'usage',
    exitCode: EXIT.usage,
    suggestions: ['kubectl crewiso explain lists all checks with their areas'],
  });
}

function known(all: readonly Check[], ids: readonly string[], flag: string): readonly string[] {
  for (const id of ids) {
    if (!all.some((check) => check.id === id)) throw unknownCheck(all, id, `${flag} ${id}`);
  }
  return ids;
}

/** Says which ids come nearest to one that does not exist. */
export function unknownCheck(all: readonly Check[], id: string, what: string): CrewisoError {
  const near = nearest(
    id,
    all.map((check) => check.id),
  );
  return new CrewisoError(`${what}: there is no such check`, {
    code: 'usage',
    exitCode: EXIT.usage,
    suggestions: [near.length > 0 ? `did you mean ${near.join(' or ')}?` : 'kubectl crewiso explain lists all checks'],
  });
}

/** Up to three candidates within a third of the word's length (Levenshtein), or that contain the word. */
export function nearest(word: string, candidates: readonly string[]): readonly string[] {
  return candidates
    .map((candidate) => ({ candidate, distance: candidate.includes(word) ? 0 : editDistance(word, candidate) }))
    .filter(({ distance }) => distance <= Math.max(2, word.length / 3))
    .sort((a, b) => a.distance - b.distance || (a.candidate < b.candidate ? -1 : 1))
    .slice(0, 3)
    .map(({ candidate }) => candidate);
}

function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const substitute = (previous[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      current.push(Math.min(substitute, (previous[j] ?? 0) + 1, (current[j - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[b.length] ?? 0;
}
