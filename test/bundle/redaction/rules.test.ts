import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { RULES } from '../../../src/bundle/redaction/rules.ts';
import { SHAPES } from '../../../src/bundle/redaction/shapes.ts';
import { configMap, customResource, fluxObject, newRedactor, podWith, redactLog, redactObject } from './redacting.ts';

type Redacting = (reveal: readonly string[]) => string;

const A = (length: number): string => 'Ab3dEfGh1jKlMn0pQrStUvWxYz2'.repeat(20).slice(0, length);
const hex = (length: number): string => '0f1e2d3c4b5a6978'.repeat(20).slice(0, length);
const base64 = (text: string): string => Buffer.from(text).toString('base64');

const inLog = (secret: string, line = `saw ${secret} there`): readonly [secret: string, redact: Redacting] => [
  secret,
  (reveal) => redactLog(`${line}\n`, newRedactor(reveal)),
];
const inObject = (secret: string, object: unknown): readonly [secret: string, redact: Redacting] => [
  secret,
  (reveal) => redactObject(object, newRedactor(reveal)).bytes.toString(),
];

/** For each shape a secret that only this one finds, in the order of its keywords and kinds. */
const SHAPED: Readonly<Record<string, readonly string[]>> = {
  'aws-key-id': ['AKIAIOSFODNN7EXAMPLE'.replace('7EX', 'ZEX')],
  'aws-secret': [],
  gcp: [`AIza${A(35)}`, `ya29.${A(40)}`, `GOCSPX-${A(28)}`],
  azure: [`Ab38Q~${A(34)}`],
  github: [`ghp_${A(36)}`, `ghs_${A(36)}`, `github_pat_${A(82)}`],
  gitlab: [`glpat-${A(20)}`, `glrt-${A(20)}`, `glagent-${A(50)}`, `GR1348941${A(20)}`],
  slack: [`xoxb-${A(40)}`, `xapp-1-${A(40)}`],
  stripe: [`sk_live_${A(24)}`, `rk_test_${A(24)}`, `whsec_${A(32)}`],
  openai: [`sk-${A(48)}`, `sk-proj-${A(80)}`],
  anthropic: [`sk-ant-api03-${A(93)}AA`],
  huggingface: [`hf_${A(34)}`, `api_org_${A(34)}`],
  'other-ai': [
    ...[`gsk_${A(52)}`, `pplx-${A(48)}`, `lsv2_pt_${hex(32)}_${hex(10)}`, `dapi${hex(32)}`, `r8_${A(37)}`],
    ...[`tvly-${A(32)}`, `xai-${A(80)}`, `nvapi-${A(64)}`],
  ],
  'platform-token': [
    ...[`npm_${A(36)}`, `pypi-AgEIcHlwaS5vcmc${A(80)}`, `SG.${A(22)}.${A(43)}`, `hvs.${A(90)}`, `dp.pt.${A(43)}`],
    ...[`dop_v1_${hex(64)}`, `glsa_${A(32)}_${hex(8)}`, `glc_${A(60)}`, `lin_api_${A(40)}`, `ntn_${A(46)}`],
    ...[`ops_eyJ${A(250)}`, `sntrys_${A(60)}`, `NRAK-${A(27).toUpperCase()}`, `SK${hex(32)}`, `sha256~${A(43)}`],
    ...[`AGE-SECRET-KEY-1${A(58).toUpperCase()}`, `dckr_pat_${A(27)}`],
  ],
  crypt: [
    `$2y$10$${A(53)}`,
    `$6$salt$${A(86)}`,
    `$argon2id$v=19$m=65536,t=3,p=4$${A(22)}$${A(43)}`,
    `$apr1$${A(8)}$${A(22)}`,
  ],
  'auth-header': [A(24)],
  'webhook-url': [`T0000/B0000/${A(24)}`],
};

const jwt = `${base64('{"alg":"HS256","typ":"JWT"}').replace(/=+$/, '')}.${base64('{"sub":"1234567890"}').replace(/=+$/, '')}.${A(43)}`;

