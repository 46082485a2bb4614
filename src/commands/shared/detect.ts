import { CrewisoError, EXIT } from '../../model/error.ts';
import type { Settings } from '../../model/platform.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { detectCrewai, type Detection } from '../../platforms/crewai.ts';

/**
 * The platform in what was read, or why there is none.
 * @param command for the advice
 * @throws CrewisoError (2) where several were found and no flag says which: guessing would judge the wrong one
 */
export function detectOne(
  snapshot: Snapshot,
  settings: Settings,
  command: string,
): Exclude<Detection, { several: unknown }> {
  const detection = detectCrewai(snapshot, settings);
  if ('several' in detection) throw severalPlatforms(detection.several, command);
  return detection;
}

function severalPlatforms(found: readonly { namespace: string; release?: string }[], command: string): CrewisoError {
  const names = found.map(({ namespace, release }) =>
    release === undefined ? namespace : `${release} in ${namespace}`,
  );
  const sameNamespace = new Set(found.map(({ namespace }) => namespace)).size < found.length;
  return new CrewisoError(`${String(found.length)} installations of CrewAI Platform were found: ${names.join(', ')}`, {
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
