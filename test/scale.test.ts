import { beforeAll, describe, expect, it } from 'vitest';
import { evaluate } from '../src/audit/evaluate.ts';
import type { RequestRecord } from '../src/apiserver/options.ts';
import { CHECKS } from '../src/checks/index.ts';
import type { Reading } from '../src/commands/shared/reading.ts';
import { defineCheck, type Check } from '../src/model/check.ts';
import type { KubeObject } from '../src/model/object.ts';
import type { Settings } from '../src/model/platform.ts';
import type { Report } from '../src/model/report.ts';
import type { Snapshot } from '../src/model/snapshot.ts';
import { CREATED, crewaiPlatform, type CrewaiOptions, type RawObject } from './fixtures/crewai.ts';
import { readServed, reportOn, whileServed } from './support/origins.ts';
import { platformOf, snapshotOf } from './support/scenario.ts';

const numbers = (count: number): readonly number[] => Array.from({ length: count }, (_, index) => index + 1);

const platform = (count: number, options: CrewaiOptions = {}): readonly KubeObject[] =>
  crewaiPlatform({ orgs: numbers(count), crewsPerOrg: 2, ...options });

/** Everything in these namespaces, as an administrator of them has it. */
const mayAll = (user: string, namespaces: readonly string[]): readonly KubeObject[] =>
  namespaces.map((namespace) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'RoleBinding',
    metadata: { name: `${user}-may-all`, namespace, creationTimestamp: CREATED },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'cluster-admin' },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
  }));

interface Run {
  readonly reading: Reading;
  readonly report: Report;
  readonly requests: readonly RequestRecord[];
}

const run = (objects: readonly KubeObject[], settings: Settings = {}, user?: string): Promise<Run> =>
  whileServed(
    objects,
    async ({ url, requests }) => {
      const reading = await readServed(url, settings);
      return { reading, report: reportOn(reading), requests: [...requests] };
    },
    user === undefined ? {} : { anonymous: { user, groups: ['system:authenticated'] } },
  );

const paths = (requests: readonly RequestRecord[]): readonly string[] =>
  requests.map(({ path }) => decodeURIComponent(path));

describe('a thousand organizations, six thousand pods', () => {
  let large: Run;
  beforeAll(async () => {
    large = await run(platform(1000));
  }, 120_000);

  it('are judged in full', () => {
    expect(large.reading.snapshot.list('pods').length).toBeGreaterThanOrEqual(6000);
    expect(large.report.target.tenants).toHaveLength(1000);
    expect(large.report.coverage).toMatchObject({ notEvaluated: 0, errored: 0, gaps: [] });
    expect(large.report.findings).toEqual([]);
  });

  it('take at most 60 requests, none of them for one organization', () => {
    expect(large.requests.length).toBeLessThanOrEqual(60);
    expect(paths(large.requests).filter((path) => path.includes('crewai-org-'))).toEqual([]);
    expect(large.reading.requests).toMatchObject({ refused: 0, retried: 0 });
  });

  it('show no Secret but those that say what they are for', () => {
    const whole = large.requests.filter(
      ({ path, accept }) => /\/secrets(\?|$)/.test(path) && !accept.startsWith('application/json;as=Table;'),
    );
    expect(whole.length).toBeGreaterThan(0);
    for (const path of paths(whole)) {
      expect(path).toMatch(
        /fieldSelector=type=(kubernetes\.io\/dockerc|helm\.sh\/)|labelSelector=troubleshoot\.\w+\/kind=/,
      );
    }
    const inventory = large.requests.filter(({ accept }) => accept.startsWith('application/json;as=Table;'));
    for (const path of paths(inventory)) expect(path).toMatch(/^\/api\/v1\/secrets\?includeObject=Metadata&/);
  });
});

