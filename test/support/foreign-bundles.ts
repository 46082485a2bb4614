import { crc32, deflateRawSync } from 'node:zlib';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { resourceOf } from '../../src/kubernetes/resource-of.ts';
import { stringifyYaml } from '../../src/manifests/yaml.ts';
import { groupOf } from '../../src/model/object.ts';
import { RESOURCE_NAMES, RESOURCES, UNLISTED } from '../../src/model/resource.ts';
import type { RawObject } from '../fixtures/crewai.ts';

export type Files = Record<string, string>;

/** The objects of one kind and namespace (`''` for those that are in none). */
interface Group {
  readonly plural: string;
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string;
  readonly objects: readonly RawObject[];
}

function grouped(objects: readonly RawObject[]): readonly Group[] {
  const namespaces = objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
  const groups = new Map<string, Group & { objects: RawObject[] }>();
  const add = (apiVersion: string, kind: string, plural: string, namespace: string): RawObject[] => {
    const key = `${apiVersion}/${plural}/${namespace}`;
    const group = groups.get(key) ?? { plural, apiVersion, kind, namespace, objects: [] };
    groups.set(key, group);
    return group.objects;
  };
  for (const resource of RESOURCE_NAMES) {
    const { apiVersion, kind, plural, namespaced, from } = RESOURCES[resource];
    if (from !== undefined || UNLISTED.has(resource)) continue;
    for (const namespace of namespaced ? namespaces : ['']) add(apiVersion, kind, plural, namespace);
  }
  for (const object of objects) {
    const resource = resourceOf(object.apiVersion ?? '', object.kind ?? '');
    if (!resource) continue;
    const { apiVersion, kind, plural } = RESOURCES[resource];
    add(apiVersion, kind, plural, object.metadata.namespace ?? '').push(object);
  }
  return [...groups.values()];
}

const listOf = ({ apiVersion, kind, objects }: Group): object => ({
  kind: `${kind}List`,
  apiVersion,
  metadata: {},
  items: objects.length > 0 ? objects : null,
});

const TROUBLESHOOT_FOLDERS: Readonly<Record<string, string>> = {
  customresourcedefinitions: 'custom-resource-definitions',
  ingresses: 'ingress',
  networkpolicies: 'network-policy',
  persistentvolumeclaims: 'pvcs',
  resourcequotas: 'resource-quota',
};
const NOT_BY_TROUBLESHOOT = new Set(['secrets', 'horizontalpodautoscalers']);

/** As troubleshoot.sh writes it, with rights on everything. */
export function troubleshootFiles(objects: readonly RawObject[]): Files {
  const files: Files = { 'b/version.yaml': 'apiVersion: troubleshoot.sh/v1beta2\nkind: SupportBundle\n' };
  for (const group of grouped(objects)) {
    const { plural, namespace } = group;
    if (NOT_BY_TROUBLESHOOT.has(plural)) continue;
    const name = TROUBLESHOOT_FOLDERS[plural] ?? plural;
    const path = namespace === '' ? name : `${name}/${namespace}`;
    files[`b/cluster-resources/${path}.json`] = JSON.stringify(listOf(group), undefined, 2);
    if (namespace !== '') {
      const rules = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }];
      files[`b/cluster-resources/auth-cani-list/${namespace}.json`] = JSON.stringify(rules);
    }
  }
  return files;
}

