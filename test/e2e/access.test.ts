import { afterAll, beforeAll, expect, test } from 'vitest';
import type { AccessDocument } from '../../src/model/access-document.ts';
import { adminClient, auditEvents, crewiso, describeCluster, kubeconfigFor } from './harness.ts';
import { createObjects, installPlatform, removeObjects, type InstalledPlatform } from './platform.ts';
import type { RawObject } from '../fixtures/crewai.ts';

const RBAC = 'rbac.authorization.k8s.io';
const ns = (org: number): string => `crewai-org-${String(org)}`;
const ACCOUNT = { kind: 'ServiceAccount', name: 'crewai-sa', namespace: 'crewai' };

const binding = (namespace: string, name: string, roleRef: object, subject: object): RawObject => ({
  apiVersion: `${RBAC}/v1`,
  kind: 'RoleBinding',
  metadata: { name, namespace },
  roleRef: { apiGroup: RBAC, ...roleRef },
  subjects: [subject],
});

/** Org 2 has no binding, 3 one for the wrong account, 4 one whose role is gone, 5 a role that forgets Deployments. */
function broken(objects: RawObject[]): RawObject[] {
  const kept = objects.filter(
    ({ kind, metadata }) => kind !== 'RoleBinding' || ![2, 3, 4, 5].some((org) => metadata.namespace === ns(org)),
  );
  const role: RawObject = {
    apiVersion: `${RBAC}/v1`,
    kind: 'Role',
    metadata: { name: 'crews', namespace: ns(5) },
    rules: [
      { apiGroups: ['', 'batch', 'apps'], resources: ['secrets', 'services', 'configmaps', 'pods'], verbs: ['*'] },
    ],
  };
  return [
    ...kept,
    binding(ns(3), 'crewai-sa-edit', { kind: 'ClusterRole', name: 'edit' }, { ...ACCOUNT, namespace: ns(3) }),
    binding(ns(4), 'crewai-sa-edit', { kind: 'Role', name: 'gone' }, ACCOUNT),
    role,
    binding(ns(5), 'crews', { kind: 'Role', name: 'crews' }, ACCOUNT),
    binding(ns(1), 'visitor', { kind: 'ClusterRole', name: 'view' }, { kind: 'User', name: 'visitor' }),
    binding(
      ns(1),
      'neighbour',
      { kind: 'ClusterRole', name: 'edit' },
      { kind: 'ServiceAccount', name: 'x', namespace: ns(2) },
    ),
  ];
}

