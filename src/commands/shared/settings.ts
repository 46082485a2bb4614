import type { AccountRef } from '../../model/access.ts';
import { CrewisoError, EXIT } from '../../model/error.ts';
import { PLATFORM_IDS, type Settings } from '../../model/platform.ts';
import { SECURITY_LEVELS } from '../../model/pods.ts';

export interface SettingFlags {
  readonly namespace?: string | undefined;
  readonly org?: readonly string[] | undefined;
  readonly 'all-namespaces': boolean;
  readonly platform?: readonly string[] | undefined;
  readonly 'platform-namespace'?: string | undefined;
  readonly 'shared-namespace'?: string | undefined;
  readonly 'platform-account'?: string | undefined;
  readonly release?: string | undefined;
  readonly 'exclude-org'?: readonly string[] | undefined;
  readonly isolation?: string | undefined;
  readonly mode?: string | undefined;
  readonly 'registry-secret'?: string | undefined;
  readonly 'registry-source'?: string | undefined;
  readonly 'pod-security'?: string | undefined;
  readonly handle?: string | undefined;
  readonly 'crd-baseline'?: string | undefined;
  readonly 'version-matrix'?: string | undefined;
}

const usage = (message: string, ...suggestions: string[]): CrewisoError =>
  new CrewisoError(message, { code: 'usage', exitCode: EXIT.usage, suggestions });

/** What the flags say about the platform. @throws CrewisoError (2) for values of the wrong form or that contradict */
export function settingsOf(flags: SettingFlags): Settings {
  checkScope(flags);
  const { org = [], namespace, isolation, mode } = flags;
  return definedOnly({
    platforms: flags.platform && PLATFORM_IDS.filter((id) => flags.platform?.includes(id)),
    platformNamespace: flags['platform-namespace'],
    sharedNamespace: flags['shared-namespace'],
    account: pair(flags['platform-account'], ':', 'platform-account'),
    release: flags.release,
    isolation: isolation === 'on' || isolation === 'off' ? isolation : undefined,
    mode: mode === 'auto' || mode === 'manual' ? mode : undefined,
    registrySecret: flags['registry-secret'],
    registrySource: pair(flags['registry-source'], '/', 'registry-source'),
    podSecurity: SECURITY_LEVELS.find((level) => level === flags['pod-security']),
    orgs: org.length > 0 ? org : undefined,
    namespaces: namespace === undefined ? undefined : [namespace],
    excludeOrgs: flags['exclude-org'],
    handle: handleIn(flags.handle),
    crdBaseline: flags['crd-baseline'],
    versionMatrix: flags['version-matrix'],
  });
}

/** No name of a namespace has one of these. */
export const isGlob = (name: string): boolean => /[*?[\]]/.test(name);

function checkScope({ namespace, org = [], 'all-namespaces': all, 'exclude-org': excluded = [] }: SettingFlags): void {
  if (all && (namespace !== undefined || org.length > 0)) {
    throw usage('--all-namespaces contradicts --namespace and --org', 'give one of them');
  }
  if (namespace !== undefined && org.length > 0) throw usage('--namespace contradicts --org', 'give one of them');
  // It would match nothing, and nothing found would look like nothing wrong.
  if (namespace !== undefined && isGlob(namespace))
    throw usage(`-n ${namespace} is not the name of a namespace`, 'several organizations: --org 4,7');
  const wrong = [...org, ...excluded].find((id) => !/^[1-9]\d*$/.test(id));
  if (wrong !== undefined) {
    throw usage(`${wrong} is not an organization id`, 'ids are numbers such as 4, without leading zero');
  }
}

/** A namespace is called after it. */
function handleIn(handle: string | undefined): string | undefined {
  if (handle === undefined || /^[a-z0-9](?:[a-z0-9-]*[a-z0-9])?$/.test(handle)) return handle;
  throw usage(
    `--handle ${handle} is not part of a namespace's name`,
    'it is what follows tenant- in the name of the first namespace',
  );
}

type Optional<T> = { readonly [K in keyof T]: T[K] | undefined };

function definedOnly(settings: Optional<Settings>): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}

function pair(value: string | undefined, separator: string, flag: string): AccountRef | undefined {
  if (value === undefined) return undefined;
  const [namespace, name, ...rest] = value.split(separator);
  if (!namespace || !name || rest.length > 0) throw usage(`--${flag} ${value} is not NAMESPACE${separator}NAME`);
  return { namespace, name };
}
