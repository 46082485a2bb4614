import type { Container, EnvFromSource, EnvVar, KeySelector, PodTemplate } from '../model/pods.ts';
import { stringAt } from './json-value.ts';
import { accountName } from './owners.ts';
import { isRedacted } from './secret-data.ts';

/** What the environment of a container depends on besides its own fields. */
export interface EnvironmentContext {
  /** Namespace that the pod runs in. */
  readonly namespace?: string;
  /** The pod or its template: labels, annotations and service account for `fieldRef`. */
  readonly template?: PodTemplate;
  /** Data of a ConfigMap of that namespace. */
  configMap(name: string): Readonly<Record<string, string>> | 'absent' | 'unknown';
  /** Names of the data of a Secret of that namespace; without it every Secret is unknown. */
  secretKeys?(name: string): readonly string[] | 'absent' | 'unknown';
}

/** `source` says in words where the value stands; `unknown` says why there is no answer. */
export type Resolved =
  { readonly value: string; readonly source: string } | { readonly unset: true } | { readonly unknown: string };

const MAX_LENGTH = 65_536;
const UNSET: Resolved = { unset: true };
const REFERENCE = /\$\$|\$\(([^)]*)\)/g;

/**
 * One environment variable of a container as the kubelet sets it (pkg/kubelet/kubelet_pods.go
 * `makeEnvironmentVariables`): envFrom in order, then env in order, the last one wins; a non-empty `value` beats
 * `valueFrom`; `$(NAME)` sees envFrom and earlier entries. What lies in a Secret is unknown, never unset.
 */
export function resolveVariable(container: Container, name: string, context: EnvironmentContext): Resolved {
  return environmentOf(container, context)(name);
}

/** A word of `command` or `args` with `$(NAME)` put in, as the kubelet does once it knows the whole environment. */
export function resolveText(
  container: Container,
  text: string,
  context: EnvironmentContext,
): { readonly value: string } | { readonly unknown: string } {
  if (!text.includes('$')) return { value: text };
  const resolved = expand(text, environmentOf(container, context));
  return 'unset' in resolved ? { value: text } : resolved;
}

/** Looks a variable up. */
function environmentOf(container: Container, context: EnvironmentContext): (name: string) => Resolved {
  const set = new Map<string, Resolved>();
  const lookup = (wanted: string): Resolved => set.get(wanted) ?? fromSources(container.envFrom ?? [], wanted, context);
  for (const entry of container.env ?? []) {
    const resolved = resolveEntry(entry, context, lookup);
    if (!('unset' in resolved)) set.set(entry.name, resolved);
  }
  return lookup;
}

/** One `env` entry; unset when it is an optional reference to something absent, which the kubelet skips. */
function resolveEntry(entry: EnvVar, context: EnvironmentContext, lookup: (name: string) => Resolved): Resolved {
  // Files may say `value: true`, which the API server refuses.
  const value: unknown = entry.value ?? '';
  if (typeof value !== 'string') return { unknown: `the value of ${entry.name} is not a string` };
  if (value !== '') return isRedacted(value) ? redacted(entry.name) : expand(value, lookup);
  const { fieldRef, configMapKeyRef, secretKeyRef, resourceFieldRef } = entry.valueFrom ?? {};
  if (fieldRef) return resolveField(fieldRef.fieldPath, context);
  if (configMapKeyRef) return resolveConfigMapKey(configMapKeyRef, context);
  if (secretKeyRef) return resolveSecretKey(secretKeyRef, context);
  if (resourceFieldRef) return { unknown: `${entry.name} comes from the container's resources` };
  return { value: '', source: 'env' };
}

/** `expansion.Expand` (third_party/forked/golang/expansion): `$$` is `$`, references to unset names stay as written. */
function expand(text: string, lookup: (name: string) => Resolved): Resolved {
  let unknown: string | undefined;
  let length = 0;
  const value = text.replace(REFERENCE, (written, name: string | undefined) => {
    if (name === undefined) return '$';
    const resolved = lookup(name);
    if ('unknown' in resolved) unknown ??= resolved.unknown;
    const replacement = 'value' in resolved ? resolved.value : written;
    length += replacement.length;
    if (length > MAX_LENGTH) unknown ??= 'its value grows without bound';
    return unknown === undefined ? replacement : '';
  });
  return unknown === undefined ? { value, source: 'env' } : { unknown };
}

