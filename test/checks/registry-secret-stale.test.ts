import check from '../../src/checks/registry-secret-stale.ts';
import { describeCheck } from '../support/check-table.ts';
import { login, secret } from '../support/registry.ts';

const host = 'images.crewai.com';
const object = 'Secret/crewai-org-2/docker-registry';
const fresh = login('example-new');
const source = secret('crewai', { auths: { [host]: fresh } });
const first = secret('crewai-org-1', { auths: { [host]: fresh } });
const copy = (auths: Record<string, unknown>, more = {}): string =>
  source + first + secret('crewai-org-2', { auths, ...more });
const auth = (text: string): { auth: string } => ({ auth: Buffer.from(text).toString('base64') });

describeCheck(check, {
  passes: {
    'a healthy platform': {},
    'the same credentials, otherwise written': { with: copy({ [`https://${host}/v2/`]: auth('pull:example-new') }) },
    'auth beats user and password': {
      with: copy({ [host]: { ...login('example-old'), ...auth('pull:example-new') } }),
    },
    'more than the source has': { with: copy({ [host]: fresh, 'own.example.com': login('example-own') }) },
    'another key order': {
      with:
        secret('crewai', { auths: { a: fresh, b: fresh } }) +
        secret('crewai-org-1', { auths: { b: fresh, a: fresh } }) +
        secret('crewai-org-2', { auths: { b: fresh, a: fresh } }),
    },
    'entries of the source that serve nobody': {
      with:
        secret('crewai', { auths: { [host]: fresh, 'other.example.com': {} } }) +
        first +
        secret('crewai-org-2', { auths: { [host]: fresh } }),
    },
    'a copy that a synchronizer writes': {
      with: copy(
        { [host]: login('example-old') },
        { metadata: { annotations: { 'reflector.v1.k8s.emberstack.com/reflects': 'crewai/docker-registry' } } },
      ),
    },
    'a copy that cannot be read is another check’s': {
      with: source + first + secret('crewai-org-2', { content: '{}' }),
    },
  },
  fails: {
    'an old password': {
      with: copy({ [host]: login('example-old') }),
      findings: [{ object, severity: 'high', confidence: 'certain' }],
    },
    'another user': { with: copy({ [host]: login('example-new', 'other') }), findings: [{ object }] },
    'a missing registry': { with: copy({ 'other.example.com': fresh }), findings: [{ object }] },
    'every copy of a renewed source': {
      with: source,
      findings: [{ object: 'Secret/crewai-org-1/docker-registry' }, { object }],
    },
    'an immutable copy': { with: copy({ [host]: login('example-old') }, { immutable: true }), findings: [{ object }] },
    'marks of a release that is not there': {
      with: copy(
        { [host]: login('example-old') },
        {
          metadata: {
            labels: { 'app.kubernetes.io/managed-by': 'Helm' },
            annotations: { 'meta.helm.sh/release-name': 'crewai', 'meta.helm.sh/release-namespace': 'crewai-org-2' },
          },
        },
      ),
      findings: [{ object }],
    },
  },
  notEvaluated: {
    'Secrets refused': { faults: [{ resource: 'registry-secrets' }] },
    'the source refused': { faults: [{ resource: 'registry-secrets', namespace: 'crewai' }] },
    'one copy refused': { faults: [{ resource: 'registry-secrets', namespace: 'crewai-org-2' }] },
    'a redacted copy': { with: secret('crewai-org-2', { content: '***HIDDEN***' }) },
  },
  notApplicable: {
    'a broken source': { with: secret('crewai', { content: '{}' }) },
    'no source': { without: ['Secret/crewai/docker-registry'] },
    'no organization': { base: { orgs: [] } },
  },
});
