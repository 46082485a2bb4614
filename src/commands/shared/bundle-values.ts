import { readFileSync } from 'node:fs';
import { count } from '../../model/text.ts';
import bundleNamespacesOutdated from '../../checks/bundle-namespaces-outdated.ts';
import { setInYaml } from '../../manifests/edit-yaml.ts';
import { parseYaml, stringifyYaml } from '../../manifests/yaml.ts';
import { CrewisoError, EXIT } from '../../model/error.ts';
import { compareNames } from '../../model/object.ts';
import type { CrewaiPlatform, Settings } from '../../model/platform.ts';
import { readConfig } from './config-file.ts';
import { detectOne } from './detect.ts';
import { readSource, type SourceInput } from './read-source.ts';

export interface ValuesInput {
  readonly flags: Omit<SourceInput['flags'], 'all-namespaces' | 'logs'> & {
    readonly like?: string | undefined;
    readonly config?: string | undefined;
    readonly output: 'yaml' | 'json';
  };
  readonly settings: Settings;
  readonly version: string;
  readonly signal: () => AbortSignal;
}

const PATH = ['supportBundle', 'crewLogNamespaces'];

/**
 * Prints the values; leaves the exit code.
 * @throws CrewisoError (2) usage, (3) where no platform was recognised, (4) where nothing can be read
 */
export async function printValues({ flags, settings, version, signal }: ValuesInput): Promise<void> {
  const { like, output } = flags;
  if (like !== undefined && output === 'json')
    throw failure(EXIT.usage, '--like prints the file as it is, which is YAML', 'leave out -o json');
  const file = like === undefined ? undefined : readValues(like);
  const {
    snapshot,
    settings: known,
    notes,
  } = await readSource({
    flags: { ...flags, 'all-namespaces': false },
    settings,
    config: readConfig(flags.config, process.env, parseYaml),
    reads: () => bundleNamespacesOutdated.reads,
    questions: () => [],
    version,
    signal,
  });
  for (const note of notes) process.stderr.write(`warning: ${note}\n`);
  const detection = detectOne(snapshot, known, 'values');
  if ('none' in detection)
    throw failure(
      EXIT.incomplete,
      `no platform was recognised: ${detection.none}`,
      'name it: --platform-namespace NAMESPACE',
    );
  const { platform } = detection;
  const names = collectedNamespaces(platform);
  const [gap] = snapshot.gaps('namespaces');
  if (gap) {
    process.stderr.write(`warning: there may be more organizations: ${gap.resource}: ${gap.detail}\n`);
    process.exitCode = EXIT.incomplete;
  }
  const values = { supportBundle: { crewLogNamespaces: names } };
  if (file !== undefined) process.stdout.write(edited(file, like ?? '', names));
  else if (output === 'json') process.stdout.write(`${JSON.stringify(values, null, 2)}\n`);
  else
    process.stdout.write(
      `# ${count(names.length, 'namespace')} of the platform in ${platform.platformNamespace}\n${stringifyYaml(values)}`,
    );
}

/** Of every organization that has one, and the shared one as long as crews may run there. */
function collectedNamespaces({ tenants, sharedNamespace, isolation }: CrewaiPlatform): readonly string[] {
  const own = tenants.filter(({ exists, terminating }) => exists === true && !terminating);
  const shared = isolation.late || isolation.state !== 'on' ? [sharedNamespace] : [];
  return [...shared, ...own.map(({ namespace }) => namespace)].sort(compareNames);
}

function edited(text: string, file: string, names: readonly string[]): string {
  try {
    return setInYaml(text, PATH, names);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw failure(EXIT.unreachable, `${file}: ${why}`, 'give a values file of the chart with --like FILE');
  }
}

function readValues(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw failure(
      EXIT.unreachable,
      `cannot read ${file}: ${why}`,
      'give the values file of the release with --like FILE',
    );
  }
}

const failure = (exitCode: number, message: string, ...suggestions: readonly string[]): CrewisoError =>
  new CrewisoError(message, { code: 'values', exitCode, suggestions });
