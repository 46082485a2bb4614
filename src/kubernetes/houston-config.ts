import type { HoustonConfig, HoustonFile, PoolKeys } from '../model/astronomer.ts';
import type { SecretTools } from '../model/derived.ts';
import type { KubeObject } from '../model/object.ts';
import { isRecord, stringAt, valueAt } from './json-value.ts';
import { secretMetadata } from './secret-entry.ts';

const SUFFIX = '-houston-config';
/** Houston loads configuration as npm's `config` does: what `local-` files set counts, lists are never merged. */
const FILES = ['local-production.yaml', 'production.yaml'] as const;

/** True for the ConfigMap in which the chart `astronomer` keeps the configuration of Houston. */
export function isHoustonConfig({ metadata }: KubeObject): boolean {
  return metadata.name.endsWith(SUFFIX);
}

/** The Helm release that the ConfigMap belongs to. */
export function releaseOfHouston({ metadata }: KubeObject): string {
  return metadata.name.slice(0, -SUFFIX.length);
}

/** A raw ConfigMap of Houston, reduced to what it says about the pool; a file that cannot be read says so. */
export function reduceHoustonConfig(object: KubeObject, tools: Pick<SecretTools, 'parseYaml'>): HoustonConfig {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    // The annotation of `kubectl apply` holds all of it once more.
    metadata: secretMetadata(object.metadata),
    files: FILES.flatMap((name) => {
      const text = stringAt(object, 'data', name);
      return text === undefined ? [] : [{ name, ...reduceFile(text, tools) }];
    }),
  };
}

function reduceFile(text: string, tools: Pick<SecretTools, 'parseYaml'>): Omit<HoustonFile, 'name'> {
  if (text.trim() === '') return { parse: 'ok' };
  let content: unknown;
  try {
    content = tools.parseYaml(text);
  } catch {
    // The parser's message quotes the text; that it is unreadable is all that may be said.
    return { parse: 'unreadable' };
  }
  // A file of comments alone is null.
  if (content === null || content === undefined) return { parse: 'ok' };
  if (!isRecord(content)) return { parse: 'unreadable' };
  const deployments = valueAt(content, 'deployments');
  const management = valueAt(deployments, 'namespaceManagement');
  const plain = poolKeys(valueAt(deployments, 'preCreatedNamespaces'), valueAt(deployments, 'manualNamespaceNames'));
  const nested = poolKeys(
    valueAt(management, 'preCreatedNamespaces'),
    valueAt(management, 'manualNamespaceNames', 'enabled'),
  );
  const hardDelete = valueAt(deployments, 'hardDeleteDeployment');
  if (plain === 'unreadable' || nested === 'unreadable') return { parse: 'unreadable' };
  return {
    parse: 'ok',
    ...(plain ? { plain } : {}),
    ...(nested ? { nested } : {}),
    ...(typeof hardDelete === 'boolean' ? { hardDelete } : {}),
  };
}

function poolKeys(list: unknown, manual: unknown): PoolKeys | 'unreadable' | undefined {
  const names = list === undefined ? undefined : namesIn(list);
  if (names === 'unreadable' || (manual !== undefined && typeof manual !== 'boolean')) return 'unreadable';
  if (names === undefined && manual === undefined) return undefined;
  return { ...(names === undefined ? {} : { names }), ...(manual === undefined ? {} : { manual }) };
}

/** All of them or none: a shortened list would read as namespaces missing from it. Null is how an empty list looks without its entries. */
function namesIn(list: unknown): readonly string[] | 'unreadable' {
  if (list === null) return [];
  if (!Array.isArray(list)) return 'unreadable';
  const names = list.map((entry: unknown) => (typeof entry === 'string' ? entry : stringAt(entry, 'name')));
  return names.every((name) => name !== undefined && /^[\w.-]{1,253}$/.test(name))
    ? (names as readonly string[])
    : 'unreadable';
}
