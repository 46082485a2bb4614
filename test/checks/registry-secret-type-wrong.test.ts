import check from '../../src/checks/registry-secret-type-wrong.ts';
import { describeCheck } from '../support/check-table.ts';
import { login, secret } from '../support/registry.ts';

const legacy = { legacy: { 'images.crewai.com': login('example-password') } };
const opaque = { type: 'Opaque', content: '{"auths":{}}' };

describeCheck(check, {
  passes: {
    'a healthy platform': {},
    'a source of a wrong type is another check’s': { with: secret('crewai', opaque) },
    'a namespace without the secret': { without: ['Secret/crewai-org-2/docker-registry'] },
    'a Secret that OpenShift made': {
      settings: { registrySecret: 'default-dockercfg-x7k2p' },
      with: secret('crewai-org-2', { ...legacy, name: 'default-dockercfg-x7k2p' }),
    },
  },
  fails: {
    'Opaque, which the kubelet ignores': {
      with: secret('crewai-org-2', opaque),
      findings: [
        { object: 'Secret/crewai-org-2/docker-registry', severity: 'high', confidence: 'certain', path: '/type' },
      ],
    },
    'the legacy type, which build pods cannot mount': {
      with: secret('crewai-org-2', legacy) + secret('crewai', legacy),
      findings: [
        { object: 'Secret/crewai/docker-registry', severity: 'medium' },
        { object: 'Secret/crewai-org-2/docker-registry', severity: 'medium' },
      ],
    },
    'in the platform’s own namespace': {
      base: { platformNamespace: 'crewai', sharedNamespace: 'crews' },
      with: secret('crewai', opaque),
      findings: [{ object: 'Secret/crewai/docker-registry', severity: 'high' }],
    },
  },
  notEvaluated: {
    'Secrets refused': { faults: [{ resource: 'secrets' }] },
    'Secrets refused in one namespace': { faults: [{ resource: 'secrets', namespace: 'crewai-org-2' }] },
    'namespaces refused': { faults: [{ resource: 'namespaces' }] },
  },
  notApplicable: { 'no registry secret anywhere': { without: ['Secret/crewai*'] } },
});
