import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, it } from 'vitest';
import { targetOf, type Plan } from '../../src/model/fix.ts';
import { digestOf } from '../../src/remediation/canonical.ts';
import { parseJournal, settle } from '../../src/remediation/journal.ts';
import { createPlan } from '../../src/remediation/plan.ts';
import { refuseUnreviewed } from '../../src/remediation/compare-plans.ts';
import { parsePlan, planProblems, refuseTooMany } from '../../src/remediation/plan-file.ts';
import { crewaiPlatform, registrySecret } from '../fixtures/crewai.ts';
import { NOW, objectsOf } from '../support/scenario.ts';
import { FIXES } from './fixes.ts';
import {
  applied,
  judged,
  planned,
  settledOf,
  undone,
  VERSION,
  whileBroken,
  writesTo,
  type Patient,
} from './served-fix.ts';

/** What the Secrets of the fixtures hold, as it is and as it is encoded on the way. */
const CANARIES = ['example-password', 'example-former-password'].flatMap((password) => {
  const login = Buffer.from(`pull:${password}`).toString('base64');
  const content = JSON.stringify({ auths: { 'images.crewai.com': { auth: login } } });
  return [password, login, Buffer.from(content).toString('base64')];
});

function expectNoSecret(text: string): void {
  for (const canary of CANARIES) expect(text).not.toContain(canary);
}

describe('a run of fixes', () => {
  it.each(FIXES.map((fix) => [fix.name, fix] as const))('leaks nothing while it repairs %s', async (_name, fix) => {
    await whileBroken(fix.served, async (patient) => {
      const plan = await planned(patient, fix.checks);
      expectNoSecret(JSON.stringify(plan));
      const result = await applied(patient, plan);
      expectNoSecret(JSON.stringify(result));
      expectNoSecret(readFileSync(patient.journal, 'utf8'));
      const back = await undone(patient, { allowDestructive: true });
      expectNoSecret(JSON.stringify(back));
      expectNoSecret(readFileSync(`${patient.journal}.undo`, 'utf8'));
    });
  });

  it.each(FIXES.map((fix) => [fix.name, fix] as const))(
    'rehearses before it repairs %s, and writes nowhere else',
    async (_name, fix) => {
      await whileBroken(fix.served, async (patient) => {
        const plan = await planned(patient, fix.checks);
        await applied(patient, plan);
        const sent = patient.server.requests.filter(
          ({ method, path }) => method !== 'GET' && !path.includes('reviews'),
        );
        const firstWrite = sent.findIndex(({ path }) => !path.includes('dryRun=All'));
        const makesNamespace = plan.steps.filter((step) => targetOf(step).kind === 'Namespace').length;
        const rehearsable = makesNamespace > 0 ? makesNamespace : plan.steps.length;
        expect(firstWrite).toBe(rehearsable);
        for (const { path, method, userAgent } of sent) {
          const [, namespace] = /\/namespaces\/([^/?]+)/.exec(path) ?? [];
          if (namespace !== undefined) expect(plan.binding.namespaces).toContain(namespace);
          expect(userAgent).toBe(`kubectl-crewiso/${VERSION} run/r-20261120-1000-4c1d`);
          if (method !== 'DELETE') expect(path).toMatch(/fieldManager=kubectl-crewiso&fieldValidation=Strict/);
        }
      });
    },
  );

  it('keeps its journal to its owner', async () => {
    await whileBroken(FIXES[0]!.served, async (patient) => {
      await applied(patient, await planned(patient));
      expect((statSync(patient.journal).mode & 0o777).toString(8)).toBe('600');
      expect((statSync(dirname(patient.journal)).mode & 0o777).toString(8)).toBe('700');
    });
  });

  it('leaves a journal that can be read wherever it is cut', async () => {
    await whileBroken(FIXES[0]!.served, async (patient) => {
      await applied(patient, await planned(patient, FIXES[0]!.checks));
      const text = readFileSync(patient.journal, 'utf8');
      for (let end = 0; end <= text.length; end += 1) {
        const settled = settle(parseJournal(text.slice(0, end)));
        const begun = text.slice(0, end).split('\n').length > 1 || end === text.indexOf('\n');
        expect([end, settled !== undefined]).toEqual([end, begun]);
      }
      expect(settledOf(patient)?.end?.exit).toBe(0);
    });
  });

  it('writes nothing when the journal cannot be written', async () => {
    await whileBroken(FIXES[0]!.served, async (patient) => {
      const plan = await planned(patient);
      const nowhere = { ...patient, journal: '/dev/null/runs/run.jsonl' };
      await expect(applied(nowhere, plan)).rejects.toMatchObject({ exitCode: 4 });
      expect(writesTo(patient)).toEqual([]);
    });
  });

  it('rehearses only, when asked to', async () => {
    await whileBroken(FIXES[0]!.served, async (patient) => {
      const result = await applied(patient, await planned(patient), { dryRun: true });
      expect([result.exit, result.writes, writesTo(patient)]).toEqual([0, 0, []]);
      expect(settledOf(patient)).toBeUndefined();
    });
  });

  it('stops between two steps when it is interrupted, and says so', async () => {
    await whileBroken(
      {
        objects: objectsOf({
          without: ['RoleBinding/crewai-org-1/crewai-sa-edit', 'RoleBinding/crewai-org-2/crewai-sa-edit'],
        }),
      },
      async (patient) => {
        const plan = await planned(patient);
        const controller = new AbortController();
        const result = await applied(patient, plan, {
          signal: controller.signal,
          wrapJournal: (journal) => ({
            append: (event) => {
              journal.append(event);
              if (event.event === 'intent') controller.abort();
            },
          }),
        });
        expect([result.exit, result.interrupted, writesTo(patient).length]).toEqual([130, true, 1]);
        expect(settledOf(patient)?.done.size).toBe(1);
      },
    );
  });
});

