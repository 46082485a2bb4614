import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { isRecord } from '../../kubernetes/json-value.ts';
import { CrewisoError, EXIT } from '../../model/error.ts';
import { PLATFORM_IDS, type Settings } from '../../model/platform.ts';
import { SECURITY_LEVELS } from '../../model/pods.ts';
import { settingsOf } from './settings.ts';
import { nearest } from './selection.ts';

/** Settings of a configuration file, by kubeconfig context. */
export interface Config {
  /** What the file says for a context (or for files, without one): its `settings`, then the context's own. */
  for(context: string | undefined): Settings;
}

const NAMES = [
  'platform',
  'platform-namespace',
  'shared-namespace',
  'platform-account',
  'release',
  'exclude-org',
  'isolation',
  'mode',
  'registry-secret',
  'registry-source',
  'pod-security',
  'handle',
  'crd-baseline',
  'version-matrix',
] as const;

/** Paths, from the folder of the file that holds them. */
const PATHS: readonly (typeof NAMES)[number][] = ['crd-baseline', 'version-matrix'];

const CHOICES: Readonly<Partial<Record<(typeof NAMES)[number], readonly string[]>>> = {
  isolation: ['on', 'off'],
  mode: ['auto', 'manual'],
  'pod-security': SECURITY_LEVELS,
};

/**
 * The configuration that `--config` or $CREWISO_CONFIG names, else the one in the user's configuration folder if there
 * is one. Its settings are named like the flags, and a flag beats the file.
 * @throws CrewisoError (2) when a file that was named does not exist, or a file does not hold what it should
 */
export function readConfig(
  flag: string | undefined,
  env: NodeJS.ProcessEnv,
  parseYaml: (text: string) => unknown,
): Config {
  const named = flag ?? (env.CREWISO_CONFIG === '' ? undefined : env.CREWISO_CONFIG);
  const file = named ?? join(env.XDG_CONFIG_HOME ?? join(homedir(), '.config'), 'kubectl-crewiso', 'config.yaml');
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    if (named === undefined) return { for: () => ({}) };
    throw wrong(file, `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  const document = parse(file, text, parseYaml);
  const contexts = isRecord(document.contexts) ? document.contexts : {};
  const common = sectionOf(file, 'settings', document.settings);
  const sections = new Map(
    Object.entries(contexts).map(([name, section]) => [name, sectionOf(file, `contexts.${name}`, section)]),
  );
  return { for: (context) => ({ ...common, ...(context === undefined ? {} : sections.get(context)) }) };
}

const wrong = (file: string, what: string): CrewisoError =>
  new CrewisoError(`${file}: ${what}`, {
    code: 'config',
    exitCode: EXIT.usage,
    suggestions: ['kubectl crewiso explain --schema config shows what such a file holds'],
  });

function parse(file: string, text: string, parseYaml: (text: string) => unknown): Readonly<Record<string, unknown>> {
  let document: unknown;
  try {
    document = parseYaml(text);
  } catch (cause) {
    throw wrong(file, cause instanceof Error ? cause.message : String(cause));
  }
  if (!isRecord(document) || document.apiVersion !== 'crewiso/v1' || document.kind !== 'Config') {
    throw wrong(file, 'is not of apiVersion crewiso/v1 and kind Config');
  }
  const stranger = Object.keys(document).find((key) => !['apiVersion', 'kind', 'settings', 'contexts'].includes(key));
  if (stranger !== undefined) throw wrong(file, `has a key ${stranger}; there are settings and contexts`);
  return document;
}

function sectionOf(file: string, where: string, section: unknown): Settings {
  if (section === undefined || section === null) return {};
  if (!isRecord(section)) throw wrong(file, `${where} is not a mapping`);
  const flags: Record<string, string | readonly string[]> = {};
  for (const [key, value] of Object.entries(section)) {
    const name = NAMES.find((known) => known === key);
    if (!name) throw wrong(file, `${where} has no setting ${key}${hint(key)}`);
    flags[name] = valueOf(file, `${where}.${key}`, name, value);
  }
  return settingsOf({ 'all-namespaces': false, ...flags });
}

function hint(key: string): string {
  const near = nearest(key, NAMES);
  return near.length > 0 ? `; did you mean ${near.join(' or ')}?` : `; there are ${NAMES.join(', ')}`;
}

function platformsOf(file: string, where: string, value: unknown): readonly string[] {
  const ids = Array.isArray(value) ? value : [value];
  if (ids.every((id) => PLATFORM_IDS.some((known) => known === id))) return ids as readonly string[];
  throw wrong(file, `${where} is none of ${PLATFORM_IDS.join(', ')}, nor a list of them`);
}

/** YAML reads an unquoted `on` as true. */
function valueOf(
  file: string,
  where: string,
  name: (typeof NAMES)[number],
  value: unknown,
): string | readonly string[] {
  if (name === 'exclude-org' && Array.isArray(value)) return value.map(String);
  if (name === 'platform') return platformsOf(file, where, value);
  const text = typeof value === 'boolean' ? (value ? 'on' : 'off') : value;
  const choices = CHOICES[name];
  if (typeof text !== 'string' || (choices && !choices.includes(text))) {
    throw wrong(file, `${where} is not ${choices ? choices.join(' or ') : 'a text'}`);
  }
  return PATHS.includes(name) ? resolve(dirname(file), text) : text;
}