/** The document of one run through kubectl; fails with stderr when there is none. */
async function access(
  words: string,
  kubeconfig?: string,
): Promise<{ status: number | null; document: AccessDocument & { view: string } }> {
  const ran = await crewiso(['access', ...words.split(' ').filter(Boolean), '-o', 'json'], {
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
  });
  expect(ran.stdout, ran.stderr).toMatch(/^\{/);
  return { status: ran.status, document: JSON.parse(ran.stdout) as AccessDocument };
}

const whyOf = (document: AccessDocument) => {
  if (document.view !== 'why') throw new Error(document.view);
  return document.why;
};

describeCluster('access on a platform with broken organizations', () => {
  const client = adminClient();
  let installed: InstalledPlatform;
  /** May ask the API server's authorizer, and read nothing. */
  const reviewer: readonly RawObject[] = [
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRole',
      metadata: { name: 'access-reviewer' },
      rules: [{ apiGroups: ['authorization.k8s.io'], resources: ['subjectaccessreviews'], verbs: ['create'] }],
    },
    {
      apiVersion: `${RBAC}/v1`,
      kind: 'ClusterRoleBinding',
      metadata: { name: 'access-reviewer' },
      roleRef: { apiGroup: RBAC, kind: 'ClusterRole', name: 'access-reviewer' },
      subjects: [{ kind: 'User', apiGroup: RBAC, name: 'reviewer' }],
    },
  ];

  beforeAll(async () => {
    installed = await installPlatform(client, { orgs: [1, 2, 3, 4, 5, 6] }, broken);
    await createObjects(client, reviewer);
  });

  afterAll(async () => {
    await removeObjects(client, reviewer);
    await installed.remove();
  });

  test('the matrix tells the organizations apart', async () => {
    const { status, document } = await access('');
    if (document.view !== 'matrix') throw new Error(document.view);
    expect([status, document.exit.code, document.gaps]).toEqual([1, 1, []]);
    const rows = document.matrix.rows.map(({ namespaces, missing, cells }) => ({
      namespaces,
      none: missing.length > 0 && cells.every(({ state }) => state === 'none'),
      missing: missing.length > 0,
    }));
    expect(rows).toEqual(
      expect.arrayContaining([
        { namespaces: [ns(1), ns(6)], none: false, missing: false },
        { namespaces: [ns(2), ns(3), ns(4)], none: true, missing: true },
        { namespaces: [ns(5)], none: false, missing: true },
      ]),
    );
    // The API server agrees with every row that was asked about.
    expect(document.matrix.confidence).toBe('certain');
    expect(document.matrix.rows.flatMap(({ byServer }) => byServer)).toEqual([]);
    expect(document.matrix.excess).toEqual([]);
    expect(document.run.requests.total).toBeLessThan(25);
  });

  test.each([
    ['crewai/crewai-sa create deployments.apps -n crewai-org-1', 'allowed', ''],
    ['crewai/crewai-sa get ns crewai-org-1', 'allowed', ''],
    ['crewai/crewai-sa create deployments.apps -n crewai-org-2', 'denied', ''],
    ['crewai/crewai-sa create deployments.apps -n crewai-org-3', 'denied', 'expected namespace crewai'],
    ['crewai/crewai-sa create deployments.apps -n crewai-org-4', 'denied', 'Role gone does not exist'],
    ['crewai/crewai-sa create deployments.apps -n crewai-org-5', 'denied', ''],
    ['crewai/crewai-sa get pods/log -n crewai-org-5', 'denied', 'for pods, not pods/log'],
    ['crewai/crewai-sa list rolebindings -n crewai-org-1', 'denied', ''],
    ['crewai/crewai-sa list nodes -n crewai-org-1', 'denied', ''],
    ['User:visitor get pods -n crewai-org-1', 'allowed', ''],
    ['User:visitor get secrets -n crewai-org-1', 'denied', ''],
    ['Group:system:masters delete nodes', 'allowed', ''],
    ['User:visitor get /version', 'allowed', ''],
    ['User:visitor get /metrics', 'denied', ''],
  ])('why %s: %s', async (words, answer, near) => {
    const { status, document } = await access(`why ${words}`);
    const why = whyOf(document);
    expect({ answer: why.answer, rbac: why.rbac, server: why.server?.answer, status }).toEqual({
      answer,
      rbac: answer,
      server: answer,
      status: answer === 'allowed' ? 0 : 1,
    });
    expect(why.confidence).toBe('certain');
    expect(why.near.map(({ text }) => text).join('\n')).toContain(near);
  });

  test('the least grant that is printed repairs it', async () => {
    const words = `why User:guest list pods -n ${ns(6)}`;
    const { fix } = whyOf((await access(words)).document);
    const { kubectl } = await import('./harness.ts');
    for (const command of fix) {
      const ran = await kubectl(command.split(' ').slice(1));
      expect(ran.stderr).toBe('');
    }
    expect(whyOf((await access(words)).document)).toMatchObject({ answer: 'allowed', rbac: 'allowed' });
  });

  test('who may read secrets from outside', async () => {
    const { status, document } = await access('who get secrets --outside-tenant');
    if (document.view !== 'who') throw new Error(document.view);
    expect(status).toBe(0);
    const holders = new Map(
      document.who.holders.map(({ subject, standing, grants }) => [subject, { standing, grants }]),
    );
    expect(holders.get(`ServiceAccount ${ns(2)}/x`)).toMatchObject({
      standing: 'outside',
      grants: [{ name: 'neighbour', namespaces: [ns(1)] }],
    });
    expect(holders.get('ServiceAccount crewai/crewai-sa')?.standing).toBe('platform');
    expect(holders.get('Group system:masters')?.standing).toBe('system');
    expect(holders.has(`ServiceAccount ${ns(3)}/crewai-sa`)).toBe(false);
    expect(holders.has('User visitor')).toBe(false);
  });

  test('a user who may read nothing: unknown with the missing rights, never a guess', async () => {
    const kubeconfig = kubeconfigFor('nobody');
    for (const org of [1, 2]) {
      const { status, document } = await access(`why crewai/crewai-sa create deploy -n ${ns(org)}`, kubeconfig);
      expect([status, whyOf(document).answer, whyOf(document).rbac]).toEqual([3, 'unknown', 'unknown']);
      expect(document.gaps.map(({ grant }) => grant?.resource)).toContain('clusterrolebindings');
    }
    const who = await access(`who get secrets -n ${ns(1)}`, kubeconfig);
    expect([who.status, who.document.gaps.length > 0]).toEqual([3, true]);
    const matrix = await access(`--org 1 --platform-namespace crewai --account crewai:crewai-sa`, kubeconfig);
    expect(matrix.status).toBe(3);
  });

  test('a user who may only ask: the server’s answer, which is right', async () => {
    const kubeconfig = kubeconfigFor('reviewer');
    for (const [org, answer] of [
      [1, 'allowed'],
      [2, 'denied'],
    ] as const) {
      const { status, document } = await access(`why crewai/crewai-sa create deploy -n ${ns(org)}`, kubeconfig);
      const why = whyOf(document);
      expect([why.answer, why.rbac, why.confidence, status]).toEqual([
        answer,
        'unknown',
        'certain',
        answer === 'allowed' ? 0 : 1,
      ]);
    }
  });

  test('only reads reached the API server', () => {
    const verbs = auditEvents('admin')
      .filter(({ userAgent }) => userAgent?.startsWith('kubectl-crewiso/'))
      .map(({ verb, objectRef }) => (verb === 'create' ? `create ${String(objectRef?.resource)}` : verb));
    expect(new Set(verbs)).toEqual(
      new Set(['create selfsubjectreviews', 'create subjectaccessreviews', 'get', 'list']),
    );
  });

  test('text at 80 columns', async () => {
    const ran = await crewiso(['access'], { env: { COLUMNS: '80', NO_COLOR: '1' } });
    expect(ran.status).toBe(1);
    expect(ran.stdout).toMatch(/^ACCOUNT {3}crewai\/crewai-sa/);
    expect(ran.stdout.split('\n').filter((line) => line.length > 80)).toEqual([]);
  });
});
