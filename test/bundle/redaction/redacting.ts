import { Redactor, type RedactedObject } from '../../../src/bundle/redaction/redactor.ts';

/** The key of all fingerprints in these tests. */
export const KEY = Buffer.alloc(32, 7);

/** A redactor that knows nothing yet. */
export function newRedactor(reveal: readonly string[] = []): Redactor {
  return new Redactor({ key: KEY, reveal: new Set(reveal) });
}

/** An object as it leaves the redactor; throws where it was withheld. */
export function redactObject(object: unknown, redactor = newRedactor()): RedactedObject {
  const result = redactor.object(object);
  if ('withheld' in result) throw new Error(`withheld: ${result.withheld.why}`);
  return result;
}

/** A file as it leaves the redactor; throws where it was withheld. */
export function redactFile(text: string, format: 'json' | 'yaml' | 'text', redactor = newRedactor()): string {
  const result = redactor.file(Buffer.from(text), format);
  if ('withheld' in result) throw new Error(`withheld: ${result.withheld.why}`);
  return result.bytes.toString();
}

/** A log as it leaves the redactor, written in chunks that end at `cuts`. */
export function redactLog(log: string | Buffer, redactor = newRedactor(), cuts: readonly number[] = []): string {
  const bytes = Buffer.from(log);
  const stream = redactor.log();
  const ends = [...cuts.filter((cut) => cut < bytes.length), bytes.length];
  const written = ends.flatMap((end, index) => stream.write(bytes.subarray(ends[index - 1] ?? 0, end)));
  return Buffer.concat([...written, ...stream.end().chunks]).toString();
}

/** The markers in a text, counted by rule, sorted. */
export function markersIn(text: string): readonly { readonly rule: string; readonly count: number }[] {
  const counts = new Map<string, number>();
  for (const [, rule = ''] of text.matchAll(/<redacted:([a-z0-9-]+):len=[\d-]+:fp=[0-9a-f]{12}>/g)) {
    counts.set(rule, (counts.get(rule) ?? 0) + 1);
  }
  return [...counts].sort(([a], [b]) => (a < b ? -1 : 1)).map(([rule, count]) => ({ rule, count }));
}

/** A pod with one container. */
export function podWith(container: Readonly<Record<string, unknown>>, status: Readonly<Record<string, unknown>> = {}) {
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web', namespace: 'crewai-org-4' },
    spec: { containers: [{ name: 'web', image: 'images.crewai.com/crew:2.0.1', ...container }] },
    status,
  };
}

export function configMap(data: Readonly<Record<string, string>>) {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings', namespace: 'crewai' }, data };
}

/** A custom resource of a group that nobody knows. */
export function customResource(spec: unknown) {
  return { apiVersion: 'example.org/v1', kind: 'Widget', metadata: { name: 'w', namespace: 'crewai' }, spec };
}

/** An object of Flux. */
export function fluxObject(kind: 'HelmRelease' | 'Kustomization', spec: object, status: object = {}) {
  const group = kind === 'HelmRelease' ? 'helm' : 'kustomize';
  return {
    apiVersion: `${group}.toolkit.fluxcd.io/v1`,
    kind,
    metadata: { name: 'apps', namespace: 'frontend' },
    spec,
    status,
  };
}
