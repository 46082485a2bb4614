import { describe, expect, it } from 'vitest';
import { evaluate } from '../../src/audit/evaluate.ts';
import type { Check } from '../../src/model/check.ts';
import type { Finding } from '../../src/model/finding.ts';
import { qualifiedName } from '../../src/model/object.ts';
import { platformsOf, reportOf, snapshotOf, type Scenario } from './scenario.ts';

/** What a finding must say; `object` as `Kind/namespace/name`. Wording is not asserted. */
export interface Expected {
  readonly object: string;
  readonly absent?: boolean;
  readonly severity?: Finding['severity'];
  readonly confidence?: Finding['confidence'];
  readonly path?: string;
}

export interface CheckTable {
  readonly passes: Readonly<Record<string, Scenario>>;
  readonly fails: Readonly<Record<string, Scenario & { readonly findings: readonly Expected[] }>>;
  readonly notEvaluated: Readonly<Record<string, Scenario>>;
  readonly notApplicable?: Readonly<Record<string, Scenario>>;
}

/**
 * The table of one check, and what holds for every check: findings survive JSON, a second run says the same, shuffled
 * input says the same, the input is left untouched, identities are unique, and messages carry no secret value.
 */
export function describeCheck(check: Check, table: CheckTable): void {
  describe(check.id, () => {
    for (const [name, scenario] of Object.entries(table.passes)) {
      it(`passes: ${name}`, () => {
        expect(outcomeOf(check, scenario)).toEqual({ outcome: 'passed', findings: [] });
      });
    }
    for (const [name, scenario] of Object.entries(table.fails)) {
      it(`fails: ${name}`, () => {
        const { findings } = reportOf([check], scenario);
        expect(findings.map((finding, index) => pick(finding, scenario.findings[index]))).toEqual(scenario.findings);
        expect(new Set(findings.map(({ id }) => id)).size).toBe(findings.length);
        expect(drafts(check, scenario)).toBe(findings.length);
        expect(JSON.parse(JSON.stringify(findings))).toEqual(findings);
        expect(JSON.stringify(findings)).not.toMatch(/example-password|cHVsbDpleGFtcGxl/);
        expect(reportOf([check], shuffled(scenario)).findings).toEqual(findings);
        for (const finding of findings) {
          expect(finding.remediation.steps.length + finding.evidence.length).toBeGreaterThan(0);
        }
      });
    }
    for (const [name, scenario] of Object.entries(table.notEvaluated)) {
      it(`not evaluated: ${name}`, () => {
        expect(outcomeOf(check, scenario)).toEqual({ outcome: 'not-evaluated', findings: [] });
      });
    }
    for (const [name, scenario] of Object.entries(table.notApplicable ?? {})) {
      it(`not applicable: ${name}`, () => {
        expect(outcomeOf(check, scenario)).toEqual({ outcome: 'not-applicable', findings: [] });
      });
    }
    it('leaves its input untouched', () => {
      const [scenario] = Object.values(table.fails);
      expect(scenario).toBeDefined();
      const snapshot = snapshotOf(scenario ?? {});
      const before = JSON.stringify(snapshot.list('pods'));
      reportOf([check], scenario ?? {});
      expect(JSON.stringify(snapshot.list('pods'))).toBe(before);
    });
  });
}

function outcomeOf(check: Check, scenario: Scenario): { outcome: string | undefined; findings: string[] } {
  const report = reportOf([check], scenario);
  const [result] = report.checks;
  const findings = report.findings.map(({ object, message }) => `${object.kind}/${qualifiedName(object)}: ${message}`);
  return { outcome: result?.outcome === 'errored' ? `errored: ${String(result.reason)}` : result?.outcome, findings };
}

/** How many findings the check itself yielded: more than the report has would mean two with one identity. */
function drafts(check: Check, scenario: Scenario): number {
  const snapshot = snapshotOf(scenario);
  return platformsOf(snapshot, scenario.settings, scenario.references)
    .filter(({ id }) => check.platforms.includes(id))
    .reduce((sum, platform) => sum + evaluate(check, snapshot, platform).drafts.length, 0);
}

function pick(finding: Finding, expected: Expected | undefined): Expected {
  const { object, severity, confidence, path } = finding;
  return {
    object: `${object.kind}/${qualifiedName(object)}`,
    ...(expected?.absent === undefined ? {} : { absent: object.absent === true }),
    ...(expected?.severity === undefined ? {} : { severity }),
    ...(expected?.confidence === undefined ? {} : { confidence }),
    ...(expected?.path === undefined ? {} : { path: path ?? '' }),
  };
}

/** The same objects in reverse order: no rule may depend on the order of a listing. */
function shuffled(scenario: Scenario): Scenario {
  return { ...scenario, change: (objects) => [...(scenario.change?.(objects) ?? objects)].reverse() };
}
