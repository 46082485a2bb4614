import { describe, expect, it } from 'vitest';
import { createApiServer } from '../../src/apiserver/server.ts';
import { CHECKS } from '../../src/checks/index.ts';
import { judge } from '../../src/commands/shared/judge.ts';
import { purposeOf } from '../../src/commands/shared/purposes.ts';
import { readCluster } from '../../src/commands/shared/read-cluster.ts';
import { readsOf } from '../../src/commands/shared/read-source.ts';
import { clusterWide } from '../../src/commands/shared/role-documents.ts';
import { parseSubject } from '../../src/commands/shared/subject-argument.ts';
import { parseYamlDocuments } from '../../src/manifests/yaml.ts';
import type { Check } from '../../src/model/check.ts';
import type { Binding, Role } from '../../src/model/kinds.ts';
import type { KubeObject } from '../../src/model/object.ts';
import type { Report } from '../../src/model/report.ts';
import { PLATFORM_IDS, type PlatformId, type Settings } from '../../src/model/platform.ts';
import { astronomerPlatform } from '../fixtures/astronomer.ts';
import { brokenPlatform } from '../fixtures/broken.ts';
import { coreweaveNamespaces } from '../fixtures/coreweave.ts';
import { crewaiPlatform } from '../fixtures/crewai.ts';
import { fluxPlatform } from '../fixtures/flux.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { crewiso, inShell, withServer } from './program.ts';

const manifestsOf = (text: string): (Role | Binding)[] =>
  parseYamlDocuments(text).map(({ value }) => value as Role | Binding);

const FLAGS = {
  'all-namespaces': false,
  'insecure-skip-tls-verify': false,
  timeout: '60s',
  concurrency: 16,
  verbosity: 0,
  quiet: true,
  kubeconfig: '/dev/null',
};

interface Served {
  readonly objects: Iterable<KubeObject>;
  readonly settings?: Settings;
}

/** What is served to try the roles of a check of this platform. */
const SERVED: Readonly<Record<PlatformId, () => Served>> = {
  crewai: () => ({ objects: brokenPlatform(), settings: { isolation: 'on' } }),
  opencrane: () => ({ objects: opencranePlatform() }),
  flux: () => ({ objects: fluxPlatform() }),
  astronomer: () => ({ objects: astronomerPlatform() }),
  coreweave: () => ({ objects: coreweaveNamespaces(), settings: { handle: 'acme' } }),
};

/** Everybody has it (plugin/pkg/auth/authorizer/rbac/bootstrappolicy): a kind that is not served is looked for there. */
const DISCOVERY: readonly KubeObject[] = parseYamlDocuments(`
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: "system:discovery"}
rules: [{verbs: [get], nonResourceURLs: [/api, /api/*, /apis, /apis/*, /version]}]
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: "system:discovery"}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: "system:discovery"}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: Group, name: "system:authenticated"}]
`).map(({ value }) => value as KubeObject);

/** What doctor reports to `bo`, whose only rights are these roles, or whose group may do everything. */
async function doctorAs(
  groups: readonly string[],
  roles: readonly KubeObject[],
  checks: readonly Check[],
  { objects, settings = {} }: Served = SERVED.crewai(),
): Promise<Report> {
  const server = createApiServer({ objects: [...objects, ...DISCOVERY, ...roles], anonymous: { user: 'bo', groups } });
  const url = await server.listen();
  try {
    const reading = await readCluster({
      flags: { ...FLAGS, server: url },
      settings,
      config: { for: () => ({}) },
      reads: readsOf(checks),
      version: 'test',
      signal: new AbortController().signal,
    });
    const options = { failOn: 'high', allowIncomplete: false, version: 'test', startedAt: 0 } as const;
    return judge(reading, { checks, policy: { waivers: [] }, ...options });
  } finally {
    await server.close();
  }
}

