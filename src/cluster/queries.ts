import { stringAt, valueAt } from '../kubernetes/json-value.ts';
import { isHoustonConfig, reduceHoustonConfig } from '../kubernetes/houston-config.ts';
import { helmReleases } from '../kubernetes/listings-of-objects.ts';
import { DOCKER_CFG, DOCKER_CONFIG_JSON, reduceRegistrySecret } from '../kubernetes/registry-secret.ts';
import { HELM_RELEASE } from '../kubernetes/helm-release.ts';
import { sourcesOf } from '../kubernetes/placed-right.ts';
import { resourceName } from '../kubernetes/resource-of.ts';
import { secretEntry, secretMetadata, withoutManagedFields } from '../kubernetes/secret-entry.ts';
import { reduceSupportBundleSpec } from '../kubernetes/support-bundle-spec.ts';
import { withoutUnread } from '../kubernetes/unread-fields.ts';
import type { SecretTools } from '../model/derived.ts';
import type { SecretEntry } from '../model/kinds.ts';
import { groupOf, type KubeObject } from '../model/object.ts';
import { RESOURCES, UNLISTED, type Resource } from '../model/resource.ts';
import type { Gap } from '../model/snapshot.ts';
import type { Reduce } from './reply.ts';
import type { SharedParts } from './shared-parts.ts';

/** One list to ask for, and what to keep of its pages. */
export interface Query {
  /** `secrets`, `deployments.apps`: what is read, and must be granted. */
  readonly name: string;
  readonly group: string;
  readonly plural: string;
  readonly apiVersion: string;
  readonly namespaced: boolean;
  readonly params: Readonly<Record<string, string>>;
  readonly accept?: string;
  /** What is made of each item while the page is parsed, where nothing of managedFields is kept. */
  readonly reduce?: Reduce;
  /** The objects of one page, reduced to what may be kept. Throws on a page that is no list. */
  readonly decode: (body: unknown) => { readonly items: readonly KubeObject[]; readonly gaps: readonly Gap[] };
}

/** A list as rows, or as itself from a server that makes none. */
export const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const SPEC_LABELS = ['troubleshoot.sh/kind', 'troubleshoot.io/kind'];

/** The lists that make up a listing; what is no list of objects has none. */
export function queriesOf(resource: Resource, tools: SecretTools, parts: SharedParts): readonly Query[] {
  if (UNLISTED.has(resource)) return [];
  return (
    secretQueries(resource, tools) ?? [
      {
        ...base(resource),
        params: {},
        reduce: (item) => (isNamed(item) ? parts.share(resource, withoutUnread(resource, item)) : item),
        decode: (body) => only(itemsOf(body, resource).map(plain)),
      },
    ]
  );
}

function secretQueries(resource: Resource, tools: SecretTools): readonly Query[] | undefined {
  if (resource === 'secrets')
    return [
      {
        ...base('secrets'),
        params: { includeObject: 'Metadata' },
        accept: TABLE,
        reduce: (row) => row,
        decode: (body) => only(secretEntries(body)),
      },
    ];
  if (resource === 'registry-secrets')
    return [DOCKER_CONFIG_JSON, DOCKER_CFG].map((type) =>
      secretsOfType(type, (secrets) => only(secrets.map((secret) => reduceRegistrySecret(secret, tools)))),
    );
  if (resource === 'helm-releases') return [secretsOfType(HELM_RELEASE, (secrets) => helmReleases(secrets, tools))];
  if (resource === 'support-bundle-specs')
    return sourcesOf(resource).flatMap((source) =>
      SPEC_LABELS.map((label) => ({
        ...base(source),
        params: { labelSelector: `${label}=support-bundle` },
        decode: (body) => only(itemsOf(body, source).map((object) => reduceSupportBundleSpec(object, tools))),
      })),
    );
  // By name, because the chart's labels are not on one that was written by hand.
  if (resource === 'houston-configs')
    return [
      {
        ...base('configmaps'),
        params: {},
        decode: (body) =>
          only(
            itemsOf(body, 'configmaps')
              .filter(isHoustonConfig)
              .map((object) => reduceHoustonConfig(object, tools)),
          ),
      },
    ];
  return undefined;
}

function secretsOfType(type: string, reduce: (secrets: readonly KubeObject[]) => ReturnType<Query['decode']>): Query {
  return {
    ...base('secrets'),
    params: { fieldSelector: `type=${type}` },
    decode: (body) => reduce(itemsOf(body, 'secrets')),
  };
}

function base(resource: Resource): Omit<Query, 'decode' | 'params'> {
  const { apiVersion, plural, namespaced } = RESOURCES[resource];
  return { name: resourceName(resource), group: groupOf(apiVersion), plural, apiVersion, namespaced };
}

const only = (items: readonly KubeObject[]): ReturnType<Query['decode']> => ({ items, gaps: [] });

/** The path of a list, cluster-wide without a namespace. */
export function listPath({ apiVersion, plural }: Pick<Query, 'apiVersion' | 'plural'>, namespace?: string): string {
  const root = apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`;
  return namespace === undefined
    ? `${root}/${plural}`
    : `${root}/namespaces/${encodeURIComponent(namespace)}/${plural}`;
}

/** List items carry neither kind nor apiVersion: both are added, nothing else is changed. */
function itemsOf(body: unknown, resource: Resource): readonly KubeObject[] {
  const { apiVersion, kind } = RESOURCES[resource];
  return recordsOf(body, 'items').map((item) => ({ apiVersion, kind, ...asObject(item) }));
}

function plain(object: KubeObject): KubeObject {
  const metadata = withoutManagedFields(object.metadata);
  return metadata === object.metadata ? object : { ...object, metadata };
}

function recordsOf(body: unknown, field: 'items' | 'rows'): readonly unknown[] {
  const items = valueAt(body, field);
  if (items === null) return [];
  if (!Array.isArray(items))
    throw new Error(`the server answered with ${stringAt(body, 'kind') ?? 'something'} instead of a list`);
  return items;
}

function asObject(item: unknown): KubeObject {
  if (!isNamed(item)) throw new Error('the server listed an object without a name');
  return item;
}

function isNamed(item: unknown): item is KubeObject {
  return Boolean(stringAt(item, 'metadata', 'name'));
}

/** Secrets without data: rows of a Table, or whole Secrets from a server that ignores the Accept header. */
export function secretEntries(body: unknown): readonly SecretEntry[] {
  if (stringAt(body, 'kind') !== 'Table') return itemsOf(body, 'secrets').map(secretEntry);
  const columns = valueAt(body, 'columnDefinitions');
  const typeAt = Array.isArray(columns) ? columns.findIndex((column) => stringAt(column, 'name') === 'Type') : -1;
  return recordsOf(body, 'rows').map((row) => {
    const cells = valueAt(row, 'cells');
    const type: unknown = Array.isArray(cells) ? cells[typeAt] : undefined;
    if (typeof type !== 'string') throw new Error('the server listed Secrets without their type');
    const { metadata } = asObject(valueAt(row, 'object'));
    return { apiVersion: 'v1', kind: 'Secret', metadata: secretMetadata(metadata), type };
  });
}
