import { describe, expect, it } from 'vitest';
import type { ApiServerOptions, Fault, FaultRequest } from '../../src/apiserver/options.ts';
import { CHECKS } from '../../src/checks/index.ts';
import type { Report } from '../../src/model/report.ts';
import type { Resource } from '../../src/model/resource.ts';
import { brokenPlatform } from '../fixtures/broken.ts';
import { crewaiPlatform, namespaceObject, type RawObject } from '../fixtures/crewai.ts';
import { crewiso, outcomesOf, reportOf, withServer, type Ended } from './program.ts';

const healthy = crewaiPlatform({ orgs: [1, 2, 4] });

interface Seen {
  readonly ended: Ended;
  readonly report: Report;
  readonly paths: readonly string[];
}

const look = (options: ApiServerOptions, argv: readonly string[] = []): Promise<Seen> =>
  withServer({ objects: healthy, ...options }, async (server, flags) => {
    const ended = await crewiso(['doctor', ...flags, '-o', 'json', ...argv]);
    return { ended, report: reportOf(ended), paths: server.requests.map(({ path }) => path) };
  });

/** The fault for requests whose path ends with one of these resources. */
const at =
  (resources: readonly string[], fault: Fault) =>
  ({ path }: FaultRequest): Fault | undefined =>
    resources.some((resource) => new RegExp(`/${resource}(\\?|$)`).test(path)) ? fault : undefined;

const status = (code: number, reason: string, message: string): Fault => ({
  status: code,
  body: { apiVersion: 'v1', kind: 'Status', status: 'Failure', code, reason, message },
});

/** Who may do nothing but ask who they are, which every cluster lets everybody do (ClusterRole system:basic-user). */
const REFUSING: ApiServerOptions = {
  objects: [
    ...healthy,
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: 'system:basic-user' },
      rules: [{ apiGroups: ['authentication.k8s.io'], resources: ['selfsubjectreviews'], verbs: ['create'] }],
    } as RawObject,
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata: { name: 'system:basic-user' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:basic-user' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'Group', name: 'system:authenticated' }],
    } as RawObject,
  ],
  anonymous: { user: 'bo', groups: ['system:authenticated'] },
};

/** The checks that read one of these resources and passed all the same. */
function passedReaders(report: Report, ...resources: readonly Resource[]): readonly string[] {
  const outcomes = outcomesOf(report);
  const blind = CHECKS.filter(({ reads }) => reads.some((resource) => resources.includes(resource)));
  expect(blind.length).toBeGreaterThan(0);
  return blind.filter(({ id }) => outcomes[id] === 'passed').map(({ id }) => id);
}

/** No check that concludes from one of these resources may have passed. */
function expectNotPassed(report: Report, ...resources: readonly Resource[]): void {
  expect(passedReaders(report, ...resources)).toEqual([]);
}

describe('a healthy platform', () => {
  it('is exit 0, in few requests', async () => {
    const { ended, report, paths } = await look({});
    expect(report.checks.filter(({ outcome }) => outcome === 'not-evaluated' || outcome === 'errored')).toEqual([]);
    expect(report.findings).toEqual([]);
    expect({ code: ended.code, inside: report.exit.code }).toEqual({ code: 0, inside: 0 });
    expect(paths.length).toBeLessThan(60);
    expect(paths.filter((path) => path.includes('/namespaces/crewai-org'))).toEqual([]);
    expect(report.run.requests.total).toBe(paths.length);
  });
});

