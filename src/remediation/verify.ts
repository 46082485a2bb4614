import { CrewisoError } from '../model/error.ts';
import { patchHolds } from '../kubernetes/json-patch.ts';
import { SEVERITIES, type Finding, type Severity } from '../model/finding.ts';
import { targetOf, type PlannedFinding, type Step } from '../model/fix.ts';
import type { KubeObject, ObjectRef } from '../model/object.ts';
import type { Report } from '../model/report.ts';
import type { ClusterWriter, Found } from '../model/writing.ts';
import type { Verification } from '../model/run.ts';
import type { RunInput, RunPorts } from './run.ts';

export interface Sight {
  readonly verifications: readonly Verification[];
  readonly regressed: readonly Finding[];
}

const POLL = 2000;
const LIMIT = 30_000;
/** Where pods have to end first: they get 30 seconds unless they ask for more (terminationGracePeriodSeconds). */
const STOP_LIMIT = 120_000;

/**
 * Judges the organizations of a wave again, until what was to be repaired is, and nothing new is wrong: authorizers and
 * controllers take a moment.
 */
export async function verifyWave(
  steps: readonly Step[],
  { input, ports }: { readonly input: RunInput; readonly ports: RunPorts },
): Promise<Sight> {
  const tenants = [...new Set(steps.map(({ tenant }) => tenant))];
  const touched = new Set([...tenants, ...steps.map((step) => targetOf(step).namespace ?? targetOf(step).name)]);
  const expected = expectedOf(steps, input);
  const left = new Set(input.plan.fixes.flatMap(({ leaves }) => leaves));
  const limit = steps.some(stopsPods) ? STOP_LIMIT : LIMIT;
  for (let waited = 0; ; waited += POLL) {
    const report = await lookAgain(ports, tenants);
    const sight = report
      ? compare(report, expected, (check, object, place) => {
          return touched.has(place) && !left.has(check) && !input.known.has(findingKey(check, object));
        })
      : unseen(expected, tenants);
    const good = sight.regressed.length === 0 && sight.verifications.every(({ result }) => result === 'fixed');
    if (good || waited >= limit || ports.signal.aborted) return sight;
    await ports.sleep(POLL);
  }
}

function stopsPods(step: Step): boolean {
  if (step.op !== 'patch') return step.op === 'delete';
  return step.patch.some(({ op, path }) => op !== 'test' && (path === '/spec/replicas' || path === '/spec/suspend'));
}

/** Undefined where the cluster cannot be read now: it may be in a moment. */
async function lookAgain({ audit }: RunPorts, tenants: readonly string[]): Promise<Report | undefined> {
  try {
    return await audit(tenants);
  } catch (error) {
    if (error instanceof CrewisoError) return undefined;
    throw error;
  }
}

function unseen(expected: readonly PlannedFinding[], tenants: readonly string[]): Sight {
  const seen = tenants.map((tenant) => ({ id: tenant, check: 'audit', tenant }));
  const all = expected.length > 0 ? expected : seen;
  return {
    verifications: all.map(({ id, check, tenant }) => ({ finding: id, check, tenant, result: 'not-evaluated' })),
    regressed: [],
  };
}

/** Findings whose organization this wave is about. */
function expectedOf(steps: readonly Step[], { plan }: RunInput): readonly PlannedFinding[] {
  const tenants = new Set(steps.map(({ tenant }) => tenant));
  const fixes = new Set(steps.map(({ fix }) => fix));
  return plan.fixes
    .filter(({ id }) => fixes.has(id))
    .flatMap(({ findings }) => findings.filter(({ tenant }) => tenants.has(tenant)));
}

function compare(
  report: Report,
  expected: readonly PlannedFinding[],
  isNew: (check: string, object: ObjectRef, place: string) => boolean,
): Sight {
  const all = [...report.findings, ...report.waived];
  return {
    verifications: expected.map(({ id, check, tenant, severity }) => ({
      finding: id,
      check,
      tenant,
      result: resultOf(
        report,
        all.find((finding) => finding.id === id),
        check,
        tenant,
        severity,
      ),
    })),
    regressed: all.filter(({ check, tenant, object }) =>
      isNew(check, object, tenant?.namespace ?? object.namespace ?? object.name),
    ),
  };
}

/** A check may say something else about an object once the first thing is repaired: that was wrong before as well. */
export function findingKey(check: string, { kind, namespace = '', name }: ObjectRef): string {
  return [check, kind, namespace, name].join('/');
}

/** What is left of it may be no more than a note: a workload that was stopped is still there. */
function resultOf(
  report: Report,
  found: Finding | undefined,
  check: string,
  tenant: string,
  severity: Severity,
): Verification['result'] {
  if (found) return SEVERITIES.indexOf(found.severity) > SEVERITIES.indexOf(severity) ? 'fixed' : 'not-fixed';
  const judged = report.checks.find(({ id }) => id === check);
  if (!judged || judged.outcome === 'errored') return 'not-evaluated';
  const hidden = judged.gaps.some((index) => {
    const { namespace } = report.coverage.gaps[index] ?? {};
    return namespace === undefined || namespace === tenant;
  });
  return hidden ? 'not-evaluated' : 'fixed';
}

/** Stands for the check where there is none: what was written was read back. */
const READING = 'reading';

/**
 * Whether every change is there: all that can be said of a plan that repairs no finding, as one that takes a run back. Values that came from
 * elsewhere are not read again: where they came from may be gone by now.
 */
export async function verifyByReading(steps: readonly Step[], writer: ClusterWriter): Promise<Sight> {
  const verifications: Verification[] = [];
  for (const step of steps) {
    const { kind, name, namespace } = targetOf(step);
    verifications.push({
      finding: `${kind}/${namespace ?? ''}/${name}`,
      check: READING,
      tenant: step.tenant,
      result: stateOf(step, await writer.get(targetOf(step))),
    });
  }
  return { verifications, regressed: [] };
}

function stateOf(step: Step, found: Found): Verification['result'] {
  if (found.state === 'unknown') return 'not-evaluated';
  const present = found.state === 'found' ? found.object : undefined;
  return isDone(step, present) ? 'fixed' : 'not-fixed';
}

function isDone(step: Step, present: KubeObject | undefined): boolean {
  // A Namespace goes once everything in it has gone.
  if (step.op === 'delete') return present?.metadata.uid !== step.uid || Boolean(present?.metadata.deletionTimestamp);
  if (!present || present.metadata.deletionTimestamp) return false;
  if (step.op === 'create') return true;
  const filled = new Set((step.fill ?? []).map(({ path }) => path));
  return patchHolds(
    present,
    step.patch.filter(({ path }) => !filled.has(path)),
  );
}
