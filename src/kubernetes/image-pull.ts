import type { Event } from '../model/kinds.ts';
import type { Container, ContainerStatus, Pod } from '../model/pods.ts';
import { eventTime } from './event.ts';

/** Why an image could not be pulled; `unknown` where the text says nothing, `never` and the rest as their reasons say. */
export type PullClass =
  | 'auth'
  | 'rate'
  | 'absent'
  | 'tls'
  | 'network'
  | 'architecture'
  | 'never'
  | 'name'
  | 'inspect'
  | 'signature'
  | 'unknown';

export interface PullFailure {
  readonly container: string;
  /** As the pod's spec writes it. */
  readonly image: string;
  /** The waiting reason. */
  readonly reason: string;
  readonly class: PullClass;
  /** The registry's or the runtime's own words, without queries of URLs; undefined where nothing says more. */
  readonly message?: string;
}

/** Waiting reasons of a container whose image is not there (pkg/kubelet/images/types.go) and what they say alone. */
const REASONS: Readonly<Record<string, PullClass>> = {
  ErrImagePull: 'unknown',
  ImagePullBackOff: 'unknown',
  ErrImageNeverPull: 'never',
  InvalidImageName: 'name',
  ImageInspectError: 'inspect',
  RegistryUnavailable: 'network',
  SignatureValidationFailed: 'signature',
};

/**
 * The containers of a pod that wait for their image. The text comes from the container's status, or else from the newest
 * `Failed to pull image` event of the pod; the kubelet's twin event `Error: ErrImagePull` says nothing and is ignored.
 *
 * @param events events of the pod's namespace
 */
export function pullFailures(pod: Pod, events: readonly Event[]): readonly PullFailure[] {
  const { spec, status } = pod;
  const containers = [...(spec?.initContainers ?? []), ...(spec?.containers ?? [])];
  const statuses = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
  return statuses.flatMap((container) => {
    const reason = container.state?.waiting?.reason ?? '';
    const known = Object.hasOwn(REASONS, reason) ? REASONS[reason] : undefined;
    return known === undefined ? [] : [failureOf(pod, container, known, { containers, events })];
  });
}

interface Context {
  readonly containers: readonly Container[];
  readonly events: readonly Event[];
}

function failureOf(pod: Pod, status: ContainerStatus, known: PullClass, context: Context): PullFailure {
  const { name } = status;
  const image = context.containers.find((container) => container.name === name)?.image ?? status.image ?? '';
  const { reason = '', message = '' } = status.state?.waiting ?? {};
  const text = causeIn(message, image) ?? causeInEvents(pod, image, context.events);
  return {
    container: name,
    image,
    reason,
    class: text === undefined || known !== 'unknown' ? known : classifyPullError(text, image),
    ...(text === undefined ? {} : { message: withoutQueries(text) }),
  };
}

/** What follows `Failed to pull image "…": ` or `Back-off pulling image "…": ErrImagePull: `; other texts as they are. */
function causeIn(message: string, image: string): string | undefined {
  const text = message
    .replace(`Failed to pull image "${image}"`, '')
    .replace(`Back-off pulling image "${image}"`, '')
    .replace(/^:?\s*(?:Error: )?(?:ErrImagePull|ImagePullBackOff)\b/, '')
    .replace(/^[:.\s]+/, '');
  return text === '' ? undefined : text;
}

function causeInEvents(pod: Pod, image: string, events: readonly Event[]): string | undefined {
  const { name, uid } = pod.metadata;
  const start = `Failed to pull image "${image}":`;
  const found = events
    .filter(({ message, involvedObject }) => {
      if (involvedObject?.kind !== 'Pod' || involvedObject.name !== name) return false;
      return (involvedObject.uid ?? uid) === (uid ?? involvedObject.uid) && message?.startsWith(start) === true;
    })
    .sort((a, b) => (eventTime(a) ?? '').localeCompare(eventTime(b) ?? ''))
    .at(-1);
  return found?.message === undefined ? undefined : causeIn(found.message, image);
}

const REFUSED =
  /pull access denied|may require authorization|insufficient_scope|no basic auth credentials|\b40[13] (?:unauthorized|forbidden)|status(?: code)?:? ?40[13]\b|\b(?:unauthorized|denied): |unauthorized\b(?!.*pull rate)|access to the resource is denied|unauthenticated request|authentication (?:is )?required|illegal base64 data|unable to parse auth field/i;
const RATE = /toomanyrequests|too many requests|pull rate limit|status(?: code)?:? ?429\b/i;
const TOKEN = /failed to (?:fetch (?:oauth|anonymous) token|authorize)/i;
const ARCHITECTURE = /no match(?:ing manifest)? for (?:platform|linux)|no matching manifest|exec format error/i;
const ABSENT = /not found|manifest unknown|name unknown|does not exist|status(?: code)?:? ?404\b/i;
const TLS = /x509:|tls: |certificate (?:signed|has expired)|server gave http response to https client/i;
const NETWORK =
  /no such host|i\/o timeout|connection (?:refused|reset)|deadlineexceeded|deadline exceeded|no route to host|network is unreachable|server misbehaving|: eof$|status(?: code)?:? ?50[0234]\b/i;

/**
 * What kind of failure the text of a failed pull names. A refusal comes first, because registries answer it for
 * repositories that do not exist as well (`pull access denied, repository does not exist or may require authorization`).
 * A token that could not be fetched because its server was not reached is that, not a refusal.
 * Texts of containerd (remotes/docker), CRI-O (containers/image) and the kubelet's credential parser.
 */
export function classifyPullError(text: string, image = ''): PullClass {
  const plain = image === '' ? text : text.replaceAll(image, '');
  if (RATE.test(plain) && !/pull access denied/i.test(plain)) return 'rate';
  if (REFUSED.test(plain)) return 'auth';
  const [first] = (
    [
      ['tls', TLS],
      ['network', NETWORK],
      ['auth', TOKEN],
      ['architecture', ARCHITECTURE],
      ['absent', ABSENT],
    ] as const
  ).filter(([, pattern]) => pattern.test(plain));
  return first?.[0] ?? 'unknown';
}

/** Redirects to object stores carry signatures in their queries. */
function withoutQueries(text: string): string {
  return text
    .replace(/(\bhttps?:\/\/)(?:[^\s/"'@]+@)?([^\s"'?]*)\?[^\s"']*/g, '$1$2?…')
    .replace(/(\bhttps?:\/\/)[^\s/"'@]+@/g, '$1');
}
