import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CHECKS } from '../../src/checks/index.ts';
import { judge } from '../../src/commands/shared/judge.ts';
import { readCluster } from '../../src/commands/shared/read-cluster.ts';
import { readsOf } from '../../src/commands/shared/read-source.ts';
import type { Binding, PolicyRule, Role } from '../../src/model/kinds.ts';
import type { Settings } from '../../src/model/platform.ts';
import type { Report } from '../../src/model/report.ts';
import { parseYamlDocuments } from '../../src/manifests/yaml.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import { waitFor } from './control-plane.ts';
import {
  accessFor,
  adminClient,
  adminKubeconfig,
  auditEvents,
  crewiso,
  describeCluster,
  kubeconfigFor,
  kubectl,
} from './harness.ts';
import { createClient } from './api-client.ts';
import { createObjects, installPlatform, objectPath, type InstalledPlatform } from './platform.ts';

const FLAGS = {
  'all-namespaces': false,
  'insecure-skip-tls-verify': false,
  timeout: '60s',
  concurrency: 8,
  verbosity: 0,
  quiet: true,
};

/** What `kubectl crewiso doctor` reports to a user, in this process: starting a program each time takes too long. */
async function doctor(user: string, settings: Settings = {}): Promise<Report> {
  const reading = await readCluster({
    flags: { ...FLAGS, kubeconfig: user === 'admin' ? adminKubeconfig() : kubeconfigFor(user) },
    settings: { isolation: 'on', ...settings },
    config: { for: () => ({}) },
    reads: readsOf(CHECKS),
    version: 'e2e',
    signal: new AbortController().signal,
  });
  const options = { failOn: 'high', allowIncomplete: false, version: 'e2e', startedAt: Date.now() } as const;
  return judge(reading, { checks: CHECKS, policy: { waivers: [] }, ...options });
}

const outcomes = (report: Report): Record<string, string> =>
  Object.fromEntries(report.checks.map(({ id, outcome }) => [id, outcome]));

/** What the API server refused to a user, as a right would name it. */
const refusals = (user: string): string[] =>
  auditEvents(user)
    .filter(({ responseStatus }) => responseStatus?.code === 403)
    .map(({ verb, objectRef: object }) => `${verb} ${object?.resource ?? ''} in ${object?.namespace ?? '-'}`);

type Manifest = (Role | Binding) & RawObject;

async function printed(...args: string[]): Promise<Manifest[]> {
  const { status, stdout, stderr } = await crewiso(['rbac', ...args]);
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  return parseYamlDocuments(stdout).map(({ value }) => value as Manifest);
}

/** The role with one verb on one resource taken out of it, for each of them. */
function lesser(role: Role): { readonly without: string; readonly rules: readonly PolicyRule[] }[] {
  const atoms = (role.rules ?? []).flatMap(({ verbs, resources, ...rest }) =>
    verbs.flatMap((verb) => (resources ?? []).map((resource) => ({ ...rest, verbs: [verb], resources: [resource] }))),
  );
  return atoms.map(({ verbs: [verb], resources: [resource] }, index) => ({
    without: `${verb ?? ''} ${resource ?? ''}`,
    rules: atoms.filter((_, other) => other !== index),
  }));
}