describe('a write whose answer is lost', () => {
  const lost = async (keep: boolean): Promise<{ result: Awaited<ReturnType<typeof applied>>; patient: Patient }> => {
    let kept: Patient | undefined;
    const result = await whileBroken(
      FIXES[0]!.served,
      async (patient) => {
        kept = patient;
        return applied(patient, await planned(patient));
      },
      {
        faults: ({ method, path }) => {
          if (method !== 'POST' || path.includes('dryRun') || !path.includes('rolebindings')) return undefined;
          return keep ? { cutAfterBytes: 5 } : { status: 504, body: 'gateway timeout' };
        },
      },
    );
    return { result, patient: kept! };
  };

  it('counts as done when the object shows our run', async () => {
    const { result, patient } = await lost(true);
    expect([result.exit, result.outcomes.map((outcome) => outcome.result)]).toEqual([0, ['applied']]);
    expect(writesTo(patient)).toHaveLength(1);
  });

  it('is not repeated, and not counted as done, when it does not', async () => {
    const { result, patient } = await lost(false);
    expect([result.exit, result.outcomes.map((outcome) => outcome.result)]).toEqual([5, ['unknown']]);
    expect(writesTo(patient)).toHaveLength(1);
  });
});

describe('a plan', () => {
  const broken = (orgs: readonly number[]): Patient['settings'] & { objects: ReturnType<typeof objectsOf> } => ({
    objects: crewaiPlatform({ orgs }).filter(({ kind }) => kind !== 'RoleBinding'),
  });
  const FORTY = Array.from({ length: 40 }, (_, index) => index + 1);

  it('repairs forty organizations, a canary first, then ten at a time', async () => {
    await whileBroken(broken(FORTY), async (patient) => {
      const plan = await planned(patient, ['rbac-access-missing']);
      expect(plan.waves.map((wave) => wave.length)).toEqual([1, 10, 10, 10, 9]);
      expect([plan.canary, plan.steps.length]).toEqual(['crewai-org-1', 40]);
      const result = await applied(patient, plan);
      expect([result.exit, result.writes]).toEqual([0, 40]);
      const reviews = patient.server.requests.filter(({ path }) => path.includes('selfsubjectaccessreviews')).length;
      expect(reviews).toBeLessThanOrEqual(50);
    });
  }, 120_000);

  it('takes the organization that was asked for as canary', async () => {
    await whileBroken(broken([1, 2, 3]), async (patient) => {
      const plan = await planned(patient, undefined, { canary: 'crewai-org-3' });
      expect([plan.canary, plan.waves]).toEqual(['crewai-org-3', [[1], [2, 3]]]);
      expect(plan.steps[0]?.tenant).toBe('crewai-org-3');
    });
  });

  it('makes one change of two repairs of one object', async () => {
    const owner = [{ apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', name: 'registry', uid: 'uid-es' }];
    const old = registrySecret('crewai-org-2', { password: 'example-former-password' });
    const source = registrySecret('crewai');
    const objects = objectsOf({
      change: (all) => [
        ...all.filter(
          ({ kind, metadata }) =>
            kind !== 'Secret' ||
            !['crewai', 'crewai-org-2'].includes(metadata.namespace ?? '') ||
            metadata.name.startsWith('sh.'),
        ),
        { ...source, metadata: { ...source.metadata, ownerReferences: owner } },
        { ...old, metadata: { ...old.metadata, ownerReferences: owner } },
      ],
    });
    await whileBroken({ objects }, async (patient) => {
      const plan = await planned(patient);
      const patches = plan.steps.filter(({ op }) => op === 'patch');
      expect([plan.fixes.length, plan.steps.length, patches.length]).toEqual([1, 2, 1]);
      const result = await applied(patient, plan);
      expect([result.stopped, result.exit]).toEqual([undefined, 0]);
    });
  });

  it('is refused when somebody has edited it', async () => {
    await whileBroken(broken([1, 2]), async (patient) => {
      const plan = await planned(patient);
      expect(parsePlan(JSON.parse(JSON.stringify(plan)), 'plan.yaml')).toEqual(plan);
      const edited = JSON.parse(JSON.stringify(plan).replace('"edit"', '"cluster-admin"')) as unknown;
      expect(() => parsePlan(edited, 'plan.yaml')).toThrow(/edited/);
      for (const document of [null, [], {}, { ...plan, steps: undefined }, { ...plan, kind: 'Report' }])
        expect(() => parsePlan(document, 'plan.yaml')).toThrow();
    });
  });

  it('is for one cluster, person, platform and moment', async () => {
    await whileBroken(broken([1, 2]), async (patient) => {
      const plan = await planned(patient);
      const { binding } = plan;
      const present = { binding, version: VERSION, now: NOW };
      expect(planProblems(plan, present)).toEqual([]);
      expect(planProblems(plan, { ...present, version: '1.2.9' })).toEqual([]);
      const others = [
        { ...present, now: Date.parse(plan.expiresAt) },
        { ...present, version: '1.3.0' },
        { ...present, binding: { ...binding, clusterUid: 'another' } },
        { ...present, binding: { ...binding, server: 'https://another' } },
        { ...present, binding: { ...binding, username: 'somebody' } },
        { ...present, binding: { ...binding, groups: [] } },
        { ...present, binding: { ...binding, platform: 'crewai/other' } },
        { ...present, binding: { ...binding, namespaces: ['crewai'] } },
      ];
      for (const other of others) expect(planProblems(plan, other).length).toBeGreaterThan(0);
      expect(() => {
        refuseTooMany(plan, 1);
      }).toThrow(/2 writes/);
    });
  });

  it('has a digest that tells any difference', () => {
    const plan = { a: 1, b: { c: [1, 2], d: 'x' }, digest: 'ignored' };
    expect(digestOf(plan)).toBe(digestOf({ b: { d: 'x', c: [1, 2] }, a: 1 }));
    expect(digestOf(plan)).not.toBe(digestOf({ ...plan, b: { c: [2, 1], d: 'x' } }));
  });
});

describe('what is left to a person', () => {
  const why = ({ left }: Plan): string[] => left.map((entry) => entry.why);

  it('a copy of a source that is broken itself', async () => {
    const objects = objectsOf({
      without: ['Secret/crewai-org-2/docker-registry'],
      change: (all) => [
        ...all.filter(
          ({ kind, metadata }) =>
            kind !== 'Secret' || metadata.namespace !== 'crewai' || metadata.name !== 'docker-registry',
        ),
        registrySecret('crewai', { content: '{"auths":{}}' }),
      ],
    });
    await whileBroken({ objects }, async (patient) => {
      expect((await planned(patient)).steps).toEqual([]);
    });
  });

  it('what Helm, Flux or Argo CD would change back, unless --live says otherwise', async () => {
    const old = registrySecret('crewai-org-2', { password: 'example-former-password' });
    const flux = { 'kustomize.toolkit.fluxcd.io/name': 'apps', 'kustomize.toolkit.fluxcd.io/namespace': 'flux-system' };
    const objects = objectsOf({
      change: (all) => [
        ...all.filter(({ kind, metadata }) => kind !== 'Secret' || metadata.namespace !== 'crewai-org-2'),
        { ...old, metadata: { ...old.metadata, labels: flux } },
      ],
    });
    await whileBroken({ objects }, async (patient) => {
      const plan = await planned(patient);
      expect([plan.steps, why(plan)]).toEqual([
        [],
        [expect.stringMatching(/^Flux Kustomization flux-system\/apps would revert it; --live/)],
      ]);
      expect((await planned(patient, undefined, { live: true })).steps).toHaveLength(2);
    });
  });

  it('what was stopped too short a time ago', async () => {
    const stopped = FIXES.find(({ class: kind }) => kind === 'destructive')!;
    await whileBroken(stopped.served, async (patient) => {
      const plan = await planned(patient, undefined, { soakMs: 72 * 3_600_000 });
      expect(plan.steps).toEqual([]);
      expect(why(plan)).toContainEqual(expect.stringMatching(/less than 72 h ago/));
    });
  });

  it('a fix that rests on a listing with gaps', async () => {
    const orphan = FIXES.find(({ name }) => name.includes('still run'))!;
    await whileBroken(
      orphan.served,
      async (patient) => {
        expect(why(await planned(patient))).toContainEqual(
          expect.stringMatching(/^ingresses.networking.k8s.io could not be read/),
        );
      },
      {
        faults: ({ path }) =>
          path.includes('/ingresses') ? { status: 403, body: { kind: 'Status', message: 'no' } } : undefined,
      },
    );
  });

  it('a plan from files does nothing but what was reviewed', async () => {
    await whileBroken(FIXES[0]!.served, async (patient) => {
      const plan = await planned(patient, FIXES[0]!.checks);
      const versions = JSON.parse(JSON.stringify(plan).replaceAll('"uid":"uid', '"uid":"other')) as Plan;
      expect(() => {
        refuseUnreviewed(versions, plan);
      }).not.toThrow();
      const wider = JSON.parse(JSON.stringify(plan).replaceAll('"name":"edit"', '"name":"admin"')) as Plan;
      expect(() => {
        refuseUnreviewed(plan, wider);
      }).toThrow(/the cluster needs another change of RoleBinding crewai-org-2\/crewai-sa-edit/);
      expect(() => {
        refuseUnreviewed({ ...plan, steps: [] }, plan);
      }).toThrow(/another change/);
    });
  });

  it('everything that comes from files is reviewed', async () => {
    await whileBroken(FIXES[0]!.served, async (patient) => {
      const { report, fixes, platforms, reading } = await judged(patient);
      const offline = { ...report, target: { ...report.target, origin: { from: 'manifests' as const } } };
      const plan = createPlan({
        report: offline,
        fixes,
        platforms,
        snapshot: reading.snapshot,
        settings: {},
        id: '00000000',
        now: NOW,
        ttlMs: 1000,
        version: VERSION,
        maxWrites: 50,
        soakMs: 0,
        live: false,
      });
      expect([plan.origin, plan.fixes.map((fix) => fix.class)]).toEqual(['files', ['review']]);
    });
  });
});
