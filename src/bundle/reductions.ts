import { isRecord } from '../kubernetes/json-value.ts';
import type { KubeObject } from '../model/object.ts';

/**
 * What is kept of an object before it is redacted (of Secrets see secret-collector.ts): of ConfigMaps the names and sizes of their
 * values, of nodes not the images they hold, of CustomResourceDefinitions not their schemas.
 */
export function reduce(name: string, object: KubeObject, include: Inclusions = NOTHING_MORE): KubeObject {
  return REDUCTIONS[name]?.(object, include) ?? object;
}

/** What is kept where somebody asks for it: `configmap-data`, redacted like all else; `node-images`. */
export const INCLUDABLE = ['configmap-data', 'node-images'] as const;
export type Inclusions = ReadonlySet<(typeof INCLUDABLE)[number]>;
const NOTHING_MORE: Inclusions = new Set();

/** Of a namespace that is not the platform's: that it is there, and in which state. */
export function reduceElsewhere(name: string, object: KubeObject, include?: Inclusions): KubeObject {
  return name === 'namespaces' ? bareNamespace(object) : reduce(name, object, include);
}

const REDUCTIONS: Readonly<Record<string, (object: KubeObject, include: Inclusions) => KubeObject>> = {
  configmaps: configMapEntry,
  nodes: withoutImages,
  'customresourcedefinitions.apiextensions.k8s.io': bareDefinition,
};

type Fields = KubeObject & Readonly<Record<string, unknown>>;

/** Settings that say where the platform works; checks read them through the environment of containers. */
const KEPT_VALUES: ReadonlySet<string> = new Set(['K8S_NAMESPACE', 'PROVIDER', 'CONTAINER_REGISTRY_HOSTNAME']);

function configMapEntry(object: KubeObject, include: Inclusions): KubeObject {
  const { data, binaryData, ...rest } = object as Fields;
  const whole = include.has('configmap-data');
  const text = mapValues(data, (value, key) => (whole || KEPT_VALUES.has(key) ? value : withheld(value)));
  // Typed clients decode these.
  const binary = mapValues(binaryData, (value) => Buffer.from(withheld(value)).toString('base64'));
  return { ...rest, ...(text && { data: text }), ...(binary && { binaryData: binary }) };
}

function mapValues(map: unknown, of: (value: unknown, key: string) => unknown): object | undefined {
  if (!isRecord(map)) return undefined;
  return Object.fromEntries(Object.entries(map).map(([key, value]) => [key, of(value, key)]));
}

const WITHHELD = /^<redacted:configmap-value:len=\d+>$/;

/** What is withheld already stays as it is: the length is that of the value. */
function withheld(value: unknown): string {
  const text = typeof value === 'string' ? value : '';
  return text === '' || WITHHELD.test(text) ? text : `<redacted:configmap-value:len=${String(text.length)}>`;
}

function withoutImages(object: KubeObject, include: Inclusions): KubeObject {
  const { status, ...rest } = object as Fields;
  if (!isRecord(status) || include.has('node-images')) return object;
  return {
    ...rest,
    status: Object.fromEntries(Object.entries(status).filter(([key]) => key !== 'images')),
  } as KubeObject;
}

function bareDefinition(object: KubeObject): KubeObject {
  const { apiVersion, kind, metadata, spec, status } = object as Fields;
  const { versions, ...about } = isRecord(spec) ? spec : {};
  const bare = (version: unknown): unknown =>
    isRecord(version) ? Object.fromEntries(Object.entries(version).filter(([key]) => key !== 'schema')) : version;
  return {
    apiVersion,
    kind,
    metadata: { ...metadata, annotations: null },
    spec: { ...about, ...(Array.isArray(versions) && { versions: versions.map(bare) }) },
    status,
  } as unknown as KubeObject;
}

function bareNamespace(object: KubeObject): KubeObject {
  const { apiVersion, kind, metadata, status } = object as Fields;
  const { name, labels, uid, creationTimestamp, deletionTimestamp } = metadata;
  const phase = isRecord(status) ? status.phase : undefined;
  return JSON.parse(
    JSON.stringify({
      apiVersion,
      kind,
      metadata: { name, uid, labels, creationTimestamp, deletionTimestamp },
      status: { phase },
    }),
  ) as KubeObject;
}
