import { isRecord, stringAt, valueAt } from '../kubernetes/json-value.ts';

type Fields = Readonly<Record<string, unknown>>;

const records = (value: unknown, ...path: readonly string[]): readonly Fields[] => {
  const list = valueAt(value, ...path);
  return Array.isArray(list) ? list.filter(isRecord) : [];
};

const nameOf = (group: Fields): string => stringAt(group, 'metadata', 'name') ?? '';
const groupVersion = (group: string, version: string): string => (group === '' ? version : `${group}/${version}`);

/** Groups of aggregated discovery; where the server only knows the older form, that one. */
const groupsOf = (discovery: unknown): readonly Fields[] => [
  ...records(discovery, 'api', 'items'),
  ...records(discovery, 'apis', 'items'),
];

/**
 * Discovery as `APIGroup`s, of which client-go's `ServerGroupsAndResources` makes a list.
 * @param discovery `{api, apis}`: two APIGroupDiscoveryLists
 */
export function apiGroups(discovery: unknown): readonly object[] {
  return groupsOf(discovery).map((group) => {
    const name = nameOf(group);
    const versions = records(group, 'versions').map((entry) => {
      const version = stringAt(entry, 'version') ?? '';
      return { groupVersion: groupVersion(name, version), version };
    });
    return { name, versions, preferredVersion: versions[0] ?? { groupVersion: '', version: '' } };
  });
}

/**
 * Discovery as `APIResourceList`s, one of each version of a group, subresources among the others.
 * @param discovery `{api, apis}`: two APIGroupDiscoveryLists
 */
export function apiResources(discovery: unknown): readonly object[] {
  return groupsOf(discovery).flatMap((group) =>
    records(group, 'versions').map((entry) => ({
      groupVersion: groupVersion(nameOf(group), stringAt(entry, 'version') ?? ''),
      resources: records(entry, 'resources').flatMap(resourcesOf),
    })),
  );
}

function resourcesOf(resource: Fields): readonly object[] {
  const name = stringAt(resource, 'resource') ?? '';
  const namespaced = resource.scope === 'Namespaced';
  const { singularResource = '', shortNames, categories } = resource;
  return [
    {
      name,
      singularName: singularResource,
      namespaced,
      ...kindOf(resource),
      ...(shortNames !== undefined && { shortNames }),
      ...(categories !== undefined && { categories }),
    },
    ...records(resource, 'subresources').map((sub) => ({
      name: `${name}/${stringAt(sub, 'subresource') ?? ''}`,
      singularName: '',
      namespaced,
      ...kindOf(sub),
    })),
  ];
}

/** Group and version are only said where they are others than those of the list. */
function kindOf(resource: Fields): object {
  const group = stringAt(resource, 'responseKind', 'group') ?? '';
  const version = stringAt(resource, 'responseKind', 'version') ?? '';
  return {
    ...(group !== '' && { group }),
    ...(version !== '' && { version }),
    kind: stringAt(resource, 'responseKind', 'kind') ?? '',
    verbs: resource.verbs ?? [],
  };
}