/** As `oc adm inspect` writes it: masked Secrets, and of pods also a file each. */
export function mustGatherFiles(objects: readonly RawObject[]): Files {
  const masked = (object: RawObject): RawObject =>
    object.kind === 'Secret'
      ? {
          ...object,
          data: Object.fromEntries(
            Object.keys((object.data as object | undefined) ?? {}).map((key) => [
              key,
              Buffer.from('42 bytes long').toString('base64'),
            ]),
          ),
        }
      : object;
  const files: Files = { 'inspect.local.1/timestamp': '' };
  for (const group of grouped(objects)) {
    const { plural, namespace, apiVersion } = group;
    const folder = groupOf(apiVersion) === '' ? 'core' : groupOf(apiVersion);
    const root = namespace === '' ? 'cluster-scoped-resources' : `namespaces/${namespace}`;
    const list = listOf({ ...group, objects: group.objects.map(masked) }) as { items: unknown };
    files[`inspect.local.1/${root}/${folder}/${plural}.yaml`] = stringifyYaml({ ...list, items: list.items ?? [] });
  }
  for (const object of objects)
    if (object.kind === 'Namespace')
      files[`inspect.local.1/namespaces/${object.metadata.name}/${object.metadata.name}.yaml`] = stringifyYaml(object);
  return files;
}

/** As `kubectl cluster-info dump --output-directory` writes it: items without kind. */
export function clusterInfoFiles(objects: readonly RawObject[]): Files {
  const dumped = new Set(['events', 'services', 'daemonsets', 'deployments', 'replicasets', 'pods']);
  const files: Files = { 'nodes.json': '{"kind":"NodeList","apiVersion":"v1","items":[]}' };
  for (const group of grouped(objects)) {
    if (group.namespace === '' || !dumped.has(group.plural)) continue;
    const items = group.objects.map((object) => ({ ...object, kind: undefined, apiVersion: undefined }));
    files[`${group.namespace}/${group.plural}.json`] = JSON.stringify({ ...listOf(group), items });
  }
  return files;
}

/** As support-bundle-kit writes it: no file for a kind without objects, no Secrets. */
export function supportBundleKitFiles(objects: readonly RawObject[]): Files {
  const files: Files = { 'sb/metadata.yaml': 'projectName: x\n' };
  for (const group of grouped(objects)) {
    const { plural, namespace, apiVersion } = group;
    if (group.objects.length === 0 || plural === 'secrets') continue;
    const folder = namespace === '' ? 'cluster' : `namespaced/${namespace}`;
    files[`sb/yamls/${folder}/${apiVersion}/${plural}.yaml`] = stringifyYaml({
      apiVersion: 'v1',
      kind: 'List',
      items: group.objects,
    });
  }
  return files;
}

export function writeFiles(folder: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

export interface ZipOptions {
  /** Names in the local headers, where they differ. */
  readonly local?: (name: string) => string;
  /** Sizes in the directory, where they differ. */
  readonly size?: (size: number) => number;
  readonly offset?: (offset: number) => number;
}

/** A zip of these files. */
export function zipOf(
  files: Files,
  { local = (name) => name, size = (n) => n, offset = (n) => n }: ZipOptions = {},
): Buffer {
  const parts: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const [name, text] of Object.entries(files)) {
    const content = Buffer.from(text);
    const packed = deflateRawSync(content);
    const fields = (bytes: Buffer, start: number): void => {
      bytes.writeUInt16LE(8, start);
      bytes.writeUInt32LE(crc32(content), start + 6);
      bytes.writeUInt32LE(packed.length, start + 10);
      bytes.writeUInt32LE(size(content.length), start + 14);
    };
    const localName = Buffer.from(local(name));
    const header = Buffer.alloc(30);
    header.writeUInt32LE(0x04034b50, 0);
    fields(header, 8);
    header.writeUInt16LE(localName.length, 26);
    const central = Buffer.alloc(46);
    central.writeUInt32LE(0x02014b50, 0);
    fields(central, 10);
    central.writeUInt16LE((46 << 9) | (11 << 5) | 20, 14);
    central.writeUInt16LE(Buffer.byteLength(name), 28);
    central.writeUInt32LE(offset(at), 42);
    parts.push(header, localName, packed);
    directory.push(central, Buffer.from(name));
    at += header.length + localName.length + packed.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt16LE(Object.keys(files).length, 8);
  end.writeUInt16LE(Object.keys(files).length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...parts, listed, end]);
}
