import { compareText } from '../model/text.ts';

/** Matching of pull credentials to images as the kubelet does it (pkg/credentialprovider/keyring.go). */

/**
 * The key under which the kubelet files an `auths` entry: without scheme, user info, query, and with `/v1/` and `/v2/`
 * equal to the bare host. `undefined` for what Go's url.Parse refuses: the kubelet ignores such an entry.
 */
export function registryKey(authsKey: string): string | undefined {
  const rest = authsKey.replace(/^https?:\/\//, '').replace(/[?#].*$/s, '');
  const slash = rest.indexOf('/');
  const authority = slash < 0 ? rest : rest.slice(0, slash);
  const path = unescapePath(slash < 0 ? '' : rest.slice(slash));
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  // Characters that no host may hold, and a port that is none.
  if (path === undefined || /[\s\\^`{|}%]/.test(host) || /:(?!\d*$)/.test(host.replace(/^\[[^\]]*\]/, '')))
    return undefined;
  const effective = /^\/v[12]\//.test(path) ? path.slice(3) : path;
  return effective === '/' ? host : host + effective;
}

function unescapePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path);
  } catch {
    // A stray percent sign, for which url.Parse refuses the whole key.
    return undefined;
  }
}

/**
 * As `registryKey`, with the three spellings of Docker Hub's root as one: two entries with equal canonical keys serve the
 * same images. What the kubelet would ignore stays as written.
 */
export function canonicalRegistryKey(authsKey: string): string {
  const key = registryKey(authsKey) ?? authsKey;
  return key === 'docker.io' ? DEFAULT_KEY : key;
}

/** An `auths` key as it may be shown: user info, query and fragment, which matching ignores, can hold credentials. */
export function shownRegistry(authsKey: string): string {
  const [, scheme = '', rest = ''] = /^([a-z][a-z0-9+.-]*:\/\/)?(.*)$/is.exec(authsKey) ?? [];
  const plain = rest.replace(/[?#].*$/s, '');
  const end = plain.indexOf('/');
  const authority = end < 0 ? plain : plain.slice(0, end);
  return scheme + authority.slice(authority.lastIndexOf('@') + 1) + (end < 0 ? '' : plain.slice(end));
}

const DEFAULT_KEY = 'index.docker.io';

/**
 * The entries whose credentials the kubelet would try for an image, in its order: keys reverse-sorted, so that the most
 * specific of one host comes first; Docker Hub's default entry only when nothing else matches.
 * `repository` is the normalized name without tag and digest (`docker.io/library/nginx`; see parseImageReference).
 */
export function matchingEntries<E extends { readonly host: string }>(
  entries: readonly E[],
  repository: string,
): readonly E[] {
  const keyed = entries.flatMap((entry) => {
    const key = registryKey(entry.host);
    return key === undefined ? [] : [{ key, entry }];
  });
  keyed.sort((a, b) => compareText(b.key, a.key));
  const matches = keyed.filter(({ key }) => keyMatches(key, repository));
  const chosen =
    matches.length > 0 || !isDefaultRegistry(repository) ? matches : keyed.filter(({ key }) => key === DEFAULT_KEY);
  return chosen.map(({ entry }) => entry);
}

/** Whether one `auths` key serves an image (normalized name), also as Docker Hub's default entry. */
export function registryMatches(authsKey: string, repository: string): boolean {
  return matchingEntries([{ host: authsKey }], repository).length > 0;
}

/** `URLsMatch`: equal port, equal number of host labels, each label a glob, and the key's path a string prefix. */
function keyMatches(key: string, repository: string): boolean {
  const glob = splitKey(key);
  const target = splitKey(repository);
  return (
    glob.port === target.port &&
    glob.labels.length === target.labels.length &&
    target.path.startsWith(glob.path) &&
    glob.labels.every((label, index) => labelMatches(label, target.labels[index] ?? ''))
  );
}

function splitKey(key: string): { labels: readonly string[]; port: string; path: string } {
  const slash = key.indexOf('/');
  const authority = slash < 0 ? key : key.slice(0, slash);
  const [, host = authority, port = ''] = /^(.*):(\d*)$/s.exec(authority) ?? [];
  return { labels: host.split('.'), port, path: slash < 0 ? '' : key.slice(slash) };
}

/** filepath.Match for the only wildcard that a host can hold. */
function labelMatches(glob: string, label: string): boolean {
  const [first = '', ...others] = glob.split('*');
  const last = others.pop();
  if (last === undefined) return glob === label;
  if (!label.startsWith(first)) return false;
  let from = first.length;
  for (const part of others) {
    const at = label.indexOf(part, from);
    if (at < 0) return false;
    from = at + part.length;
  }
  return label.length - last.length >= from && label.endsWith(last);
}

/** `isDefaultRegistryMatch`: the image is one of Docker Hub's. */
function isDefaultRegistry(repository: string): boolean {
  const [host = '', ...path] = repository.split('/');
  if (host === '') return false;
  return path.length === 0 || host === 'docker.io' || host === DEFAULT_KEY || !/[.:]/.test(host);
}
