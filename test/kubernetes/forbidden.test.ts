import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { builtinClusterRoles } from '../../src/kubernetes/builtin-roles.ts';
import { denialMessage, escalationMessage } from '../../src/kubernetes/denial-message.ts';
import { parseDenial, parseDenials, questionOfDenial, type Denial } from '../../src/kubernetes/forbidden.ts';
import { formatRule, missingRules } from '../../src/kubernetes/rbac-rules.ts';
import type { PolicyRule } from '../../src/model/kinds.ts';
import { clean } from '../../src/model/text.ts';
import { RECORDED_ESCALATION } from './recorded-escalation.ts';

const SA = 'system:serviceaccount:crewai:crewai-sa';
const GET_SECRET = `secrets "docker-registry" is forbidden: User "${SA}" cannot get resource "secrets" in API group "" in the namespace "crewai-org-4"`;
const LIST_PODS = `pods is forbidden: User "${SA}" cannot list resource "pods" in API group "" in the namespace "crewai-org-4"`;
const POD_SECURITY =
  'pods "p" is forbidden: violates PodSecurity "restricted:latest": privileged (container "c" must not set securityContext.privileged=true), allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")';
const QUOTA =
  'pods "p" is forbidden: exceeded quota: org-quota, requested: limits.memory=2Gi,requests.cpu=2, used: limits.memory=0,requests.cpu=0, limited: limits.memory=1Gi,requests.cpu=1';
const rbac = { user: SA, danglingRoles: [] };
const secretGet = {
  class: 'rbac',
  ...rbac,
  verb: 'get',
  group: '',
  resource: 'secrets',
  name: 'docker-registry',
  namespace: 'crewai-org-4',
  scope: 'namespace',
  target: { resource: 'secrets', group: '', name: 'docker-registry' },
};

type Row = readonly [title: string, text: string, denial: Readonly<Record<string, unknown>>];

