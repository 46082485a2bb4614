import type { PodTemplate } from '../model/pods.ts';
import { BASELINE } from './pod-security-baseline.ts';
import { securedPod, type Control, type Forbidden, type Revision } from './pod-security-controls.ts';
import type { LevelVersion } from './pod-security-labels.ts';
import { RESTRICTED } from './pod-security-restricted.ts';

/** What a pod does that its namespace's level forbids; `control` is the API server's id of the rule. */
export interface SecurityViolation extends Forbidden {
  readonly control: string;
}

/**
 * Judges a pod, or the template of one, as the API server's PodSecurity admission does (pod-security-admission
 * policy.Evaluator), in its order and in its words. Nothing else of it is judged: exemptions are the server's own
 * configuration, and a pod that the API server would refuse for another reason is not told of here.
 *
 * @param server the server's minor version, which is the newest that `latest` and later versions can mean
 */
export function securityViolations(
  pod: PodTemplate,
  { level, minor = Infinity }: LevelVersion,
  server = Infinity,
): readonly SecurityViolation[] {
  if (level === 'privileged') return [];
  const version = Math.min(minor, server);
  const restricted = level === 'restricted' ? inForce(RESTRICTED, version) : [];
  const overridden = new Set(restricted.map(({ revision }) => revision.overrides));
  const baseline = inForce(BASELINE, version).filter(({ id }) => !overridden.has(id));
  const secured = securedPod(pod);
  return [...baseline, ...restricted].flatMap(({ id, revision }) => {
    const forbidden = revision.judge(secured);
    return forbidden ? [{ control: id, ...forbidden }] : [];
  });
}

function inForce(
  controls: readonly Control[],
  version: number,
): readonly { readonly id: string; readonly revision: Revision }[] {
  return controls.flatMap(({ id, revisions }) => {
    const revision = revisions.findLast(({ since }) => since <= version);
    return revision ? [{ id, revision }] : [];
  });
}

/** As the API server lists them behind `violates PodSecurity "restricted:latest": `. */
export const violationsText = (violations: readonly SecurityViolation[]): string =>
  violations.map(({ reason, detail }) => `${reason} (${detail})`).join(', ');
