import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PseudonymousRedactor } from '../../../src/bundle/redaction/pseudonymous.ts';
import { Pseudonyms, type LearnedName } from '../../../src/bundle/redaction/pseudonyms.ts';
import { Redactor } from '../../../src/bundle/redaction/redactor.ts';

const KEY = Buffer.alloc(32, 3);

/** Of texts, and names that are known besides. */
function learned(texts: readonly string[], names: readonly LearnedName[] = []): Pseudonyms {
  const pseudonyms = new Pseudonyms({ key: KEY, kinds: ['orgs'] });
  for (const name of names) pseudonyms.learnName(name);
  for (const text of texts) pseudonyms.learnText(text, true);
  pseudonyms.settle();
  return pseudonyms;
}

/** With `{4}` for the pseudonym of 4, and so on. */
function renamed(text: string, names: readonly string[] = []): string {
  const pseudonyms = learned(
    [text],
    names.map((name) => ({ name })),
  );
  let shown = pseudonyms.replace(text, true);
  for (const [name, given] of pseudonyms.all()) shown = shown.replaceAll(given, `{${name}}`);
  return shown;
}

describe('ids of organizations', () => {
  it.each([
    ['crewai-org-4', 'crewai-org-{4}'],
    ['crewai-org-4/org-4-crew-12-sales-web-6d7', 'crewai-org-{4}/org-{4}-crew-12-sales-web-6d7'],
    ['buildkit-org-4-crew-12-x', 'buildkit-org-{4}-crew-12-x'],
    ['crewai-org-4 crewai-org-42', 'crewai-org-{4} crewai-org-{42}'],
    ['crewai-org-04', 'crewai-org-0{4}'],
    ['{"labels":{"org-id":"org-4"}}', '{"labels":{"org-id":"org-{4}"}}'],
    ['{"org-id":"4","n":4}', '{"org-id":"{4}","n":4}'],
    ['{"orgId": 4, "count": 4}', '{"orgId": {4}, "count": 4}'],
    ['{"organization_id":4}', '{"organization_id":{4}}'],
    ['{"orgIds":[4, 7],"crews":[4]}', '{"orgIds":[{4}, {7}],"crews":[4]}'],
    ['{"org":"4"}', '{"org":"{4}"}'],
    ['"{\\"org_id\\":4,\\"a\\":\\"\\norg-4\\"}"', '"{\\"org_id\\":{4},\\"a\\":\\"\\norg-{4}\\"}"'],
    ['{"name":"ORG_ID","value":"4"}', '{"name":"ORG_ID","value":"{4}"}'],
    ['- name: ORG_ID\n  value: "4"', '- name: ORG_ID\n  value: "{4}"'],
    ['{"name": "ORG_ID",\n "value": "4"}', '{"name": "ORG_ID",\n "value": "{4}"}'],
    ['org-id: 4', 'org-id: {4}'],
    ['org-id in (org-4, org-7)', 'org-id in (org-{4}, org-{7})'],
    ['currentOrgId=4 crew=4', 'currentOrgId={4} crew=4'],
    ['GET /organizations/4/crews/4 200', 'GET /organizations/{4}/crews/4 200'],
    ['organization 4 has 4 crews', 'organization {4} has 4 crews'],
    ['--org 4,7 --tail 4', '--org {4},{7} --tail 4'],
    ['ORG_4_TOKEN', 'ORG_{4}_TOKEN'],
    ['%2Forg-4%2F \\u003corg-4\\u003e \\torg-4', '%2Forg-{4}%2F \\u003corg-{4}\\u003e \\torg-{4}'],
    ['\u001b[32morg-4\u001b[0m', '\u001b[32morg-{4}\u001b[0m'],
  ])('%s', (text, expected) => {
    expect(renamed(text)).toBe(expected);
  });

  it.each([
    'org-4abc',
    'cyborg-4',
    'organic 4',
    '{"organization":"acme","replicas":4}',
    'org: 2026-11-20',
    'morgen 4',
    'https://x.org:4/',
    'crew-4',
    '{"bytesPerOrg":4,"crews_per_org":4}',
    '4 crews per org: 4',
    'organizations: 3 of 4',
  ])('are not in %s', (text) => {
    expect(learned([text, 'org-4']).replace(text, true)).toBe(text);
  });

  it('are numbers of 32 bits that no other organization has, and the same with the same key', () => {
    const text = Array.from({ length: 2000 }, (_, index) => `org-${String(index + 1)}`).join(' ');
    const pseudonyms = learned([text]);
    const given = [...pseudonyms.replace(text, true).matchAll(/org-(\d+)/g)].map(([, id]) => Number(id));
    expect(new Set(given).size).toBe(2000);
    expect(given.every((id) => id >= 100_000_000 && id < 1_000_000_000)).toBe(true);
    expect(learned(['org-4']).replace('org-4', true)).toBe(pseudonyms.replace('org-4', true));
  });

  it('are never what another one is called', () => {
    const [, taken = ''] = /org-(\d+)/.exec(learned(['org-4']).replace('org-4', true)) ?? [];
    const both = learned([`org-4 org-${taken}`]);
    expect(both.replace('org-4', true)).not.toBe(`org-${taken}`);
    expect(both.replace(both.replace(`org-4 org-${taken}`, true), true)).toBe(both.replace(`org-4 org-${taken}`, true));
  });

  it('are found in base64, also of base64', () => {
    const inner = Buffer.from('namespace: crewai-org-4, crew: 4').toString('base64');
    const outer = Buffer.from(`data: ${inner}\n`).toString('base64');
    const pseudonyms = learned([outer]);
    const decoded = Buffer.from(pseudonyms.replace(outer, true), 'base64').toString();
    const again = Buffer.from(decoded.slice('data: '.length), 'base64').toString();
    expect(again).toBe(pseudonyms.replace('namespace: crewai-org-4, crew: 4', true));
    expect(again).not.toContain('crewai-org-4,');
  });
});

