import { CrewisoError, EXIT } from '../../model/error.ts';
import type { Platform, References, Settings } from '../../model/platform.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import type { Detection } from '../../model/profile.ts';
import { detectCrewai } from '../../platforms/crewai.ts';
import { detectPlatforms } from '../../platforms/profiles.ts';

/** What was recognised, or why nothing was. */
export type Recognised =
  { readonly platforms: readonly [Platform, ...Platform[]] } | Extract<Detection, { none: unknown }>;

/**
 * Every platform in what was read, or why there is none.
 * @param command for the advice
 * @throws CrewisoError (2) where several of one kind were found and no flag says which
 */
export function detectAll(
  snapshot: Snapshot,
  settings: Settings,
  command: string,
  references: References = {},
): Recognised {
  const found = detectPlatforms(snapshot, settings, references);
  if ('several' in found) throw severalPlatforms(found.several, command, found.of);
  return found;
}

/**
 * CrewAI Platform in what was read, or why there is none.
 * @param command for the advice
 * @throws CrewisoError (2) where several were found and no flag says which: guessing would judge the wrong one
 */
export function detectOne(
  snapshot: Snapshot,
  settings: Settings,
  command: string,
): Exclude<Detection<'crewai'>, { several: unknown }> {
  if (settings.platforms && !settings.platforms.includes('crewai'))
    throw new CrewisoError(`${command} knows CrewAI Platform alone, not ${settings.platforms.join(', ')}`, {
      code: 'usage',
      exitCode: EXIT.usage,
      suggestions: ['kubectl crewiso doctor judges every platform', 'leave out --platform'],
    });
  const detection = detectCrewai(snapshot, settings);
  if ('several' in detection) throw severalPlatforms(detection.several, command, 'CrewAI Platform');
  return detection;
}

function severalPlatforms(
  found: readonly { namespace: string; release?: string }[],
  command: string,
  title: string,
): CrewisoError {
  const names = found.map(({ namespace, release }) =>
    release === undefined ? namespace : `${release} in ${namespace}`,
  );
  const sameNamespace = new Set(found.map(({ namespace }) => namespace)).size < found.length;
  return new CrewisoError(`${String(found.length)} installations of ${title} were found: ${names.join(', ')}`, {
    code: 'several-platforms',
    exitCode: EXIT.usage,
    suggestions: found.map(({ namespace, release }) =>
      [
        `kubectl crewiso ${command}`,
        '--platform-namespace',
        namespace,
        ...(sameNamespace && release ? ['--release', release] : []),
      ].join(' '),
    ),
  });
}
