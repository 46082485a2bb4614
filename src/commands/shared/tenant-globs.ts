import { Flags } from '@oclif/core';
import { CrewisoError, EXIT } from '../../model/error.ts';
import { compareNames } from '../../model/object.ts';
import type { Platform, Settings, Tenant } from '../../model/platform.ts';
import type { Snapshot } from '../../model/snapshot.ts';
import { orgFlag, scopeFlags } from './flags.ts';
import { isGlob } from './settings.ts';

/** As scopeFlags, of a command that chooses tenants and judges none. */
export const tenantFlags = {
  namespace: Flags.string({
    char: 'n',
    helpGroup: 'SCOPE',
    helpValue: 'GLOB',
    description: "the tenant namespace of this name, or those that a glob matches, and the platform's own",
  }),
  org: orgFlag('these organizations (default: all)'),
  orgs: Flags.string({
    helpGroup: 'SCOPE',
    helpValue: 'GLOB',
    multiple: true,
    multipleNonGreedy: true,
    delimiter: ',',
    description: 'the tenant namespaces that one of these globs matches (* any characters, ? one)',
  }),
  'all-namespaces': scopeFlags['all-namespaces'],
};

export interface TenantFlags {
  readonly namespace?: string | undefined;
  readonly org?: readonly string[] | undefined;
  readonly orgs?: readonly string[] | undefined;
  readonly 'all-namespaces': boolean;
}

/** What was asked for by name or by glob, of which each has to find something. */
export interface TenantChoice {
  readonly globs: readonly string[];
  /** The flag that they stand behind. */
  readonly flag: '--orgs' | '-n';
}

/**
 * The globs on names of tenants' namespaces that flags give, if any.
 * @throws CrewisoError (2) for flags that contradict, and for what can be no part of a name
 */
export function tenantGlobs({ namespace, org = [], orgs = [], ...flags }: TenantFlags): TenantChoice | undefined {
  const given = [
    ...(flags['all-namespaces'] ? ['--all-namespaces'] : []),
    ...(namespace === undefined ? [] : ['--namespace']),
    ...(org.length > 0 ? ['--org'] : []),
    ...(orgs.length > 0 ? ['--orgs'] : []),
  ];
  if (given.length > 1) throw usage(given.slice(0, 2).join(' contradicts '), 'give one of them');
  if (orgs.length > 0) return { globs: orgs.map((glob) => validGlob(glob, '--orgs')), flag: '--orgs' };
  return namespace !== undefined && isGlob(namespace) ? { globs: [validGlob(namespace, '-n')], flag: '-n' } : undefined;
}

function validGlob(glob: string, flag: TenantChoice['flag']): string {
  if (/^[a-z0-9*?-]+$/.test(glob)) return glob;
  throw usage(
    `${flag} ${glob} can match no namespace: their names have lower-case letters, digits and - alone`,
    `* stands for any number of them, ? for one: ${flag} '*-org-1?'`,
  );
}

/**
 * The tenants' namespaces that globs match.
 * @throws CrewisoError (2) for one that matches none: a bundle without what somebody asked for would look complete
 */
export function matchTenants(
  { globs, flag }: TenantChoice,
  platforms: readonly Platform[],
  snapshot: Snapshot,
): readonly string[] {
  const names = namespacesOf(platforms.flatMap(({ tenants }) => tenants));
  const idle = globs.find((glob) => !names.some((name) => matchesGlob(glob, name)));
  if (idle !== undefined) throw noTenant(`${flag} ${idle} matches no tenant namespace`, names, snapshot);
  return names.filter((name) => globs.some((glob) => matchesGlob(glob, name)));
}

/**
 * Refuses organizations and namespaces that nothing shows, where all namespaces could be seen.
 * @param platforms as found with these settings
 * @throws CrewisoError (2)
 */
export function requireTenants(
  { orgs = [], namespaces = [] }: Pick<Settings, 'orgs' | 'namespaces'>,
  platforms: readonly Platform[],
  snapshot: Snapshot,
): void {
  if (snapshot.completeness('namespaces') !== 'complete') return;
  const tenants = platforms.flatMap(({ allTenants }) => allTenants);
  const names = namespacesOf(tenants);
  // One that has no namespace yet may have crews in the shared one.
  const seen = new Set(tenants.flatMap(({ id, exists, seen: by }) => (exists || by.some(isEvidence) ? [id] : [])));
  const org = orgs.find((id) => !seen.has(id));
  if (org !== undefined) throw noTenant(`--org ${org}: nothing shows such an organization`, names, snapshot);
  const there = new Set([...names, ...platforms.flatMap(({ ownNamespaces }) => ownNamespaces)]);
  const namespace = namespaces.find((name) => !there.has(name));
  if (namespace !== undefined) throw noTenant(`-n ${namespace} is no tenant namespace`, names, snapshot);
}

/** What the user says proves nothing to the user. */
const isEvidence = (where: string): boolean => where !== '--org' && where !== '--namespace';

/** Names that are written out before the rest is only counted. */
const SHOWN = 10;

function noTenant(message: string, names: readonly string[], snapshot: Snapshot): CrewisoError {
  const rest = names.length - SHOWN;
  const listed = `${names.slice(0, SHOWN).join(', ')}${rest > 0 ? ` and ${String(rest)} more` : ''}`;
  const seen = snapshot.completeness('namespaces') === 'complete';
  return usage(
    message,
    names.length > 0 ? `tenant namespaces: ${listed}` : 'no tenant namespace was found',
    ...(seen ? [] : ['namespaces could not be listed, and there may be more: name them with -n or --org']),
    'kubectl crewiso bundle collect --dry-run tells what a bundle of all of them would hold',
  );
}

/** Those that are there, or may be. */
function namespacesOf(tenants: readonly Tenant[]): readonly string[] {
  const there = tenants.filter(({ exists }) => exists !== false);
  return [...new Set(there.map(({ namespace }) => namespace))].sort(compareNames);
}

/** `*` stands for any characters, `?` for one. Goes back to the last `*` alone, so that no glob takes long. */
export function matchesGlob(glob: string, name: string): boolean {
  let at = 0;
  let from = 0;
  let star: number | undefined;
  let tried = 0;
  while (from < name.length) {
    if (glob[at] === '*') {
      star = at;
      tried = from;
      at += 1;
    } else if (glob[at] === '?' || glob[at] === name[from]) {
      at += 1;
      from += 1;
    } else if (star !== undefined) {
      tried += 1;
      from = tried;
      at = star + 1;
    } else return false;
  }
  return /^\**$/.test(glob.slice(at));
}

const usage = (message: string, ...suggestions: readonly string[]): CrewisoError =>
  new CrewisoError(message, { code: 'usage', exitCode: EXIT.usage, suggestions });
