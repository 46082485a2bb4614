import type { SecretTools, SupportBundleSpec } from '../model/derived.ts';
import type { KubeObject } from '../model/object.ts';
import { isRecord, stringAt, valueAt } from './json-value.ts';
import { isRedacted, secretValue } from './secret-data.ts';
import { secretMetadata } from './secret-entry.ts';

const SPEC_KEY = 'support-bundle-spec';
const LABELS = ['troubleshoot.sh/kind', 'troubleshoot.io/kind'];

/** True for Secrets and ConfigMaps that `support-bundle --load-cluster-specs` would load. */
export function isSupportBundleSpec(object: KubeObject): boolean {
  return LABELS.some((label) => object.metadata.labels?.[label] === 'support-bundle');
}

/**
 * A raw Secret or ConfigMap with a troubleshoot.sh support bundle spec, reduced to the namespaces whose logs and
 * resources it collects, sorted. `unreadable`: no spec, no YAML, a redacted value or a template not yet rendered.
 */
export function reduceSupportBundleSpec(object: KubeObject, tools: Pick<SecretTools, 'parseYaml'>): SupportBundleSpec {
  const text = specText(object);
  const namespaces = text === undefined ? undefined : collectedNamespaces(text, tools);
  return {
    apiVersion: 'v1',
    kind: object.kind ?? 'Secret',
    metadata: secretMetadata(object.metadata),
    parse: namespaces ? 'ok' : 'unreadable',
    namespaces: namespaces ?? [],
  };
}

function specText(object: KubeObject): string | undefined {
  if (object.kind === 'ConfigMap') {
    const text = stringAt(object, 'data', SPEC_KEY);
    return text === undefined || isRedacted(text) ? undefined : text;
  }
  const value = secretValue(object, SPEC_KEY);
  return value.state === 'text' ? value.text : undefined;
}

function collectedNamespaces(text: string, tools: Pick<SecretTools, 'parseYaml'>): readonly string[] | undefined {
  let spec: unknown;
  try {
    spec = valueAt(tools.parseYaml(text), 'spec');
  } catch {
    // The parser's message quotes the text; that it is unreadable is all that may be said.
    return undefined;
  }
  if (!isRecord(spec)) return undefined;
  const collectors = valueAt(spec, 'collectors');
  const names = (Array.isArray(collectors) ? collectors : []).flatMap((collector: unknown) => [
    valueAt(collector, 'logs', 'namespace'),
    ...list(valueAt(collector, 'clusterResources', 'namespaces')),
  ]);
  const given = names.filter((name) => name !== undefined && name !== null && name !== '');
  const valid = given.filter((name) => typeof name === 'string').filter((name) => /^[a-z0-9-]{1,63}$/.test(name));
  return valid.length === given.length ? [...new Set(valid)].sort() : undefined;
}

const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);
