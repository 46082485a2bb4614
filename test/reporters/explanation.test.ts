import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import { explanationDocument, type ExplanationDocument, type FoundOut } from '../../src/kubernetes/denial-document.ts';
import { denialsOf } from '../../src/kubernetes/denial-log.ts';
import { explanationJson, explanationText, explanationYaml } from '../../src/reporters/explanation.ts';
import { CORPUS } from '../kubernetes/denial-corpus.ts';

const schema = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../schemas/explanation.schema.json', import.meta.url)), 'utf8'),
) as Record<string, unknown>;

const documentOf = (text: string, look?: () => FoundOut): ExplanationDocument =>
  explanationDocument(denialsOf(text), { version: '0.1.0', namespace: 'here', ...(look ? { look } : {}) });
const everything = documentOf(CORPUS.map(({ text }) => `2026-11-20T09:41:00Z ${text}`).join('\n--\n'));
const [first] = CORPUS;
const one = first!.text;
const denied = documentOf(`2026-11-20T09:41:00Z ${one}\n2026-11-20T09:52:00Z ${one}`, () => ({
  now: {
    state: 'denied',
    model: 'denied',
    server: 'denied',
    why: [
      'the API server answers: denied',
      'RoleBinding a/b to ClusterRole edit gives it, but is for ServiceAccount x/y',
    ],
    gaps: [
      {
        resource: 'roles.rbac.authorization.k8s.io',
        namespace: 'a',
        reason: 'forbidden',
        detail: 'was refused (403)',
        http: 403,
        grant: { verb: 'list', group: 'rbac.authorization.k8s.io', resource: 'roles' },
      },
    ],
  },
  findings: [
    {
      id: '0123456789abcdef',
      check: 'rbac-access-missing',
      severity: 'critical',
      message: 'ServiceAccount crewai/crewai-sa may do nothing',
      object: { apiVersion: 'v1', kind: 'Namespace', name: 'crewai-org-4' },
    },
  ],
}));
const allowed = documentOf(one, () => ({ now: { state: 'allowed', why: ['RBAC: allowed'], gaps: [] } }));
const unknown = documentOf(one, () => ({ now: { state: 'unknown', why: ['not everything was seen'], gaps: [] } }));

const OPTIONS = { color: false, width: 80, ascii: false };
const prose = (text: string): readonly string[] =>
  text.split('\n').filter((line) => !/^(?:do)? {8,10}(?:# )?kubectl /.test(line));

describe('as text', () => {
  it.each([60, 80])('every class, in %d columns', async (width) => {
    const text = explanationText(everything, { ...OPTIONS, width });
    await expect(text).toMatchFileSnapshot(`../goldens/explanation-${String(width)}.txt`);
    const long = prose(text).filter((line) => stringWidth(line) > width && line.trim().split(' ').length > 3);
    expect(long).toEqual([]);
  });

  it('of what is still denied', async () => {
    await expect(explanationText(denied, OPTIONS)).toMatchFileSnapshot('../goldens/explanation-denied.txt');
    await expect(explanationText(denied, { ...OPTIONS, color: true })).toMatchFileSnapshot(
      '../goldens/explanation-denied-colour.txt',
    );
  });

  it('of what is allowed now: nothing to be done about it', () => {
    expect(explanationText(allowed, OPTIONS)).not.toContain('kubectl -n');
    expect(explanationText(allowed, OPTIONS)).toContain('ALLOWED NOW');
  });

  it('in ASCII, without changing commands', () => {
    const text = explanationText(documentOf(one.replace('docker-registry', 'größe…')), { ...OPTIONS, ascii: true });
    expect(text).toContain('get secrets "gr??e..."');
    expect(text).toContain("--resource-name='größe…'");
  });

  it('of so many that nobody would read them', () => {
    const text = Array.from({ length: 30 }, (_, at) => one.replace('crewai-org-4', `n${String(at)}`)).join('\n');
    expect(explanationText(documentOf(text), OPTIONS)).toMatch(/^30 refusals, 30 different ones/);
    expect(explanationText(documentOf(text), OPTIONS)).toContain('10 different ones more');
  });

  it('whatever a message holds, it is harmless for a terminal and one line stays one line', () => {
    const text = explanationText(documentOf('admission webhook "w" denied the request: a\u001b[2Jb\u202ec'), OPTIONS);
    // eslint-disable-next-line no-control-regex -- this is what must not be there
    expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
    const user = documentOf(
      String.raw`pods is forbidden: User "a\nkubectl delete ns x" cannot list resource "pods" in API group "" in the namespace "a"`,
    );
    expect(explanationText(user, OPTIONS)).not.toMatch(/^kubectl delete|^\s*kubectl delete/m);
  });
});

describe('exit codes', () => {
  it.each([
    ['explained', everything, 0],
    ['denied', denied, 1],
    ['unknown', unknown, 3],
    ['allowed', allowed, 0],
  ])('%s', (_title, document, code) => {
    expect(document.exit.code).toBe(code);
  });
  it('denied counts more than unknown', () => {
    let at = 0;
    const states = ['unknown', 'denied', 'allowed'] as const;
    const text = ['a', 'b', 'c'].map((name) => one.replace('crewai-org-4', name)).join('\n');
    const look = (): FoundOut => ({ now: { state: states[at++] ?? 'allowed', why: [], gaps: [] } });
    expect(documentOf(text, look).exit).toMatchObject({ code: 1, reasons: [expect.any(String), expect.any(String)] });
  });
});

/** Readers must take unknown fields; we must not write any that the schema does not name. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, closed(inner)]));
  return 'properties' in copy && copy.type === 'object' ? { ...copy, additionalProperties: false } : copy;
}

describe('schemas/explanation.schema.json', () => {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true });
  addFormats.default(ajv);
  const validate = ajv.compile(closed(schema) as Record<string, unknown>);
  it.each([
    ['every class', everything],
    ['denied', denied],
    ['allowed', allowed],
  ])('describes what is written: %s', (_title, document) => {
    validate(JSON.parse(explanationJson(document)));
    expect(validate.errors ?? []).toEqual([]);
  });

  it.each([
    ['an unknown class', { class: 'other' }],
    ['a missing headline', { headline: undefined }],
    ['a field that it does not name', { secret: 'x' }],
    ['a state that is none', { now: { state: 'maybe', why: [], gaps: [] } }],
  ])('refuses %s', (_title, change) => {
    const document = JSON.parse(explanationJson(one ? documentOf(one) : everything)) as { refusals: object[] };
    document.refusals[0] = { ...document.refusals[0], ...change };
    expect(validate(JSON.parse(JSON.stringify(document)))).toBe(false);
  });
});

it('YAML holds the same as JSON', () => {
  expect(explanationYaml(denied, (value) => JSON.stringify(value))).toBe(
    JSON.stringify(JSON.parse(explanationJson(denied))),
  );
});