/** Ways to give a patch that kustomize knows. */
const PATCHES: readonly object[] = [
  { patches: [{ patch: `- op: add\n  path: /spec/greeting\n  value: ${A(12)}\n`, target: { kind: 'Widget' } }] },
  { patchesStrategicMerge: [{ apiVersion: 'v1', kind: 'Widget', metadata: { name: 'w' }, spec: { greeting: A(12) } }] },
  { patchesJson6902: [{ target: { kind: 'Widget' }, patch: [{ op: 'add', path: '/spec/greeting', value: A(12) }] }] },
];

/** For each rule secrets that are hidden by it alone. */
const SAMPLES: Readonly<Record<string, readonly (readonly [secret: string, redact: Redacting])[]>> = {
  ...Object.fromEntries(
    Object.entries(SHAPED).map(([rule, secrets]) => [rule, secrets.map((secret) => inLog(secret))]),
  ),

  'aws-secret': [inLog(A(40), `row AKIAIOSFODNNZEXAMPLE,${A(40)},x`)],
  'auth-header': [
    inLog(A(24), `sent Bearer ${A(24)} on`),
    inLog(A(24), `Authorization: Custom ${A(24)}`),
    inLog(base64(`user:${A(12)}`), `header "Basic ${base64(`user:${A(12)}`)}"`),
  ],
  'webhook-url': [
    inLog(A(24), `POST https://hooks.slack.com/services/T0000/B0000/${A(24)}`),
    inLog(A(24), `POST https://x.webhook.office.com/webhookb2/${A(24)}/y`),
    inLog(A(24), `POST https://discord.com/api/webhooks/1234567890/${A(24)}`),
  ],
  argument: [
    inLog(A(12), `run --api-key ${A(12)} x`),
    inLog(A(12), `curl -u me:${A(12)} x`),
    inLog(A(12), `curl --user me:${A(12)} x`),
    inLog(A(12), `mysql -p${A(12)} x`),
    inLog(A(12), `mariadb-dump -p${A(12)} x`),
    inLog(A(12), `sshpass -p ${A(12)} ssh x`),
    inLog(A(12), `redis-cli -a ${A(12)} x`),
    inLog(A(12), `docker login -p ${A(12)} x`),
    inLog(A(12), `machine h login u password ${A(12)}`),
    inLog(A(12), `IDENTIFIED BY '${A(12)}'`),
    inObject(A(12), podWith({ args: ['--api-key', A(12)] })),
  ],
  'config-map-binary': [
    inObject(base64(`\0\u0001${A(12)}`), { ...configMap({}), binaryData: { x: base64(`\0\u0001${A(12)}`) } }),
    inLog(base64(`\0\u0001${A(12)}`), `binaryData:\n  x: ${base64(`\0\u0001${A(12)}`)}`),
  ],
  connection: [inLog(A(12), `open app:${A(12)}@tcp(db:3306)/app`)],
  cookie: [inLog(A(12), `Cookie: theme=${A(12)}`)],
  'env-name': [
    inObject(A(12), podWith({ env: [{ name: 'DB_PASSWORD', value: A(12) }] })),
    inLog(A(12), `name: DB_PASSWORD\nvalue: ${A(12)}`),
  ],
  'field-name': [
    inObject(A(12), customResource({ password: A(12) })),
    inObject('123456', customResource({ password: 123456 })),
  ],
  'flux-address': [
    inObject(A(12), {
      apiVersion: 'notification.toolkit.fluxcd.io/v1',
      kind: 'Provider',
      spec: { address: `https://h/${A(12)}` },
    }),
  ],
  // Each field of its own: no name and no shape says what is in it.
  'flux-digest': [
    ...['lastAttemptedConfigDigest', 'lastAttemptedValuesChecksum', 'observedPostRenderersDigest'].map((field) =>
      inObject(hex(64), fluxObject('HelmRelease', {}, { [field]: `sha256:${hex(64)}` })),
    ),
    ...['digest', 'configDigest'].map((field) =>
      inObject(hex(64), fluxObject('HelmRelease', {}, { history: [{ [field]: `sha256:${hex(64)}` }] })),
    ),
  ],
  'flux-settings': [
    ...[{ greeting: A(12) }, { deep: [{ greeting: [A(12)] }] }, { settings: `greeting=${A(12)}\n` }].map((values) =>
      inObject(A(12), fluxObject('HelmRelease', { values })),
    ),
    inObject('4815162342', fluxObject('HelmRelease', { values: { greeting: 4815162342 } })),
    ...PATCHES.map((patches) =>
      inObject(A(12), fluxObject('HelmRelease', { postRenderers: [{ kustomize: patches }] })),
    ),
    ...PATCHES.map((patches) => inObject(A(12), fluxObject('Kustomization', patches))),
    inObject(A(12), fluxObject('Kustomization', { postBuild: { substitute: { greeting: A(12) } } })),
  ],
  'flux-webhook-path': [
    inObject(A(12), {
      apiVersion: 'notification.toolkit.fluxcd.io/v1',
      kind: 'Receiver',
      status: { webhookPath: `/hook/${A(12)}` },
    }),
  ],
  jwt: [inLog(jwt)],
  'key-value': [inLog(A(12), `password=${A(12)}`), inLog('4815162342', `{"password":4815162342}`)],
  'known-value': [
    [
      A(12),
      (reveal) => {
        const redactor = newRedactor(reveal);
        redactor.learnSecret({ kind: 'Secret', metadata: { name: 'x' }, ...{ stringData: { x: A(12) } } });
        return redactLog(`saw ${A(12)} there\n`, redactor);
      },
    ],
  ],
  'last-applied': [
    inObject(A(12), {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 's', annotations: { 'kubectl.kubernetes.io/last-applied-configuration': `{"x":"${A(12)}"}` } },
    }),
    inLog(A(12), `kubectl.kubernetes.io/last-applied-configuration: '{"x":"${A(12)}"}'`),
  ],
  'private-key': [inLog(A(60), `-----BEGIN PRIVATE KEY-----\n${A(60)}\n-----END PRIVATE KEY-----`)],
  'sealed-data': [
    inObject(A(40), {
      apiVersion: 'bitnami.com/v1alpha1',
      kind: 'SealedSecret',
      spec: { encryptedData: { x: A(40) } },
    }),
    inLog(A(40), `encryptedData:\n  x: ${A(40)}`),
  ],
  'secret-data': [
    inObject(base64(A(12)), { apiVersion: 'v1', kind: 'Secret', data: { x: base64(A(12)) } }),
    inLog(base64(A(12)), `kind: Secret\ndata:\n  x: ${base64(A(12))}`),
    inLog(A(12), `stringData:\n  x: ${A(12)}`),
  ],
  unreadable: [
    inLog(
      gzipSync(Buffer.alloc(2 * 1024 * 1024)).toString('base64'),
      `saw ${gzipSync(Buffer.alloc(2 * 1024 * 1024)).toString('base64')} there`,
    ),
  ],
  'url-query': [inLog(A(12), `GET https://h/x?code=${A(12)}&y=1`)],
  'url-userinfo': [inLog(A(12), `dial amqp://u:${A(12)}@h`)],
};

