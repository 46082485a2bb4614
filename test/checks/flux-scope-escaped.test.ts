import { expect, it } from 'vitest';
import unset from '../../src/checks/flux-account-unset.ts';
import check from '../../src/checks/flux-scope-escaped.ts';
import { describeCheck } from '../support/check-table.ts';
import { apps, onFlux, unlocked } from '../support/flux.ts';
import { reportOf } from '../support/scenario.ts';

const SA = { serviceAccountName: 'frontend' };
const OBJECT = 'Kustomization/frontend/apps';
const inventory = (...ids: string[]) => apps('frontend', SA, ids);
const binding = `
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: b, namespace: backend}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: edit}
subjects: [{kind: ServiceAccount, name: frontend, namespace: frontend}]`;

describeCheck(check, {
  passes: {
    'its own namespace': onFlux(),
    'names with a colon, and none of the core group': onFlux(
      inventory('frontend_a__b_rbac.authorization.k8s.io_Role', 'frontend_web__Service'),
    ),
    'another namespace of the tenant': onFlux(
      apps('one', { serviceAccountName: 'dev', targetNamespace: 'two' }, ['two_web_apps_Deployment']),
      {
        tenants: { dev: ['one', 'two'] },
      },
    ),
    'a target where its account has no rights': onFlux(apps('frontend', { ...SA, targetNamespace: 'backend' })),
    'another cluster': onFlux(apps('frontend', { kubeConfig: {}, targetNamespace: 'backend' }, ['_x__Namespace'])),
  },
  fails: {
    'a ClusterRole in its inventory': {
      ...onFlux(inventory('_root_rbac.authorization.k8s.io_ClusterRole')),
      findings: [{ object: OBJECT, severity: 'critical', confidence: 'certain', path: '/status/inventory/entries' }],
    },
    'objects of another tenant in its inventory': {
      ...onFlux(inventory('backend_web_apps_Deployment', 'frontend_web_apps_Deployment')),
      findings: [{ object: OBJECT, severity: 'critical' }],
    },
    'a target namespace, as the controller': {
      ...unlocked(apps('frontend', { targetNamespace: 'backend' })),
      findings: [{ object: OBJECT, severity: 'high', confidence: 'likely', path: '/spec/targetNamespace' }],
    },
    'a target namespace where its account has rights': {
      ...onFlux({ ...apps('frontend', { ...SA, targetNamespace: 'backend' }), with: binding }),
      findings: [{ object: OBJECT, severity: 'high' }],
    },
    'a storage namespace': {
      ...unlocked({
        with: '{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: cache, namespace: frontend}, spec: {storageNamespace: flux-system}}',
      }),
      findings: [{ object: 'HelmRelease/frontend/cache', path: '/spec/storageNamespace' }],
    },
  },
  notEvaluated: {
    'rights in the target out of sight': onFlux({
      ...apps('frontend', { ...SA, targetNamespace: 'backend' }),
      faults: [{ resource: 'rolebindings.rbac.authorization.k8s.io', namespace: 'backend' }],
    }),
    'namespaces refused': onFlux({ faults: [{ resource: 'namespaces' }] }),
  },
});

it('follows from the missing account', () => {
  const { findings } = reportOf([unset, check], unlocked(apps('frontend', { targetNamespace: 'backend' })));
  const found = findings.find((finding) => finding.check === check.id);
  expect(findings.find(({ id }) => id === found?.cause)?.check).toBe(unset.id);
});
