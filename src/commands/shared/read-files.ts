import type { Completeness } from '../../kubernetes/listings-of-objects.ts';
import { readManifests, type Problem } from '../../manifests/read.ts';
import { snapshotOfManifests } from '../../manifests/snapshot-of-manifests.ts';
import { parseYaml } from '../../manifests/yaml.ts';
import { CrewisoError, EXIT } from '../../model/error.ts';
import type { Settings } from '../../model/platform.ts';
import { NO_REQUESTS, secretTools, type Reading } from './reading.ts';

export interface FileSources {
  readonly sources: readonly string[];
  readonly recursive: boolean;
  readonly complete: Completeness;
  readonly settings: Settings;
  readonly defaultNamespace?: string;
}

/** Problems that are written out before the rest is only counted. */
const SHOWN = 10;

/**
 * Reads manifests into a snapshot.
 * @throws CrewisoError (4) when a source cannot be opened, or nothing in all of them could be read
 */
export async function readFiles(options: FileSources): Promise<Reading> {
  const read = await readManifests(options.sources, { recursive: options.recursive });
  const errors = read.problems.filter(({ level }) => level === 'error');
  const [first] = errors;
  if (read.objects.length === 0 && first) {
    throw new CrewisoError(`nothing could be read: ${lineOf(first)}`, {
      code: 'unreadable',
      exitCode: EXIT.unreachable,
      suggestions: ['-f takes files and folders of Kubernetes objects (YAML or JSON), or - for standard input'],
    });
  }
  const snapshot = snapshotOfManifests(read, {
    now: Date.now(),
    complete: options.complete,
    tools: secretTools(parseYaml),
    ...(options.defaultNamespace === undefined ? {} : { defaultNamespace: options.defaultNamespace }),
  });
  const lines = read.problems.map(lineOf);
  const rest = lines.length - SHOWN;
  const notes = rest > 0 ? [...lines.slice(0, SHOWN), `${String(rest)} more problems in these files`] : lines;
  return { snapshot, requests: NO_REQUESTS, interrupted: false, notes, settings: options.settings };
}

function lineOf({ file, line, message }: Problem): string {
  return line === undefined ? `${file}: ${message}` : `${file}:${String(line)}: ${message}`;
}
