import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { CrewisoError, EXIT } from '../../model/error.ts';
import type { Plan } from '../../model/fix.ts';
import { parsePlan } from '../../remediation/plan-file.ts';
import { parseDuration } from './arguments.ts';
import { writeTextFile } from './outputs.ts';

/** Eight hex digits. */
export const newPlanId = (): string => randomBytes(4).toString('hex');

const LONGEST_TTL = 24 * 3_600_000;

/** How long a plan may be kept before it is applied, in milliseconds. @throws CrewisoError (2) for more than a day, or nothing */
export function planTtl(text: string): number {
  const milliseconds = parseDuration(text, 'plan-ttl');
  if (milliseconds > 0 && milliseconds <= LONGEST_TTL) return milliseconds;
  throw new CrewisoError(`--plan-ttl ${text} is out of range`, {
    code: 'usage',
    exitCode: EXIT.usage,
    suggestions: ['a plan may be kept for up to 24h'],
  });
}

/** JSON for a name that ends in .json, else YAML. @throws CrewisoError (4) where it cannot be written */
export async function writePlan(file: string, plan: Plan): Promise<void> {
  if (file.endsWith('.json')) {
    await writeTextFile(file, `${JSON.stringify(plan, null, 2)}\n`);
    return;
  }
  const { stringifyYaml } = await import('../../manifests/yaml.ts');
  await writeTextFile(file, stringifyYaml(plan));
}

/** @throws CrewisoError (4) for a file that cannot be read, (6) for one that is no plan or was edited */
export async function readPlan(file: string): Promise<Plan> {
  const { parseYaml } = await import('../../manifests/yaml.ts');
  return parsePlan(parsed(read(file), file, parseYaml), file);
}

function read(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (cause) {
    throw new CrewisoError(`cannot read the plan ${file}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      code: 'plan',
      exitCode: EXIT.unreachable,
      suggestions: ['make one with kubectl crewiso doctor --fix --plan-out FILE'],
      cause,
    });
  }
}

function parsed(text: string, file: string, parseYaml: (text: string) => unknown): unknown {
  try {
    return parseYaml(text);
  } catch (cause) {
    throw new CrewisoError(`${file} is no YAML or JSON: ${cause instanceof Error ? cause.message : String(cause)}`, {
      code: 'plan',
      exitCode: EXIT.refused,
      suggestions: ['make the plan again with kubectl crewiso doctor --fix --plan-out FILE'],
      cause,
    });
  }
}
