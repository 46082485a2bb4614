import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { decodeHelmRelease, isHelmRelease } from '../../src/kubernetes/helm-release.ts';
import { gunzip } from '../../src/kubernetes/gunzip.ts';
import type { HelmValues } from '../../src/model/derived.ts';
import { base64, helmSecret, secret, TOOLS } from './secret-tools.ts';

const payload = (config: unknown, values: unknown = {}): unknown => ({
  name: 'crewai',
  namespace: 'crewai',
  version: 3,
  info: { status: 'deployed', notes: 'hunter2' },
  chart: {
    metadata: { name: 'crewai-platform', version: '0.6.11', appVersion: '1.2.3+build', description: 'hunter2' },
    values,
    templates: [{ data: 'hunter2' }],
  },
  config,
  manifest: 'password: hunter2',
  hooks: ['hunter2'],
});

function valuesOf(config: unknown, defaults?: unknown): HelmValues | string {
  const decoded = decodeHelmRelease(helmSecret(payload(config, defaults)), TOOLS);
  return 'release' in decoded ? decoded.release.values : decoded.unreadable;
}

describe('decodeHelmRelease', () => {
  it.each([true, false])('reduces a release (gzip: %s)', (gzip) => {
    expect(
      decodeHelmRelease(helmSecret(payload({ rbac: { create: true }, db: { password: 'hunter2' } }), gzip), TOOLS),
    ).toEqual({
      release: {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: {
          name: 'sh.helm.release.v1.crewai.v3',
          namespace: 'crewai',
          labels: { owner: 'helm', name: 'crewai', status: 'deployed', version: '3' },
        },
        release: 'crewai',
        revision: 3,
        status: 'deployed',
        chart: { name: 'crewai-platform', version: '0.6.11', appVersion: '1.2.3+build' },
        values: { rbac: { create: true } },
      },
    });
  });

  it('falls back to the labels for what the payload leaves out', () => {
    expect(decodeHelmRelease(helmSecret({}), TOOLS)).toMatchObject({
      release: { release: 'crewai', revision: 3, status: 'deployed', values: {} },
    });
  });

  it.each([
    [secret(undefined, { type: 'helm.sh/release.v1' }), 'absent'],
    [secret({ release: '' }), 'redacted'],
    [secret({ release: '***HIDDEN***' }), 'redacted'],
    [secret(undefined, { data: { release: '!' } }), 'undecodable'],
    [secret({ release: 'hunter2!' }), 'not base64'],
    [secret({ release: base64('hunter2') }), 'not JSON'],
    [secret({ release: base64('[]') }), 'not a release'],
    [secret({ release: base64(Uint8Array.of(0x1f, 0x8b, 0x08, 1, 2, 3)) }), 'does not decompress'],
    [helmSecret({ version: 'x', name: 'crewai' }), 'does not name'],
  ])('says why it cannot read one (%#) without quoting it', (raw, why) => {
    const decoded = decodeHelmRelease(raw, TOOLS);
    expect(decoded).toHaveProperty('unreadable', expect.stringContaining(why));
    expect(JSON.stringify(decoded)).not.toContain('hunter2');
  });

  it('does not follow a decompression bomb', () => {
    const bomb = helmSecret({ name: 'crewai', version: 1, manifest: 'x'.repeat(2_000_000) });
    expect(decodeHelmRelease(bomb, TOOLS)).toHaveProperty('unreadable', 'its data does not decompress');
  });

  it('recognizes release Secrets by type', () => {
    expect(isHelmRelease(helmSecret({}))).toBe(true);
    expect(isHelmRelease(secret({ release: 'x' }))).toBe(false);
  });
});

describe('values', () => {
  it.each<[string, unknown, unknown, HelmValues]>([
    ['none', {}, {}, {}],
    [
      'the chart’s defaults',
      {},
      { rbac: { create: true, namespaceIsolation: false } },
      { rbac: { create: true, namespaceIsolation: false } },
    ],
    [
      'user values over defaults',
      { rbac: { namespaceIsolation: true } },
      { rbac: { create: true, namespaceIsolation: false } },
      { rbac: { create: true, namespaceIsolation: true } },
    ],
    ['null removes a default', { rbac: { create: null } }, { rbac: { create: true } }, {}],
    ['null removes a table', { rbac: null }, { rbac: { create: true } }, {}],
    ['no user values at all', null, { rbac: { create: true } }, { rbac: { create: true } }],
    [
      'a list is replaced',
      { supportBundle: { crewLogNamespaces: ['crewai-org-2'] } },
      { supportBundle: { crewLogNamespaces: ['crewai'] } },
      { supportBundle: { crewLogNamespaces: ['crewai-org-2'] } },
    ],
    ['an empty list', { supportBundle: { crewLogNamespaces: [] } }, {}, { supportBundle: { crewLogNamespaces: [] } }],
    [
      'names',
      { serviceAccount: { create: false, name: 'crewai-sa' }, image: { pullSecret: 'docker-registry' } },
      {},
      { serviceAccount: { create: false, name: 'crewai-sa' }, image: { pullSecret: 'docker-registry' } },
    ],
    [
      'only known variables',
      {
        envVars: {
          K8S_NAMESPACE: 'crewai',
          PROVIDER: 'aws',
          CONTAINER_REGISTRY_HOSTNAME: 'r.example.com:5000/x',
          DB_PASSWORD: 'hunter2',
        },
      },
      {},
      { envVars: { K8S_NAMESPACE: 'crewai', PROVIDER: 'aws', CONTAINER_REGISTRY_HOSTNAME: 'r.example.com:5000/x' } },
    ],
    [
      'nothing of another type',
      { rbac: { create: 'true' }, serviceAccount: { name: 5 }, supportBundle: { crewLogNamespaces: 'x' } },
      {},
      {},
    ],
    [
      'nothing that could hide a credential',
      { image: { pullSecret: 'user:hunter2@host' }, serviceAccount: { name: 'a b' } },
      {},
      {},
    ],
    ['all namespaces or none', { supportBundle: { crewLogNamespaces: ['a', { b: 1 }] } }, {}, {}],
  ])('%s', (_, config, defaults, values) => {
    expect(valuesOf(config, defaults)).toEqual(values);
  });
});

describe('gunzip', () => {
  it('undoes gzip', () => {
    expect(gunzip(gzipSync('text'))).toEqual(Buffer.from('text'));
  });

  it('throws on anything else, and on what would grow beyond 64 MiB', () => {
    expect(() => gunzip(Uint8Array.of(1, 2, 3))).toThrow();
    expect(() => gunzip(gzipSync(new Uint8Array(64 * 1024 * 1024 + 1)))).toThrow('larger than');
  });
});
