import { describe, expect, it } from 'vitest';
import { audit, type AuditInput } from '../../src/audit/report.ts';
import { fingerprint } from '../../src/audit/identify.ts';
import { defineCheck, type Check } from '../../src/model/check.ts';
import type { FindingDraft } from '../../src/model/finding.ts';
import type { CrewaiPlatform } from '../../src/model/platform.ts';
import { createSnapshot, type Gap, type Listings } from '../../src/model/snapshot.ts';

const NOW = Date.parse('2026-11-20T10:00:00Z');
const tenant = (id: string) => ({
  id,
  namespace: `crewai-org-${id}`,
  exists: true,
  terminating: false,
  seen: [],
  proven: true,
});
const tenants = [tenant('4'), tenant('5'), tenant('10')];
const platform: CrewaiPlatform = {
  id: 'crewai',
  platformNamespace: 'crewai',
  ownNamespaces: ['crewai'],
  sharedNamespace: 'crewai',
  sharedNamespaceFrom: 'environment',
  components: [],
  account: { namespace: 'crewai', name: 'crewai-sa' },
  tenants,
  allTenants: tenants,
  isolation: { state: 'on', confidence: 'likely', late: false, why: '' },
  mode: { state: 'manual', why: '' },
  registrySecret: { name: 'docker-registry', sourceNamespace: 'crewai', from: 'default' },
  needs: { core: [], full: [] },
  detectedBy: [],
  overridden: [],
};

const forbidden: Gap = { resource: 'pods', reason: 'forbidden', detail: 'pods is forbidden', http: 403 };
const pod = (namespace: string, name: string) => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace } });

function draft(namespace: string, more: Partial<FindingDraft> = {}): FindingDraft {
  return {
    object: { apiVersion: 'v1', kind: 'Pod', namespace, name: 'web' },
    message: `Pod ${namespace}/web is broken`,
    confidence: 'certain',
    evidence: [],
    remediation: { kind: 'manual', summary: 'Repair it', steps: [`kubectl -n ${namespace} get pod web`] },
    ...more,
  };
}

function check(id: string, run: Check<'pods', 'crewai'>['run'], more: Partial<Check<'pods', 'crewai'>> = {}): Check {
  return defineCheck<'pods', 'crewai'>({
    id,
    title: 'Fine',
    severity: 'high',
    area: 'workload',
    platforms: ['crewai'],
    reads: ['pods'],
    run,
    ...more,
  });
}

const eachPod = check('each-pod', function* (view) {
  for (const { metadata } of view.list('pods')) {
    view.examined();
    if (metadata.name === 'web') yield draft(metadata.namespace ?? '');
  }
});

function report(checks: readonly Check[], seen: Listings, more: Partial<AuditInput> = {}) {
  const listings: Listings = { namespaces: { items: [], gaps: [] }, ...seen };
  const run = {
    id: 'x',
    startedAt: '',
    durationMs: 0,
    writes: 0,
    requests: { total: 0, list: 0, get: 0, review: 0, retried: 0, refused: 0, throttledMs: 0 },
  };
  return audit({
    snapshot: createSnapshot({ origin: { from: 'manifests', files: [] }, now: NOW, listings }),
    platforms: [platform],
    checks,
    catalogue: checks,
    version: '0',
    run,
    failOn: 'high',
    allowIncomplete: false,
    ...more,
  });
}

const complete = (...items: ReturnType<typeof pod>[]): Listings => ({ pods: { items, gaps: [] } });

describe('outcome of a check', () => {
  it.each<[string, Listings, Check, string, number]>([
    ['a finding', complete(pod('crewai-org-4', 'web')), eachPod, 'failed', 1],
    ['nothing wrong', complete(pod('crewai-org-4', 'other')), eachPod, 'passed', 0],
    ['nothing to judge', complete(), eachPod, 'not-applicable', 0],
    ['a refused listing', { pods: { items: [], gaps: [forbidden] } }, eachPod, 'not-evaluated', 3],
    [
      'a refused listing with a good object',
      { pods: { items: [pod('crewai-org-4', 'other')], gaps: [forbidden] } },
      eachPod,
      'not-evaluated',
      3,
    ],
    [
      'a finding in what could be seen',
      { pods: { items: [pod('crewai-org-4', 'web')], gaps: [forbidden] } },
      eachPod,
      'failed',
      1,
    ],
    ['a listing nobody read', {}, eachPod, 'not-evaluated', 3],
    [
      'an error',
      complete(),
      check('throws-up', () => {
        throw new Error('oops');
      }),
      'errored',
      70,
    ],
    [
      'an error behind a finding',
      complete(),
      check('breaks-off', function* () {
        yield draft('crewai-org-4', { severity: 'low' });
        throw new Error('oops');
      }),
      'failed',
      70,
    ],
    [
      'an undeclared listing',
      complete(),
      check('reads-more', (view) => (view as unknown as { list(r: string): [] }).list('secrets')),
      'errored',
      70,
    ],
  ])('%s', (_name, listings, subject, outcome, code) => {
    const result = report([subject], listings);
    expect(result.checks[0]?.outcome).toBe(outcome);
    expect(result.exit.code).toBe(code);
  });

  it('keeps a gap outside the namespace that was asked for from counting', () => {
    const one = check('one-namespace', function* (view) {
      view.examined();
      yield* view
        .list('pods', 'crewai-org-4')
        .map(() => draft('crewai-org-4'))
        .slice(1);
    });
    const gap = { ...forbidden, namespace: 'crewai-org-5' };
    expect(report([one], { pods: { items: [], gaps: [gap] } }).checks[0]?.outcome).toBe('passed');
    expect(
      report([one], { pods: { items: [], gaps: [{ ...gap, namespace: 'crewai-org-4' }] } }).checks[0]?.outcome,
    ).toBe('not-evaluated');
  });
});

