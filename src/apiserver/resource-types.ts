import { isRecord } from '../kubernetes/json-value.ts';
import { groupOf, type KubeObject } from '../model/object.ts';
import { ALIASES, BUILTIN, SUBRESOURCES } from './builtin-types.ts';
import type { Named } from './status.ts';
import { child, text, type Json } from './wire.ts';

export interface Subresource {
  readonly name: string;
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly verbs: readonly string[];
}

/** One served type, as discovery describes it. */
export interface ResourceType extends Named {
  readonly version: string;
  readonly apiVersion: string;
  readonly singular: string;
  readonly listKind: string;
  readonly namespaced: boolean;
  readonly verbs: readonly string[];
  readonly shortNames: readonly string[];
  readonly categories: readonly string[];
  readonly subresources: readonly Subresource[];
  /** From a CustomResourceDefinition: list items carry kind and apiVersion, and writing is refused. */
  readonly custom: boolean;
  /** A second name of a type whose objects live elsewhere. */
  readonly alias: boolean;
}

const ALL_VERBS = ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'];
const STATUS_VERBS = ['get', 'patch', 'update'];

/** The types of a plain kube-apiserver 1.36, in discovery order. */
export function builtinTypes(): readonly ResourceType[] {
  return BUILTIN.flatMap(([group, version, lines]) => lines.map((line) => parseLine(group, version, line)));
}

function parseLine(group: string, version: string, line: string): ResourceType {
  const [resource = '', kind = '', scope, ...marks] = line.split(' ');
  const marked = (sign: string): readonly string[] | undefined =>
    marks
      .find((mark) => mark.startsWith(sign))
      ?.slice(1)
      .split(',');
  const apiVersion = group ? `${group}/${version}` : version;
  return {
    group,
    version,
    apiVersion,
    resource,
    kind,
    singular: kind.toLowerCase(),
    listKind: `${kind}List`,
    namespaced: scope === 'N',
    verbs: marked('=') ?? ALL_VERBS,
    shortNames: marked('~') ?? [],
    categories: marked('@') ?? [],
    subresources: (marked('/') ?? []).map((name) => subresource(resource, kind, name)),
    custom: false,
    alias: ALIASES.includes(apiVersion),
  };
}

function subresource(resource: string, kind: string, name: string): Subresource {
  const special = SUBRESOURCES[`${resource}/${name}`] ?? SUBRESOURCES[name] ?? {};
  return {
    name,
    group: special.group ?? '',
    version: special.version ?? '',
    kind: special.kind ?? kind,
    verbs: special.verbs ?? STATUS_VERBS,
  };
}

/** One type per served version of a CustomResourceDefinition. */
export function customTypes(definition: KubeObject): readonly ResourceType[] {
  const spec = child(definition, 'spec');
  const names = child(spec, 'names');
  const group = text(spec, 'group');
  const kind = text(names, 'kind');
  const versions = Array.isArray(spec.versions) ? spec.versions.filter(isRecord) : [];
  const strings = (key: string): readonly string[] =>
    Array.isArray(names[key]) ? names[key].filter((name) => typeof name === 'string') : [];
  return versions
    .filter((version) => version.served === true)
    .map((version: Json) => ({
      group,
      version: text(version, 'name'),
      apiVersion: `${group}/${text(version, 'name')}`,
      resource: text(names, 'plural'),
      kind,
      singular: text(names, 'singular') || kind.toLowerCase(),
      listKind: text(names, 'listKind') || `${kind}List`,
      namespaced: text(spec, 'scope') === 'Namespaced',
      verbs: ALL_VERBS,
      shortNames: strings('shortNames'),
      categories: strings('categories'),
      subresources: Object.keys(child(version, 'subresources')).map((name) =>
        subresource(text(names, 'plural'), kind, name),
      ),
      custom: true,
      alias: false,
    }));
}

/** Everything served at this moment, with the look-ups that routing needs. */
export interface Catalogue {
  readonly types: readonly ResourceType[];
  find(group: string, version: string, resource: string): ResourceType | undefined;
  /** The type of an object in this version of its group, or in any. */
  ofObject(apiVersion: string, kind: string): ResourceType | undefined;
  /** The type whose objects are stored, whether it is served or not. */
  ofResource(group: string, resource: string): ResourceType | undefined;
}

/**
 * @param notServed groups (`autoscaling`) or group versions (`autoscaling/v2`) that are left out.
 */
export function catalogueOf(types: readonly ResourceType[], notServed: readonly string[] = []): Catalogue {
  const served = types.filter((type) => !notServed.includes(type.group) && !notServed.includes(type.apiVersion));
  const byPath = new Map(served.map((type) => [`${type.apiVersion}/${type.resource}`, type]));
  const byKind = new Map(types.map((type) => [`${type.apiVersion}/${type.kind}`, type]));
  const own = types.filter((type) => !type.alias);
  const byResource = new Map(own.map((type) => [`${type.group}/${type.resource}`, type]));
  const byGroup = new Map(own.map((type) => [`${type.group}/${type.kind}`, type]));
  return {
    types: served,
    find: (group, version, resource) => byPath.get([group, version, resource].filter(Boolean).join('/')),
    ofResource: (group, resource) => byResource.get(`${group}/${resource}`),
    ofObject: (apiVersion, kind) =>
      byKind.get(`${apiVersion}/${kind}`) ?? byGroup.get(`${groupOf(apiVersion)}/${kind}`),
  };
}
