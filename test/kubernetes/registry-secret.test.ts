import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { RegistryEntry, RegistrySecret } from '../../src/model/derived.ts';
import { isRegistrySecret, reduceRegistrySecret } from '../../src/kubernetes/registry-secret.ts';
import { base64, secret, TOOLS } from './secret-tools.ts';

const HOST = 'registry.example.com';
const reduce = (raw: ReturnType<typeof secret>): RegistrySecret => reduceRegistrySecret(raw, TOOLS);
const ofConfig = (config: unknown): RegistrySecret => reduce(secret({ '.dockerconfigjson': JSON.stringify(config) }));
const entryOf = (entry: unknown, host = HOST): RegistryEntry => {
  const [only] = ofConfig({ auths: { [host]: entry } }).entries;
  if (!only) throw new Error('no entry');
  return only;
};
const jwt = (payload: unknown): string =>
  ['{"alg":"none"}', JSON.stringify(payload), 'signature']
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.');

describe('whether a Secret is read as a registry secret', () => {
  it.each([
    [secret(undefined), true],
    [secret(undefined, { type: 'kubernetes.io/dockercfg' }), true],
    [secret({ '.dockerconfigjson': '{}' }, { type: 'Opaque' }), false],
    [secret({ '.dockercfg': '{}' }, { type: undefined }), false],
    [secret({ password: 'x' }, { type: 'Opaque' }), false],
    [secret(undefined, { type: undefined, stringData: { '.dockerconfigjson': '{}' } }), false],
  ])('%#', (raw, is) => {
    expect(isRegistrySecret(raw)).toBe(is);
  });
});

describe('parse', () => {
  const config = { '.dockerconfigjson': '{"auths":{"h":{"auth":"dTpw"}}}' };
  it.each<[string, ReturnType<typeof secret>, string, number?]>([
    ['a pull secret', secret(config), 'ok'],
    ['the legacy type', secret({ '.dockercfg': '{"h":{"auth":"dTpw"}}' }, { type: 'kubernetes.io/dockercfg' }), 'ok'],
    ['Opaque with the key', secret(config, { type: 'Opaque' }), 'ok'],
    ['stringData', secret(undefined, { stringData: config }), 'ok'],
    ['stringData over data', secret({ '.dockerconfigjson': 'x' }, { stringData: config }), 'ok'],
    ['no JSON', secret({ '.dockerconfigjson': '{"auths":{é' }), 'not-json', 10],
    ['a position in bytes', secret({ '.dockerconfigjson': '{"é":x}' }), 'not-json', 6],
    ['JSON that ends too early', secret({ '.dockerconfigjson': '{"auths":' }), 'not-json', 9],
    ['JSON that is no object', secret({ '.dockerconfigjson': '[]' }), 'not-json', 0],
    ['no base64', secret(undefined, { data: { '.dockerconfigjson': 'eyJh!' } }), 'not-json', 4],
    ['no auths', secret({ '.dockerconfigjson': '{}' }), 'no-auths'],
    ['null', secret({ '.dockerconfigjson': 'null' }), 'no-auths'],
    ['empty auths', secret({ '.dockerconfigjson': '{"auths":{}}' }), 'no-auths'],
    ['the key of the other type', secret(config, { type: 'kubernetes.io/dockercfg' }), 'missing-key'],
    ['another key', secret({ password: 'p' }), 'missing-key'],
    ['stripped data', secret(undefined), 'redacted'],
    ['emptied data', secret(undefined, { data: { '.dockerconfigjson': '' } }), 'redacted'],
    ['a mark instead of base64', secret(undefined, { data: { '.dockerconfigjson': '***HIDDEN***' } }), 'redacted'],
    ['a mark inside base64', secret({ '.dockerconfigjson': '<redacted:secret:len=80:fp=0a1b>' }), 'redacted'],
    ['a mark in stringData', secret(undefined, { stringData: { '.dockerconfigjson': 'REDACTED' } }), 'redacted'],
    ['a mark in an entry', secret({ '.dockerconfigjson': '{"auths":{"h":{"auth":"[REDACTED]"}}}' }), 'redacted'],
    ['an encrypted value', secret(undefined, { data: { '.dockerconfigjson': 'ENC[AES256_GCM,data:x]' } }), 'redacted'],
    [
      'a value to be filled in',
      secret(undefined, { stringData: { '.dockerconfigjson': '${PULL_SECRET}' } }),
      'redacted',
    ],
  ])('%s', (_, raw, parse, position) => {
    const { entries, ...reduced } = reduce(raw);
    expect({ parse: reduced.parse, position: reduced.position }).toEqual({ parse, position });
    expect(entries.length > 0).toBe(parse === 'ok');
  });
});

