import { describe, expect, it } from 'vitest';
import type { ApiServerOptions } from '../../src/apiserver/options.ts';
import type { Report } from '../../src/model/report.ts';
import { crewaiPlatform } from '../fixtures/crewai.ts';
import { crewiso, outcomesOf, reportOf, withServer, type Ended } from './program.ts';

const objects = crewaiPlatform({ orgs: [1, 2] });
const FORBIDDEN = [
  'forbidden-by-admission',
  'forbidden-by-escalation',
  'forbidden-by-rbac',
  'forbidden-unauthenticated',
];

const podOf = (component: string): string => `crewai-${component}-6d4cf56db6-x7k2p`;
const keyOf = (component: string): string => `crewai/${podOf(component)}/main`;
const DENIED =
  'resourcequotas is forbidden: User "system:serviceaccount:crewai:crewai-sa" cannot create resource "resourcequotas" in API group "" in the namespace "crewai-org-2"';
const stamp = (minutes: number): string => new Date(Date.now() - minutes * 60_000).toISOString();

/** Canaries stand in every place that a careless reader would print. */
const LOGS = {
  [keyOf('web')]: `${stamp(9)} Started GET "/" token=canary-web\n`,
  [keyOf('buildkit')]: '',
  [keyOf('worker')]: [
    `${stamp(20)} DATABASE_URL=postgres://app:canary-before@db/x`,
    `${stamp(19)} fatal: [localhost]: FAILED! => {"msg": "Failed to create object: b'{\\"kind\\":\\"Status\\",\\"status\\":\\"Failure\\",\\"message\\":\\"${DENIED.replaceAll('"', '\\\\\\"')}\\",\\"reason\\":\\"Forbidden\\",\\"code\\":403}'", "password": "canary-behind"}`,
    `${stamp(5)} ${DENIED} password=canary-after`,
    `${stamp(4)} admission webhook "v.example.com" denied the request: no, secret=canary-webhook`,
    '',
  ].join('\n'),
};

interface Seen {
  readonly ended: Ended;
  readonly report: Report;
  readonly paths: readonly string[];
}

const look = (options: ApiServerOptions, argv: readonly string[] = ['--logs']): Promise<Seen> =>
  withServer({ objects, ...options }, async (server, flags) => {
    const ended = await crewiso(['doctor', ...flags, '-o', 'json', ...argv]);
    return { ended, report: reportOf(ended), paths: server.requests.map(({ path }) => path) };
  });

const logPaths = (paths: readonly string[]): readonly string[] =>
  paths
    .filter((path) => path.includes('/log?'))
    .map((path) => path.split('?')[0] ?? '')
    .sort();