// Recorded from a Kubernetes 1.36 API server and its controllers, or copied from logs and sources.
const RBAC_ROWS: readonly Row[] = [
  ['a get', GET_SECRET, { ...secretGet, message: GET_SECRET }],
  ['no API group', GET_SECRET.replace(' in API group ""', ''), { ...secretGet, group: undefined }],
  [
    'a list',
    LIST_PODS,
    { class: 'rbac', ...rbac, verb: 'list', resource: 'pods', name: undefined, namespace: 'crewai-org-4' },
  ],
  [
    'at the cluster scope',
    `pods is forbidden: User "${SA}" cannot list resource "pods" in API group "" at the cluster scope`,
    { class: 'rbac', ...rbac, verb: 'list', resource: 'pods', scope: 'cluster', namespace: undefined },
  ],
  [
    'creating namespaces',
    `namespaces is forbidden: User "${SA}" cannot create resource "namespaces" in API group "" at the cluster scope`,
    { class: 'rbac', verb: 'create', resource: 'namespaces', scope: 'cluster' },
  ],
  [
    'an API group',
    `deployments.apps is forbidden: User "${SA}" cannot create resource "deployments" in API group "apps" in the namespace "crewai-org-4"`,
    {
      class: 'rbac',
      verb: 'create',
      group: 'apps',
      resource: 'deployments',
      target: { resource: 'deployments', group: 'apps' },
    },
  ],
  [
    'a subresource',
    `pods "p" is forbidden: User "${SA}" cannot get resource "pods/log" in API group "" in the namespace "crewai-org-4"`,
    { class: 'rbac', resource: 'pods', subresource: 'log', name: 'p' },
  ],
  [
    'a subresource in a group',
    'deployments.apps "d" is forbidden: User "u" cannot patch resource "deployments/scale" in API group "apps" in the namespace "x"',
    { class: 'rbac', verb: 'patch', resource: 'deployments', subresource: 'scale', name: 'd', group: 'apps' },
  ],
  [
    'a path',
    `forbidden: User "${SA}" cannot get path "/metrics"`,
    { class: 'rbac', ...rbac, verb: 'get', path: '/metrics', scope: 'path' },
  ],
  [
    'a missing role',
    `pods is forbidden: User "${SA}" cannot list resource "pods" in API group "" in the namespace "crewai-org-3": RBAC: clusterrole.rbac.authorization.k8s.io "no-such-role" not found`,
    { class: 'rbac', danglingRoles: [{ kind: 'ClusterRole', name: 'no-such-role' }], otherAuthorizer: undefined },
  ],
  [
    'several missing roles',
    `${LIST_PODS}: RBAC: [role.rbac.authorization.k8s.io "r" not found, clusterrole.rbac.authorization.k8s.io "c" not found] and the log goes on`,
    {
      danglingRoles: [
        { kind: 'Role', name: 'r' },
        { kind: 'ClusterRole', name: 'c' },
      ],
    },
  ],
  [
    'creating a binding, which is no escalation yet',
    `rolebindings.rbac.authorization.k8s.io is forbidden: User "${SA}" cannot create resource "rolebindings" in API group "rbac.authorization.k8s.io" in the namespace "crewai-org-2"`,
    { class: 'rbac', verb: 'create', group: 'rbac.authorization.k8s.io', resource: 'rolebindings' },
  ],
  [
    'asking for a review',
    'subjectaccessreviews.authorization.k8s.io is forbidden: User "support-reader" cannot create resource "subjectaccessreviews" in API group "authorization.k8s.io" at the cluster scope',
    { class: 'rbac', user: 'support-reader', scope: 'cluster' },
  ],
  [
    'nobody',
    'namespaces is forbidden: User "system:anonymous" cannot list resource "namespaces" in API group "" at the cluster scope',
    { class: 'unauthenticated', user: 'system:anonymous', verb: 'list', resource: 'namespaces' },
  ],
  [
    'impersonation',
    'namespaces is forbidden: User "support-reader" cannot impersonate-on:serviceaccount:list resource "namespaces" in API group "" at the cluster scope',
    {
      class: 'impersonation',
      user: 'support-reader',
      mode: 'serviceaccount',
      wrappedVerb: 'list',
      resource: 'namespaces',
    },
  ],
  [
    'impersonation of users',
    'pods is forbidden: User "u" cannot impersonate-on:user-info:get resource "pods" in API group "" in the namespace "x"',
    { class: 'impersonation', mode: 'user-info', wrappedVerb: 'get' },
  ],
  [
    'impersonation before 1.36',
    'serviceaccounts "x" is forbidden: User "u" cannot impersonate resource "serviceaccounts" in API group "" in the namespace "a"',
    { class: 'impersonation', verb: 'impersonate', name: 'x', mode: undefined },
  ],
  [
    'Azure',
    `${LIST_PODS}: User does not have access to the resource in Azure. Update role assignment to allow access.`,
    {
      class: 'cloud-iam',
      otherAuthorizer: 'User does not have access to the resource in Azure. Update role assignment to allow access.',
    },
  ],
  [
    'Google, and RBAC in its own line',
    `${LIST_PODS}: requires one of ["container.pods.list"] permission(s).\nRBAC: role.rbac.authorization.k8s.io "r" not found`,
    { class: 'cloud-iam', danglingRoles: [{ kind: 'Role', name: 'r' }] },
  ],
  [
    'the node authorizer',
    'secrets "s" is forbidden: User "system:node:n" cannot get resource "secrets" in API group "" in the namespace "a": no relationship found between node \'n\' and this object',
    { class: 'rbac', user: 'system:node:n', otherAuthorizer: "no relationship found between node 'n' and this object" },
  ],
  [
    'names with quotes and HTML',
    String.raw`pods "a\"b" is forbidden: User "o\"neil&lt;&amp;&gt;" cannot get resource "pods" in API group "" in the namespace "x"`,
    { user: 'o"neil<&>', name: 'a"b' },
  ],
  [
    'Flux',
    'Namespace/x dry-run failed (Forbidden): namespaces "x" is forbidden: User "system:serviceaccount:flux:tenant" cannot patch resource "namespaces" in API group "" in the namespace "x"',
    { class: 'rbac', user: 'system:serviceaccount:flux:tenant', verb: 'patch', name: 'x' },
  ],
  [
    'older Flux',
    `ConfigMap/a/b dry-run failed, reason: Forbidden, error: configmaps "b" is forbidden: User "${SA}" cannot patch resource "configmaps" in API group "" in the namespace "a"`,
    { class: 'rbac', resource: 'configmaps', name: 'b', namespace: 'a' },
  ],
  [
    'logfmt with a bare namespace',
    String.raw`time="2024" level=error msg="serviceaccounts is forbidden: User \"system:serviceaccount:astronomer:astronomer-commander\" cannot create resource \"serviceaccounts\" in API group \"\" in the namespace astronomer-dev" function=x`,
    {
      class: 'rbac',
      user: 'system:serviceaccount:astronomer:astronomer-commander',
      group: '',
      resource: 'serviceaccounts',
      namespace: 'astronomer-dev',
    },
  ],
  [
    'a Ruby client',
    `Kubeclient::HttpError: HTTP status code 403, ${GET_SECRET} for GET https://10.0.0.1/api/v1/x`,
    secretGet,
  ],
  ['kubectl', `Error from server (Forbidden): ${GET_SECRET}\n`, secretGet],
  ['a sentence', `It said: ${GET_SECRET}.`, secretGet],
  [
    'JSON',
    JSON.stringify({ kind: 'Status', message: GET_SECRET, reason: 'Forbidden', code: 403 }),
    { ...secretGet, message: GET_SECRET },
  ],
  [
    'JSON in JSON',
    JSON.stringify({ msg: JSON.stringify({ message: GET_SECRET, reason: 'Forbidden' }) }),
    { ...secretGet, message: GET_SECRET },
  ],
  [
    'JSON in JSON in JSON',
    JSON.stringify([JSON.stringify([JSON.stringify([GET_SECRET])])]),
    { ...secretGet, message: GET_SECRET },
  ],
  [
    'Python bytes',
    `HTTP response body: b'${JSON.stringify({ message: GET_SECRET, reason: 'Forbidden' }).replaceAll('\\', '\\\\')}\\n'`,
    { ...secretGet, message: GET_SECRET },
  ],
  [
    'an Ansible body',
    `fatal: [localhost]: FAILED! => ${JSON.stringify({ msg: `Failed to retrieve requested object: b'${JSON.stringify({ message: GET_SECRET, reason: 'Forbidden' }).replaceAll('\\', '\\\\')}'` })}`,
    { ...secretGet, message: GET_SECRET },
  ],
  ['an HTML page', `<pre>${GET_SECRET.replaceAll('"', '&quot;')}</pre>`, secretGet],
  [
    'colours',
    `\u001b[31mError: secrets "docker-registry" is \u001b[1mforbidden:\u001b[0m ${GET_SECRET.split('forbidden: ')[1] ?? ''}`,
    secretGet,
  ],
  [
    'wrapped at a blank',
    GET_SECRET.replace(' cannot ', '\n    cannot ').replace(' in the ', ' in\nthe '),
    { ...secretGet, message: GET_SECRET },
  ],
  [
    'wrapped within a name',
    GET_SECRET.replace('crewai-sa', 'crew\nai-sa').replace('registry"', 'regi\nstry"'),
    secretGet,
  ],
  [
    'before 1.8',
    'User "u" cannot list deployments.apps in the namespace "x". (get deployments.apps)',
    { class: 'rbac', resource: 'deployments', group: 'apps', namespace: 'x' },
  ],
  [
    'before 1.12',
    'pods is forbidden: User "u" cannot list pods in the namespace "x": role.rbac.authorization.k8s.io "r" not found',
    { class: 'rbac', verb: 'list', resource: 'pods', group: undefined, namespace: 'x' },
  ],
  [
    'no quotes at all',
    `forbidden: User ${SA} cannot list resource pods in API group apps in the namespace x.`,
    { user: SA, resource: 'pods', group: 'apps', namespace: 'x' },
  ],
  [
    'only the tail',
    GET_SECRET.split('forbidden: ')[1] ?? '',
    { class: 'rbac', verb: 'get', resource: 'secrets', name: undefined },
  ],
];

