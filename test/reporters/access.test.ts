import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import stringWidth from 'string-width';
import { describe, expect, it } from 'vitest';
import type { AccessDocument } from '../../src/model/access-document.ts';
import { createAccessReporter } from '../../src/reporters/access.ts';
import { bound, granted, matrix, who, whyDocumentOf } from '../support/access.ts';
import { documents } from '../support/events.ts';
import type { Scenario } from '../support/scenario.ts';
import { OPTIONS } from './sample-reports.ts';

const orgs = Array.from({ length: 41 }, (_, index) => index + 1);
const ACCOUNT = '{kind: ServiceAccount, name: crewai-sa, namespace: crewai}';
const binding = (org: number): string => `RoleBinding/crewai-org-${String(org)}/crewai-sa-edit`;
const broken: Scenario = {
  base: { orgs, crewsPerOrg: 0 },
  without: [binding(17), binding(18)],
  with: documents(
    granted('crewai-org-5', 'crewai-sa-edit', ACCOUNT, '{verbs: [get, list], apiGroups: ["", apps], resources: ["*"]}'),
    granted(undefined, 'wide', ACCOUNT, '{verbs: [get, list], apiGroups: [""], resources: [secrets]}'),
    bound(
      'crewai-org-9',
      'neighbour',
      '{kind: ServiceAccount, name: x, namespace: crewai-org-8}',
      '{kind: ClusterRole, name: edit}',
    ),
    bound(
      'crewai-org-9',
      'everybody',
      '{kind: Group, name: "system:serviceaccounts"}',
      '{kind: ClusterRole, name: edit}',
    ),
    bound(
      'crewai-org-18',
      'crewai-sa-edit',
      '{kind: ServiceAccount, name: crewai-sa}',
      '{kind: ClusterRole, name: edit}',
    ),
  ),
  faults: [{ resource: 'rolebindings.rbac.authorization.k8s.io', namespace: 'crewai-org-30' }],
};
const hostile: Scenario = {
  with: bound(
    'crewai-org-1',
    'x\\u001b[31m\\nFAKE',
    '{kind: User, name: "a\\u202eb"}',
    '{kind: ClusterRole, name: edit}',
  )
    .replace('name: x', 'name: "x')
    .replace('FAKE', 'FAKE"'),
};

const DOCUMENTS: Readonly<Record<string, () => AccessDocument>> = {
  'matrix-broken': () => matrix(broken).document,
  'matrix-clean': () => matrix({ base: { orgs, crewsPerOrg: 0 } }).document,
  'why-allowed': () => whyDocumentOf({ server: 'allowed' }, 'crewai/crewai-sa create deploy -n crewai-org-1'),
  'why-denied': () =>
    whyDocumentOf({ ...broken, server: 'denied' }, 'crewai/crewai-sa create deployments.apps -n crewai-org-18'),
  'why-unknown': () => whyDocumentOf({ completeness: 'none' }, 'crewai/crewai-sa get nodes'),
  who: () => who(broken, 'get secrets').document,
};
const names = Object.keys(DOCUMENTS);
const table = createAccessReporter('table');

describe.each(names)('%s', (name) => {
  it.each([60, 80, 100])('in %d columns', async (width) => {
    const text = table(DOCUMENTS[name]!(), { ...OPTIONS, width });
    await expect(text).toMatchFileSnapshot(`../goldens/access-${name}-${String(width)}.txt`);
    const prose = text.split('\n').filter((line) => !/^(fix)? *(# )?(kubectl|for ns) /.test(line));
    expect(prose.filter((line) => stringWidth(line) > width && line.trim().split(' ').length > 2)).toEqual([]);
    expect(text).not.toMatch(/ \n|\n\n\n/);
  });

  it('in ASCII', () => {
    expect(table(DOCUMENTS[name]!(), { ...OPTIONS, width: 80, ascii: true })).toMatch(/^[\x20-\x7e\n]*\n$/);
  });

  it('is the same text with colours taken away', () => {
    const options = { ...OPTIONS, width: 80 };
    const colored = table(DOCUMENTS[name]!(), { ...options, color: true });
    expect(colored).toContain('\u001b[');
    // eslint-disable-next-line no-control-regex -- colours
    expect(colored.replaceAll(/\u001b\[\d+m/g, '')).toBe(table(DOCUMENTS[name]!(), options));
  });
});

it('hostile names reach no terminal', () => {
  const document = who(hostile, 'get secrets').document;
  const text = table(document, { ...OPTIONS, width: 80 });
  expect(text).toContain('FAKE');
  // eslint-disable-next-line no-control-regex -- that is what must not be there
  expect(text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f\u202e]|\nFAKE/);
});

describe('schemas/access.schema.json', () => {
  const schema = JSON.parse(
    readFileSync(fileURLToPath(new URL('../../schemas/access.schema.json', import.meta.url)), 'utf8'),
  ) as Record<string, unknown>;

  /** Readers must take unknown fields; we must not write any that the schema does not name. */
  function closed(value: unknown): unknown {
    if (Array.isArray(value)) return value.map(closed);
    if (typeof value !== 'object' || value === null) return value;
    const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, closed(inner)]));
    return 'properties' in copy && copy.type === 'object' ? { ...copy, additionalProperties: false } : copy;
  }
  const validatorOf = (source: unknown): ((document: unknown) => string[]) => {
    const ajv = new Ajv2020({ strict: true, strictRequired: false, strictTypes: false, allErrors: true });
    addFormats.default(ajv);
    const validate = ajv.compile(source as Record<string, unknown>);
    return (document) =>
      validate(document) ? [] : (validate.errors ?? []).map((e) => `${e.instancePath} ${e.message ?? ''}`);
  };
  const errorsOf = validatorOf(closed(schema));
  const json = createAccessReporter('json');

  it.each(names)('describes %s', (name) => {
    expect(errorsOf(JSON.parse(json(DOCUMENTS[name]!(), OPTIONS)))).toEqual([]);
  });

  it.each<[string, object]>([
    ['another view than the answer', { view: 'who' }],
    ['an unknown answer', { why: { ...DOCUMENTS['why-denied']!(), answer: 'perhaps' } }],
    ['a missing exit', { exit: undefined }],
    ['a field that it does not name', { secret: 'x' }],
  ])('refuses %s', (_, change) => {
    expect(errorsOf(JSON.parse(JSON.stringify({ ...DOCUMENTS['why-denied']!(), ...change })))).not.toEqual([]);
  });

  it('lets readers meet fields of later versions', () => {
    expect(validatorOf(schema)({ ...DOCUMENTS.who!(), later: 1 })).toEqual([]);
  });
});
