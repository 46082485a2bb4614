import { describe, expect, it } from 'vitest';
import { classifyPullError, pullFailures } from '../../src/kubernetes/image-pull.ts';
import type { Event } from '../../src/model/kinds.ts';
import type { Pod } from '../../src/model/pods.ts';

const IMAGE = 'registry.example.com/team/crew:1';

describe('classifyPullError', () => {
  it.each([
    ['auth', 'failed to authorize: failed to fetch oauth token: unexpected status: 401 Unauthorized'],
    ['auth', 'failed to fetch anonymous token: unexpected status from GET request to https://r/token: 403 Forbidden'],
    [
      'auth',
      'pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed',
    ],
    [
      'auth',
      'pulling from host 1.dkr.ecr.eu-west-1.amazonaws.com failed with status code [manifests 1]: no basic auth credentials',
    ],
    ['auth', 'Error response from daemon: pull access denied for acme/app, repository does not exist: toomanyrequests'],
    ['auth', 'unable to retrieve auth token: invalid username/password: unauthorized: authentication required'],
    ['auth', 'reading manifest 1 in r/x: denied: requested access to the resource is denied'],
    ['auth', 'illegal base64 data at input byte 4'],
    ['auth', 'unable to parse auth field, must be formatted as base64(username:password)'],
    ['auth', '[failed to fetch oauth token: 401 Unauthorized, not found]'],
    [
      'rate',
      'toomanyrequests: You have reached your unauthenticated pull rate limit. You may increase the limit by authenticating',
    ],
    ['rate', 'unexpected status code 429 Too Many Requests'],
    ['absent', 'failed to resolve reference "r/x:2": r/x:2: not found'],
    ['absent', 'manifest unknown: manifest tagged by "2" is not found'],
    ['tls', 'tls: failed to verify certificate: x509: certificate signed by unknown authority'],
    [
      'tls',
      'failed to fetch oauth token: Post "https://auth/token": x509: certificate has expired or is not yet valid',
    ],
    ['network', 'dial tcp: lookup registry.example.com on 10.96.0.10:53: no such host'],
    ['network', 'failed to fetch oauth token: Post "https://auth/token": dial tcp: lookup auth: no such host'],
    ['network', 'dial tcp 10.0.0.1:443: i/o timeout'],
    ['network', 'dial tcp 10.0.0.1:443: connect: connection refused'],
    ['network', 'rpc error: code = DeadlineExceeded desc = context deadline exceeded'],
    ['architecture', 'no match for platform in manifest: not found'],
    ['unknown', 'something else'],
  ])('%s: %s', (expected, text) => {
    expect(classifyPullError(text)).toBe(expected);
  });

  it('does not read the name of the image as the reason', () => {
    expect(classifyPullError('no such host for r/not found', 'r/not found')).toBe('network');
  });
});

const pod = (waiting: object, more: object = {}): Pod => ({
  metadata: { name: 'p', namespace: 'n', uid: 'u' },
  spec: { containers: [{ name: 'main', image: IMAGE }], initContainers: [{ name: 'init', image: 'busybox' }] },
  status: { containerStatuses: [{ name: 'main', image: '', state: { waiting } }], ...more },
});
const event = (message: string, lastTimestamp: string, uid = 'u'): Event => ({
  metadata: { name: `e-${lastTimestamp}`, namespace: 'n' },
  reason: 'Failed',
  message,
  lastTimestamp,
  involvedObject: { kind: 'Pod', name: 'p', namespace: 'n', uid },
});
const unknown = { container: 'main', image: IMAGE, reason: 'ImagePullBackOff', class: 'unknown' };

describe('pullFailures', () => {
  it('takes the cause from the status', () => {
    const message = `Back-off pulling image "${IMAGE}": ErrImagePull: rpc error: 401 Unauthorized`;
    expect(pullFailures(pod({ reason: 'ImagePullBackOff', message }), [])).toEqual([
      { ...unknown, class: 'auth', message: 'rpc error: 401 Unauthorized' },
    ]);
  });

  it('takes the cause from the newest event of the same pod, never from its twin', () => {
    const message = `Back-off pulling image "${IMAGE}"`;
    const events = [
      event(`Failed to pull image "${IMAGE}": 403 Forbidden`, '2026-01-01T10:00:02Z'),
      event(`Failed to pull image "${IMAGE}": not found`, '2026-01-01T10:00:01Z'),
      event('Error: ErrImagePull', '2026-01-01T10:00:03Z'),
      event(`Failed to pull image "${IMAGE}": x509: of an older pod`, '2026-01-01T10:00:04Z', 'other'),
      event('Failed to pull image "other": i/o timeout', '2026-01-01T10:00:05Z'),
    ];
    expect(pullFailures(pod({ reason: 'ImagePullBackOff', message }), events)).toEqual([
      { ...unknown, class: 'auth', message: '403 Forbidden' },
    ]);
    expect(pullFailures(pod({ reason: 'ImagePullBackOff', message }), [])).toEqual([unknown]);
    expect(pullFailures(pod({ reason: 'ErrImagePull', message: 'Error: ErrImagePull' }), [])).toEqual([
      { ...unknown, reason: 'ErrImagePull' },
    ]);
  });

  it.each([
    ['ErrImageNeverPull', 'never'],
    ['InvalidImageName', 'name'],
    ['ImageInspectError', 'inspect'],
    ['RegistryUnavailable', 'network'],
    ['SignatureValidationFailed', 'signature'],
  ])('%s says it all', (reason, expected) => {
    expect(pullFailures(pod({ reason, message: '401 Unauthorized' }), [])[0]?.class).toBe(expected);
  });

  it('looks at init containers, and at nothing that waits for something else', () => {
    const initContainerStatuses = [{ name: 'init', image: '', state: { waiting: { reason: 'ErrImagePull' } } }];
    expect(pullFailures(pod({ reason: 'PodInitializing' }, { initContainerStatuses }), [])).toEqual([
      { container: 'init', image: 'busybox', reason: 'ErrImagePull', class: 'unknown' },
    ]);
    expect(pullFailures(pod({ reason: 'toString' }), [])).toEqual([]);
    expect(pullFailures({ metadata: { name: 'p' } }, [])).toEqual([]);
  });

  it('shows no signed address', () => {
    const message =
      'Get "https://user:pass@cdn.example.com/blob?X-Amz-Signature=abc&b=1": 403 Forbidden; https://u:p@r.example.com/v2';
    const [failure] = pullFailures(pod({ reason: 'ErrImagePull', message }), []);
    expect(failure?.message).toBe('Get "https://cdn.example.com/blob?…": 403 Forbidden; https://r.example.com/v2');
  });
});