const CUT_ROWS: readonly Row[] = [
  [
    'in the scope',
    GET_SECRET.slice(0, GET_SECRET.indexOf('the namespace') + 3),
    { ...secretGet, namespace: undefined, scope: 'unknown', truncated: true },
  ],
  [
    'in the namespace',
    `${GET_SECRET.slice(0, -4)}...`,
    { ...secretGet, namespace: undefined, scope: 'unknown', truncated: true },
  ],
  [
    'after the resource',
    GET_SECRET.slice(0, GET_SECRET.indexOf(' in API')),
    { class: 'rbac', verb: 'get', resource: 'secrets', scope: 'unknown' },
  ],
  [
    'in the resource',
    GET_SECRET.slice(0, GET_SECRET.indexOf('secrets" in API')),
    { class: 'rbac', verb: 'get', resource: 'secrets', name: 'docker-registry', truncated: true },
  ],
  [
    'in the verb',
    `${GET_SECRET.slice(0, GET_SECRET.indexOf('get') + 2)}…`,
    { class: 'rbac', user: SA, resource: 'secrets', truncated: true },
  ],
  [
    'in the user',
    GET_SECRET.slice(0, GET_SECRET.indexOf('serviceaccount:') + 4),
    { class: 'rbac', user: undefined, resource: 'secrets', truncated: true },
  ],
  [
    'in a quota',
    QUOTA.slice(0, QUOTA.indexOf('limited') - 10),
    { class: 'quota', quota: 'org-quota', limited: {}, truncated: true },
  ],
  ['in JSON', JSON.stringify({ message: GET_SECRET }).slice(0, 130), { class: 'rbac', user: SA, truncated: true }],
];