describe('each rule', () => {
  it.each(RULES)('%s hides what no other rule hides', (rule) => {
    const samples = SAMPLES[rule] ?? [];
    expect(samples.length).toBeGreaterThan(0);
    for (const [secret, redact] of samples) {
      const output = redact([]);
      expect(output).not.toContain(secret);
      expect(output).toMatch(new RegExp(`<redacted:${rule}:|PHJlZGFjdGVkO|"(?:password|greeting)":0`));
      expect(redact([rule]), 'without it').toContain(secret);
    }
  });

  it('has a sample for every keyword of every shape', () => {
    const texts = Object.values(SHAPED)
      .flat()
      .map((text) => text.toLowerCase());
    const used = SHAPES.filter(
      ({ rule }) => (SHAPED[rule] ?? []).length > 0 && !['auth-header', 'webhook-url'].includes(rule),
    );
    const missing = used.filter(({ keywords }) => !keywords.some((word) => texts.some((text) => text.includes(word))));
    expect(missing.map(({ keywords }) => keywords)).toEqual([]);
  });

  it('is looked for in encodings too, and revealed there too', () => {
    const token = `ghp_${A(36)}`;
    expect(redactLog(`x ${base64(`a b ${token} c`)} y\n`)).toMatch(
      /^x <redacted:decoded-github:len=\d+:fp=[0-9a-f]{12}> y\n$/,
    );
    expect(redactLog(`x ${base64(`a b ${token} c`)} y\n`, newRedactor(['github']))).toContain(base64(`a b ${token} c`));
  });
});
