import check from '../../src/checks/registry-source-secret-broken.ts';
import { describeCheck } from '../support/check-table.ts';
import { secret } from '../support/registry.ts';

const EXPIRED = 'e30.eyJleHAiOjE3NjcyMjU2MDB9.x'; // {"exp":1767225600}: 2026-01-01
const source = { object: 'Secret/crewai/docker-registry', severity: 'critical', confidence: 'certain' } as const;
/** Nothing in the platform names a pull secret any more. */
const noPullSecrets = {
  change: (objects: readonly object[]) =>
    (
      JSON.parse(JSON.stringify(objects).replaceAll('"imagePullSecrets":[{"name":"docker-registry"}],', '')) as never[]
    ).filter(({ type }) => type !== 'helm.sh/release.v1'),
};

describeCheck(check, {
  passes: {
    'a healthy platform': {},
    'two entries, of which one is out of date': {
      with: secret('crewai', {
        auths: {
          'images.crewai.com': { username: 'pull', password: 'example-password' },
          'other.example.com': { username: 'pull', password: EXPIRED },
        },
      }),
    },
    'the legacy type, with which pulls work': {
      with: secret('crewai', { legacy: { 'images.crewai.com': { username: 'pull', password: 'example-password' } } }),
    },
    'another namespace as the source': {
      with: secret('registry', { auths: { 'images.crewai.com': { username: 'pull', password: 'example-password' } } }),
      without: ['Secret/crewai/docker-registry'],
      settings: { registrySource: { namespace: 'registry', name: 'docker-registry' } },
    },
  },
  fails: {
    'no secret': { without: ['Secret/crewai/docker-registry'], findings: [{ ...source, absent: true }] },
    'no secret in the shared namespace, but in the platform’s': {
      base: { platformNamespace: 'crewai', sharedNamespace: 'crews' },
      without: ['Secret/crews/docker-registry'],
      findings: [{ ...source, object: 'Secret/crews/docker-registry', absent: true }],
    },
    'a type that no pull reads': {
      with: secret('crewai', { type: 'Opaque', content: '{}' }),
      findings: [source],
    },
    'no JSON': { with: secret('crewai', { content: '{"auths": ' }), findings: [source] },
    'no registry': { with: secret('crewai', { auths: {} }), findings: [source] },
    'no key': { with: secret('crewai', { key: 'config.json', content: '{}' }), findings: [source] },
    'nothing but a credential helper': {
      with: secret('crewai', { content: '{"auths":{"images.crewai.com":{}},"credsStore":"desktop"}' }),
      findings: [source],
    },
    'one entry that cannot be decoded': {
      with: secret('crewai', {
        auths: {
          'images.crewai.com': { username: 'pull', password: 'example-password' },
          'other.example.com': { auth: 'not base64!' },
        },
      }),
      findings: [source],
    },
    'a token that has expired': {
      with: secret('crewai', { auths: { 'images.crewai.com': { username: 'pull', password: EXPIRED } } }),
      findings: [source],
    },
  },
  notEvaluated: {
    'Secrets refused': { faults: [{ resource: 'secrets' }, { resource: 'registry-secrets' }] },
    'Secrets refused in the shared namespace': {
      faults: [
        { resource: 'secrets', namespace: 'crewai' },
        { resource: 'registry-secrets', namespace: 'crewai' },
      ],
    },
    'a redacted secret': { with: secret('crewai', { content: '***HIDDEN***' }) },
  },
  notApplicable: {
    'no pull secret anywhere, and no pod that names one': {
      ...noPullSecrets,
      without: ['Secret/crewai/docker-registry'],
    },
  },
});