describe('names of organizations', () => {
  it.each([
    ['opencrane-acme', ['acme'], 'opencrane-{acme}'],
    ['acme acme-eu acmes', ['acme', 'acme-eu'], '{acme} {acme-eu} acmes'],
    ['acme-uk-web', ['acme', 'acme-eu'], '{acme}-uk-web'],
    ['{"kind":"Acme","name":"ACME"}', ['acme'], '{"kind":"{acme}","name":"{acme}"}'],
    ['"\\nacme\\u0022acme"', ['acme'], '"\\n{acme}\\u0022{acme}"'],
    [
      '{"apiVersion":"apps/v1","metadata":{"namespace":"apps"}}',
      ['apps'],
      '{"apiVersion":"apps/v1","metadata":{"namespace":"{apps}"}}',
    ],
    [
      '{"apiGroups":["","apps"],"resourceNames":["apps"]}',
      ['apps'],
      '{"apiGroups":["","apps"],"resourceNames":["{apps}"]}',
    ],
    ['{"backend":{"service":{"name":"backend"}}}', ['backend'], '{"backend":{"service":{"name":"{backend}"}}}'],
    ['namespaces/apps/deployments.apps.json', ['apps'], 'namespaces/{apps}/deployments.apps.json'],
    [
      'deployments.apps is forbidden in API group \\"apps\\" in the namespace \\"apps\\"',
      ['apps'],
      'deployments.apps is forbidden in API group \\"apps\\" in the namespace \\"{apps}\\"',
    ],
    ['redis.apps.svc', ['apps'], 'redis.{apps}.svc'],
  ])('%s', (text, names, expected) => {
    expect(renamed(text, names)).toBe(expected);
  });

  it('that would be numbers, or words of JSON, are refused', () => {
    for (const name of ['42', 'true', 'null', '', '-a']) expect(() => learned([], [{ name }])).toThrow(RangeError);
  });

  it('begin like the name that they belong to', () => {
    const pseudonyms = learned([], [{ name: 'acme' }, { name: 'acme-dev', keep: 'acme-' }]);
    const first = pseudonyms.replace('tenant-acme', true);
    expect(pseudonyms.replace('tenant-acme-dev', true).startsWith(`${first}-anon`)).toBe(true);
  });
});

