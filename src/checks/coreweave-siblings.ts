import type { View } from '../model/check.ts';
import type { Confidence, Severity } from '../model/finding.ts';

/** Documented limits of CoreWeave Classic. */
export const MAX_NAMESPACES = 10;
export const MAX_IDENTIFIER = 7;

/** Where the handle is made of names alone, nothing more than a hint follows, and nothing grave. */
export function asSureAsHandle(
  { platform }: View<never, 'coreweave'>,
  confidence: Confidence,
  severity: Severity,
): { readonly confidence: Confidence; readonly severity: Severity } {
  if (platform.handleFrom === 'flag') return { confidence, severity };
  return { confidence: 'hint', severity: severity === 'high' || severity === 'critical' ? 'medium' : severity };
}

export const namespaceRef = (name: string): { apiVersion: string; kind: string; name: string } => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  name,
});
