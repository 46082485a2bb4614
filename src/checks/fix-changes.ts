import { pointerPart } from '../kubernetes/json-patch.ts';
import { DOCKER_CONFIG_JSON } from '../kubernetes/registry-secret.ts';
import { refOf, resourceName } from '../kubernetes/resource-of.ts';
import type { AccessRule, AccountRef } from '../model/access.ts';
import type { RegistrySecret } from '../model/derived.ts';
import { BACKUP, type Create, type Fill, type JsonPatch, type Patch, type PatchOperation } from '../model/fix.ts';
import type { KubeObject } from '../model/object.ts';
import { RESOURCES, type Resource } from '../model/resource.ts';

const CONFIG_KEY = '.dockerconfigjson';

/** A right on one resource, in a namespace or, without one, at the cluster scope. */
export function right(verb: string, resource: Resource, namespace?: string, name?: string): AccessRule {
  const [plural = '', ...group] = resourceName(resource).split('.');
  return {
    verb,
    group: group.join('.'),
    resource: plural,
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

interface RoleRef {
  readonly kind: string;
  readonly name: string;
}

/** A new RoleBinding for one account; whoever makes it needs `bind` on the role, or all of its rules. */
export function createBinding(namespace: string, name: string, role: RoleRef, account: AccountRef): Create {
  const roles = role.kind === 'Role' ? 'roles.rbac.authorization.k8s.io' : 'clusterroles.rbac.authorization.k8s.io';
  return {
    op: 'create',
    object: {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name, namespace },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: role.kind, name: role.name },
      subjects: [{ kind: 'ServiceAccount', name: account.name, namespace: account.namespace }],
    },
    needs: [
      right('create', 'rolebindings.rbac.authorization.k8s.io', namespace),
      right('bind', roles, namespace, role.name),
    ],
  };
}

/** A new Namespace with the labels that its siblings agree on. */
export function createNamespace(name: string, labels: Readonly<Record<string, string>>): Create {
  return {
    op: 'create',
    object: {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name, ...(Object.keys(labels).length > 0 ? { labels } : {}) },
    },
    needs: [right('create', 'namespaces')],
  };
}

/**
 * A sanitized copy of the registry secret: kind, type and data, and nothing else of its source. Owners, Helm marks and
 * resource versions that a copy brings along get it deleted or refused.
 */
export function copySecret(source: RegistrySecret, namespace: string): Create {
  const { name } = source.metadata;
  return {
    op: 'create',
    object: {
      apiVersion: 'v1',
      kind: 'Secret',
      type: DOCKER_CONFIG_JSON,
      metadata: {
        name,
        namespace,
        annotations: { 'crewiso.dev/copied-from': `${source.metadata.namespace ?? ''}/${name}` },
      },
      data: { [CONFIG_KEY]: '' },
    },
    fill: [fillFrom(source, dataPath())],
    needs: [right('get', 'secrets', source.metadata.namespace, name), right('create', 'secrets', namespace)],
  };
}

const dataPath = (): string => `/data/${pointerPart(CONFIG_KEY)}`;

function fillFrom({ metadata }: KubeObject, path: string): Fill {
  const { namespace = '', name, uid, resourceVersion } = metadata;
  return {
    path,
    from: {
      apiVersion: 'v1',
      kind: 'Secret',
      namespace,
      name,
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
      key: CONFIG_KEY,
    },
  };
}

/**
 * Gives a copy the data of its source. The old data goes into a Secret beside it first, which no pull reads; the name
 * gets its end when it is planned.
 */
export function refreshSecret(source: RegistrySecret, copy: RegistrySecret): readonly [Create, Patch] {
  const { namespace = '', name } = copy.metadata;
  const path = dataPath();
  const backupName = `${name}${BACKUP}`;
  const backup = keepBefore(namespace, backupName, fillFrom(copy, path), right('get', 'secrets', namespace, name));
  const value = '';
  const refresh: Patch = {
    ...patched('secrets', copy, {
      tests: versionTest(copy),
      patch: [{ op: 'replace', path, value }],
      inverse: [{ op: 'replace', path, value }],
    }),
    fill: [fillFrom(source, path)],
    inverseFill: [{ path, from: { apiVersion: 'v1', kind: 'Secret', namespace, name: backupName, key: CONFIG_KEY } }],
  };
  return [
    backup,
    {
      ...refresh,
      needs: [right('get', 'secrets', source.metadata.namespace, source.metadata.name), ...refresh.needs],
    },
  ];
}