describe('what the server does not give', () => {
  it('401 in mid-run: what was read is judged, the rest is a gap', async () => {
    const { ended, report } = await look({
      faults: at(['rolebindings', 'pods'], status(401, 'Unauthorized', 'Unauthorized')),
    });
    expect({ code: ended.code, inside: report.exit.code }).toEqual({ code: 3, inside: 3 });
    expectNotPassed(report, 'pods');
    // No ClusterRoleBinding grants the rights on this platform: no RoleBinding, seen or not, could change that verdict.
    expect(passedReaders(report, 'rolebindings.rbac.authorization.k8s.io')).toEqual([
      'platform-isolation-values-mismatch',
    ]);
    const gaps = report.coverage.gaps.filter(({ http }) => http === 401);
    expect(gaps.map(({ resource }) => resource)).toEqual(expect.arrayContaining(['pods']));
    expect(gaps.every(({ reason, detail }) => reason === 'failed' && detail.startsWith('unauthorized'))).toBe(true);
  });

  it('403 on everything: nothing passed, every gap names the grant', async () => {
    const { ended, report } = await look(REFUSING);
    expect({ code: ended.code, inside: report.exit.code }).toEqual({ code: 3, inside: 3 });
    expect(report.checks.filter(({ outcome }) => outcome === 'passed')).toEqual([]);
    expect(report.coverage.gaps.length).toBeGreaterThan(0);
    expect(report.coverage.gaps.filter(({ reason, grant }) => reason !== 'forbidden' || !grant)).toEqual([]);
    expect(report.target.identity?.username).toBe('bo');
  });

  it('403 on everything, as a table: the command that grants what is missing', async () => {
    const ended = await withServer(REFUSING, (_, flags) => crewiso(['doctor', ...flags]));
    expect(ended.code).toBe(3);
    expect(ended.stdout).toMatch(/NOT EVALUATED/);
    expect(ended.stdout).toContain('kubectl crewiso rbac --for doctor --subject User:bo | kubectl apply -f -');
    expect(ended.stdout).not.toMatch(/^HEALTHY/m);
  });

  it('403 on one list: the checks that need it are not evaluated, the others pass', async () => {
    const forbidden = status(
      403,
      'Forbidden',
      'pods is forbidden: User "bo" cannot list resource "pods" in API group "" at the cluster scope',
    );
    const { ended, report } = await look({ faults: at(['pods'], forbidden) });
    expect(ended.code).toBe(3);
    expectNotPassed(report, 'pods');
    expect(report.coverage.gaps.some(({ grant }) => grant?.resource === 'pods' && grant.verb === 'list')).toBe(true);
    expect(Object.values(outcomesOf(report))).toContain('passed');
  });

  it('500 on one list', async () => {
    const { ended, report } = await look({
      faults: at(['secrets'], status(500, 'InternalError', 'etcdserver: request timed out')),
    });
    expect(ended.code).toBe(3);
    expectNotPassed(report, 'registry-secrets');
    expect(report.coverage.gaps).toContainEqual(expect.objectContaining({ http: 500, reason: 'failed' }));
  });

  it('a list that is cut in the middle', async () => {
    const { ended, report } = await look({ faults: at(['pods'], { cutAfterBytes: 400 }) });
    expect(ended.code).toBe(3);
    expectNotPassed(report, 'pods');
    expect(report.coverage.gaps.some(({ resource, reason }) => resource === 'pods' && reason === 'failed')).toBe(true);
  });

  it('a page of a list that is missing: what was read is kept, absence is not concluded', async () => {
    const expired = at(['pods'], status(500, 'InternalError', 'no'));
    const { ended, report } = await look({
      objects: crewaiPlatform({ orgs: Array.from({ length: 200 }, (_, index) => index + 1) }),
      faults: (request) => (request.path.includes('continue=') ? expired(request) : undefined),
    });
    expect(ended.code).toBe(3);
    expectNotPassed(report, 'pods');
    expect(report.coverage.gaps.some(({ resource, reason }) => resource === 'pods' && reason === 'truncated')).toBe(
      true,
    );
  });

  it('groups that are not served', async () => {
    const { ended, report } = await look({ notServed: ['autoscaling', 'batch', 'networking.k8s.io'] });
    expect(report.coverage.gaps.filter(({ reason }) => reason !== 'not-served')).toEqual([]);
    expect({ code: ended.code, findings: report.findings }).toEqual({ code: report.exit.code, findings: [] });
    expect([0, 3]).toContain(ended.code);
    expect(report.exit.code === 0).toBe(report.coverage.gaps.length === 0);
  });
});