describe('a log', () => {
  const text = [
    'crewai-org-4 started, org_id=4, 4 workers',
    'org-42 \u001b[31morg-4\u001b[0m acme-corp/acme-corp-web',
    `{"msg":"in crewai-org-7\\norg-7","organization":{"id":7}}`,
    'no end: org-4',
  ].join('\n');
  const pseudonyms = learned([text], [{ name: 'acme-corp' }]);
  const redactor = new PseudonymousRedactor(new Redactor({ key: KEY }), pseudonyms);
  const through = (chunks: readonly Buffer[]): string => {
    const log = redactor.log();
    const pieces = chunks.flatMap((chunk) => [...log.write(chunk)]);
    return Buffer.concat([...pieces, ...log.end().chunks]).toString('latin1');
  };

  it('is the same wherever it is cut', () => {
    const bytes = Buffer.from(text);
    const whole = through([bytes]);
    expect(whole).toBe(pseudonyms.replace(text, false));
    expect(whole).not.toMatch(/org-(?:4|42|7)\b|acme-corp|org_id=4/);
    for (let at = 0; at <= bytes.length; at++)
      expect(through([bytes.subarray(0, at), bytes.subarray(at)]), String(at)).toBe(whole);
  });

  it('is the same where it is longer than what is looked at at once', () => {
    const long = Array.from({ length: 20_000 }, (_, index) => `${String(index)} crewai-org-4 acme-corp org-42`).join(
      '\n',
    );
    const bytes = Buffer.from(long);
    const pieces = Array.from({ length: Math.ceil(bytes.length / 9973) }, (_, index) =>
      bytes.subarray(index * 9973, (index + 1) * 9973),
    );
    expect(through(pieces)).toBe(pseudonyms.replace(long, false));
  });
});

describe('a name that was left', () => {
  it('is found wherever what is looked through is cut', () => {
    const pseudonyms = learned(['crewai-org-4']);
    const redactor = new PseudonymousRedactor(new Redactor({ key: KEY }), pseudonyms);
    const found = (...chunks: readonly Buffer[]): number => {
      const scanner = redactor.leaks();
      for (const chunk of chunks) scanner.write(chunk);
      return scanner.end().length;
    };
    const bytes = Buffer.from('first\nin crewai-org-4 now\nlast');
    for (let at = 0; at <= bytes.length; at++)
      expect(found(bytes.subarray(0, at), bytes.subarray(at)), String(at)).toBe(1);
    expect(found(Buffer.from('first\nin crewai-org-42 now\nlast'))).toBe(0);
  });
});

describe('whatever is written', () => {
  const id = fc.integer({ min: 1, max: 99 }).map(String);
  const slug = fc.constantFrom('acme', 'acme-eu', 'umbrella', 'default-corp', 'x9');
  const glue = fc.constantFrom(
    ' ',
    '-',
    '/',
    '","',
    '\\n',
    '\n',
    '=',
    ': ',
    '.',
    '%2F',
    '\\u003c',
    '(',
    '_',
    'a',
    '0',
    '',
  );
  const piece = fc.oneof(
    id.map((n) => `crewai-org-${n}`),
    id.map((n) => `org-${n}-crew-${n}`),
    id.map((n) => `{"org_id":"${n}"}`),
    slug,
    fc.string({ maxLength: 6 }),
  );
  const document = fc.array(fc.tuple(piece, glue), { maxLength: 30 }).map((parts) => parts.flat().join(''));

  it('holds no name afterwards, as somebody else would look for it', () => {
    fc.assert(
      fc.property(document, (text) => {
        const latin1 = Buffer.from(text).toString('latin1');
        const names = ['acme', 'acme-eu', 'umbrella', 'default-corp', 'x9'];
        const pseudonyms = learned(
          [latin1],
          names.map((name) => ({ name })),
        );
        const left = pseudonyms.replace(latin1, true);
        expect(left).not.toMatch(/(?<![A-Za-z0-9\x80-\xff])(?:acme|umbrella|default-corp|x9)(?![A-Za-z0-9\x80-\xff])/);
        for (const [, digits] of left.matchAll(/(?<![A-Za-z0-9\x80-\xff])org-([1-9]\d*)(?![A-Za-z0-9\x80-\xff])/g))
          expect(Number(digits)).toBeGreaterThanOrEqual(100_000_000);
        expect(pseudonyms.replace(left, true)).toBe(left);
      }),
      { numRuns: 500 },
    );
  });

  it('is JSON of the same shape', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), id, slug, (value, n, name) => {
        const object = {
          org: Number(n),
          [`org-${n}`]: value,
          name,
          items: [value, `crewai-org-${n}`, Number(n), null],
        };
        const text = Buffer.from(JSON.stringify(object)).toString('latin1');
        const pseudonyms = learned([text], [{ name }]);
        const changed = JSON.parse(Buffer.from(pseudonyms.replace(text, true), 'latin1').toString()) as unknown;
        expect(shape(changed)).toEqual(shape(object));
      }),
    );
  });
});

function shape(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(shape);
  if (typeof value === 'object' && value !== null) return Object.values(value).map(shape);
  return value === null ? null : typeof value;
}