describe('entries', () => {
  it.each<[string, unknown, RegistryEntry['credentials'], number?]>([
    ['auth', { auth: base64('pull:secret') }, 'usable'],
    ['auth without padding', { auth: base64('pull:secre').replace(/=+$/, '') }, 'usable'],
    ['username and password', { username: 'pull', password: 'secret' }, 'usable'],
    ['field names in other letter case', { Username: 'pull', PASSWORD: 'secret' }, 'usable'],
    ['nothing', {}, 'absent'],
    ['null', null, 'absent'],
    ['no password', { username: 'pull' }, 'absent'],
    ['auth with an empty password', { auth: base64('pull:') }, 'absent'],
    ['auth beats username and password', { auth: base64(':'), username: 'pull', password: 'secret' }, 'absent'],
    ['an identity token', { identitytoken: 'token' }, 'helper-only'],
    ['a registry token', { registrytoken: 'token' }, 'helper-only'],
    ['bad base64', { auth: 'cHVs!' }, 'undecodable', 4],
    ['base64 with blanks', { auth: 'cHVs bA==' }, 'undecodable', 4],
    ['no colon', { auth: base64('pull') }, 'undecodable'],
    ['a number for a user', { username: 5, password: 'secret' }, 'undecodable'],
    ['a number for a mail address', { email: 5, auth: base64('pull:secret') }, 'undecodable'],
    ['a string for an entry', 'pull:secret', 'undecodable'],
  ])('%s', (_, entry, credentials, position) => {
    const reduced = entryOf(entry);
    expect({ credentials: reduced.credentials, position: reduced.position }).toEqual({ credentials, position });
    expect(reduced.fingerprint !== undefined).toBe(credentials === 'usable');
  });

  it('lists helpers, which serve BuildKit and not the kubelet', () => {
    const { entries, parse } = ofConfig({
      auths: { 'b.example.com': {}, 'a.example.com': { auth: base64('u:p') } },
      credHelpers: { 'b.example.com': 'ecr-login', 'c.example.com': 'gcloud' },
    });
    expect(parse).toBe('ok');
    expect(entries.map(({ host, credentials }) => [host, credentials])).toEqual([
      ['a.example.com', 'usable'],
      ['b.example.com', 'helper-only'],
      ['c.example.com', 'helper-only'],
    ]);
    expect(ofConfig({ credHelpers: { h: 'gcloud' } })).toMatchObject({
      parse: 'no-auths',
      entries: [{ host: 'h', credentials: 'helper-only' }],
    });
    expect(ofConfig({ credsStore: 'desktop', auths: { h: {} } }).entries).toEqual([
      { host: 'h', credentials: 'helper-only' },
    ]);
  });

  it('fingerprints what the credentials are, not how they are written', () => {
    const print = entryOf({ auth: base64('pull:secret') }).fingerprint;
    expect(print).toMatch(/^[0-9a-f]{12}$/);
    for (const [entry, host] of [
      [{ username: 'pull', password: 'secret' }, HOST],
      [{ password: 'secret', username: 'pull', email: 'a@b' }, HOST],
      [{ auth: base64('pull:secret'), username: 'other', password: 'other' }, HOST],
      [{ auth: base64('pull:secret') }, `https://${HOST}/v1/`],
      [{ auth: base64('pull:secret') }, `${HOST}/`],
    ] as const) {
      expect(entryOf(entry, host).fingerprint).toBe(print);
    }
    for (const [entry, host] of [
      [{ auth: base64('pull:secret\n') }, HOST],
      [{ auth: base64('pulls:ecret') }, HOST],
      [{ auth: base64('pull:secret2') }, HOST],
      [{ auth: base64('pull:secret') }, 'other.example.com'],
      [{ auth: base64('pull:secret') }, `${HOST}/team`],
    ] as const) {
      expect(entryOf(entry, host).fingerprint).not.toBe(print);
    }
    expect(entryOf({ auth: base64('u:p') }, 'docker.io').fingerprint).toBe(
      entryOf({ auth: base64('u:p') }, 'https://index.docker.io/v1/').fingerprint,
    );
  });

  it.each([
    'AWS',
    '_json_key',
    '_json_key_base64',
    'oauth2accesstoken',
    '$oauthtoken',
    '00000000-0000-0000-0000-000000000000',
  ])('shows the well-known user %s', (user) => {
    expect(entryOf({ username: user, password: 'p' }).user).toBe(`well-known:${user}`);
  });

  it('shows other users only as fingerprints', () => {
    expect(entryOf({ username: 'licence-1234', password: 'p' }).user).toMatch(/^fp:[0-9a-f]{12}$/);
    expect(entryOf({ username: 'aws', password: 'p' }).user).toMatch(/^fp:/);
  });

  it.each<[string, string, string | undefined]>([
    ['a token', jwt({ exp: 1_700_000_000 }), '2023-11-14T22:13:20.000Z'],
    ['a token without exp', jwt({ sub: 'x' }), undefined],
    ['an absurd exp', jwt({ exp: 1e18 }), undefined],
    ['an exp in text', jwt({ exp: '1700000000' }), undefined],
    ['three words', 'a.b.c', undefined],
    ['a password', 'secret', undefined],
  ])('expiry of %s', (_, password, expiresAt) => {
    expect(entryOf({ username: 'u', password }).expiresAt).toBe(expiresAt);
  });

  it('shows the host without credentials in it', () => {
    expect(entryOf({ auth: base64('u:p') }, 'https://u:hunter2@r.example.com/v1/').host).toBe(
      'https://r.example.com/v1/',
    );
  });
});