const ADMISSION_ROWS: readonly Row[] = [
  [
    'quota exceeded',
    QUOTA,
    {
      class: 'quota',
      quota: 'org-quota',
      requested: { 'limits.memory': '2Gi', 'requests.cpu': '2' },
      used: { 'limits.memory': '0', 'requests.cpu': '0' },
      limited: { 'limits.memory': '1Gi', 'requests.cpu': '1' },
      target: { resource: 'pods', group: '', name: 'p' },
      truncated: undefined,
      message: QUOTA,
    },
  ],
  [
    'counted objects',
    'deployments.apps "d" is forbidden: exceeded quota: q, requested: count/deployments.apps=1, used: count/deployments.apps=3, limited: count/deployments.apps=3 (retry)',
    { class: 'quota', limited: { 'count/deployments.apps': '3' } },
  ],
  [
    'requests missing',
    'pods "p" is forbidden: failed quota: org-quota: must specify limits.memory for: c; requests.cpu for: c,d',
    {
      class: 'quota-unset',
      quota: 'org-quota',
      unset: [
        { resource: 'limits.memory', containers: ['c'] },
        { resource: 'requests.cpu', containers: ['c', 'd'] },
      ],
    },
  ],
  [
    'requests missing, older',
    'pods "p" is forbidden: failed quota: q: must specify limits.cpu,limits.memory',
    {
      class: 'quota-unset',
      unset: [
        { resource: 'limits.cpu', containers: [] },
        { resource: 'limits.memory', containers: [] },
      ],
    },
  ],
  [
    'quota without usage',
    'pods "p" is forbidden: status unknown for quota: q, resources: pods',
    { class: 'quota', quota: 'q', reason: 'status unknown for quota: q, resources: pods' },
  ],
  [
    'no quota covers it',
    'pods "p" is forbidden: insufficient quota to consume: requests.nvidia.com/gpu',
    { class: 'quota', quota: undefined },
  ],
  [
    'no quota has the scope, without target',
    'Error creating: insufficient quota to match these scopes: [{PriorityClass In [system-node-critical system-cluster-critical]}]',
    {
      class: 'quota',
      reason:
        'insufficient quota to match these scopes: [{PriorityClass In [system-node-critical system-cluster-critical]}]',
    },
  ],
  [
    'pod security',
    POD_SECURITY,
    {
      class: 'pod-security',
      level: 'restricted',
      version: 'latest',
      violations: [
        { check: 'privileged', detail: 'container "c" must not set securityContext.privileged=true' },
        {
          check: 'allowPrivilegeEscalation != false',
          detail: 'container "c" must set securityContext.allowPrivilegeEscalation=false',
        },
        {
          check: 'unrestricted capabilities',
          detail: 'container "c" must set securityContext.capabilities.drop=["ALL"]',
        },
        { check: 'runAsNonRoot != true', detail: 'pod or container "c" must set securityContext.runAsNonRoot=true' },
        {
          check: 'seccompProfile',
          detail:
            'pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"',
        },
      ],
    },
  ],
  [
    'pod security with lists and a check without detail',
    'pods "p" is forbidden: violates PodSecurity "baseline:v1.29": host namespaces (hostNetwork=true), hostPort (containers "a", "b" use hostPorts 80, 443), seLinuxOptions',
    {
      class: 'pod-security',
      version: 'v1.29',
      violations: [
        { check: 'host namespaces', detail: 'hostNetwork=true' },
        { check: 'hostPort', detail: 'containers "a", "b" use hostPorts 80, 443' },
        { check: 'seLinuxOptions' },
      ],
    },
  ],
  [
    'limit range',
    'pods "p" is forbidden: maximum cpu usage per Container is 500m, but limit is 2',
    { class: 'limit-range', violations: ['maximum cpu usage per Container is 500m, but limit is 2'] },
  ],
  [
    'limit range, several',
    'pods "p" is forbidden: [maximum cpu usage per Container is 500m, but limit is 2, minimum memory usage per Container is 1Gi, but request is 1Mi, cpu max limit to request ratio per Pod is 2, but provided ratio is 4.000000]',
    {
      class: 'limit-range',
      violations: [
        'maximum cpu usage per Container is 500m, but limit is 2',
        'minimum memory usage per Container is 1Gi, but request is 1Mi',
        'cpu max limit to request ratio per Pod is 2, but provided ratio is 4.000000',
      ],
    },
  ],
  [
    'limit range, two blanks',
    'pods "p" is forbidden: maximum memory usage per Pod is 1Gi.  No limit is specified',
    { class: 'limit-range' },
  ],
  [
    'account missing',
    'pods "p" is forbidden: error looking up service account crewai-org-4/crew: serviceaccount "crew" not found',
    { class: 'account-missing', account: { namespace: 'crewai-org-4', name: 'crew' } },
  ],
  [
    'secret not mountable',
    'pods "p" is forbidden: volume with secret.secretName="s" is not allowed because service account x does not reference that secret',
    { class: 'secret-reference', secret: 's', account: 'x' },
  ],
  [
    'pull secret not mountable',
    'pods "p" is forbidden: imagePullSecrets[0].name="s" is not allowed because service account x does not reference that imagePullSecret',
    { class: 'secret-reference', secret: 's', account: 'x' },
  ],
  [
    'terminating',
    'configmaps "late" is forbidden: unable to create new content in namespace crewai-org-8 because it is being terminated',
    { class: 'terminating', namespace: 'crewai-org-8', target: { resource: 'configmaps', group: '', name: 'late' } },
  ],
  ['protected', 'namespaces "default" is forbidden: this namespace may not be deleted', { class: 'protected' }],
  [
    'definition terminating',
    'widgets.x.io "w" is forbidden: create not allowed while custom resource definition is terminating',
    { class: 'crd-terminating', target: { resource: 'widgets', group: 'x.io', name: 'w' } },
  ],
  [
    'policy',
    "configmaps \"x\" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no, not here",
    { class: 'admission-policy', policy: 'p', binding: 'b', reason: 'no, not here' },
  ],
  [
    'webhook',
    'admission webhook "w.example.com" denied the request: because',
    { class: 'webhook', webhook: 'w.example.com', reason: 'because', target: undefined },
  ],
  [
    'webhook, silent',
    'Error from server: admission webhook "w" denied the request without explanation',
    { class: 'webhook', reason: 'without explanation' },
  ],
  [
    'webhook in JSON',
    JSON.stringify({ message: 'admission webhook "w" denied the request: use "x", not "y"', code: 400 }),
    { class: 'webhook', reason: 'use "x", not "y"' },
  ],
  [
    'webhook down',
    'Internal error occurred: failed calling webhook "w": failed to call webhook: Post "https://gate.x.svc:443/?timeout=10s": service "gate" not found',
    {
      class: 'webhook-down',
      webhook: 'w',
      reason: 'failed to call webhook: Post "https://gate.x.svc:443/?timeout=10s": service "gate" not found',
    },
  ],
  [
    'owner not deletable',
    'configmaps "x" is forbidden: cannot set an ownerRef on a resource you can\'t delete: , <nil>',
    { class: 'owner-reference', needs: 'delete' },
  ],
  [
    'owner without finalizers',
    'configmaps "x" is forbidden: cannot set blockOwnerDeletion if an ownerReference refers to a resource you can\'t set finalizers on: , <nil>',
    { class: 'owner-reference', needs: 'finalizers' },
  ],
  [
    'a plugin unknown here',
    'pods "p" is forbidden: unable to validate against any security context constraint: [provider "x": Forbidden: no]',
    {
      class: 'admission-other',
      reason: 'unable to validate against any security context constraint: [provider "x": Forbidden: no]',
    },
  ],
  [
    'an event',
    'Error creating: pods "crew-1-web-7d88ccd9f4-qvvbc" is forbidden: failed quota: org-quota: must specify limits.memory for: web; requests.cpu for: web',
    {
      class: 'quota-unset',
      target: { resource: 'pods', group: '', name: 'crew-1-web-7d88ccd9f4-qvvbc' },
      message:
        'pods "crew-1-web-7d88ccd9f4-qvvbc" is forbidden: failed quota: org-quota: must specify limits.memory for: web; requests.cpu for: web',
    },
  ],
  [
    'many events',
    `(combined from similar events): Error creating: ${POD_SECURITY}`,
    { class: 'pod-security', message: POD_SECURITY },
  ],
  ['quota in logfmt', `level=error msg=${JSON.stringify(QUOTA)} ns=a`, { class: 'quota', message: QUOTA }],
  [
    'quota wrapped',
    QUOTA.replaceAll(', ', ',\n  '),
    { class: 'quota', message: QUOTA, limited: { 'limits.memory': '1Gi', 'requests.cpu': '1' } },
  ],
  ['pod security wrapped', POD_SECURITY.replaceAll('), ', '),\n'), { class: 'pod-security', message: POD_SECURITY }],
];