function resolveField(path: string, { namespace, template }: EnvironmentContext): Resolved {
  const source = `field ${path}`;
  const [, map, key = ''] = /^metadata\.(labels|annotations)\['(.*)'\]$/s.exec(path) ?? [];
  if (template && map !== undefined) {
    return { value: stringAt(template, 'metadata', map, key) ?? '', source };
  }
  if (template && path === 'spec.serviceAccountName') return { value: accountName(template.spec), source };
  if (namespace !== undefined && path === 'metadata.namespace') return { value: namespace, source };
  return { unknown: `${source} is known only in a running pod` };
}

function resolveConfigMapKey({ name = '', key, optional }: KeySelector, context: EnvironmentContext): Resolved {
  const data = context.configMap(name);
  if (data === 'unknown') return { unknown: `ConfigMap ${name} could not be read` };
  const value = data === 'absent' ? undefined : ownValue(data, key);
  if (value !== undefined) return known(value, `ConfigMap ${name} key ${key}`);
  return optional ? UNSET : cannotStart(`ConfigMap ${name} key ${key}`);
}

function resolveSecretKey({ name = '', key, optional }: KeySelector, context: EnvironmentContext): Resolved {
  const keys = context.secretKeys?.(name) ?? 'unknown';
  const missing = keys === 'absent' || (keys !== 'unknown' && !keys.includes(key));
  if (!missing) return { unknown: `it is in Secret ${name} key ${key}` };
  return optional ? UNSET : cannotStart(`Secret ${name} key ${key}`);
}

/** envFrom: the last source that has the name; a source that cannot be looked into may have it. */
function fromSources(sources: readonly EnvFromSource[], name: string, context: EnvironmentContext): Resolved {
  for (const source of sources.toReversed()) {
    const prefix = source.prefix ?? '';
    if (!name.startsWith(prefix)) continue;
    const resolved = fromSource(source, name.slice(prefix.length), context);
    if (!('unset' in resolved)) return resolved;
  }
  // Set by the kubelet for every Service of the namespace, unless the pod says enableServiceLinks: false.
  const link = /_SERVICE_(?:HOST|PORT(?:_.+)?)$|_PORT(?:_\d+_(?:TCP|UDP|SCTP)(?:_.+)?)?$/;
  return link.test(name) ? { unknown: `${name} may be set for a Service` } : UNSET;
}

function fromSource({ configMapRef, secretRef }: EnvFromSource, key: string, context: EnvironmentContext): Resolved {
  if (configMapRef) return fromConfigMap(configMapRef, key, context);
  return secretRef ? fromSecret(secretRef, key, context) : UNSET;
}

type SourceReference = NonNullable<EnvFromSource['secretRef']>;

function fromConfigMap({ name = '', optional }: SourceReference, key: string, context: EnvironmentContext): Resolved {
  const data = context.configMap(name);
  if (data === 'unknown') return { unknown: `ConfigMap ${name} could not be read` };
  if (data === 'absent') return optional ? UNSET : cannotStart(`ConfigMap ${name}`);
  const value = ownValue(data, key);
  return value === undefined ? UNSET : known(value, `ConfigMap ${name} key ${key}`);
}

function fromSecret({ name = '', optional }: SourceReference, key: string, context: EnvironmentContext): Resolved {
  const keys = context.secretKeys?.(name) ?? 'unknown';
  if (keys === 'absent') return optional ? UNSET : cannotStart(`Secret ${name}`);
  return keys === 'unknown' || keys.includes(key) ? { unknown: `it may be in Secret ${name}` } : UNSET;
}

const cannotStart = (missing: string): Resolved => ({ unknown: `${missing} is missing, the container cannot start` });

const ownValue = (data: Readonly<Record<string, string>>, key: string): string | undefined =>
  Object.hasOwn(data, key) ? data[key] : undefined;

const known = (value: string, source: string): Resolved =>
  value !== '' && isRedacted(value) ? redacted(source) : { value, source };

const redacted = (where: string): Resolved => ({ unknown: `the value of ${where} is redacted` });
