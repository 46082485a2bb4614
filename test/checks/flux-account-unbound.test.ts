import check from '../../src/checks/flux-account-unbound.ts';
import { kustomization } from '../fixtures/flux.ts';
import { describeCheck } from '../support/check-table.ts';
import { apps, onFlux, unlocked } from '../support/flux.ts';
import { put } from '../support/scenario.ts';

const OBJECT = 'Kustomization/frontend/apps';
const BINDING = 'RoleBinding/frontend/frontend-reconciler';
const RBAC = 'apiGroup: rbac.authorization.k8s.io';
const binding = (subject: string, role = 'cluster-admin', name = 'own', namespace = 'frontend'): string => `
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ${name}, namespace: ${namespace}}
roleRef: {${RBAC}, kind: ClusterRole, name: ${role}}
subjects: [${subject}]`;
const own = (spec: Record<string, unknown>) => ({
  change: (objects: Parameters<typeof put>[0]) => put(objects, kustomization('flux-system', 'flux-system', spec)),
});
const release = 'HelmRelease/frontend/cache';

describeCheck(check, {
  passes: {
    'every account bound': onFlux(),
    'by its group': onFlux({
      without: [BINDING],
      with: binding(`{kind: Group, ${RBAC}, name: "system:serviceaccounts:frontend"}`),
    }),
    'in another namespace of the tenant': onFlux(
      {
        without: ['RoleBinding/one/dev-reconciler', 'HelmRelease/one/*'],
        with: binding('{kind: ServiceAccount, name: dev, namespace: one}', 'cluster-admin', 'b', 'two'),
        ...apps('one', { serviceAccountName: 'dev' }),
      },
      { tenants: { dev: ['one', 'two'] } },
    ),
    'without an account, and so as the controller': unlocked({ ...apps('frontend', {}), without: [release] }),
    'to another cluster': onFlux({
      ...apps('frontend', { serviceAccountName: 'x', kubeConfig: { secretRef: { name: 'k' } } }),
    }),
  },
  fails: {
    'no binding': {
      ...onFlux({ without: [BINDING] }),
      findings: [
        { object: release, severity: 'high', confidence: 'likely' },
        { object: OBJECT, severity: 'high', confidence: 'likely' },
      ],
    },
    'a binding for the former user only': {
      ...onFlux({
        without: [BINDING, release],
        with: binding(`{kind: User, ${RBAC}, name: "gotk:frontend:reconciler"}`),
      }),
      findings: [{ object: OBJECT }],
    },
    'a binding that lets it read only': {
      ...onFlux({
        without: [BINDING, release],
        with: binding('{kind: ServiceAccount, name: frontend, namespace: frontend}', 'view'),
      }),
      findings: [{ object: OBJECT }],
    },
    "another tenant's account of the same name": {
      ...onFlux(apps('frontend', { serviceAccountName: 'backend' })),
      findings: [{ object: OBJECT, severity: 'high' }],
    },
    'a target namespace where it has no rights': {
      ...onFlux(apps('frontend', { serviceAccountName: 'frontend', targetNamespace: 'backend' })),
      findings: [{ object: OBJECT }],
    },
    'the default account, which has none': { ...onFlux(apps('frontend', {})), findings: [{ object: OBJECT }] },
    "Flux's own after the lockdown": {
      ...onFlux(own({})),
      findings: [{ object: 'Kustomization/flux-system/flux-system', severity: 'critical' }],
    },
    suspended: {
      ...onFlux({ ...apps('frontend', { serviceAccountName: 'none', suspend: true }) }),
      findings: [{ object: OBJECT, severity: 'low' }],
    },
    'rights, but no account': {
      ...onFlux({ without: ['ServiceAccount/frontend/frontend', release] }),
      findings: [{ object: OBJECT, severity: 'low', confidence: 'certain' }],
    },
  },
  notEvaluated: {
    'RoleBindings refused': onFlux({
      without: [BINDING],
      faults: [{ resource: 'rolebindings.rbac.authorization.k8s.io', namespace: 'frontend' }],
    }),
    'HelmReleases refused': onFlux({ faults: [{ resource: 'helmreleases.helm.toolkit.fluxcd.io' }] }),
  },
});
