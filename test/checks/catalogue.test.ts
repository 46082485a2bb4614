import { existsSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/checks/index.ts';
import type { Check } from '../../src/model/check.ts';
import type { PlatformId } from '../../src/model/platform.ts';
import { fluxPlatform } from '../fixtures/flux.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { examplesOf, page } from '../support/page-examples.ts';
import { astronomerPlatform } from '../fixtures/astronomer.ts';
import { coreweaveNamespaces } from '../fixtures/coreweave.ts';
import { platformsOf, reportOf, snapshotOf, type Fault, type Scenario } from '../support/scenario.ts';

const root = new URL('../../', import.meta.url);

describe('the set of checks', () => {
  it('is sorted, without repetition', () => {
    const ids = CHECKS.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)].sort());
  });

  it('has a file, a test and a page for every check, and no other page', () => {
    for (const { id } of CHECKS) {
      expect([
        id,
        existsSync(new URL(`src/checks/${id}.ts`, root)),
        existsSync(new URL(`test/checks/${id}.test.ts`, root)),
      ]).toEqual([id, true, true]);
    }
    expect(readdirSync(new URL('docs/checks', root)).sort()).toEqual(CHECKS.map(({ id }) => `${id}.md`).sort());
  });

  it('names only existing checks as causes, and never in a circle', () => {
    const causes = new Map(CHECKS.map((check) => [check.id, (check.causes ?? []).map((cause) => cause.check)]));
    const visit = (id: string, path: readonly string[]): void => {
      expect(path, `causes of ${id} run in a circle`).not.toContain(id);
      expect(causes.has(id), `${path.at(-1) ?? ''} names the cause ${id}`).toBe(true);
      for (const cause of causes.get(id) ?? []) visit(cause, [...path, id]);
    };
    for (const id of causes.keys()) visit(id, []);
  });

  it('states the good state in a title without a full stop', () => {
    for (const { title } of CHECKS) expect(title).toMatch(/^[A-Z].*[^.]$/);
  });
});

describe.each(CHECKS.map((check) => [check.id, check] as const))('page of %s', (id, check) => {
  it('has its title and severity', () => {
    expect(page(id)).toContain(`# ${id}\n\n${check.title}.`);
    expect(page(id)).toContain(`| ${check.severity}`);
    for (const resource of check.reads) expect(page(id)).toContain(resource.split('.')[0]);
  });

  it.each(examplesOf(id).map((example, index) => [`${example.kind} ${String(index + 1)}`, example] as const))(
    'example %s is true',
    (_name, { kind, scenario }) => {
      const { checks, findings } = reportOf([check], scenario);
      expect(checks[0]?.reason ?? '').toBe('');
      expect(findings.map(({ message }) => message)).toHaveLength(kind === 'passes' ? 0 : Math.max(1, findings.length));
      expect(checks[0]?.outcome).toBe(kind === 'passes' ? 'passed' : 'failed');
    },
  );

  it('has at least one failing and one passing example', () => {
    expect(new Set(examplesOf(id).map(({ kind }) => kind))).toEqual(new Set(['fails', 'passes']));
  });
});

const REASONS = ['forbidden', 'not-served', 'not-collected', 'failed', 'truncated'] as const;

/** Of a platform and of one of its tenants. */
const NAMESPACES: Readonly<Partial<Record<PlatformId, readonly (string | undefined)[]>>> = {
  crewai: [undefined, 'crewai', 'crewai-org-2'],
  opencrane: [undefined, 'oc-acme', 'opencrane-acme'],
  flux: [undefined, 'flux-system', 'frontend'],
  astronomer: [undefined, 'astronomer', 'airflow-two'],
  coreweave: [undefined, 'tenant-acme'],
};

/** Each listing of a check, everywhere and in namespaces of the platforms that are there, lost in every way. */
function faultsOf(check: Check, scenario: Scenario): Fault[] {
  const namespaces = new Set(idsIn(scenario).flatMap((id) => NAMESPACES[id] ?? [undefined]));
  return check.reads.flatMap((resource) =>
    [...namespaces].flatMap((namespace) =>
      REASONS.map((reason) => ({ resource, reason, ...(namespace === undefined ? {} : { namespace }) })),
    ),
  );
}

/** A healthy one of every platform. */
const HEALTHY: readonly Scenario[] = [
  { base: { mode: 'manual' } },
  { base: { mode: 'auto' } },
  { base: opencranePlatform() },
  { base: fluxPlatform() },
  { base: astronomerPlatform() },
  { base: astronomerPlatform({ by: 'chart', version: '2.1.0' }) },
  { base: coreweaveNamespaces(), settings: { handle: 'acme' } },
];

function idsIn(scenario: Scenario): readonly PlatformId[] {
  return platformsOf(snapshotOf(scenario), scenario.settings ?? {}).map(({ id }) => id);
}

const isFor = (check: Check, scenario: Scenario): boolean => idsIn(scenario).some((id) => check.platforms.includes(id));

const named = ({ resource, namespace = 'all namespaces', reason }: Fault): string =>
  `${resource} in ${namespace}: ${String(reason)}`;

describe.each(CHECKS.map((check) => [check.id, check] as const))('%s, when a listing is hidden', (id, check) => {
  it('accuses nobody on a healthy platform', () => {
    for (const base of HEALTHY.filter((healthy) => isFor(check, healthy))) {
      for (const fault of faultsOf(check, base)) {
        const { checks, findings } = reportOf([check], { ...base, faults: [fault] });
        expect([named(fault), findings.map(({ message }) => message)]).toEqual([named(fault), []]);
        expect(`${named(fault)}: ${String(checks[0]?.reason)}`).not.toContain('errored');
        expect(checks[0]?.outcome).not.toBe('errored');
      }
    }
  });

  // What is broken is found, or the check says that it could not look: never "passed", never "nothing to judge".
  it.each(
    examplesOf(id)
      .filter(({ kind }) => kind === 'fails')
      .map((example, index) => [index + 1, example] as const),
  )('never passes the failing example %s', (_index, { scenario }) => {
    for (const fault of faultsOf(check, scenario)) {
      const { checks } = reportOf([check], { ...scenario, faults: [fault] });
      expect([named(fault), checks[0]?.outcome]).toEqual([
        named(fault),
        expect.stringMatching(/^(failed|not-evaluated)$/),
      ]);
    }
  });
});
