import check from '../../src/checks/registry-secret-malformed.ts';
import { describeCheck } from '../support/check-table.ts';
import { document, login, secret } from '../support/registry.ts';

const object = 'Secret/crewai-org-2/docker-registry';
const usable = login('example-password');
const broken = (content: string): string => secret('crewai-org-2', { content });

describeCheck(check, {
  passes: {
    'a healthy platform': {},
    'stringData of a manifest': {
      with: document({
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'docker-registry', namespace: 'crewai-org-2' },
        type: 'kubernetes.io/dockerconfigjson',
        stringData: { '.dockerconfigjson': JSON.stringify({ auths: { 'images.crewai.com': usable } }) },
      }),
    },
    'another type is another check’s': { with: secret('crewai-org-2', { type: 'Opaque', content: '{}' }) },
    'a source that serves no pull is another check’s': { with: secret('crewai', { content: '{}' }) },
  },
  fails: {
    'no JSON': { with: broken('{"auths": {'), findings: [{ object, severity: 'high', confidence: 'certain' }] },
    'no auths': { with: broken('{}'), findings: [{ object, severity: 'high' }] },
    'empty auths': { with: broken('{"auths":{}}'), findings: [{ object, severity: 'high' }] },
    'no data key': {
      with: secret('crewai-org-2', { key: 'config.json', content: '{}' }),
      findings: [{ object, severity: 'high', path: '/data/.dockerconfigjson' }],
    },
    'an entry without user and password, while another serves the pods': {
      with: secret('crewai-org-2', { auths: { 'images.crewai.com': usable, 'other.example.com': {} } }),
      findings: [{ object, severity: 'medium', confidence: 'certain' }],
    },
    'an entry without user and password for the registry of the pods': {
      with: secret('crewai-org-2', { auths: { 'images.crewai.com': {}, 'other.example.com': usable } }),
      findings: [{ object, severity: 'high', confidence: 'certain' }],
    },
    'only a credential helper, which BuildKit may use': {
      with: broken('{"auths":{"images.crewai.com":{}},"credHelpers":{"images.crewai.com":"gcloud"}}'),
      findings: [{ object, severity: 'high', confidence: 'likely' }],
    },
    'an identity token': {
      with: secret('crewai-org-2', { auths: { 'images.crewai.com': { identitytoken: 'example-password' } } }),
      findings: [{ object, severity: 'high', confidence: 'likely' }],
    },
    'one entry in bad base64, which fails every pull': {
      with: secret('crewai-org-2', { auths: { 'images.crewai.com': usable, 'other.example.com': { auth: 'cHV%' } } }),
      findings: [{ object, severity: 'high', confidence: 'certain' }],
    },
    'one entry without a colon': {
      with: secret('crewai-org-2', { auths: { 'images.crewai.com': usable, 'other.example.com': { auth: 'cHVs' } } }),
      findings: [{ object, severity: 'high', confidence: 'certain' }],
    },
    'a source that serves some pulls, the legacy type too': {
      with:
        secret('crewai', { auths: { 'images.crewai.com': usable, 'other.example.com': {} } }) +
        secret('crewai-org-2', { legacy: { 'images.crewai.com': {} } }),
      findings: [
        { object, severity: 'high', path: '/data/.dockercfg' },
        { object: 'Secret/crewai/docker-registry', severity: 'medium' },
      ],
    },
  },
  notEvaluated: {
    'Secrets refused': { faults: [{ resource: 'registry-secrets' }] },
    'Secrets refused in one namespace': { faults: [{ resource: 'registry-secrets', namespace: 'crewai-org-2' }] },
    'a redacted secret': { with: broken('***HIDDEN***') },
  },
  notApplicable: { 'no registry secret anywhere': { without: ['Secret/crewai*'] } },
});
