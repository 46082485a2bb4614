import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import type { Fault, FaultRequest } from '../../src/apiserver/options.ts';
import type { Report } from '../../src/model/report.ts';
import { brokenPlatform } from '../fixtures/broken.ts';
import { CREATED, type RawObject } from '../fixtures/crewai.ts';
import { crewiso, outcomesOf, reportOf, withFolder, withServer } from './program.ts';

const findingsOf = (report: Report): string[] => report.findings.map(({ check, id }) => `${check} ${id}`).sort();
const json = (file: string): unknown => JSON.parse(readFileSync(file, 'utf8'));

const RUN = { startedAt: '2026-11-20T09:00:00Z', containerID: 'containerd://x' };
const RESTARTED: RawObject = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'restarted', namespace: 'crewai', creationTimestamp: CREATED },
  spec: { nodeName: 'n', containers: [{ name: 'web', image: 'images.crewai.com/web:1' }] },
  status: {
    phase: 'Running',
    containerStatuses: [
      { name: 'web', restartCount: 1, state: { running: RUN }, lastState: { terminated: { ...RUN, exitCode: 1 } } },
    ],
  },
};
const LOGS = {
  'crewai/restarted/web': '2026-11-20T10:00:00Z runs\n',
  'crewai/restarted/web/previous': '2026-11-20T09:00:00Z ran\n',
};
/** What the API server says in a Status, of which client-go takes the message. */
const FORBIDDEN = {
  status: 403,
  body: { kind: 'Status', apiVersion: 'v1', status: 'Failure', code: 403, message: 'events is forbidden: User "x"' },
};

const names = (file: string): string[] =>
  (json(file) as { items: RawObject[] }).items.map(({ metadata }) => metadata.name);

/** A bundle with the layout of troubleshoot.sh: the archive, and its files in a folder. */
async function withLayout(
  faults: (request: FaultRequest) => Fault | undefined,
  use: (archive: string, files: string, flags: readonly string[]) => Promise<void>,
): Promise<void> {
  await withServer({ objects: [...brokenPlatform(), RESTARTED], logs: LOGS, faults }, (_server, flags) =>
    withFolder(async (folder) => {
      const archive = join(folder, 'b.tar.gz');
      await crewiso(['bundle', 'collect', ...flags, '-O', archive, '--layout', 'troubleshoot']);
      execFileSync('tar', ['-xzf', archive, '-C', folder]);
      await use(archive, join(folder, 'b'), flags);
    }),
  );
}

describe.concurrent('a bundle with the layout of troubleshoot.sh', () => {
  it('is one of ours all the same', async ({ expect }) => {
    await withLayout(
      () => undefined,
      async (archive, _files, flags) => {
        const [live, offline, verified] = await Promise.all([
          crewiso(['doctor', ...flags, '-o', 'json']),
          crewiso(['doctor', '--from', archive, '-o', 'json']),
          crewiso(['bundle', 'verify', archive, '--leaks']),
        ]);
        expect(findingsOf(reportOf(offline))).toEqual(findingsOf(reportOf(live)));
        expect(verified).toMatchObject({ code: 0, stderr: '' });
      },
    );
  });

  it('has what its tools look for, where they look', async ({ expect }) => {
    await withLayout(
      () => undefined,
      (_archive, files) => {
        const resources = join(files, 'cluster-resources');
        expect(json(join(files, 'version.yaml'))).toMatchObject({ kind: 'SupportBundle' });
        expect(json(join(files, 'cluster-info/cluster_version.json'))).toMatchObject({
          info: { gitVersion: 'v1.36.2' },
          string: 'v1.36.2',
        });
        expect(json(join(resources, 'namespaces.json'))).toMatchObject({
          kind: 'NamespaceList',
        });
        expect(names(join(resources, 'namespaces.json'))).toEqual(
          expect.arrayContaining(['crewai', 'crewai-org-4', 'kube-system']),
        );
        expect(json(join(resources, 'pods/crewai.json'))).toMatchObject({ apiVersion: 'v1', kind: 'PodList' });
        expect(json(join(resources, 'groups.json'))).toEqual(
          expect.arrayContaining([
            expect.objectContaining({ name: '', versions: [{ groupVersion: 'v1', version: 'v1' }] }),
            expect.objectContaining({ name: 'apps', preferredVersion: { groupVersion: 'apps/v1', version: 'v1' } }),
          ]),
        );
        expect(json(join(resources, 'resources.json'))).toEqual(
          expect.arrayContaining([
            expect.objectContaining({ groupVersion: 'v1' }),
            expect.objectContaining({ groupVersion: 'apps/v1' }),
          ]),
        );
        expect(readFileSync(join(resources, 'resources.json'), 'utf8')).toContain(
          '{"name":"pods","singularName":"pod","namespaced":true,',
        );
        expect(readdirSync(resources).filter((name) => name.includes('errors'))).toEqual([]);
        const logs = join(resources, 'pods/logs/crewai/restarted');
        expect(readFileSync(join(logs, 'web.log'), 'utf8')).toContain('runs');
        expect(readFileSync(join(logs, 'web-previous.log'), 'utf8')).toContain('ran');
        return Promise.resolve();
      },
    );
  });

  it('says why something is missing as its tools do, and is understood without our own documents', async ({
    expect,
  }) => {
    const events = ({ path }: FaultRequest): Fault | undefined =>
      path.startsWith('/api/v1/events') || path.startsWith('/api/v1/namespaces/crewai-org-4/events')
        ? FORBIDDEN
        : undefined;
    await withLayout(events, async (_archive, files, flags) => {
      expect(json(join(files, 'cluster-resources/events-errors.json'))).toEqual({
        'crewai-org-4': FORBIDDEN.body.message,
      });
      for (const own of ['plan.json', 'manifest.json']) rmSync(join(files, own));
      const [live, foreign, inspected] = await Promise.all([
        crewiso(['doctor', ...flags, '-o', 'json']),
        crewiso(['doctor', '--from', files, '-o', 'json']),
        crewiso(['bundle', 'inspect', files, '-o', 'json']),
      ]);
      const report = reportOf(foreign);
      expect(JSON.parse(inspected.stdout)).toMatchObject({ kind: 'Inventory', format: 'troubleshoot.sh' });
      const known = findingsOf(reportOf(live));
      const more = findingsOf(report).filter((finding) => !known.includes(finding));
      expect(more).toEqual([expect.stringMatching(/^bundle-collector-denied /)]);
      expect(findingsOf(report).length).toBeGreaterThan(5);
      expect(outcomesOf(report)['rbac-access-missing']).toBe('failed');
    });
  });
});
