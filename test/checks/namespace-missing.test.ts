import { expect, it } from 'vitest';
import check from '../../src/checks/namespace-missing.ts';
import { WORKLOADS } from '../../src/model/resource.ts';
import { helmReleaseSecret } from '../fixtures/crewai.ts';
import { describeCheck } from '../support/check-table.ts';
import { reportOf } from '../support/scenario.ts';

const crew = (org: number, namespace: string): string =>
  `{apiVersion: apps/v1, kind: Deployment, metadata: {name: org-${String(org)}-crew-1-a-web, namespace: ${namespace}}, spec: {replicas: 1}}`;
const refusal = `{apiVersion: v1, kind: Event, metadata: {name: x, namespace: crewai}, message: 'namespaces "crewai-org-7" not found'}`;
const on = { isolation: 'on' } as const;

describeCheck(check, {
  passes: {
    'every namespace there': {},
    'automatic mode': { base: { mode: 'auto' } },
    'an organization that only the support bundle lists': {
      change: (objects) => [
        ...objects,
        helmReleaseSecret('crewai', 'crewai', { values: { supportBundle: { crewLogNamespaces: ['crewai-org-7'] } } }),
      ],
    },
  },
  fails: {
    'an organization whose crew runs in the shared namespace': {
      settings: on,
      with: crew(7, 'crewai'),
      findings: [{ object: 'Namespace/crewai-org-7', absent: true, severity: 'high', confidence: 'certain' }],
    },
    'an organization seen in a refusal, the flag inferred': {
      with: refusal,
      findings: [{ object: 'Namespace/crewai-org-7', absent: true, severity: 'high', confidence: 'likely' }],
    },
    'automatic mode, where the first deployment makes it': {
      base: { mode: 'auto' },
      with: refusal,
      findings: [{ object: 'Namespace/crewai-org-7', severity: 'medium' }],
    },
    'an organization that the user names': {
      settings: { orgs: ['9'] },
      findings: [{ object: 'Namespace/crewai-org-9' }],
    },
    'one although another namespace holds a gap': {
      with: refusal,
      faults: [{ resource: 'pods', namespace: 'crewai' }],
      findings: [{ object: 'Namespace/crewai-org-7' }],
    },
  },
  notEvaluated: {
    'namespaces refused': { faults: [{ resource: 'namespaces' }] },
    'nothing tells whether the flag is on': { base: { orgs: [] } },
    ...Object.fromEntries(
      WORKLOADS.map((resource) => [
        `${resource} refused in the shared namespace`,
        {
          base: { sharedNamespace: 'crews', platformNamespace: 'platform' },
          settings: on,
          faults: [{ resource, namespace: 'crews' }],
        },
      ]),
    ),
  },
  notApplicable: {
    'isolation is off': { settings: { isolation: 'off' }, with: crew(7, 'crewai') },
    'no organization yet': { base: { orgs: [] }, settings: on },
  },
});

it('prints namespace, RoleBinding and Secret in the order in which they work', () => {
  const base = { platformNamespace: 'platform', sharedNamespace: 'crews' };
  const [finding] = reportOf([check], { base, settings: { orgs: ['9'] } }).findings;
  expect(finding?.remediation.steps).toEqual([
    'kubectl create namespace crews-org-9',
    'kubectl -n crews-org-9 create rolebinding crewai-sa-edit --clusterrole=edit --serviceaccount=platform:crewai-sa',
    expect.stringContaining('kubectl -n crews get secret docker-registry') as string,
  ]);
  expect(finding?.tenant).toEqual({ id: '9', namespace: 'crews-org-9' });
});