const OTHER_ROWS: readonly Row[] = [
  [
    'a Status',
    '{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}',
    { class: 'unauthenticated' },
  ],
  [
    'Ansible',
    `b'{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"Unauthorized","reason":"Unauthorized","code":401}\\n'`,
    { class: 'unauthenticated' },
  ],
  ['the message alone', 'Unauthorized', { class: 'unauthenticated', message: 'Unauthorized' }],
  ['kubectl', 'error: You must be logged in to the server (Unauthorized)', { class: 'unauthenticated' }],
  ['kubectl, later', 'Error from server (Unauthorized): Unauthorized', { class: 'unauthenticated' }],
  [
    'kubectl, no credentials',
    'error: You must be logged in to the server (the server has asked for the client to provide credentials)',
    { class: 'unauthenticated' },
  ],
  [
    'the Python client',
    'kubernetes.client.exceptions.ApiException: (401)\nReason: Unauthorized\nHTTP response headers: {}',
    { class: 'unauthenticated' },
  ],
  ['a Go informer', 'E0101 reflector.go:150] failed to list *v1.Secret: Unauthorized', { class: 'unauthenticated' }],
  [
    'a controller',
    '{"level":"error","msg":"Reconciler error","controller":"x","error":"Unauthorized"}',
    { class: 'unauthenticated' },
  ],
  [
    'a pull',
    'Failed to pull image "registry.example.com/crew:1": failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://x: 403 Forbidden',
    { class: 'registry', image: 'registry.example.com/crew:1' },
  ],
  [
    'a pull, unauthorized',
    'Failed to pull image "r/x": rpc error: code = Unknown desc = 401 Unauthorized',
    { class: 'registry', image: 'r/x' },
  ],
  [
    'a pull, denied',
    'pull access denied, repository does not exist or may require authorization',
    { class: 'registry', image: undefined },
  ],
];

