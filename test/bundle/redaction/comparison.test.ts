import { describe, expect, it } from 'vitest';
import { configMap, customResource, newRedactor, podWith, redactLog, redactObject } from './redacting.ts';

/** No detector knows it by its shape. */
const C = 'CANARY001xQ7kTz9Lw2Rb5';

const environment = (name: string, value: string) => podWith({ env: [{ name, value }] });
const annotated = (key: string, value: string) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 's', namespace: 'crewai', annotations: { [key]: value } },
});
const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const PEM = `-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA${C}\nabc${C}==\n-----END RSA PRIVATE KEY-----`;

/** Shapes in objects, numbered as in a comparison with the default redactors of troubleshoot.sh, which leak most. */
const OBJECTS: readonly (readonly [number, unknown])[] = [
  [1, environment('OPENAI_API_KEY', `sk-${C}`)],
  [2, environment('SECRET_KEY_BASE', C)],
  [3, environment('API_ENCRYPTION_KEY', C)],
  [4, environment('DB_PASS', C)],
  [5, environment('DB_PASSWORD', C)],
  [6, environment('GITHUB_TOKEN', C)],
  [7, environment('AWS_SECRET_ACCESS_KEY', C)],
  [8, environment('DATABASE_URL', `postgres://u:${C}@db/app`)],
  [9, environment('REDIS_URL', `redis://:${C}@redis:6379/0`)],
  [10, environment('REDIS_URL', `redis://:${C}@redis:6379`)],
  [11, environment('BROKER_URL', `amqp://u:a:${C}@mq:5672//`)],
  [12, environment('GOOGLE_ACCOUNT', JSON.stringify({ type: 'service_account', private_key: PEM }))],
  [13, environment('JWT_SIGNING_KEY', C)],
  [14, environment('LICENSE_ID', C)],
  [15, configMap({ OPENAI_API_KEY: `sk-${C}` })],
  [16, configMap({ DB_PASSWORD: C })],
  [17, configMap({ 'app.yaml': `db:\n  password: ${C}\n` })],
  [18, configMap({ '.env': `DB_PASSWORD=${C}\n` })],
  [19, annotated(LAST_APPLIED, JSON.stringify(environment('DB_PASSWORD', C)))],
  [20, annotated(LAST_APPLIED, JSON.stringify(environment('OPENAI_API_KEY', C)))],
  [21, annotated(LAST_APPLIED, JSON.stringify({ kind: 'Secret', stringData: { password: C } }))],
  [22, podWith({ args: [`--api-key=${C}`] })],
  [23, podWith({ args: [`--password=${C}`] })],
  [24, annotated('backup.velero.io/command', `["bash","-c","PGPASSWORD=${C} pg_dump"]`)],
  [25, customResource({ password: C })],
  [26, customResource({ apiKey: C })],
  [27, podWith({ livenessProbe: { httpGet: { httpHeaders: [{ name: 'Authorization', value: `Bearer ${C}` }] } } })],
  [
    28,
    {
      apiVersion: 'admissionregistration.k8s.io/v1',
      kind: 'ValidatingWebhookConfiguration',
      metadata: { name: 'hook' },
      webhooks: [{ name: 'a.b.c', clientConfig: { url: `https://hook/x?token=${C}` } }],
    },
  ],
  [
    29,
    {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: 'e' },
      message: `Failed to pull https://u:${C}@registry.io/x`,
    },
  ],
  [30, podWith({}, { message: `401 Authorization: Bearer ${C}` })],
];

const JWT = `eyJhbGciOiJIUzI1NiJ9.${Buffer.from(JSON.stringify({ sub: C })).toString('base64url')}.${C}`;

const LOGS: readonly (readonly [number, string])[] = [
  [31, `Authorization: Bearer ${JWT}`],
  [32, `Authorization: Basic ${Buffer.from(`user:${C}`).toString('base64')}`],
  [33, `connect password=${C}`],
  [34, `Server=h;password=${C};Database=d;`],
  [35, `  rootPassword: '${C}'`],
  [36, `{"level":"info","password":"${C}"}`],
  [37, `{"apiKey":"${C}"}`],
  [38, `OPENAI_API_KEY=sk-${C}`],
  [39, `Incorrect API key provided: sk-proj-${C}`],
  [40, PEM],
  [41, `aws_secret_access_key=${C}`],
  [42, `dial postgres://u:${C}@h:5432/db?sslmode=require`],
  [43, `dial redis://:${C}@h:6379`],
  [44, `user:${C}@tcp(db:3306)/app`],
  [45, `clone https://u:${C}@github.com/x/y`],
  [46, `clone https://${C}@github.com/x/y`],
  [47, `Set-Cookie: session=${C}; HttpOnly`],
  [48, `GET /b/k?X-Amz-Signature=${C}&X-Amz-Date=1`],
  [49, `POST https://hooks.slack.com/services/T00000000/B00000000/${C}`],
];

/** Kept here, and hidden by the default redactors of troubleshoot.sh. */
const KEPT_ENVIRONMENT: readonly (readonly [string, string])[] = [
  ['MAX_TOKENS', '4096'],
  ['DATABASE_POOL_SIZE', '5'],
  ['USER_SERVICE_SERVICE_HOST', '10.96.0.7'],
  ['TOKENIZERS_PARALLELISM', 'false'],
];
const KEPT_LOGS: readonly string[] = [
  'dial http://10.0.0.1:8080 failed, notify ops@example.com please',
  'location = /healthz { return 200; }',
  'audit uid=1000; gid=1000',
  'restart server = worker-7; ok',
  'SELECT 1 FROM t WHERE database = app; rows=3',
];

describe('the comparison corpus', () => {
  it.each(OBJECTS)('catches object shape %i', (_, object) => {
    const text = redactObject(object).bytes.toString();
    expect(text).not.toContain(C);
    expect(text).toContain('<redacted:');
  });

  it.each(LOGS)('catches log shape %i: %s', (_, line) => {
    const text = redactLog(`before\n${line}\nafter\n`);
    expect(text).not.toContain(C);
    expect(text).toMatch(/^before\n[^]*<redacted:[^]*\nafter\n$/);
  });

  it('catches shape 50, base64 of a value of a Secret in a log', () => {
    const redactor = newRedactor();
    const password = Buffer.from(`s3cr3t${C}`).toString('base64');
    redactor.learnSecret({ apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, ...{ data: { password } } });
    for (const before of ['', 'a', 'ab']) {
      const encoded = Buffer.from(`${before}s3cr3t${C}`).toString('base64');
      const text = redactLog(`value ${encoded} seen\n`, redactor);
      expect(text).toMatch(/^value <redacted:known-value:len=28:fp=[0-9a-f]{12}> seen\n$/);
    }
  });

  it.each(KEPT_ENVIRONMENT)('keeps %s', (name, value) => {
    const object = environment(name, value);
    expect(redactObject(object)).toMatchObject({ value: object, counts: [] });
  });

  it.each(KEPT_LOGS)('keeps %s', (line) => {
    expect(redactLog(`${line}\n`)).toBe(`${line}\n`);
  });
});