describe('doctor --logs', () => {
  it("finds what the logs of the platform's components tell", async () => {
    const { ended, report, paths } = await look({ logs: LOGS });
    const denied = report.findings.find(({ check }) => check === 'forbidden-by-rbac');
    expect(denied?.object).toMatchObject({ kind: 'Namespace', name: 'crewai-org-2' });
    expect(denied?.severity).toBe('critical');
    expect(denied?.evidence[0]).toMatchObject({
      type: 'log',
      object: { kind: 'Pod', namespace: 'crewai', name: podOf('worker') },
      message: `log of crewai/${podOf('worker')} (main): ${DENIED}`,
      count: 2,
    });
    expect(ended.code).toBe(1);
    expect(logPaths(paths)).toEqual(
      ['buildkit', 'web', 'worker'].map((name) => `/api/v1/namespaces/crewai/pods/${podOf(name)}/log`),
    );
    expect(paths.length).toBeLessThan(60);
  });

  it.each([['json'], ['table'], ['yaml'], ['short']])('lets nothing else of them out: %s', async (format) => {
    const ended = await withServer({ objects, logs: LOGS }, (_, flags) =>
      crewiso(['doctor', ...flags, '--logs', '-v', '8', '-o', format, '--show', 'all', '--wide']),
    );
    expect(ended.code).toBe(1);
    expect(ended.stdout).toContain('forbidden-by-rbac');
    expect(ended.stdout + ended.stderr).not.toContain('canary');
  });

  it('finds nothing on a healthy platform', async () => {
    const { ended, report } = await look({ logs: { ...LOGS, [keyOf('worker')]: 'all is well\n' } });
    expect(report.findings).toEqual([]);
    expect(ended.code).toBe(0);
  });

  it('passes over what is older than an hour', async () => {
    const { report } = await look({ logs: { ...LOGS, [keyOf('worker')]: `${stamp(90)} ${DENIED}\n` } });
    expect(report.findings).toEqual([]);
  });

  it('reads no log unless it is asked to', async () => {
    const { report, paths } = await look({ logs: LOGS }, []);
    expect(report.findings).toEqual([]);
    expect(logPaths(paths)).toEqual([]);
  });

  it('reads no log for checks that do not look at logs', async () => {
    const { paths } = await look({ logs: LOGS }, ['--logs', '--area', 'registry']);
    expect(logPaths(paths)).toEqual([]);
  });

  it('reads what ran before a restart', async () => {
    const crashed = objects.map((object) =>
      object.kind === 'Pod' && object.metadata.name === podOf('worker')
        ? {
            ...object,
            status: {
              phase: 'Running',
              containerStatuses: [
                {
                  name: 'main',
                  ready: true,
                  restartCount: 1,
                  state: { running: {} },
                  lastState: { terminated: { exitCode: 1 } },
                },
              ],
            },
          }
        : object,
    );
    const logs = {
      ...LOGS,
      [keyOf('worker')]: 'starting\n',
      [`${keyOf('worker')}/previous`]: `${stamp(3)} ${DENIED}\n`,
    };
    const { report } = await look({ objects: crashed, logs });
    const found = report.findings.filter(({ check }) => check.startsWith('forbidden'));
    expect(found.map(({ check, object }) => [check, object.name])).toEqual([['forbidden-by-rbac', 'crewai-org-2']]);
  });

  it('403: the checks that look at logs are not evaluated, and the right that is missing is named', async () => {
    const { ended, report, paths } = await look({
      logs: LOGS,
      faults: ({ path }) =>
        path.includes('/log?')
          ? {
              status: 403,
              body: {
                kind: 'Status',
                status: 'Failure',
                code: 403,
                reason: 'Forbidden',
                message: 'pods "x" is forbidden',
              },
            }
          : undefined,
    });
    const outcomes = outcomesOf(report);
    expect(FORBIDDEN.map((id) => outcomes[id])).toEqual(FORBIDDEN.map(() => 'not-evaluated'));
    expect(outcomes['rbac-access-missing']).toBe('passed');
    expect(logPaths(paths)).toHaveLength(1);
    expect(report.coverage.gaps).toMatchObject([
      {
        resource: 'pods/log',
        namespace: 'crewai',
        reason: 'forbidden',
        grant: { verb: 'get', group: '', resource: 'pods/log', namespace: 'crewai' },
      },
    ]);
    expect(ended.code).toBe(3);
  });

  it('403, as a table: the command that grants it', async () => {
    const ended = await withServer(
      {
        objects,
        logs: LOGS,
        faults: ({ path }) =>
          path.includes('/log?') ? { status: 403, body: { kind: 'Status', code: 403, message: 'no' } } : undefined,
      },
      (_, flags) => crewiso(['doctor', ...flags, '--logs']),
    );
    expect(ended.stdout).toMatch(/NOT EVALUATED/);
    expect(ended.stdout).toMatch(/--verb=get,list --resource=pods\/log/);
  });

  it('contradicts -f', async () => {
    const ended = await crewiso(['doctor', '--logs', '-f', '/dev/null']);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('--logs');
    expect(ended.stdout).toBe('');
  });
});