describe('parseDenial', () => {
  const check = (text: string, denial: Readonly<Record<string, unknown>>): void => {
    const found = parseDenials(text);
    expect(found).toHaveLength(1);
    const [first] = found as [Denial];
    for (const [key, value] of Object.entries(denial))
      expect({ [key]: (first as unknown as Record<string, unknown>)[key] }).toEqual({ [key]: value });
    expect(parseDenial(text)).toEqual(first);
    expect(JSON.parse(JSON.stringify(first))).toEqual(first);
  };
  it.each(RBAC_ROWS)('reads RBAC: %s', (_title, text, denial) => {
    check(text, denial);
  });
  it.each(CUT_ROWS)('reads what was cut %s', (_title, text, denial) => {
    check(text, denial);
  });
  it.each(ADMISSION_ROWS)('reads admission: %s', (_title, text, denial) => {
    check(text, denial);
  });
  it.each(OTHER_ROWS)('reads what is no 403 of the API server: %s', (_title, text, denial) => {
    check(text, denial);
  });

  it.each([
    '',
    'all is well',
    'Operation cannot be fulfilled on deployments.apps "d": the object has been modified; please apply your changes to the latest version and try again',
    'secrets "x" already exists',
    'Secret "s" is invalid: data: Forbidden: field is immutable when `immutable` is set',
    'Pod "p" is invalid: spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`',
    '<html><head><title>403 Forbidden</title></head><body><h1>Forbidden</h1></body></html>',
    'pods "p" not found',
    'Smoking is forbidden: please leave',
    'access to this resource is forbidden: contact your administrator',
    'User "bob" cannot open the door',
    'User "bob" cannot log in',
    'Failed to pull image "r/x:1": rpc error: code = NotFound desc = manifest unknown: not found',
    'Completed 401 Unauthorized in 5ms',
    '{"error": {"message": "Incorrect API key provided", "type": "invalid_request_error"}} 401 Unauthorized',
    'openai.AuthenticationError: Error code: 401 - Unauthorized',
    'Unauthorized access attempt logged',
    'RoleBinding.rbac.authorization.k8s.io "crewai-sa-edit" is invalid: roleRef: Invalid value: cannot change roleRef',
    'forbidden:',
    'is forbidden: ',
    '10.0.0.1 - - [20/Nov/2026:09:41:00 +0000] "GET /admin HTTP/1.1" 403 153 "-" "curl/8.5.0"',
    '2026/11/20 09:41:00 [error] 7#7: *1 directory index of "/srv/" is forbidden, client: 10.0.0.1, server: localhost',
    '2026/11/20 09:41:00 [error] 7#7: *1 access forbidden by rule, client: 10.0.0.1, request: "GET /.git HTTP/1.1"',
    '<html>\n<head><title>401 Authorization Required</title></head>\n<body>\n<center><h1>401 Unauthorized</h1></center>\n<hr><center>nginx</center>',
    '<p>Error 403 (Forbidden)!!1 Your client does not have permission to get URL <code>/api/v1/namespaces</code></p>',
    'ActionController::InvalidAuthenticityToken (forbidden: token mismatch)',
    'Filter chain halted as :authenticate_user! rendered or redirected\nCompleted 403 Forbidden in 3ms (ActiveRecord: 0.0ms)',
    'raise PermissionDenied("secrets is forbidden: %s" % user)',
    'return errors.NewForbidden(gr, name, fmt.Errorf("User %q cannot get resource", user))',
    'if (status === 401) throw new Error("Unauthorized");',
    '// "is forbidden: User" is what the API server says',
    'requests.exceptions.HTTPError: 403 Client Error: Forbidden for url: https://api.example.com/v1/x',
    'anthropic.PermissionDeniedError: Error code: 403 - {"error": {"type": "permission_error", "message": "forbidden: no access"}}',
    'Talking in the library is forbidden: user complaints go to the desk',
    'User alice cannot get the report in the namespace of ideas',
    'remote: Permission to acme/app.git denied to bob. fatal: unable to access: The requested URL returned error: 403',
    '{"level":"warn","msg":"request failed","status":401,"error":"Unauthorized","path":"/login"}',
    'Status: Downloaded newer image; nothing was forbidden: "ok"',
    'grpc: code = PermissionDenied desc = caller "svc" is forbidden: not in allow list',
  ])('is not misled by %s', (text) => {
    expect(parseDenials(text)).toEqual([]);
    expect(parseDenial(text)).toEqual({ class: 'not-a-denial', message: clean(text) });
  });
});

