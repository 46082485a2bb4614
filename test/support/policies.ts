import { document } from './registry.ts';

/** A NetworkPolicy as a YAML document for a scenario's `with`; `spec` in YAML's flow style. */
export const networkPolicy = (
  namespace: string,
  spec: string,
  name = 'policy',
  metadata = '',
): string => `apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: ${name}, namespace: ${namespace}${metadata}}
spec: ${spec}
---
`;

/** A Namespace with labels. */
export const labelled = (name: string, labels: Readonly<Record<string, string>>): string =>
  document({
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'kubernetes.io/metadata.name': name, ...labels } },
    status: { phase: 'Active' },
  });
