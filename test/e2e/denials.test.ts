import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ExplanationDocument } from '../../src/kubernetes/denial-document.ts';
import { explainDenial, type Explanation } from '../../src/kubernetes/denial-advice.ts';
import { denialsOf } from '../../src/kubernetes/denial-log.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import { createClient, type Access, type ApiClient } from './api-client.ts';
import { waitFor } from './control-plane.ts';
import { accessForServiceAccount, adminClient, crewiso, describeCluster, kubectl, writeKubeconfig } from './harness.ts';
import { collectionPath, createObjects, objectPath, removeObjects } from './platform.ts';

// What a real API server refuses is found, told apart and explained, and what the explanation grants is enough and no more.
const NS = 'denials';
const TIGHT = 'denials-tight';
const STRICT = 'denials-strict';
const GOING = 'denials-going';
const ACCOUNT = { namespace: NS, name: 'worker' };
const RBAC = 'rbac.authorization.k8s.io/v1';

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
}

const get = (path: string): Request => ({ method: 'GET', path });
const configmap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'new' } };
const MERGE = 'application/merge-patch+json';

/** Each of them is denied at first; a dry run asks for the same right. */
const DENIED: readonly (readonly [title: string, request: Request])[] = [
  ['a list in a namespace', get(`/api/v1/namespaces/${NS}/pods`)],
  ['a watch', get(`/api/v1/namespaces/${NS}/pods?watch=1&timeoutSeconds=1`)],
  ['a list in all namespaces', get('/api/v1/services')],
  ['a list of what is in no namespace', get('/api/v1/nodes')],
  ['an object by name', get(`/api/v1/namespaces/${NS}/configmaps/one`)],
  ['another object by name', get(`/api/v1/namespaces/${NS}/secrets/two`)],
  ['a list of one object', get(`/api/v1/namespaces/${NS}/secrets?fieldSelector=metadata.name%3Dtwo`)],
  ['a namespace by name', get(`/api/v1/namespaces/${NS}`)],
  ['a subresource', get(`/apis/apps/v1/namespaces/${NS}/deployments/web/scale`)],
  ['a path', get('/metrics/slis')],
  ['a create', { method: 'POST', path: `/api/v1/namespaces/${NS}/configmaps?dryRun=All`, body: configmap }],
  [
    'a patch in a group',
    {
      method: 'PATCH',
      path: `/apis/apps/v1/namespaces/${NS}/deployments/web?dryRun=All`,
      body: { metadata: { labels: { a: 'b' } } },
      contentType: MERGE,
    },
  ],
  [
    'the end of a collection',
    { method: 'DELETE', path: `/apis/coordination.k8s.io/v1/namespaces/${NS}/leases?dryRun=All` },
  ],
];

const named = (kind: string, namespace: string | undefined, name: string, more: object = {}): RawObject => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, ...(namespace ? { namespace } : {}) },
  ...more,
});
const containers = [{ name: 'c', image: 'i' }];
const template = { metadata: { labels: { a: 'web' } }, spec: { containers } };

const OBJECTS: readonly RawObject[] = [
  ...[NS, TIGHT].map((name) => named('Namespace', undefined, name)),
  {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name: STRICT, labels: { 'pod-security.kubernetes.io/enforce': 'restricted' } },
  },
  named('ServiceAccount', NS, ACCOUNT.name),
  named('ConfigMap', NS, 'one'),
  named('Secret', NS, 'two'),
  {
    ...named('Deployment', NS, 'web', { spec: { replicas: 0, selector: { matchLabels: { a: 'web' } }, template } }),
    apiVersion: 'apps/v1',
  },
];

const messageOf = (body: unknown): string => (body as { message?: string } | null)?.message ?? JSON.stringify(body);

function explain(text: string, namespace?: string): Explanation {
  const { denials } = denialsOf(text);
  expect(
    denials.map(({ denial }) => denial.class),
    text,
  ).toHaveLength(1);
  const [only] = denials;
  if (!only) throw new Error('one denial');
  return explainDenial(only, namespace);
}