describe('when the data was written', () => {
  const creationTimestamp = '2026-01-01T00:00:00Z';
  const wrote = (time: string, ...fields: string[]): unknown => ({
    time,
    fieldsV1: Object.fromEntries(fields.map((field) => [field, {}])),
  });
  it.each<[string, unknown, string | undefined]>([
    ['creation without managedFields', { creationTimestamp }, creationTimestamp],
    ['nothing known', {}, undefined],
    [
      'the last write of data, not of metadata',
      {
        creationTimestamp,
        managedFields: [
          wrote('2026-03-02T00:00:00Z', 'f:data', 'f:type'),
          wrote('2026-03-01T00:00:00Z', 'f:data'),
          wrote('2026-04-01T00:00:00Z', 'f:metadata'),
          wrote('garbage', 'f:data'),
        ],
      },
      '2026-03-02T00:00:00Z',
    ],
  ])('%s', (_, metadata, writtenAt) => {
    expect(
      reduce(secret({ '.dockerconfigjson': '{}' }, { metadata: { name: 's', ...(metadata as object) } })).writtenAt,
    ).toBe(writtenAt);
  });
});

it('keeps type, keys and immutability, and drops managedFields', () => {
  const reduced = reduce(
    secret(
      { '.dockerconfigjson': '{}', b: 'x', a: 'y' },
      { type: 'Opaque', immutable: true, metadata: { name: 's', managedFields: [] } },
    ),
  );
  expect(reduced).toEqual({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's' },
    type: 'Opaque',
    keys: ['.dockerconfigjson', 'a', 'b'],
    immutable: true,
    parse: 'no-auths',
    entries: [],
  });
});

describe('no value survives', () => {
  const CANARY = 'c4n4ryvalue';
  const inside = fc.string({ maxLength: 5 }).map((padding) => `${padding}${CANARY}${padding}`);
  const entry = fc.oneof(
    inside.map((value) => ({ auth: base64(`user:${value}`) })),
    inside.map((value) => ({ auth: base64(`${value}:x`) })),
    inside.map((value) => ({ auth: value })),
    inside.map((value) => ({ username: value, password: value, email: value, [CANARY]: value })),
    inside.map((value) => ({ identitytoken: value, registrytoken: value })),
    inside.map((value) => ({ username: 'u', password: jwt({ exp: 1_700_000_000, sub: value }) })),
    inside,
  );
  const host = fc.constantFrom('h.example.com', `https://u:${CANARY}@h.example.com`, `h.example.com/?t=${CANARY}`);
  const content = fc.oneof(
    fc
      .dictionary(host, entry)
      .map((auths) => JSON.stringify({ auths, HttpHeaders: { a: CANARY }, credsStore: CANARY })),
    inside,
    inside.map((value) => `{"auths":{"h":{"auth":"${value}`),
  );
  const raw = fc
    .tuple(
      content,
      fc.constantFrom('.dockerconfigjson', '.dockercfg', 'other'),
      fc.boolean(),
      fc.constantFrom('Opaque', 'kubernetes.io/dockerconfigjson'),
    )
    .map(([value, key, encoded, type]) =>
      secret(undefined, {
        type,
        [encoded ? 'data' : 'stringData']: { [key]: encoded ? base64(value) : value },
        metadata: {
          name: 's',
          annotations: {
            'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify({
              metadata: { namespace: 'other', annotations: { a: CANARY } },
              stringData: { a: value },
            }),
            'openshift.io/token-secret.value': CANARY,
            note: value,
          },
          managedFields: [{ manager: CANARY }],
        },
      }),
    );

  it('in anything that is made of a Secret', () => {
    fc.assert(
      fc.property(raw, (object) => {
        const text = JSON.stringify(reduce(object));
        expect(text).not.toContain(CANARY);
        expect(text).not.toContain(base64(CANARY).slice(0, 12));
        expect(text).toContain('{\\"metadata\\":{\\"namespace\\":\\"other\\"}}');
      }),
      { numRuns: 300 },
    );
  });
});
