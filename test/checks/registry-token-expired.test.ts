import { expect, it } from 'vitest';
import check from '../../src/checks/registry-token-expired.ts';
import { describeCheck } from '../support/check-table.ts';
import { login, secret } from '../support/registry.ts';
import { minutesAgo, NOW, reportOf } from '../support/scenario.ts';

const host = 'images.crewai.com';
const object = 'Secret/crewai-org-2/docker-registry';
/** A JSON Web Token that ends so many minutes from now. */
const token = (minutes: number): string =>
  ['{"alg":"none"}', JSON.stringify({ exp: NOW / 1000 + minutes * 60 })]
    .map((part) => Buffer.from(part).toString('base64url'))
    .join('.') + '.signature';
const written = (minutes: number): object => ({
  creationTimestamp: minutesAgo(100_000),
  managedFields: [{ manager: 'kubectl', time: minutesAgo(minutes), fieldsV1: { 'f:data': {} } }],
});
const aged = (user: string, minutes: number, metadata: object = written(minutes)): string =>
  secret('crewai-org-2', { auths: { [host]: login('example-password', user) }, metadata: { ...metadata } });
const AZURE = '00000000-0000-0000-0000-000000000000';

describeCheck(check, {
  passes: {
    'a healthy platform': {},
    'a token that lives on': { with: secret('crewai-org-2', { auths: { [host]: login(token(5)) } }) },
    'a fresh token of Amazon': { with: aged('AWS', 11 * 60) },
    'a fresh token of Google': { with: aged('oauth2accesstoken', 59) },
    'a fresh token of Azure': { with: aged(AZURE, 170) },
    'keys of Google, which last': { with: aged('_json_key', 90_000) + aged('_json_key_base64', 90_000) },
    'a synchronizer renews it': {
      with: aged('AWS', 13 * 60, {
        ...written(13 * 60),
        labels: { 'reconcile.external-secrets.io/managed': 'true' },
      }),
    },
    'a source whose only token has expired is another check’s': {
      with: secret('crewai', { auths: { [host]: login(token(-5)) } }),
    },
  },
  fails: {
    'a token that has expired': {
      with: secret('crewai-org-2', { auths: { [host]: login(token(-5)) } }),
      findings: [{ object, severity: 'high', confidence: 'certain' }],
    },
    'each expired entry': {
      with: secret('crewai-org-2', { auths: { [host]: login(token(-5)), 'b.example.com': login(token(-9)) } }),
      findings: [{ object }, { object }],
    },
    'an old token of Amazon': {
      with: aged('AWS', 13 * 60),
      findings: [{ object, severity: 'medium', confidence: 'likely' }],
    },
    'an old token of Google': { with: aged('oauth2accesstoken', 61), findings: [{ object, severity: 'medium' }] },
    'an old token of Azure': { with: aged(AZURE, 181), findings: [{ object, severity: 'medium' }] },
    'by creation, which may not be the last write': {
      with: aged('AWS', 0, { creationTimestamp: minutesAgo(13 * 60) }),
      findings: [{ object, severity: 'medium', confidence: 'hint' }],
    },
    'one of two tokens of the source': {
      with: secret('crewai', { auths: { [host]: login('example-password'), 'b.example.com': login(token(-9)) } }),
      findings: [{ object: 'Secret/crewai/docker-registry', severity: 'high' }],
    },
  },
  notEvaluated: {
    'Secrets refused': { faults: [{ resource: 'registry-secrets' }] },
    'Secrets refused in one namespace': { faults: [{ resource: 'registry-secrets', namespace: 'crewai-org-2' }] },
    'a redacted secret': { with: secret('crewai-org-2', { content: '***HIDDEN***' }) },
  },
  notApplicable: { 'no registry secret anywhere': { without: ['Secret/crewai*'] } },
});

it('says when a token expired, and never the token', () => {
  const [finding] = reportOf([check], {
    with: secret('crewai-org-2', { auths: { [host]: login(token(-5)) } }),
  }).findings;
  expect(finding?.since).toBe(minutesAgo(5));
  expect(JSON.stringify(finding)).not.toContain(token(-5).slice(0, 12));
});