describe('a server that hangs', () => {
  it('on some lists: a report with what was read, after --timeout', async () => {
    const { ended, report } = await look({ faults: at(['pods', 'events'], { hang: true }) }, ['--timeout', '2s']);
    expect({ code: ended.code, inside: report.exit.code }).toEqual({ code: 3, inside: 3 });
    expectNotPassed(report, 'pods');
    expect(report.coverage.gaps).toContainEqual(
      expect.objectContaining({ resource: 'pods', reason: 'failed', detail: 'timed out' }),
    );
    expect(ended.stderr).toContain('--timeout 2s');
    expect(Object.values(outcomesOf(report))).toContain('passed');
    expect(ended.milliseconds).toBeLessThan(20_000);
  });

  it('on every list: a report in which nothing was seen', async () => {
    const hang = ({ path }: FaultRequest): Fault | undefined => (path === '/version' ? undefined : { hang: true });
    const { ended, report } = await look({ faults: hang }, ['--timeout', '2s']);
    expect({ code: ended.code, inside: report.exit.code }).toEqual({ code: 3, inside: 3 });
    expect(report.checks.filter(({ outcome }) => outcome !== 'not-evaluated')).toEqual([]);
    expect(ended.milliseconds).toBeLessThan(20_000);
  });

  it('on one request, with --request-timeout: the others are judged', async () => {
    const { ended, report } = await look({ faults: at(['pods'], { hang: true }) }, ['--request-timeout', '1s']);
    expect(ended.code).toBe(3);
    expectNotPassed(report, 'pods');
    expect(ended.milliseconds).toBeLessThan(25_000);
  });
});

describe('clusters of others', () => {
  it('without CrewAI: nothing was audited, which is exit 3', async () => {
    const objects = ['kube-system', 'default', 'shop'].map((name) => namespaceObject(name));
    const { ended, report } = await look({ objects });
    expect({ code: ended.code, inside: report.exit.code }).toEqual({ code: 3, inside: 3 });
    expect(report.exit.reasons).toEqual(['no platform was recognised, so nothing was audited']);
    const table = await withServer({ objects }, (_, flags) => crewiso(['doctor', ...flags]));
    expect(table.stdout).toMatch(/^NO PLATFORM/);
    const accepted = await withServer({ objects }, (_, flags) => crewiso(['doctor', ...flags, '--allow-incomplete']));
    expect(accepted.code).toBe(0);
    expect(accepted.stdout).toMatch(/^NO PLATFORM/);
  });

  it('10,000 namespaces that are no tenants change nothing', async () => {
    const foreign = Array.from({ length: 10_000 }, (_, index) => namespaceObject(`team-${String(index)}`));
    const near = ['crewai-organic-1', 'crewai-dev-org-4', 'crewai-org-', 'xcrewai-org-5', 'crewai-org-6x'];
    const few = await look({});
    const many = await look({ objects: [...healthy, ...foreign, ...near.map((name) => namespaceObject(name))] });
    expect(many.report.target.tenants).toEqual(few.report.target.tenants);
    expect(many.report.target.tenants.map(({ id }) => id)).toEqual(['1', '2', '4']);
    expect(many.report.findings.filter(({ severity }) => severity === 'critical' || severity === 'high')).toEqual([]);
    expect(many.ended.code).toBe(0);
    expect(many.paths.filter((path) => path.includes('/namespaces/') && !path.includes('/crewai/'))).toEqual([]);
    // Only the pages of the list of namespaces.
    expect(many.paths.length - few.paths.length).toBeLessThanOrEqual(5);
  });

  it('a name that only looks like an organization is said to be one, and judged as none', async () => {
    const { report } = await look({ objects: [...healthy, namespaceObject('crewai-org-04')] });
    expect(report.target.tenants.map(({ namespace }) => namespace)).not.toContain('crewai-org-04');
    expect(report.findings.map(({ check, object }) => [check, object.name])).toEqual([
      ['namespace-name-malformed', 'crewai-org-04'],
    ]);
  });
});

it('the broken platform is exit 1, whatever could not be seen besides', async () => {
  const { ended, report } = await look({
    objects: brokenPlatform(),
    faults: at(['pods'], status(403, 'Forbidden', 'no')),
  });
  expect({ code: ended.code, inside: report.exit.code, incomplete: report.exit.incomplete }).toEqual({
    code: 1,
    inside: 1,
    incomplete: true,
  });
});
