/** An image reference as the kubelet understands it. */
export interface ImageReference {
  /** Registry host, with port if any; `docker.io` where none is named. */
  readonly registry: string;
  /** Path in the registry: `library/nginx`. */
  readonly path: string;
  /** `registry/path`: what credentials are matched against. */
  readonly repository: string;
  /** `latest` where neither tag nor digest is given. */
  readonly tag?: string;
  readonly digest?: string;
}

const DEFAULT_REGISTRY = 'docker.io';
const MAX_PATH = 255;

// Grammar of github.com/distribution/reference (regexp.go).
const LABEL = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const HOST = String.raw`(?:${LABEL}(?:\.${LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?`;
const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const DIGEST = String.raw`[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}`;
const REFERENCE = new RegExp(
  String.raw`^(${HOST})/(${COMPONENT}(?:/${COMPONENT})*)(?::([\w][\w.-]{0,127}))?(?:@(${DIGEST}))?$`,
);
const HEX_LENGTH: Readonly<Record<string, number>> = { sha256: 64, sha384: 96, sha512: 128 };

/**
 * Parses an image reference as the kubelet does (pkg/util/parsers `ParseImageName`, which is distribution/reference
 * `ParseNormalizedNamed`). Undefined for what it refuses as InvalidImageName.
 */
export function parseImageReference(image: string): ImageReference | undefined {
  // A bare image id is refused, because it cannot be told from a name.
  if (/^[a-f0-9]{64}$/.test(image)) return undefined;
  const { registry: domain, rest } = splitRegistry(image);
  const [, registry, path, tag, digest] = REFERENCE.exec(`${domain}/${rest}`) ?? [];
  if (registry === undefined || path === undefined || path.length > MAX_PATH) return undefined;
  if (digest !== undefined && !isDigest(digest)) return undefined;
  return {
    registry,
    path,
    repository: `${registry}/${path}`,
    ...(tag !== undefined ? { tag } : digest === undefined ? { tag: 'latest' } : {}),
    ...(digest === undefined ? {} : { digest }),
  };
}

/** `splitDockerDomain`: the first component is a registry only if it looks like a host. */
function splitRegistry(image: string): { registry: string; rest: string } {
  const slash = image.indexOf('/');
  const first = image.slice(0, Math.max(slash, 0));
  const isHost = first === 'localhost' || /[.:]/.test(first) || first.toLowerCase() !== first;
  const registry = slash < 0 || !isHost || first === 'index.docker.io' ? DEFAULT_REGISTRY : first;
  const rest = slash >= 0 && isHost ? image.slice(slash + 1) : image;
  return { registry, rest: registry === DEFAULT_REGISTRY && !rest.includes('/') ? `library/${rest}` : rest };
}

/** `digest.Parse` of github.com/opencontainers/go-digest: a known algorithm and as many lower-case digits as it gives. */
function isDigest(digest: string): boolean {
  const [algorithm = '', hex = ''] = digest.split(':');
  return Object.hasOwn(HEX_LENGTH, algorithm) && hex.length === HEX_LENGTH[algorithm] && /^[a-f0-9]+$/.test(hex);
}
