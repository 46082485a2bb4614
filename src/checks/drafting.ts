import { RESOURCES, type Resource } from '../model/resource.ts';
import type { ObjectRef } from '../model/object.ts';
import type { Platform, Tenant } from '../model/platform.ts';
import type { Remediation } from '../model/finding.ts';
import { shellQuote } from '../model/text.ts';

/** A repair that a person makes: steps are commands with real names in them, or advice behind `# `. */
export function manual(summary: string, ...steps: readonly string[]): Remediation {
  return { kind: 'manual', summary, steps };
}

/**
 * Commands that somebody may run instead of, or only after deciding on, what stands before them: they are commented out,
 * so that pasting all steps does not run both ways at once.
 */
export function commented(steps: readonly string[]): readonly string[] {
  return steps.map((step) => (step.startsWith('#') ? step : `# ${step}`));
}

/** One line that makes an object as it stands here: steps are pasted line by line. */
export function applyStep(object: object): string {
  return `echo ${shellQuote(JSON.stringify(object))} | kubectl apply -f -`;
}

/** The object that should exist. */
export function absent(resource: Resource, name: string, namespace?: string): ObjectRef {
  const { apiVersion, kind } = RESOURCES[resource];
  return { apiVersion, kind, name, ...(namespace === undefined ? {} : { namespace }), absent: true };
}

/**
 * Tenants whose namespace can be judged: it exists, or may exist where namespaces could not be listed. Nothing in a
 * namespace that is being deleted is worth a finding but that it does not finish.
 */
export function livingTenants(platform: Platform): readonly Tenant[] {
  return platform.tenants.filter(({ exists, terminating }) => exists !== false && !terminating);
}

/** The platform's own namespaces and every living tenant's. */
export function judgedNamespaces(platform: Platform): readonly string[] {
  return [...new Set([...platform.ownNamespaces, ...livingTenants(platform).map(({ namespace }) => namespace)])];
}

/** Milliseconds since an RFC 3339 time; undefined where there is none or it does not parse. */
export function ageOf(time: string | null | undefined, now: number): number | undefined {
  const at = Date.parse(time ?? '');
  return Number.isNaN(at) ? undefined : now - at;
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