describe('parseDenials', () => {
  it('finds every denial of a text, in order, with what stands between them', () => {
    const text = `10:00 ${GET_SECRET}\n10:01 all is well\n10:02 Error creating: ${POD_SECURITY}\n10:03 {"m":${JSON.stringify(LIST_PODS)}}\n10:04 ${QUOTA}\n10:05 admission webhook "w" denied the request: no\n10:06 done`;
    expect(parseDenials(text).map((denial) => denial.class)).toEqual([
      'rbac',
      'pod-security',
      'rbac',
      'quota',
      'webhook',
    ]);
    expect(parseDenials(text).map((denial) => denial.message)).toEqual([
      GET_SECRET,
      POD_SECURITY,
      LIST_PODS,
      QUOTA,
      'admission webhook "w" denied the request: no',
    ]);
  });

  it('leaves nothing in a message that could move a cursor', () => {
    const [denial] = parseDenials('admission webhook "w" denied the request: a\u001b]0;title\u0007b\u202ec');
    expect(denial).toMatchObject({
      message: 'admission webhook "w" denied the request: a ]0;title b c',
      reason: 'a ]0;title b c',
    });
  });

  it('agrees with the messages that the server writes', () => {
    const word = fc.string({ minLength: 1, maxLength: 12 }).filter((text) => !/\s\n|\n/.test(text));
    const name = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);
    const question = fc.record(
      {
        verb: fc.constantFrom('get', 'list', 'deletecollection'),
        group: fc.constantFrom('', 'apps', 'x.io'),
        resource: name,
        subresource: name,
        name: word,
        namespace: name,
      },
      { requiredKeys: ['verb', 'group', 'resource'] },
    );
    fc.assert(
      fc.property(word, question, fc.nat({ max: 3 }), (user, asked, layers) => {
        let text = denialMessage({ user, groups: [] }, asked);
        for (let layer = 0; layer < layers; layer++) text = JSON.stringify({ message: text });
        const [denial] = parseDenials(text);
        expect(denial).toMatchObject({ class: 'rbac', user });
        expect(questionOfDenial(denial as Extract<Denial, { class: 'rbac' }>)).toEqual(asked);
      }),
    );
  });

  it.each([
    ['anchors', 'is forbidden: '],
    ['users', 'User "'],
    ['open quotes', 'pods "'],
    ['escapes', 'User \\\\\\"a\\\\\\" '],
    ['backslashes', '\\'],
    ['blanks', ' '],
    ['webhooks', 'admission webhook "'],
    ['pulls', 'Failed to pull image "'],
    ['words', 'Unauthorized '],
    ['brackets', 'pods "p" is forbidden: [('],
    ['rules', '{APIGroups:["'],
    ['quotas', 'pods "p" is forbidden: exceeded quota: a, requested: ='],
    ['limits', 'pods "p" is forbidden: maximum a usage per '],
    ['classes', 'error looking up service account a/'],
    ['names', 'a.b-'],
    ['escalations', 'a is forbidden: user "u" (groups=["g" '],
  ])('takes no longer than the text is long: a megabyte of %s', (_title, piece) => {
    const text = `x is forbidden: ${piece.repeat(Math.ceil(1_000_000 / piece.length))}`;
    const started = performance.now();
    parseDenials(text);
    // Linear means some hundred milliseconds on an idle machine; the square of a megabyte means hours.
    expect(performance.now() - started).toBeLessThan(20_000);
  });
});