describe('organizations that nobody could see', () => {
  const hidden: Listings = { namespaces: { items: [], gaps: [{ ...forbidden, resource: 'namespaces' }] } };
  const one = check('one-namespace', (view) => {
    view.examined();
    view.list('pods', 'crewai-org-4');
    return [];
  });
  const none = check('no-namespace', () => []);
  const within = { namespaces: ['crewai-org-4'], beyond: forbidden };

  it.each<[string, Listings, Check, string]>([
    ['a listing of the known ones', { pods: { items: [], gaps: [], within } }, one, 'not-evaluated'],
    ['a complete listing', { pods: { items: [], gaps: [] } }, one, 'passed'],
    ['nothing to judge', { pods: { items: [], gaps: [] } }, none, 'not-evaluated'],
  ])('%s', (_name, listings, subject, outcome) => {
    expect(report([subject], { ...hidden, ...listings }).checks[0]?.outcome).toBe(outcome);
  });

  it('do not matter where the user chose', () => {
    const chosen = { ...platform, selection: { only: ['4'], except: [] } };
    const listings: Listings = { ...hidden, pods: { items: [], gaps: [], within } };
    expect(report([one, none], listings, { platforms: [chosen] }).checks.map(({ outcome }) => outcome)).toEqual([
      'not-applicable',
      'passed',
    ]);
  });
});

describe('causes and groups', () => {
  const root = check('aa-root', function* () {
    yield draft('crewai-org-4', {
      object: { apiVersion: 'v1', kind: 'Secret', namespace: 'crewai-org-4', name: 's', absent: true },
    });
  });
  const consequence = check(
    'bb-consequence',
    function* () {
      yield draft('crewai-org-4');
      yield draft('crewai-org-5');
    },
    { causes: [{ check: 'aa-root', by: ['namespace'] }] },
  );

  it('links a consequence to the cause in its own namespace only', () => {
    const { findings, groups } = report([consequence, root], complete());
    const [cause, linked, alone] = ['aa-root', 'crewai-org-4', 'crewai-org-5'].map((key) =>
      findings.find(
        (finding) => finding.check === key || (finding.check === 'bb-consequence' && finding.tenant?.namespace === key),
      ),
    );
    expect(linked?.cause).toBe(cause?.id);
    expect(alone?.cause).toBeNull();
    expect(groups.map((group) => group.findings)).toEqual([[cause?.id, linked?.id], [alone?.id]]);
  });

  it('puts findings of one shape into one group', () => {
    const { groups } = report([eachPod], complete(pod('crewai-org-10', 'web'), pod('crewai-org-4', 'web')));
    expect(groups).toMatchObject([
      { root: null, summary: 'Pod <namespace>/<Pod> is broken', tenants: ['crewai-org-4', 'crewai-org-10'] },
    ]);
  });

  it('finds the first cause whose keys all agree', () => {
    const causes = check('aa-root', function* () {
      for (const name of ['other', 'second', 'third']) {
        const keys = { namespace: ['crewai-org-10', 'crewai-org-4'], host: name === 'other' ? 'b' : 'a' };
        yield draft('crewai-org-4', { discriminator: name, message: name, keys });
      }
    });
    const effect = check(
      'bb-consequence',
      function* () {
        yield draft('crewai-org-4', { keys: { host: ['x', 'a'] } });
        yield draft('crewai-org-5', { keys: { host: 'a' } });
        yield draft('crewai-org-10');
      },
      { causes: [{ check: 'aa-root', by: ['namespace', 'host'] }] },
    );
    const { findings } = report([effect, causes], complete());
    const messageOf = (id: string | null): string | undefined => findings.find((finding) => finding.id === id)?.message;
    const effects = findings.filter(({ check: id }) => id === 'bb-consequence');
    expect(effects.map(({ tenant: of, cause }) => [of?.namespace, messageOf(cause)])).toEqual([
      ['crewai-org-4', 'second'],
      ['crewai-org-5', undefined],
      ['crewai-org-10', undefined],
    ]);
  });

  it('keeps advice in front of the commands that it is about', () => {
    const steps = (namespace: string, advice: string): readonly string[] => [
      `kubectl -n ${namespace} create x`,
      advice,
      `kubectl -n ${namespace} delete x`,
      'helm upgrade',
    ];
    const repair = (adviceOf: (namespace: string) => string): readonly string[] | undefined => {
      const subject = check('each-pod', function* () {
        for (const namespace of ['crewai-org-4', 'crewai-org-5']) {
          const remediation = { kind: 'manual' as const, summary: 'Do', steps: steps(namespace, adviceOf(namespace)) };
          yield draft(namespace, { remediation });
        }
      });
      return report([subject], complete()).groups[0]?.remediation.steps;
    };
    expect(repair(() => '# then:')).toEqual([
      'kubectl -n crewai-org-4 create x',
      'kubectl -n crewai-org-5 create x',
      '# then:',
      'kubectl -n crewai-org-4 delete x',
      'kubectl -n crewai-org-5 delete x',
      'helm upgrade',
    ]);
    const own = (namespace: string): string => `# only for ${namespace}:`;
    expect(repair(own)).toEqual([
      ...steps('crewai-org-4', own('crewai-org-4')),
      ...steps('crewai-org-5', own('crewai-org-5')),
    ]);
  });

  it('names the owners of all that a group repairs', () => {
    const subject = check('each-pod', function* () {
      for (const [namespace, owner] of [
        ['crewai-org-4', 'Flux b'],
        ['crewai-org-5', ''],
        ['crewai-org-10', 'Flux a'],
      ] as const) {
        const remediation = { kind: 'manual' as const, summary: 'Do', steps: [], ...(owner ? { owner } : {}) };
        yield draft(namespace, { remediation });
      }
    });
    expect(report([subject], complete()).groups).toMatchObject([{ remediation: { owner: 'Flux a, Flux b' } }]);
  });

  it('counts findings, not drafts of one identity', () => {
    const twice = check('each-pod', function* () {
      yield draft('crewai-org-4');
      yield draft('crewai-org-4');
    });
    const { checks, findings } = report([twice], complete());
    expect([checks[0]?.findings, findings.length]).toEqual([1, 1]);
  });

  it('says when a possible cause could not be looked at', () => {
    const hidden = check('aa-root', (view) => (view.complete('pods') ? [] : []));
    const { findings } = report([consequence, hidden], { pods: { items: [], gaps: [forbidden] } });
    expect(findings[0]?.evidence.at(-1)?.message).toContain('aa-root');
  });
});