/**
 * A Secret that keeps what undo needs, where it already was: in the cluster. No pull and no pod reads it.
 * @param kept where the value is read; its path says under which key it is kept
 * @param reading the right to read it
 */
export function keepBefore(namespace: string, name: string, kept: Fill, reading: AccessRule): Create {
  const key = kept.path.slice('/data/'.length);
  return {
    op: 'create',
    object: { apiVersion: 'v1', kind: 'Secret', type: 'Opaque', metadata: { name, namespace }, data: { [key]: '' } },
    fill: [kept],
    backup: true,
    needs: [reading, right('create', 'secrets', namespace)],
  };
}

/** For kinds without status, which change only when somebody changes them. */
function versionTest({ metadata: { resourceVersion } }: KubeObject): JsonPatch {
  return resourceVersion === undefined
    ? []
    : [{ op: 'test', path: '/metadata/resourceVersion', value: resourceVersion }];
}

interface Edit {
  /** Preconditions besides the uid. */
  readonly tests?: JsonPatch;
  readonly patch: JsonPatch;
  readonly inverse: JsonPatch;
}

/** A patch of one object that exists. */
export function patched(resource: Resource, object: KubeObject, { tests = [], patch, inverse }: Edit): Patch {
  const { namespace, name, uid } = object.metadata;
  const same: JsonPatch = uid === undefined ? [] : [{ op: 'test', path: '/metadata/uid', value: uid }];
  return {
    op: 'patch',
    target: refOf(resource, object),
    ...(uid === undefined ? {} : { uid }),
    patch: [...same, ...tests, ...patch],
    inverse: [...same, ...inverse],
    needs: [right('patch', resource, RESOURCES[resource].namespaced ? namespace : undefined, name)],
  };
}

/** Names one more Secret in an account's imagePullSecrets; patches of other types would replace the list. */
export function addPullSecret(account: KubeObject & { readonly imagePullSecrets?: unknown }, secret: string): Patch {
  const entry = { name: secret };
  const named: readonly unknown[] = Array.isArray(account.imagePullSecrets) ? account.imagePullSecrets : [];
  const at = `/imagePullSecrets/${String(named.length)}`;
  const edit: Edit =
    named.length > 0
      ? {
          patch: [{ op: 'add', path: '/imagePullSecrets/-', value: entry }],
          inverse: [
            { op: 'test', path: at, value: entry },
            { op: 'remove', path: at },
          ],
        }
      : {
          patch: [{ op: 'add', path: '/imagePullSecrets', value: [entry] }],
          inverse: [
            { op: 'test', path: '/imagePullSecrets', value: [entry] },
            { op: 'remove', path: '/imagePullSecrets' },
          ],
        };
  return patched('serviceaccounts', account, { ...edit, tests: versionTest(account) });
}

/** Takes marks away from an object's metadata; what they said is put back by undo, but for what holds data of a Secret. */
export function removeMarks(
  resource: Resource,
  object: KubeObject,
  marks: readonly { readonly path: string; readonly value: unknown; readonly secret?: boolean }[],
): Patch {
  return patched(resource, object, {
    tests: versionTest(object),
    patch: marks.map(({ path }) => ({ op: 'remove', path })),
    inverse: marks.flatMap(({ path, value, secret }): PatchOperation[] =>
      secret === true ? [] : [{ op: 'add', path, value }],
    ),
  });
}

/** Sets a label to another value. */
export function relabel(resource: Resource, object: KubeObject, key: string, value: string): Patch {
  const path = `/metadata/labels/${pointerPart(key)}`;
  const before = object.metadata.labels?.[key];
  return patched(resource, object, {
    tests: [{ op: 'test', path, value: before }],
    patch: [{ op: 'replace', path, value }],
    inverse: [
      { op: 'test', path, value },
      { op: 'replace', path, value: before },
    ],
  });
}