describe('escalation', () => {
  it('reads the recorded message whole', () => {
    const denial = parseDenial(RECORDED_ESCALATION);
    expect(denial).toMatchObject({
      class: 'escalation',
      user: 'support-reader',
      groups: ['support', 'system:authenticated'],
      target: { resource: 'rolebindings', group: 'rbac.authorization.k8s.io', name: 'up' },
    });
    expect(denial).not.toHaveProperty('truncated');
    const edit = builtinClusterRoles().find((role) => role.metadata.name === 'edit')?.rules ?? [];
    expect((denial as { missing: readonly PolicyRule[] }).missing.map(formatRule)).toEqual(
      missingRules([], edit).map(formatRule),
    );
  });

  it.each([
    ['in JSON', JSON.stringify({ message: RECORDED_ESCALATION, reason: 'Forbidden' })],
    ['on one line', RECORDED_ESCALATION.replaceAll('\n', ' ')],
    ['within a log', `before\nError from server (Forbidden): ${RECORDED_ESCALATION}\nafter "quoted"`],
  ])('reads it %s', (_title, text) => {
    expect(parseDenials(text).map((denial) => ('missing' in denial ? denial.missing.length : 0))).toEqual([71]);
  });

  it('says when rules were cut', () => {
    expect(parseDenial(RECORDED_ESCALATION.slice(0, 1024))).toMatchObject({ class: 'escalation', truncated: true });
    expect(parseDenial(RECORDED_ESCALATION.split('\n', 1)[0] ?? '')).toMatchObject({ missing: [], truncated: true });
  });

  it('reads names, URLs and errors', () => {
    const rule = { verbs: ['get'], apiGroups: [''], resources: ['secrets'], resourceNames: ['a b', 'c"d'] };
    const urls = { verbs: ['get'], nonResourceURLs: ['/x'] };
    const message = escalationMessage({ user: 'u', groups: [] }, { resource: 'roles', name: 'r' }, [rule, urls]);
    expect(parseDenial(`${message}; resolution errors: [role.rbac.authorization.k8s.io "r" not found]`)).toMatchObject({
      class: 'escalation',
      groups: [],
      missing: [rule, urls].sort((a, b) => (formatRule(a) < formatRule(b) ? -1 : 1)),
    });
  });

  it('reads what older servers and aggregated roles say', () => {
    expect(
      parseDenial(
        'clusterroles.rbac.authorization.k8s.io "x" is forbidden: must have cluster-admin privileges to use the aggregationRule',
      ),
    ).toMatchObject({ class: 'escalation', missing: [{ resources: ['*'] }, { nonResourceURLs: ['*'] }] });
    expect(
      parseDenial(
        'roles.rbac.authorization.k8s.io "x" is forbidden: attempt to grant extra privileges: [PolicyRule{Resources:["pods"], APIGroups:[""], Verbs:["get"]} PolicyRule{Resources:["pods"], APIGroups:[""], Verbs:["list"]}] user=&{u  [system:authenticated] map[]} ownerrules=[] ruleResolutionErrors=[]',
      ),
    ).toMatchObject({ class: 'escalation', user: 'u', missing: [{ verbs: ['get'] }, { verbs: ['list'] }] });
  });
});

describe('questionOfDenial', () => {
  const question = (text: string): unknown => questionOfDenial(parseDenial(text) as Extract<Denial, { class: 'rbac' }>);
  it('asks again what was denied', () => {
    expect(question(GET_SECRET)).toEqual({
      verb: 'get',
      group: '',
      resource: 'secrets',
      name: 'docker-registry',
      namespace: 'crewai-org-4',
    });
    expect(question('forbidden: User "u" cannot get path "/metrics"')).toEqual({ verb: 'get', path: '/metrics' });
  });
  it('takes the group from the target where the text has none', () => {
    expect(
      question('deployments.apps is forbidden: User "u" cannot list resource "deployments" in the namespace "x"'),
    ).toMatchObject({ group: 'apps' });
  });
  it('asks nothing that it would have to guess', () => {
    expect(question(GET_SECRET.slice(0, GET_SECRET.indexOf(' in API')))).toBeUndefined();
    expect(question(GET_SECRET.slice(0, GET_SECRET.indexOf('get')))).toBeUndefined();
  });
});
