import type { CrdRuleId } from '../../src/kubernetes/crd-rules.ts';
import type { Answer } from './api-client.ts';
import type { Json } from '../support/crd-documents.ts';
import { contentOf, definition, type CrdServer } from './crd-server.ts';

/** The world of one change: its kind on the API server. */
export interface World {
  readonly server: CrdServer;
  /** Collection of `v1` in the namespace default. */
  readonly path: string;
  /** An object of `v1`. */
  readonly object: (name: string, content?: Json) => Json;
  readonly apply: (manager: string, name: string, content: Json, force?: boolean) => Promise<Answer>;
}

/** A change of a definition, what we must say, and what must come true of it; `before` runs under the old one. */
export interface HandCase {
  readonly title: string;
  readonly old: Json;
  readonly now: Json;
  readonly rules: readonly CrdRuleId[];
  readonly before?: (world: World) => Promise<unknown>;
  readonly broken: (world: World) => Promise<boolean>;
}

const SERVED = { group: 'hand.example.com', plural: 'widgets', kind: 'Widget' };
const whole = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const field = (x: Json): Json => ({ type: 'object', properties: { spec: { type: 'object', properties: { x } } } });
const string = { type: 'string' };
const item = { type: 'object', required: ['a', 'b'], properties: { a: string, b: string } };
const list = { type: 'array', items: item };
const keyed = (key: string): Json => ({
  ...list,
  'x-kubernetes-list-type': 'map',
  'x-kubernetes-list-map-keys': [key],
});
const subresource = (subresources: Json): Json => definition(SERVED, whole, { subresources });
const plain = definition(SERVED, whole);
const scale = { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' };
const replicas = (more: Json): Json =>
  definition(
    SERVED,
    { type: 'object', properties: { spec: { type: 'object', properties: { replicas: { type: 'integer' } } } } },
    more,
  );
const version = (name: string, storage: boolean, served = true, schema: Json = whole): Json => ({
  name,
  served,
  storage,
  schema: { openAPIV3Schema: schema },
});
const versions = (...all: readonly Json[]): Json => definition(SERVED, whole, {}, { versions: all });

const create = ({ server, path, object }: World, name: string, content?: Json): Promise<Answer> =>
  server.send('POST', path, object(name, content));

/** What would become of it; nothing is kept. */
const attempt = ({ server, path, object }: World, content: Json): Promise<Answer> =>
  server.send('POST', `${path}?dryRun=All`, object('n', content));

/** Two people apply one item each: whether both are there. */
async function bothStay({ apply }: World): Promise<boolean> {
  await apply('one', 'shared', { spec: { x: [{ a: '1', b: '1' }] } });
  const { body } = await apply('two', 'shared', { spec: { x: [{ a: '2', b: '2' }] } }, true);
  return (contentOf(body).spec as { x: unknown[] }).x.length === 2;
}

export const HAND_CASES: readonly HandCase[] = [
  {
    title: '/status comes: status sent to the object is ignored',
    old: plain,
    now: subresource({ status: {} }),
    rules: ['status-subresource-added'],
    broken: async (world) => contentOf((await attempt(world, { status: { a: 1 } })).body).status === undefined,
  },
  {
    title: '/status goes',
    old: subresource({ status: {} }),
    now: plain,
    rules: ['status-subresource-removed'],
    before: (world) => create(world, 'a'),
    broken: async ({ server, path }) => (await server.send('GET', `${path}/a/status`)).status === 404,
  },
  {
    title: '/scale comes: what is no number of replicas is refused',
    old: replicas({}),
    now: replicas({ subresources: { scale } }),
    rules: ['scale-restricts'],
    broken: async (world) => (await attempt(world, { spec: { replicas: -1 } })).status === 422,
  },
  {
    title: '/scale goes',
    old: subresource({ scale }),
    now: plain,
    rules: ['scale-removed'],
    before: (world) => create(world, 'a', { spec: { replicas: 1 } }),
    broken: async ({ server, path }) => (await server.send('GET', `${path}/a/scale`)).status === 404,
  },
  {
    title: 'a version is no longer served',
    old: versions(version('v1', true)),
    now: versions(version('v1', true, false)),
    rules: ['version-unserved'],
    before: (world) => create(world, 'a'),
    broken: async ({ server, path }) => (await server.send('GET', `${path}/a`)).status === 404,
  },
  {
    title: 'a version is gone',
    old: versions(version('v2', true), version('v1', false)),
    now: versions(version('v2', true)),
    rules: ['version-removed'],
    broken: async ({ server, path }) => (await server.send('GET', path)).status === 404,
  },
  {
    title: 'the storage version does not know a field',
    old: versions(version('v2', true, true, field(string)), version('v1', false, true, field(string))),
    now: versions(version('v2', true, true, { type: 'object' }), version('v1', false, true, field(string))),
    rules: ['storage-drops-field', 'property-removed'],
    broken: async (world) => {
      await create(world, 'n', { spec: { x: 'kept?' } });
      return contentOf((await world.server.send('GET', `${world.path}/n`)).body).spec === undefined;
    },
  },
  {
    title: 'fields can no longer be selected by',
    old: definition(SERVED, field(string), { selectableFields: [{ jsonPath: '.spec.x' }] }),
    now: definition(SERVED, field(string)),
    rules: ['selectable-field-removed'],
    broken: async ({ server, path }) => (await server.send('GET', `${path}?fieldSelector=spec.x%3Da`)).status === 400,
  },
  {
    title: 'lists carry another kind',
    old: plain,
    now: definition(
      SERVED,
      whole,
      {},
      { names: { plural: 'widgets', kind: 'Widget', singular: 'widget', listKind: 'Widgets' } },
    ),
    rules: ['list-kind-changed'],
    broken: async ({ server, path }) => ((await server.send('GET', path)).body as Json).kind === 'Widgets',
  },
  {
    title: 'a list with keys becomes atomic: items of others are replaced',
    old: definition(SERVED, field(keyed('a'))),
    now: definition(SERVED, field(list)),
    rules: ['list-type-changed'],
    broken: async (world) => !(await bothStay(world)),
  },
  {
    title: 'a list gets other keys, which must be unique',
    old: definition(SERVED, field(keyed('a'))),
    now: definition(SERVED, field(keyed('b'))),
    rules: ['list-keys-changed'],
    broken: async (world) =>
      (
        await attempt(world, {
          spec: {
            x: [
              { a: '1', b: '1' },
              { a: '2', b: '1' },
            ],
          },
        })
      ).status === 422,
  },
  {
    title: 'an object becomes atomic: fields of others are replaced',
    old: definition(SERVED, field({ type: 'object', additionalProperties: string })),
    now: definition(SERVED, field({ type: 'object', additionalProperties: string, 'x-kubernetes-map-type': 'atomic' })),
    rules: ['map-type-changed'],
    broken: async ({ apply }) => {
      await apply('one', 'shared', { spec: { x: { a: '1' } } });
      const { body } = await apply('two', 'shared', { spec: { x: { b: '1' } } }, true);
      return Object.keys((contentOf(body).spec as { x: Json }).x).length === 1;
    },
  },
  {
    title: 'an embedded resource needs a kind, in every update',
    old: definition(SERVED, field(whole)),
    now: definition(SERVED, field({ ...whole, 'x-kubernetes-embedded-resource': true })),
    rules: ['embedded-resource-added'],
    before: (world) => create(world, 'a', { spec: { x: { k: 1 } } }),
    broken: async ({ server, path }) =>
      (await server.send('PATCH', `${path}/a`, { metadata: { labels: { a: 'b' } } }, 'application/merge-patch+json'))
        .status === 422,
  },
  {
    title: 'a new rule in CEL refuses',
    old: definition(SERVED, field(string)),
    now: definition(SERVED, field({ ...string, maxLength: 9, 'x-kubernetes-validations': [{ rule: "self != 'no'" }] })),
    rules: ['limit-tightened', 'cel-added'],
    broken: async (world) => (await attempt(world, { spec: { x: 'no' } })).status === 422,
  },
];

export function worldOf(server: CrdServer): World {
  const path = `/apis/${SERVED.group}/v1/namespaces/default/${SERVED.plural}`;
  const object = (name: string, content: Json = {}): Json => ({
    apiVersion: `${SERVED.group}/v1`,
    kind: SERVED.kind,
    metadata: { name },
    ...content,
  });
  return {
    server,
    path,
    object,
    apply: (manager, name, content, force = false) =>
      server.send(
        'PATCH',
        `${path}/${name}?fieldManager=${manager}&force=${String(force)}`,
        object(name, content),
        'application/apply-patch+yaml',
      ),
  };
}