describe('report', () => {
  it('is the same whatever the order of checks and items', () => {
    const pods = [pod('crewai-org-5', 'web'), pod('crewai-org-4', 'web'), pod('crewai-org-10', 'other')];
    const other = check('zz-last', () => []);
    expect(report([eachPod, other], complete(...pods))).toEqual(report([other, eachPod], complete(...pods.reverse())));
  });

  it('counts nothing below --fail-on, and 3 becomes 0 only with --allow-incomplete', () => {
    expect(report([eachPod], complete(pod('crewai-org-4', 'web')), { failOn: 'critical' }).exit.code).toBe(0);
    expect(report([eachPod], {}, { allowIncomplete: true }).exit).toMatchObject({ code: 0, incomplete: true });
    expect(report([eachPod], complete(pod('crewai-org-4', 'web')), { failOn: 'never' }).exit.code).toBe(0);
  });

  it('is incomplete without a platform', () => {
    const { exit, checks } = report([eachPod], complete(), { platforms: { none: 'nothing there', gaps: [] } });
    expect(exit.code).toBe(3);
    expect(checks[0]).toMatchObject({ outcome: 'not-applicable', reason: 'nothing there' });
  });

  it('neutralises control characters in messages and gaps', () => {
    const hostile = check('hostile-text', function* () {
      yield draft('crewai-org-4', { message: 'a\u001b[31mb\u202ec\nd' });
    });
    expect(report([hostile], complete()).findings[0]?.message).toBe('a [31mb c d');
  });

  it('tells tenants with findings, without, and unseen apart', () => {
    const gap = { ...forbidden, namespace: 'crewai-org-5' };
    const { target } = report([eachPod], { pods: { items: [pod('crewai-org-4', 'web')], gaps: [gap] } });
    expect(target.tenants.map(({ state }) => state)).toEqual(['findings', 'unknown', 'ok']);
  });
});

describe('fingerprint', () => {
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'a', name: 'b' };
  it('survives another version of the group and nothing else', () => {
    expect(fingerprint('c-d', object)).toBe(fingerprint('c-d', { ...object, apiVersion: 'apps/v1beta1' }));
    const others = [
      fingerprint('c-e', object),
      fingerprint('c-d', { ...object, name: 'x' }),
      fingerprint('c-d', object, 'host'),
    ];
    expect(new Set([fingerprint('c-d', object), ...others]).size).toBe(4);
  });
});