describe('--for', () => {
  it.each(CHECKS.map((check) => [check.id, check] as const))('%s: its role evaluates it', async (id, check) => {
    const { items } = clusterWide(purposeOf([id], false), [parseSubject('User:bo')]);
    const [first] = check.platforms;
    const served = (): Served => SERVED[first ?? 'crewai']();
    const theirs = await doctorAs(['system:authenticated'], items, [check], served());
    const ours = await doctorAs(['system:masters', 'system:authenticated'], [], [check], served());
    expect(theirs.checks).toEqual(ours.checks);
    expect(theirs.coverage.gaps).toEqual(ours.coverage.gaps);
    // Only who somebody is can be refused here: the fixture holds none of the roles that everybody has.
    expect(theirs.run.requests.refused).toBeLessThanOrEqual(2);
  });

  it.each(PLATFORM_IDS)('bundle takes every listing that doctor takes of %s: a bundle can be judged', (id) => {
    const bundle = new Set(purposeOf(['bundle'], false, [id]).rights.map(keyOf));
    const missing = purposeOf(['doctor'], true, [id])
      .rights.map(keyOf)
      .filter((key) => !bundle.has(key) && key !== 'create subjectaccessreviews');
    expect(missing).toEqual([]);
  });

  it('logs are read only where they are asked for', () => {
    const granted = (words: readonly string[], logs: boolean): boolean =>
      purposeOf(words, logs).rights.map(keyOf).includes('get pods/log');
    expect([granted(['doctor'], false), granted(['fix'], false), granted(['doctor'], true)]).toEqual([
      false,
      false,
      true,
    ]);
    expect(granted(['registry-secret-missing'], true)).toBe(false);
  });

  it('bundle and doctor write nothing', () => {
    const verbs = purposeOf(['bundle', 'doctor'], true).rights.map(({ verb, resource }) => `${verb} ${resource}`);
    expect(verbs.filter((key) => !/^(list |get pods\/log$|create subjectaccessreviews$)/.test(key))).toEqual([]);
  });

  it('never takes everything, and deletes only what a repair has made', () => {
    const { rights } = purposeOf(['doctor', 'bundle', 'fix'], true);
    for (const { verb, group, resource } of rights) {
      expect(['list', 'get', 'create', 'patch', 'bind', 'delete']).toContain(verb);
      expect(`${group}/${resource}`).not.toContain('*');
    }
    const deleted = rights.filter(({ verb }) => verb === 'delete').map(({ resource, where }) => `${resource} ${where}`);
    expect([...new Set(deleted)].sort()).toEqual(['rolebindings tenants', 'secrets tenants']);
    const reading = purposeOf(['doctor', 'bundle'], true).rights.map(({ verb }) => verb);
    expect([...new Set(reading)].sort()).toEqual(['create', 'get', 'list']);
  });

  it('names roles after what they are for, in whatever order it is said', () => {
    const names = [
      purposeOf(['doctor'], false),
      purposeOf(['doctor'], true),
      purposeOf(['bundle'], false),
      purposeOf(['fix'], false),
      purposeOf(['rbac-access-missing'], false),
      purposeOf(['doctor', 'rbac-access-missing'], false),
    ].map(({ roleName }) => roleName);
    expect(names).toEqual([
      'crewiso-reader',
      'crewiso-reader-logs',
      'crewiso-reader-bundle',
      'crewiso-fixer',
      'crewiso-reader-rbac-access-missing',
      'crewiso-reader',
    ]);
    const [a, b] = ['registry-secret-missing', 'registry-secret-stale'];
    expect(purposeOf([a, b], false).roleName).toBe(purposeOf([b, a, b], false).roleName);
    expect(purposeOf([a, b], false).roleName).toMatch(/^crewiso-reader-[0-9a-f]{8}$/);
  });
});

const keyOf = ({ verb, resource }: { verb: string; resource: string }): string => `${verb} ${resource}`;

describe('the subject', () => {
  it.each([
    ['User:anna', { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'anna' }],
    ['User:a:b', { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'a:b' }],
    ['User:system:serviceaccount:a:b', { kind: 'ServiceAccount', namespace: 'a', name: 'b' }],
    ['Group:team/oncall', { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'team/oncall' }],
    ['a/b.c', { kind: 'ServiceAccount', namespace: 'a', name: 'b.c' }],
  ])('%s', (text, subject) => {
    expect(parseSubject(text)).toEqual(subject);
  });

  it.each(['', 'User:', 'anna', 'Role:x', '/b', 'a/', 'A/b'])('%j is none', (text) => {
    expect(() => parseSubject(text)).toThrow(expect.objectContaining({ exitCode: 2 }) as Error);
  });
});

