import { isRecord, sameJson, stringAt, valueAt } from '../kubernetes/json-value.ts';
import { resourceOf } from '../kubernetes/resource-of.ts';
import { CrewisoError, EXIT } from '../model/error.ts';
import { FIX_CLASSES, namespaceOfChange, targetOf, type Binding, type Plan } from '../model/fix.ts';
import { digestOf } from './canonical.ts';

/**
 * A plan as somebody may have stored it, checked: it must be one, and nobody may have edited it.
 * @throws CrewisoError (6)
 */
export function parsePlan(document: unknown, file: string): Plan {
  if (!isRecord(document) || document.apiVersion !== 'crewiso/v1' || document.kind !== 'Plan') {
    throw refusal(
      `${file} is no plan of kubectl crewiso`,
      'make one with kubectl crewiso doctor --fix --plan-out FILE',
    );
  }
  if (!isPlan(document)) throw refusal(`${file} is damaged: parts of the plan are missing`, AGAIN);
  if (document.digest !== digestOf(document)) {
    throw refusal(`${file} was edited after it was made: its digest does not match`, AGAIN);
  }
  return document;
}

const AGAIN = 'make the plan again; leave fixes out with --check or --org instead of editing it';

const refusal = (message: string, ...suggestions: readonly string[]): CrewisoError =>
  new CrewisoError(message, { code: 'plan', exitCode: EXIT.refused, suggestions });

const TEXTS = ['id', 'createdAt', 'expiresAt', 'report', 'origin', 'digest'] as const;

/** The digest shows that it is as it was made; this only keeps a file of another make from crashing us. */
function isPlan(value: unknown): value is Plan {
  if (!isRecord(value) || !TEXTS.every((key) => typeof value[key] === 'string')) return false;
  const { binding, settings, tool, fixes, steps, waves, left } = value;
  if (![binding, settings, tool].every(isRecord) || ![fixes, steps, waves, left].every(Array.isArray)) return false;
  if (!areTexts(valueAt(binding, 'namespaces')) || stringAt(binding, 'platform') === undefined) return false;
  if (stringAt(tool, 'version') === undefined || typeof value.maxWrites !== 'number') return false;
  return (
    (fixes as unknown[]).every(isFix) && (steps as unknown[]).every(isStep) && (waves as unknown[]).every(areNumbers)
  );
}

const areTexts = (value: unknown): boolean => Array.isArray(value) && value.every((item) => typeof item === 'string');
const areNumbers = (value: unknown): boolean => Array.isArray(value) && value.every((item) => typeof item === 'number');

function isFix(value: unknown): boolean {
  if (!isRecord(value) || typeof value.id !== 'string' || typeof value.summary !== 'string') return false;
  const known = FIX_CLASSES.some((name) => name === value.class);
  return (
    known &&
    Array.isArray(value.findings) &&
    value.findings.every(isRecord) &&
    areTexts(value.verify) &&
    areTexts(value.leaves)
  );
}

function isStep(value: unknown): boolean {
  if (!isRecord(value) || typeof value.step !== 'number' || typeof value.tenant !== 'string') return false;
  return Array.isArray(value.needs) && value.needs.every(isRecord) && isChange(value);
}

function isChange(value: Readonly<Record<string, unknown>>): boolean {
  switch (value.op) {
    case 'create':
      return isRecord(value.object) && isKnown(value.object, value.object.metadata);
    case 'patch':
      return isKnown(value.target, value.target) && isPatch(value.patch) && isPatch(value.inverse);
    case 'delete':
      return isKnown(value.target, value.target) && isPatch(value.tests ?? []);
    default:
      return false;
  }
}

function isKnown(kinds: unknown, names: unknown): boolean {
  const apiVersion = stringAt(kinds, 'apiVersion');
  const kind = stringAt(kinds, 'kind');
  if (apiVersion === undefined || kind === undefined || !stringAt(names, 'name')) return false;
  return resourceOf(apiVersion, kind) !== undefined;
}

const isPatch = (value: unknown): boolean =>
  Array.isArray(value) && value.every((item) => isRecord(item) && typeof item.path === 'string');

/** What a plan is compared with before it is applied. */
export interface Present {
  readonly binding: Binding;
  readonly version: string;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** Why a plan is not for this cluster, person, tool or moment; empty where it is. */
export function planProblems(plan: Plan, { binding, version, now }: Present): readonly string[] {
  const { binding: made } = plan;
  const problems: string[] = [];
  const differs = (what: string, was: string | undefined, is: string | undefined): void => {
    if (was !== is) problems.push(`it was made for ${what} ${was ?? 'unknown'}, this is ${is ?? 'unknown'}`);
  };
  if (Date.parse(plan.expiresAt) <= now) problems.push(`it expired at ${plan.expiresAt}`);
  differs('version', minor(plan.tool.version), minor(version));
  differs('cluster', made.clusterUid, binding.clusterUid);
  differs('server', made.server, binding.server);
  differs('user', made.username, binding.username);
  if (!sameJson(made.groups ?? [], binding.groups ?? [])) problems.push('it was made by a user with other groups');
  differs('platform', made.platform, binding.platform);
  const outside = plan.steps.filter((step) => !binding.namespaces.includes(namespaceOfChange(step)));
  for (const step of outside) {
    problems.push(
      `${targetOf(step).kind} ${targetOf(step).name} is in ${namespaceOfChange(step)}, which is no organization's here`,
    );
  }
  return problems;
}

const minor = (version: string): string => version.split('.').slice(0, 2).join('.');

/** Refuses a plan that is not for this cluster, person, tool or moment. @throws CrewisoError (6) */
export function refuseForeign(plan: Plan, present: Present): void {
  const [first, ...others] = planProblems(plan, present);
  if (first === undefined) return;
  throw refusal(
    `plan ${plan.id} is not applied: ${first}`,
    ...others,
    'make a new one with kubectl crewiso doctor --fix',
  );
}

/** Refuses a plan with more writes than were agreed to. @throws CrewisoError (6) */
export function refuseTooMany(plan: Plan, limit: number): void {
  if (plan.steps.length <= limit) return;
  throw refusal(
    `the plan takes ${String(plan.steps.length)} writes, and ${String(limit)} are allowed`,
    `allow them with --max-writes ${String(plan.steps.length)}, or take fewer organizations with --org`,
  );
}