describe('forty organizations, of which someone may see all but two, and nothing cluster-wide', () => {
  const hidden = ['crewai-org-39', 'crewai-org-40'];
  const seen = ['crewai', ...Array.from({ length: 38 }, (_, index) => `crewai-org-${String(index + 1)}`)];
  let refused: Run;
  beforeAll(async () => {
    const settings = { platformNamespace: 'crewai' };
    refused = await run([...platform(40, { crewsPerOrg: 1 }), ...mayAll('someone', seen)], settings, 'someone');
  }, 60_000);

  it('are asked for once each, cluster-wide and then by namespace', () => {
    const asked = paths(refused.requests);
    expect(asked.filter((path, index) => asked.indexOf(path) !== index)).toEqual([]);
    const wide = asked.filter((path) => path.includes('limit=') && !path.includes('/namespaces/'));
    expect(wide.length).toBeLessThanOrEqual(40);
    const perNamespace = new Map<string, number>();
    for (const path of asked) {
      const [, namespace] = /\/namespaces\/([^/?]+)/.exec(path) ?? [];
      if (namespace !== undefined) perNamespace.set(namespace, (perNamespace.get(namespace) ?? 0) + 1);
    }
    expect([...perNamespace.keys()].sort()).toEqual([...seen, ...hidden, 'kube-system'].sort());
    expect(Math.max(...perNamespace.values())).toBeLessThanOrEqual(40);
  });

  it('leave gaps that say which right is missing where', () => {
    const { snapshot } = refused.reading;
    expect(snapshot.list('pods', 'crewai-org-38')).toHaveLength(3);
    expect(snapshot.completeness('pods', 'crewai-org-38')).toBe('complete');
    expect(snapshot.completeness('pods', 'crewai-org-39')).toMatchObject({
      reason: 'forbidden',
      namespace: 'crewai-org-39',
      grant: { verb: 'list', group: '', resource: 'pods', namespace: 'crewai-org-39' },
    });
    expect(snapshot.completeness('pods', 'elsewhere')).toMatchObject({
      reason: 'forbidden',
      grant: { verb: 'list', group: '', resource: 'pods' },
    });
    expect(snapshot.completeness('clusterroles.rbac.authorization.k8s.io')).toMatchObject({ reason: 'forbidden' });
  });

  it('are judged where they are seen, and nowhere else called sound', () => {
    const { target, checks, findings } = refused.report;
    expect(target.tenants.map(({ namespace }) => namespace)).toEqual([...seen.slice(1), ...hidden]);
    expect(target.tenants.filter(({ state }) => state === 'ok')).toEqual([]);
    expect(findings).toEqual([]);
    const everywhere = ['image-pull-failing', 'rbac-access-missing', 'registry-secret-missing'];
    const outcomes = checks.filter(({ id }) => everywhere.includes(id)).map(({ id, outcome }) => [id, outcome]);
    expect(outcomes).toEqual(everywhere.map((id) => [id, 'not-evaluated']));
  });
});

describe.each(CHECKS.map((check) => [check.id, check] as const))('%s', (_id, check) => {
  it('looks at twice as much for twice as many organizations', () => {
    const few = looksOf(check, 25);
    const many = looksOf(check, 50);
    expect(many.calls).toBeLessThanOrEqual(2 * few.calls + 50);
    expect(many.items).toBeLessThanOrEqual(2 * few.items + 50);
  });
});

it('a check that lists everything for each organization would be noticed', () => {
  const greedy = defineCheck({
    id: 'greedy',
    title: 'Everything is looked at again and again',
    severity: 'info',
    area: 'platform',
    platforms: ['crewai'],
    reads: ['pods'],
    *run(view) {
      for (const { namespace } of view.platform.tenants) {
        if (view.list('pods').every(({ metadata }) => metadata.namespace !== namespace)) yield* [];
      }
    },
  });
  const [few, many] = [looksOf(greedy, 25), looksOf(greedy, 50)];
  expect(many.items).toBeGreaterThan(2 * few.items + 50);
});

/** How often a check asks the snapshot for something, and how many objects and gaps it is handed for that. */
function looksOf(check: Check, count: number): { readonly calls: number; readonly items: number } {
  const snapshot = snapshotOf({ base: { orgs: numbers(count) }, change: mixed });
  const platform = platformOf(snapshot);
  let [calls, items] = [0, 0];
  const counted = <T extends readonly unknown[]>(result: T): T => {
    calls += 1;
    items += result.length;
    return result;
  };
  const counting: Snapshot = {
    ...snapshot,
    list: (resource, namespace) => counted(snapshot.list(resource, namespace)),
    gaps: (resource, namespace) => counted(snapshot.gaps(resource, namespace)),
    find: (resource, name, namespace) => {
      calls += 1;
      return snapshot.find(resource, name, namespace);
    },
  };
  evaluate(check, counting, platform);
  return { calls, items };
}

/** Every other organization is in trouble, so that findings are paid for as well: no rights, no secret, no pull. */
function mixed(objects: readonly RawObject[]): readonly RawObject[] {
  return objects.flatMap((object) => {
    const { kind, metadata } = object;
    const odd = /-org-\d*[13579]$/.test(metadata.namespace ?? '');
    if (odd && (kind === 'RoleBinding' || kind === 'Secret')) return [];
    return odd && kind === 'Pod' ? [{ ...object, status: { phase: 'Pending' } }] : [object];
  });
}
