import type { Catalogue, ResourceType, Subresource } from './resource-types.ts';
import { PathNotFound } from './status.ts';
import type { Json } from './wire.ts';

/** Media type of aggregated discovery (KEP-3352). */
export const AGGREGATED = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

const CLIENT_CIDR = '0.0.0.0/0';

export interface Discovered {
  readonly body: Json;
  readonly contentType?: string;
}

/**
 * Answers `/api`, `/apis`, `/api/v1`, `/apis/<group>` and `/apis/<group>/<version>`; aggregated where the client prefers it.
 *
 * @throws PathNotFound for everything else
 */
export function discover(path: string, accept: string, address: string, catalogue: Catalogue): Discovered {
  const [root = '', ...parts] = path.split('/').filter(Boolean);
  const core = root === 'api';
  const deepest = { api: 1, apis: 2 }[root] ?? -1;
  if (parts.length > deepest) throw new PathNotFound();
  const [first, second] = parts;
  const types = catalogue.types.filter((type) => (type.group === '') === core);
  if (first === undefined) {
    if (wantsAggregated(accept)) return { body: aggregated(types), contentType: AGGREGATED };
    return { body: core ? apiVersions(address) : { kind: 'APIGroupList', apiVersion: 'v1', groups: groupsOf(types) } };
  }
  if (!core && second === undefined) return { body: oneGroup(types, first) };
  return { body: resourceList(types, core ? first : `${first}/${second ?? ''}`) };
}

function wantsAggregated(accept: string): boolean {
  const first = accept.split(',')[0]?.replaceAll(' ', '') ?? '';
  const parameters = first.split(';');
  return ['g=apidiscovery.k8s.io', 'v=v2', 'as=APIGroupDiscoveryList'].every((part) => parameters.includes(part));
}

const apiVersions = (address: string): Json => ({
  kind: 'APIVersions',
  versions: ['v1'],
  serverAddressByClientCIDRs: [{ clientCIDR: CLIENT_CIDR, serverAddress: address }],
});

const unique = (values: readonly string[]): readonly string[] => [...new Set(values)];

function groupsOf(types: readonly ResourceType[]): readonly Json[] {
  return unique(types.map((type) => type.group)).map((name) => {
    const versions = unique(types.filter((type) => type.group === name).map((type) => type.version)).map((version) => ({
      groupVersion: `${name}/${version}`,
      version,
    }));
    return { name, versions, preferredVersion: versions[0] };
  });
}

function oneGroup(types: readonly ResourceType[], name: string): Json {
  const [group] = groupsOf(types.filter((type) => type.group === name));
  if (!group) throw new PathNotFound();
  return { kind: 'APIGroup', apiVersion: 'v1', ...group };
}

function resourceList(types: readonly ResourceType[], groupVersion: string): Json {
  const found = types.filter((type) => type.apiVersion === groupVersion);
  if (found.length === 0) throw new PathNotFound();
  const resources = found.flatMap((type) => [resourceOf(type), ...type.subresources.map((sub) => subOf(type, sub))]);
  const apiVersion = groupVersion === 'v1' ? {} : { apiVersion: 'v1' };
  return { kind: 'APIResourceList', ...apiVersion, groupVersion, resources };
}

const naming = (type: ResourceType): Json => ({
  ...(type.shortNames.length > 0 ? { shortNames: type.shortNames } : {}),
  ...(type.categories.length > 0 ? { categories: type.categories } : {}),
});

const resourceOf = (type: ResourceType): Json => ({
  name: type.resource,
  singularName: type.singular,
  namespaced: type.namespaced,
  kind: type.kind,
  verbs: type.verbs,
  ...naming(type),
});

const subOf = (type: ResourceType, sub: Subresource): Json => ({
  name: `${type.resource}/${sub.name}`,
  singularName: '',
  namespaced: type.namespaced,
  ...(sub.group ? { group: sub.group, version: sub.version } : {}),
  kind: sub.kind,
  verbs: sub.verbs,
});

function aggregated(types: readonly ResourceType[]): Json {
  const items = unique(types.map((type) => type.group)).map((group) => {
    const inGroup = types.filter((type) => type.group === group);
    const versions = unique(inGroup.map((type) => type.version)).map((version) => ({
      version,
      resources: inGroup.filter((type) => type.version === version).map(describe),
      freshness: 'Current',
    }));
    return { metadata: group ? { name: group } : {}, versions };
  });
  return { kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2', metadata: {}, items };
}

const responseKind = ({ group, version, kind }: Pick<Subresource, 'group' | 'version' | 'kind'>): Json => ({
  group,
  version,
  kind,
});

const describe = (type: ResourceType): Json => ({
  resource: type.resource,
  responseKind: responseKind({ group: '', version: '', kind: type.kind }),
  scope: type.namespaced ? 'Namespaced' : 'Cluster',
  singularResource: type.singular,
  verbs: type.verbs,
  ...naming(type),
  ...(type.subresources.length > 0
    ? {
        subresources: type.subresources.map((sub) => ({
          subresource: sub.name,
          responseKind: responseKind(sub),
          verbs: sub.verbs,
        })),
      }
    : {}),
});