describe.concurrent('kubectl crewiso rbac', () => {
  it('needs no cluster for a role in the whole cluster, and writes nothing but YAML', async ({ expect }) => {
    const { code, stdout, stderr } = await crewiso(['rbac', '--subject', 'User:bo', '--subject', 'Group:oncall']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(manifestsOf(stdout).map(({ kind, metadata }) => `${String(kind)} ${metadata.name}`)).toEqual([
      'ClusterRole crewiso-reader',
      'ClusterRoleBinding crewiso-reader:user:bo',
      'ClusterRoleBinding crewiso-reader:group:oncall',
    ]);
    const lines = stdout.split('\n').filter((line) => line.startsWith('#'));
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it('-o json is one List with the same objects', async ({ expect }) => {
    const yaml = await crewiso(['rbac', '--for', 'fix', '--subject', 'a/b']);
    const json = await crewiso(['rbac', '--for', 'fix', '--subject', 'a/b', '-o', 'json']);
    expect(JSON.parse(json.stdout)).toEqual({ apiVersion: 'v1', kind: 'List', items: manifestsOf(yaml.stdout) });
  });

  it('makes roles in the namespaces of the platform', async ({ expect }) => {
    const objects = crewaiPlatform({ orgs: [1, 2], sharedNamespace: 'crews', platformNamespace: 'control' });
    await withServer({ objects }, async (server, flags) => {
      const { code, stdout, stderr } = await crewiso(['rbac', ...flags, '--org', '2', '--subject', 'User:bo']);
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(manifestsOf(stdout).map(({ kind, metadata }) => `${String(kind)} ${metadata.namespace ?? ''}`)).toEqual([
        'ClusterRole ',
        'ClusterRoleBinding ',
        'Role control',
        'RoleBinding control',
        'Role crews',
        'RoleBinding crews',
        'Role crews-org-2',
        'RoleBinding crews-org-2',
      ]);
      expect(stdout).toContain('--platform-namespace control --org 2');
      expect(server.requests.every(({ method }) => method === 'GET' || method === 'POST')).toBe(true);
      expect(server.requests.some(({ path }) => path.includes('subjectaccessreviews'))).toBe(false);
    });
  });

  it('no platform is exit 3, and nothing on stdout', async ({ expect }) => {
    await withServer({ objects: [] }, async (_, flags) => {
      const { code, stdout, stderr } = await crewiso(['rbac', ...flags, '--scope', 'namespaced']);
      expect({ code, stdout }).toEqual({ code: 3, stdout: '' });
      expect(stderr).toContain('--platform-namespace');
    });
  });

  it('several platforms are exit 2, with the command that chooses', async ({ expect }) => {
    const objects = [
      ...crewaiPlatform({ orgs: [1] }),
      ...crewaiPlatform({ orgs: [1], sharedNamespace: 'other', release: 'other' }),
    ];
    await withServer({ objects }, async (_, flags) => {
      const { code, stdout, stderr } = await crewiso(['rbac', ...flags, '--scope', 'namespaced']);
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
      expect(stderr).toContain('kubectl crewiso rbac --scope namespaced --platform-namespace other');
    });
  });

  it('namespaces that cannot be listed are exit 3, and what is known is printed', async ({ expect }) => {
    const objects = crewaiPlatform({ orgs: [1, 2] });
    const refused = ({ path }: { path: string }) =>
      /^\/api\/v1\/namespaces(\?|$)/.test(path) ? { status: 403 } : undefined;
    await withServer({ objects, faults: refused }, async (_, flags) => {
      const { code, stdout, stderr } = await crewiso(['rbac', ...flags, '--scope', 'namespaced']);
      expect(code).toBe(3);
      expect(stderr).toContain('there may be more organizations');
      expect(manifestsOf(stdout).map(({ metadata }) => metadata.namespace)).toContain('crewai-org-2');
    });
  });

  it('no cluster is exit 4', async ({ expect }) => {
    const { code, stdout, stderr } = await crewiso([
      'rbac',
      '--org',
      '4',
      '--server',
      'http://127.0.0.1:1',
      '--kubeconfig',
      '/dev/null',
    ]);
    expect({ code, stdout }).toEqual({ code: 4, stdout: '' });
    expect(stderr).toMatch(/^error: /);
  });

  it('a reader that goes away is no error', async ({ expect }) => {
    const { stdout, stderr } = await inShell('"$@" | head -1; echo "code ${PIPESTATUS[0]}" >&2', ['rbac']);
    expect(stdout).toMatch(/^# [^\n]*\n$/);
    expect(stderr).toBe('code 0\n');
  });
});