describeCluster('kubectl crewiso rbac', () => {
  const client = adminClient();
  let installed: InstalledPlatform;
  // Without its binding organization 2 makes the platform's account lack something, and reviews are asked.
  beforeAll(async () => {
    installed = await installPlatform(client, { orgs: [1, 2] }, (objects) =>
      objects.filter(({ kind, metadata }) => kind !== 'RoleBinding' || metadata.namespace !== 'crewai-org-2'),
    );
  });
  afterAll(async () => {
    const roles = await kubectl(['delete', 'clusterroles,clusterrolebindings', '-l', 'e2e=rbac-command']);
    expect(roles.status).toBe(0);
    await installed.remove();
  });

  /** Applies what the program prints; labelled, so that it can be taken away again. */
  async function apply(...args: string[]): Promise<Manifest[]> {
    const { stdout } = await crewiso(['rbac', ...args]);
    const { status, stderr } = await kubectl(['apply', '-f', '-'], { input: stdout });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const manifests = parseYamlDocuments(stdout).map(({ value }) => value as Manifest);
    for (const manifest of manifests)
      await client.demand(
        'PATCH',
        objectPath(manifest),
        { metadata: { labels: { e2e: 'rbac-command' } } },
        { contentType: 'application/merge-patch+json' },
      );
    return manifests;
  }

  /** Until the authorizer has seen a binding. */
  const allowed = (user: string, path: string): Promise<void> => {
    const own = createClient(accessFor(user), 1);
    return waitFor(`${user} may get ${path}`, async () => (await own.send('GET', path)).status === 200).finally(() => {
      own.close();
    });
  };

  test.each([
    '--for doctor',
    '--for doctor --logs -o json',
    '--for bundle',
    '--for fix -o json',
    '--for doctor,bundle,fix',
    '--for fix --scope namespaced',
    '--for bundle --org 1 -o json',
    '--for registry-secret-missing,registry-secret-stale -n crewai-org-2',
  ])('%s: accepted by kubectl apply --dry-run=server', async (line) => {
    const subjects = ['User:anna@example.com', 'User:*odd* 100%/x', 'Group:team/oncall', 'crewai/crewai-sa'];
    const { stdout } = await crewiso(['rbac', ...line.split(' '), ...subjects.flatMap((name) => ['--subject', name])]);
    const { status, stderr, stdout: said } = await kubectl(['apply', '--dry-run=server', '-f', '-'], { input: stdout });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(said).toMatch(/(created|configured|unchanged) \(server dry run\)/);
  });

  describe('for the whole cluster', () => {
    test('lets doctor evaluate everything, as an administrator would, and nothing is refused', async () => {
      const [role] = await apply('--for', 'doctor', '--subject', 'User:rbac-whole');
      expect(role?.metadata.name).toBe('crewiso-reader');
      await allowed('rbac-whole', '/api/v1/secrets?limit=1');
      const theirs = await doctor('rbac-whole');
      expect(outcomes(theirs)).toEqual(outcomes(await doctor('admin')));
      expect(outcomes(theirs)).toMatchObject({ 'rbac-access-missing': 'failed' });
      expect(theirs.coverage.gaps).toEqual([]);
      expect(theirs.run.requests).toMatchObject({ refused: 0, review: 2 });
      const ran = await crewiso(['doctor', '--isolation', 'on'], { kubeconfig: kubeconfigFor('rbac-whole') });
      expect(ran.status).toBe(1);
      expect(refusals('rbac-whole')).toEqual([]);
    });

    test('with --logs lets doctor read logs as well', async () => {
      await apply('--for', 'doctor', '--logs', '--subject', 'User:rbac-logs');
      await allowed('rbac-logs', '/api/v1/secrets?limit=1');
      const ran = await crewiso(['doctor', '--logs', '--isolation', 'on'], { kubeconfig: kubeconfigFor('rbac-logs') });
      expect(ran.status).toBe(1);
      const asked = auditEvents('rbac-logs').filter(({ objectRef }) => objectRef?.subresource === 'log');
      expect(asked.length).toBeGreaterThan(0);
      expect(refusals('rbac-logs')).toEqual([]);
    });

    test('holds nothing that is not asked for', async () => {
      const [role] = await printed('--for', 'doctor');
      const cases = lesser(role as Role).map((rest, index) => ({ ...rest, user: `rbac-lesser-${index}` }));
      expect(cases.length).toBeGreaterThan(20);
      await createObjects(
        client,
        cases.flatMap(({ user, rules }) => wholeCluster(user, rules)),
      );
      await Promise.all(cases.map(({ user }) => allowed(user, '/readyz')));
      const spare: string[] = [];
      for (const { user, without } of cases) {
        await waitFor(`the rights of ${user} are known`, async () => await mayAnything(user));
        await doctor(user);
        const refused = refusals(user);
        // Some listings are asked for in the platform's own namespaces only, whose names a ClusterRole does not know.
        if (!refused.some((line) => line.startsWith(`${without} in`))) spare.push(without);
        // Without their list, namespaces are asked for by name.
        const others = refused.filter(
          (line) => !line.startsWith(`${without} in`) && !line.startsWith('get namespaces'),
        );
        expect(others).toEqual([]);
      }
      expect(spare).toEqual([]);
    });
  });

  describe('for one organization', () => {
    const settings: Settings = { platformNamespace: 'crewai', orgs: ['2'] };

    test('lets doctor evaluate all but what lies elsewhere, and only that is refused', async () => {
      await apply('--for', 'doctor', '--org', '2', '--subject', 'User:rbac-org');
      await allowed('rbac-org', '/api/v1/namespaces/crewai-org-2/secrets?limit=1');
      const theirs = await doctor('rbac-org', settings);
      const ours = await doctor('admin', settings);
      expect(outcomes(theirs)).toEqual({ ...outcomes(ours), 'namespace-claimed-twice': 'not-evaluated' });
      expect(refusals('rbac-org')).toEqual(['list deployments in -']);
      const elsewhere = createClient(accessFor('rbac-org'), 1);
      expect((await elsewhere.send('GET', '/api/v1/namespaces/crewai-org-1/secrets')).status).toBe(403);
      elsewhere.close();
    });

    test('holds nothing that is not asked for', async () => {
      const roles = (await printed('--for', 'doctor', '--org', '2')).filter(({ kind }) => kind?.endsWith('Role'));
      expect(roles.map(({ kind, metadata }) => `${kind ?? ''} ${metadata.namespace ?? ''}`)).toEqual([
        'ClusterRole ',
        'Role crewai',
        'Role crewai-org-2',
      ]);
      const cases = roles.flatMap((role, at) =>
        lesser(role).map((rest, index) => ({ ...rest, role, user: `rbac-local-${at}-${index}` })),
      );
      const objects = cases.flatMap(({ user, role, rules }) =>
        roles.flatMap((other) => bound(user, other, other === role ? rules : [...((other as Role).rules ?? [])])),
      );
      await createObjects(client, objects);
      const spare: string[] = [];
      for (const { user, without, role } of cases) {
        await waitFor(`the rights of ${user} are known`, () => mayAnything(user, 'crewai-org-2'));
        await doctor(user, settings);
        const expected = `${without} in ${role.metadata.namespace ?? '-'}`;
        const refused = refusals(user).filter((line) => line !== 'list deployments in -');
        if (!refused.includes(expected)) spare.push(expected);
      }
      expect(spare).toEqual([]);
    });

    test('an administrator of these namespaces may give its Roles away', async () => {
      const admin = 'rbac-namespace-admin';
      await createObjects(
        client,
        ['crewai', 'crewai-org-1'].map((namespace) => ({
          apiVersion: 'rbac.authorization.k8s.io/v1',
          kind: 'RoleBinding',
          metadata: { name: admin, namespace },
          roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'admin' },
          subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: admin }],
        })),
      );
      await allowed(admin, '/apis/rbac.authorization.k8s.io/v1/namespaces/crewai-org-1/roles');
      const manifests = await printed('--org', '1', '--subject', 'User:rbac-given');
      const items = manifests.filter(({ metadata }) => metadata.namespace !== undefined);
      const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
      const { status, stderr } = await kubectl(['apply', '-f', '-'], { input, kubeconfig: kubeconfigFor(admin) });
      expect({ status, stderr, count: items.length }).toEqual({ status: 0, stderr: '', count: 4 });
    });
  });

  test.each([
    ['the whole platform', [], { isolation: 'on' }],
    ['one organization', ['-n', 'crewai-org-2'], { isolation: 'on', namespaces: ['crewai-org-2'] }],
  ] as const)('what a report on %s advises lets its user see', async (_name, args, settings) => {
    const user = `rbac-advised-${args.length}`;
    const ran = await crewiso(['doctor', ...args], { kubeconfig: kubeconfigFor(user) });
    expect(ran.status).toBe(3);
    const [, words = ''] = /kubectl crewiso (rbac .*) \| kubectl apply -f -$/m.exec(ran.stdout) ?? [];
    expect(words).toContain(`--subject User:${user}`);
    await apply(...words.split(' ').slice(1));
    await allowed(user, `/api/v1${args.length > 0 ? '/namespaces/crewai-org-2' : ''}/secrets`);
    const ours = outcomes(await doctor('admin', settings));
    const beyond = args.length > 0 ? { 'namespace-claimed-twice': 'not-evaluated' } : {};
    expect(outcomes(await doctor(user, settings))).toEqual({ ...ours, ...beyond });
  });

  test('what was applied before for somebody else stays', async () => {
    await apply('--for', 'doctor', '--subject', 'User:rbac-first');
    await apply('--for', 'registry-secret-missing', '--subject', 'User:rbac-second');
    await apply('--for', 'doctor', '--subject', 'Group:rbac-third');
    await allowed('rbac-first', '/api/v1/resourcequotas');
    await allowed('rbac-second', '/api/v1/secrets');
    const second = createClient(accessFor('rbac-second'), 1);
    expect((await second.send('GET', '/api/v1/resourcequotas')).status).toBe(403);
    second.close();
  });

  test('namespaces that are not there are left out, and that is exit 3', async () => {
    const ran = await crewiso(['rbac', '--org', '1,77']);
    expect(ran.status).toBe(3);
    expect(ran.stderr).toBe('warning: left out crewai-org-77: it does not exist yet\n');
    expect(parseYamlDocuments(ran.stdout)).toHaveLength(3);
  });

  /** A review proves that the authorizer has seen the last of a user's bindings. */
  async function mayAnything(user: string, namespace?: string): Promise<boolean> {
    const own = createClient(accessFor(user), 1);
    const answers = await Promise.all(
      ['secrets', 'pods'].map(async (resource) => {
        const scope = namespace === undefined ? '' : `/namespaces/${namespace}`;
        return (await own.send('GET', `/api/v1${scope}/${resource}?limit=1`)).status === 200;
      }),
    );
    own.close();
    return answers.includes(true);
  }
});

const GROUP = 'rbac.authorization.k8s.io';

function bound(user: string, role: Role, rules: readonly PolicyRule[]): RawObject[] {
  const { kind = '', metadata } = role;
  const where = metadata.namespace === undefined ? {} : { namespace: metadata.namespace };
  const labels = { e2e: 'rbac-command' };
  return [
    { apiVersion: `${GROUP}/v1`, kind, metadata: { name: user, labels, ...where }, rules },
    {
      apiVersion: `${GROUP}/v1`,
      kind: `${kind}Binding`,
      metadata: { name: user, labels, ...where },
      roleRef: { apiGroup: GROUP, kind, name: user },
      subjects: [{ apiGroup: GROUP, kind: 'User', name: user }],
    },
  ];
}

const wholeCluster = (user: string, rules: readonly PolicyRule[]): RawObject[] =>
  bound(user, { kind: 'ClusterRole', metadata: { name: user } }, rules);