describeCluster('refusals of a real API server', () => {
  const admin: ApiClient = adminClient();
  let access: Access;
  let account: ApiClient;
  const send = ({ method, path, body, contentType }: Request): ReturnType<ApiClient['send']> =>
    account.send(method, path, body, contentType);

  beforeAll(async () => {
    await createObjects(admin, OBJECTS);
    access = await accessForServiceAccount(admin, ACCOUNT.namespace, ACCOUNT.name);
    account = createClient(access);
  });
  afterAll(async () => {
    await removeObjects(admin, OBJECTS);
    account.close();
    admin.close();
  });

  const denials = async (): Promise<readonly string[]> => {
    const answers = await Promise.all(DENIED.map(([, request]) => send(request)));
    expect(answers.map(({ status }) => status)).toEqual(DENIED.map(() => 403));
    return answers.map(({ body }) => messageOf(body));
  };

  describe('rights that are missing', () => {
    test('each grant allows exactly its request and leaves every other one denied', async () => {
      const messages = await denials();
      for (const [at, [title, request]] of DENIED.entries()) {
        const { grant, rbac } = explain(messages[at] ?? '');
        expect({ title, rbac }).toEqual({ title, rbac: true });
        if (!grant) throw new Error(`no grant for ${messages[at] ?? ''}`);
        const objects = [grant.role, grant.binding] as unknown as RawObject[];
        for (const object of objects) await admin.demand('POST', collectionPath(object), object);
        await waitFor(`${title} is allowed`, async () => (await send(request)).status < 300, 15_000);
        const others = await Promise.all(DENIED.map(([, other]) => send(other)));
        expect({
          title,
          allowed: DENIED.filter((_, index) => others[index]?.status !== 403).map(([name]) => name),
        }).toEqual({
          title,
          allowed: [title],
        });
        for (const object of objects) await admin.demand('DELETE', objectPath(object));
        await waitFor(`${title} is denied again`, async () => (await send(request)).status === 403, 15_000);
      }
    });

    test('the commands make the same, pasted into a shell', async () => {
      const message = messageOf((await send(get(`/api/v1/namespaces/${NS}/configmaps/one`))).body);
      const commands = explain(message).steps.filter((step) => !step.startsWith('#'));
      for (const command of commands) {
        const { status, stderr } = await kubectl(command.split(' ').slice(1));
        expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      }
      await waitFor(
        'it is allowed',
        async () => (await send(get(`/api/v1/namespaces/${NS}/configmaps/one`))).status === 200,
      );
      const live = await crewiso(['explain', '-', '--live', '-o', 'json'], { input: message });
      const { refusals } = JSON.parse(live.stdout) as ExplanationDocument;
      expect(live.status).toBe(0);
      expect(refusals).toMatchObject([{ now: { state: 'allowed', model: 'allowed', server: 'allowed' } }]);
      await kubectl(['-n', NS, 'delete', 'role,rolebinding', '--all']);
    });

    test('--live: the model and the API server say alike that each is still denied', async () => {
      const messages = await denials();
      const { status, stdout, stderr } = await crewiso(['explain', '-', '--live', '-o', 'json'], {
        input: messages.join('\n'),
      });
      const { refusals } = JSON.parse(stdout) as ExplanationDocument;
      expect({ status, stderr }).toEqual({ status: 1, stderr: '' });
      expect(refusals.map(({ now }) => [now?.state, now?.model, now?.server])).toEqual(
        DENIED.map(() => ['denied', 'denied', 'denied']),
      );
    });

    test('a binding to a role that is not there', async () => {
      const binding = {
        apiVersion: RBAC,
        kind: 'RoleBinding',
        metadata: { name: 'ghostly', namespace: NS },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'ghost' },
        subjects: [{ kind: 'ServiceAccount', ...ACCOUNT }],
      } as unknown as RawObject;
      await admin.demand('POST', collectionPath(binding), binding);
      let message = '';
      await waitFor('the role is missed', async () => {
        message = messageOf((await send(get(`/api/v1/namespaces/${NS}/pods`))).body);
        return message.includes('ghost');
      });
      expect(explain(message)).toMatchObject({ rbac: true, see: ['forbidden-by-rbac', 'rbac-binding-role-missing'] });
      const { stdout } = await crewiso(['explain', message, '--live', '-o', 'json']);
      const [refusal] = (JSON.parse(stdout) as ExplanationDocument).refusals;
      expect(refusal?.now?.why.join('\n')).toContain(`RoleBinding ${NS}/ghostly to Role ghost, which does not exist`);
      await admin.demand('DELETE', objectPath(binding));
    });

    test('escalation', async () => {
      const role = (
        verbs: readonly string[],
        resources: readonly string[],
        group: string,
        name: string,
      ): RawObject => ({
        apiVersion: RBAC,
        kind: 'Role',
        metadata: { name, namespace: NS },
        rules: [{ verbs, apiGroups: [group], resources }],
      });
      const binding = (name: string, roleName: string): RawObject => ({
        apiVersion: RBAC,
        kind: 'RoleBinding',
        metadata: { name, namespace: NS },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: roleName },
        subjects: [{ kind: 'ServiceAccount', ...ACCOUNT }],
      });
      const given = [
        role(['create'], ['rolebindings'], 'rbac.authorization.k8s.io', 'binder'),
        role(['delete'], ['pods'], '', 'wanted'),
        binding('binder', 'binder'),
      ];
      for (const object of given) await admin.demand('POST', collectionPath(object), object);
      let message = '';
      await waitFor('it may create bindings', async () => {
        const up = binding('up', 'wanted');
        message = messageOf((await account.send('POST', collectionPath(up), up)).body);
        return message.includes('attempting to grant');
      });
      expect(explain(message, NS)).toMatchObject({ class: 'escalation', who: `ServiceAccount ${NS}/worker` });
      expect(explain(message, NS).what).toContain('lacks delete pods');
      for (const object of given) await admin.demand('DELETE', objectPath(object));
    });

    test('impersonation and a 401, as kubectl prints them', async () => {
      const worker = writeKubeconfig(access);
      const as = await kubectl(['get', 'pods', '-n', NS, '--as', 'somebody'], { kubeconfig: worker });
      expect(explain(as.stderr)).toMatchObject({ class: 'impersonation', who: `ServiceAccount ${NS}/worker` });
      const wrong = await kubectl(['get', 'pods', '-n', NS], {
        kubeconfig: writeKubeconfig({ ...access, token: 'no-token' }),
      });
      expect(explain(wrong.stderr)).toMatchObject({ class: 'unauthenticated', rbac: false });
      const raw = await createClient({ ...access, token: 'no-token' }).send('GET', '/api/v1/pods');
      expect(explain(JSON.stringify(raw.body))).toMatchObject({ class: 'unauthenticated' });
    });
  });

  describe('content that was refused', () => {
    /** As the administrator, so that no right is missing. */
    const refusedPod = async (namespace: string, name: string, spec: object = { containers }): Promise<string> => {
      const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec };
      return messageOf((await admin.send('POST', `/api/v1/namespaces/${namespace}/pods?dryRun=All`, body)).body);
    };
    const eventually = async (what: string, ask: () => Promise<string>, part: string): Promise<string> => {
      let message = '';
      await waitFor(what, async () => (message = await ask()).includes(part));
      return message;
    };
    const limited = (limits: object): object => ({ containers: [{ name: 'c', image: 'i', resources: { limits } }] });

    test('quotas, LimitRanges and what they want to know', async () => {
      const quota = named('ResourceQuota', TIGHT, 'small', { spec: { hard: { 'limits.memory': '1Gi' } } });
      await admin.demand('POST', collectionPath(quota), quota);
      const unset = await eventually('the quota counts', () => refusedPod(TIGHT, 'p'), 'failed quota');
      expect(explain(unset, TIGHT)).toMatchObject({ class: 'quota-unset', rbac: false });
      const exceeded = await refusedPod(TIGHT, 'p', limited({ memory: '2Gi' }));
      expect(explain(exceeded, TIGHT)).toMatchObject({
        class: 'quota',
        what: ['pods "p", quota small', 'limits.memory: requested 2Gi, used 0, limited 1Gi'],
      });
      const still = await crewiso(['explain', exceeded, '--live', '-n', TIGHT, '-o', 'json']);
      expect((JSON.parse(still.stdout) as ExplanationDocument).refusals).toMatchObject([{ now: { state: 'denied' } }]);
      const range = {
        apiVersion: 'v1',
        kind: 'LimitRange',
        metadata: { name: 'max' },
        spec: { limits: [{ type: 'Container', max: { memory: '512Mi' } }] },
      };
      const ranges = `/api/v1/namespaces/${TIGHT}/limitranges`;
      await admin.demand('POST', ranges, range);
      const ask = (): Promise<string> => refusedPod(TIGHT, 'p', limited({ memory: '600Mi' }));
      expect(explain(await eventually('the LimitRange counts', ask, 'maximum memory'), TIGHT)).toMatchObject({
        class: 'limit-range',
        steps: expect.arrayContaining([`kubectl -n ${TIGHT} describe limitrange`]) as string[],
      });
    });

    test('Pod Security, a missing account, a namespace that is being deleted', async () => {
      expect(
        explain(await refusedPod(STRICT, 'p', { containers, serviceAccountName: 'default' }), STRICT),
      ).toMatchObject({
        class: 'pod-security',
        headline: expect.stringContaining('restricted') as string,
      });
      const missing = await refusedPod(NS, 'p', { containers, serviceAccountName: 'nobody' });
      expect(explain(missing)).toMatchObject({
        class: 'account-missing',
        steps: [`kubectl -n ${NS} create serviceaccount nobody`],
      });
      const held = {
        apiVersion: 'v1',
        kind: 'ConfigMap',
        metadata: { name: 'held', finalizers: ['example.com/hold'] },
      };
      await admin.demand('POST', '/api/v1/namespaces', named('Namespace', undefined, GOING));
      await admin.demand('POST', `/api/v1/namespaces/${GOING}/configmaps`, held);
      await admin.demand('DELETE', `/api/v1/namespaces/${GOING}`);
      const late = await admin.send('POST', `/api/v1/namespaces/${GOING}/configmaps`, configmap);
      const { status, stdout } = await crewiso(['explain', '-', '--live', '-o', 'json'], {
        input: [missing, messageOf(late.body)].join('\n'),
      });
      expect(status).toBe(1);
      expect((JSON.parse(stdout) as ExplanationDocument).refusals).toMatchObject([
        { class: 'account-missing', now: { state: 'denied' } },
        { class: 'terminating', now: { state: 'denied' } },
      ]);
      await admin.demand(
        'PATCH',
        `/api/v1/namespaces/${GOING}/configmaps/held`,
        { metadata: { finalizers: null } },
        { contentType: MERGE },
      );
    });

    test('a ValidatingAdmissionPolicy, and a namespace that is protected', async () => {
      const policies = '/apis/admissionregistration.k8s.io/v1';
      const VERSION = 'admissionregistration.k8s.io/v1';
      await admin.demand('POST', `${policies}/validatingadmissionpolicies`, {
        apiVersion: VERSION,
        kind: 'ValidatingAdmissionPolicy',
        metadata: { name: 'no-debts' },
        spec: {
          matchConstraints: {
            resourceRules: [
              { apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['configmaps'] },
            ],
          },
          validations: [{ expression: `object.metadata.name != 'debts'`, message: 'no debts' }],
        },
      });
      await admin.demand('POST', `${policies}/validatingadmissionpolicybindings`, {
        apiVersion: VERSION,
        kind: 'ValidatingAdmissionPolicyBinding',
        metadata: { name: 'no-debts-here' },
        spec: { policyName: 'no-debts', validationActions: ['Deny'] },
      });
      const ask = async (): Promise<string> => {
        const body = { ...configmap, metadata: { name: 'debts' } };
        return messageOf((await admin.send('POST', `/api/v1/namespaces/${NS}/configmaps?dryRun=All`, body)).body);
      };
      expect(explain(await eventually('the policy counts', ask, 'no debts'), NS)).toMatchObject({
        class: 'admission-policy',
        what: ['configmaps "debts"', 'no debts'],
        steps: expect.arrayContaining([
          'kubectl get validatingadmissionpolicybinding no-debts-here -o yaml',
        ]) as string[],
      });
      await admin.demand('DELETE', `${policies}/validatingadmissionpolicybindings/no-debts-here`);
      await admin.demand('DELETE', `${policies}/validatingadmissionpolicies/no-debts`);
      const protectedOne = await admin.send('DELETE', '/api/v1/namespaces/default');
      expect(explain(messageOf(protectedOne.body))).toMatchObject({ class: 'protected', rbac: false });
    });
  });
});
