import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Report } from '../../src/model/report.ts';
import { blindUser, KINDS, startProxy, WAYS } from './blind.ts';
import {
  adminClient,
  crewiso,
  describeCluster,
  kubeconfigFor,
  writeKubeconfig,
  accessForServiceAccount,
  auditEvents,
} from './harness.ts';
import { createObjects, installPlatform, removeObjects, type InstalledPlatform } from './platform.ts';
import { LATER_FAULTS, PLATFORM_FAULTS, TENANT_FAULTS } from './faults.ts';

/** The report of one run through kubectl; fails with stderr when there is none. */
async function doctor(
  args: readonly string[] = [],
  kubeconfig?: string,
): Promise<{ status: number | null; report: Report }> {
  const env = { NODE_OPTIONS: `--import=${new URL('later.mjs', import.meta.url).href}` };
  const ran = await crewiso(['doctor', '-o', 'json', ...args], {
    env,
    ...(kubeconfig === undefined ? {} : { kubeconfig }),
  });
  expect(ran.stdout, ran.stderr).toMatch(/^\{/);
  return { status: ran.status, report: JSON.parse(ran.stdout) as Report };
}

const found = (report: Report): string[] =>
  report.findings.map(({ check, object }) =>
    [check, [object.kind, ...(object.namespace === undefined ? [] : [object.namespace]), object.name].join('/')].join(
      ' ',
    ),
  );

/** A new binding is numbered where its name is taken. */
const anyNumber = (finding: string): string => finding.replace(/(?<=crewai-sa-edit)-\d+$/, '');

describeCluster('doctor on a clean platform', () => {
  const client = adminClient();

  test.each([
    [{ orgs: [] }],
    [{ orgs: [1] }],
    [{ orgs: [1], mode: 'auto' as const }],
    [{ orgs: [1, 2], sharedNamespace: 'crews', platformNamespace: 'control', release: 'prod', account: 'robot' }],
    [{ orgs: Array.from({ length: 50 }, (_, index) => index + 1), mode: 'manual' as const }],
    [{ orgs: Array.from({ length: 50 }, (_, index) => index + 1), mode: 'auto' as const }],
  ])('%j finds nothing', async (options) => {
    const installed = await installPlatform(client, options);
    try {
      const { status, report } = await doctor(['--isolation', 'on']);
      expect(report.findings.map(({ check, message }) => `${check}: ${message}`)).toEqual([]);
      expect(report.checks.filter(({ outcome }) => outcome === 'not-evaluated' || outcome === 'errored')).toEqual([]);
      expect([status, report.exit.code]).toEqual([0, 0]);
      expect(report.target.tenants).toHaveLength(options.orgs.length);
      expect(report.run.requests.total).toBeLessThan(60);
    } finally {
      await installed.remove();
    }
  });
});

describeCluster('doctor on a platform with one fault in each organization', () => {
  const client = adminClient();
  const orgs = [...TENANT_FAULTS, ...LATER_FAULTS].map(({ org }) => org).filter((org) => ![0, 18, 24].includes(org));
  let installed: InstalledPlatform;
  let status: number | null;
  let report: Report;

  beforeAll(async () => {
    installed = await installPlatform(client, { orgs: [...orgs, 15] }, (objects) =>
      TENANT_FAULTS.reduce((changed, fault) => fault.change(changed), objects),
    );
    for (const fault of [...TENANT_FAULTS, ...LATER_FAULTS]) await fault.apply?.(client);
    ({ status, report } = await doctor(['--isolation', 'on', '--fail-on', 'info', '--logs']));
  });

  afterAll(async () => {
    await client.send(
      'PATCH',
      '/api/v1/namespaces/crewai-org-17/configmaps/held',
      { metadata: { finalizers: null } },
      'application/merge-patch+json',
    );
    for (const fault of LATER_FAULTS) await fault.remove?.(client);
    await installed.remove();
  });

  test.each([...TENANT_FAULTS, ...LATER_FAULTS].map((fault) => [fault.name, fault] as const))('%s', (_name, fault) => {
    const all = found(report);
    for (const finding of fault.findings) expect(all).toContain(finding);
  });

  test('and nothing else is found', () => {
    const expected = new Set([...TENANT_FAULTS, ...LATER_FAULTS].flatMap(({ findings }) => findings));
    expect(found(report).filter((finding) => !expected.has(finding))).toEqual([]);
  });

  test('the exit code, every check evaluated, no write', () => {
    expect(
      report.checks.filter(({ outcome }) => outcome === 'not-evaluated' || outcome === 'errored').map(({ id }) => id),
    ).toEqual([]);
    expect([status, report.exit.code, report.run.writes]).toEqual([1, 1, 0]);
  });

  test('of the log only the denial is told', () => {
    const denied = report.findings.find(({ object }) => object.name === 'crewai-org-27');
    expect(denied?.evidence[0]).toMatchObject({ type: 'log', count: 1, object: { kind: 'Pod', namespace: 'crewai' } });
    expect(JSON.stringify(report)).not.toContain('example-password');
  });

  test('text output names causes, at 80 columns, without control characters', async () => {
    const ran = await crewiso(['doctor'], { env: { COLUMNS: '80', NO_COLOR: '1' } });
    expect(ran.status).toBe(1);
    expect(ran.stdout).toMatch(/^NOT HEALTHY/);
    // eslint-disable-next-line no-control-regex -- that is what must not be there
    expect(ran.stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
  });

  test('a user who may do nothing sees gaps and the grants, never a pass', async () => {
    const { status: code, report: seen } = await doctor(
      ['--isolation', 'on', '-n', 'crewai-org-1'],
      kubeconfigFor('nobody'),
    );
    expect(code).toBe(3);
    expect(seen.checks.filter(({ outcome }) => outcome === 'passed').map(({ id }) => id)).toEqual([]);
    expect(seen.coverage.gaps.some(({ grant }) => grant?.verb === 'list' && grant.resource === 'deployments')).toBe(
      true,
    );
  });

  test("the platform's own account sees what it may see", async () => {
    const kubeconfig = writeKubeconfig(await accessForServiceAccount(client, 'crewai', 'crewai-sa'));
    const { report: seen } = await doctor(
      ['--isolation', 'on', '--shared-namespace', 'crewai', '--platform-namespace', 'crewai', '--org', '8'],
      kubeconfig,
    );
    expect(found(seen)).toContain('registry-secret-stale Secret/crewai-org-8/docker-registry');
    expect(seen.checks.find(({ id }) => id === 'rbac-access-missing')?.outcome).toBe('not-evaluated');
  });

  describe.concurrent('of which one kind of object cannot be read', () => {
    const place = ['--platform-namespace', 'crewai', '--shared-namespace', 'crewai', '--isolation', 'on'];
    const users = KINDS.flatMap(blindUser);

    beforeAll(() => createObjects(client, users));
    afterAll(() => removeObjects(client, users));

    /** What is found by whoever sees everything is found, or not evaluated: it never looks fine. */
    const expectBlind = (plural: string, blind: Report): void => {
      const broken = new Set(report.findings.map(({ check }) => check));
      const outcomes = blind.checks.filter(({ id }) => broken.has(id)).map(({ id, outcome }) => `${id} ${outcome}`);
      expect(outcomes.filter((line) => !/ (failed|not-evaluated)$/.test(line))).toEqual([]);
      expect(blind.coverage.gaps.map(({ resource }) => resource.split('.')[0])).toContain(plural);
      // Nothing is made up for want of sight; but that another binding has the name, or that a namespace is not there any
      // more, is seen only by whoever may look.
      const all = new Set(found(report).map(anyNumber));
      const gone = ['crewai-org-17', 'crewai-org-24'].map(
        (namespace) => `rbac-access-missing RoleBinding/${namespace}/crewai-sa-edit`,
      );
      const known = new Set([...all, ...(plural === 'namespaces' ? gone : [])]);
      expect(
        found(blind)
          .map(anyNumber)
          .filter((finding) => !known.has(finding)),
      ).toEqual([]);
    };

    test.each(KINDS)('%s: refused', async (plural) => {
      const { report: blind } = await doctor(place, kubeconfigFor(`blind-${plural}`));
      expectBlind(plural, blind);
    });

    test.each(KINDS.flatMap((plural) => WAYS.map((way) => [plural, way] as const)))('%s: %s', async (plural, way) => {
      const proxy = await startProxy(plural, way);
      const { port } = proxy.address() as AddressInfo;
      try {
        const target = ['--server', `http://127.0.0.1:${port}`, '--kubeconfig', '/dev/null'];
        const { report: blind } = await doctor([...place, ...target, '--request-timeout', '2s']);
        expectBlind(plural, blind);
      } finally {
        proxy.closeAllConnections();
        proxy.close();
      }
    });
  });

  test('only reads reached the API server', () => {
    const verbs = new Set(
      auditEvents('admin')
        .filter(({ userAgent }) => userAgent?.startsWith('kubectl-crewiso/'))
        .map(({ verb, objectRef }) => (verb === 'create' ? `create ${String(objectRef?.resource)}` : verb)),
    );
    expect([...verbs].sort()).toEqual(['create selfsubjectreviews', 'create subjectaccessreviews', 'get', 'list']);
  });
});

describeCluster('doctor on platforms that are broken themselves', () => {
  const client = adminClient();
  const installed = new Map<string, InstalledPlatform>();

  beforeAll(async () => {
    const installs = PLATFORM_FAULTS.map(async ({ at, options, change, apply }) => {
      const platform = { orgs: [1], sharedNamespace: at, platformNamespace: at, release: at, ...options };
      installed.set(at, await installPlatform(client, platform, change));
      await apply?.(client);
    });
    await Promise.all(installs);
  });

  afterAll(async () => {
    await Promise.all([...installed.values()].map(({ remove }) => remove()));
  });

  test.each(PLATFORM_FAULTS.map((fault) => [fault.name, fault] as const))(
    '%s',
    async (_name, { at, flags, findings }) => {
      const { report } = await doctor(['--isolation', 'on', '--platform-namespace', at, ...(flags ?? [])]);
      expect(found(report).sort()).toEqual([...findings].sort());
    },
  );

  test('without a flag none of them is guessed', async () => {
    const ran = await crewiso(['doctor']);
    expect(ran.status).toBe(2);
    expect(ran.stderr).toContain('--platform-namespace pa');
    expect(ran.stdout).toBe('');
  });
});
