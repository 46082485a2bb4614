import check from '../../src/checks/flux-tenant-can-escalate.ts';
import { describeCheck } from '../support/check-table.ts';
import { flags, onFlux, unlocked } from '../support/flux.ts';

const RBAC = 'apiGroup: rbac.authorization.k8s.io';
const bound = (subject: string, role: string, more: { kind?: string; name?: string } = {}): string => `
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: {name: ${more.name ?? 'b'}, namespace: frontend}
roleRef: {${RBAC}, kind: ${more.kind ?? 'ClusterRole'}, name: ${role}}
subjects: [${subject}]`;
const wide = (subject: string, role: string): string =>
  bound(subject, role).replace('RoleBinding', 'ClusterRoleBinding').replace(', namespace: frontend', '');
const role = (rules: string): string => `
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: r, namespace: frontend}
rules: [${rules}]`;
const rule = (verbs: string, more = ''): string =>
  role(`{apiGroups: [kustomize.toolkit.fluxcd.io], resources: [kustomizations], verbs: [${verbs}]${more}}`);
const group = (name: string): string => `{kind: Group, ${RBAC}, name: "${name}"}`;
const BOT = '{kind: ServiceAccount, name: bot, namespace: ci}';
const TENANTS = ['RoleBinding/frontend/frontend-reconciler', 'RoleBinding/backend/backend-reconciler'];
const open = (text: string) => unlocked({ without: TENANTS, with: text });
const B = 'RoleBinding/frontend/b';

describeCheck(check, {
  passes: {
    'a default account': onFlux({ with: bound(BOT, 'edit') }),
    'nobody may write them': unlocked({ without: TENANTS }),
    'a cluster-admin': open(bound(group('system:masters'), 'edit')),
    "Flux's and Kubernetes' own accounts": open(
      `${wide('{kind: ServiceAccount, name: source-controller, namespace: flux-system}', 'edit')}\n---${bound('{kind: ServiceAccount, name: x, namespace: kube-system}', 'edit')}`,
    ),
    'who may read and delete them': open(`${rule('get, list, delete')}\n---${bound(BOT, 'r', { kind: 'Role' })}`),
    'creation by name, which no request matches': open(
      `${rule('create', ', resourceNames: [apps]')}\n---${bound(BOT, 'r', { kind: 'Role' })}`,
    ),
    'the former user of a namespace': open(bound(`{kind: User, ${RBAC}, name: "gotk:frontend:reconciler"}`, 'edit')),
  },
  fails: {
    'every tenant with rights in its namespace': {
      ...unlocked(),
      findings: [
        { object: 'RoleBinding/backend/backend-reconciler', severity: 'critical', confidence: 'certain' },
        { object: 'RoleBinding/frontend/frontend-reconciler', severity: 'critical', confidence: 'certain' },
      ],
    },
    'the CI account of the documentation': {
      ...open(`${rule('get, list, watch, create, update, patch, delete')}\n---${bound(BOT, 'r', { kind: 'Role' })}`),
      findings: [{ object: B }],
    },
    'edit, into which flux-edit is aggregated': { ...open(bound(group('devs'), 'edit')), findings: [{ object: B }] },
    'edit everywhere': { ...open(wide(group('devs'), 'edit')), findings: [{ object: 'ClusterRoleBinding/b' }] },
    'one Kustomization by name': {
      ...open(`${rule('patch', ', resourceNames: [apps]')}\n---${bound(BOT, 'r', { kind: 'Role' })}`),
      findings: [{ object: B }],
    },
    'one controller without default account': {
      ...onFlux({ ...flags('helm-controller', /^--default/), without: TENANTS, with: bound(BOT, 'edit') }),
      findings: [{ object: B }],
    },
  },
  notEvaluated: {
    'RoleBindings of one tenant refused': unlocked({
      without: TENANTS,
      faults: [{ resource: 'rolebindings.rbac.authorization.k8s.io', namespace: 'frontend' }],
    }),
    'Deployments refused': onFlux({ faults: [{ resource: 'deployments.apps' }] }),
  },
  notApplicable: { 'no tenants': onFlux({}, { tenants: {}, lockdown: false }) },
});
