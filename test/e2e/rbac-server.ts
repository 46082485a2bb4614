import { isDeepStrictEqual } from 'node:util';
import type { Binding, ClusterRole, PolicyRule, Role } from '../../src/model/kinds.ts';
import { aggregate } from '../../src/kubernetes/rbac-aggregation.ts';
import type { RbacObjects } from '../../src/kubernetes/rbac.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import type { ApiClient } from './api-client.ts';
import { waitFor } from './control-plane.ts';
import type { MultiplexedClient } from './multiplexed-client.ts';
import { collectionPath, createObjects, objectPath } from './platform.ts';
import type { AskedRequest } from './rbac-requests.ts';
import type { Asked, Scenario } from './rbac-scenario.ts';

export interface Review {
  readonly allowed: boolean;
  readonly reason: string;
}

/** The API server with the objects of a scenario, which can be exchanged, and what it says about them. */
export class RbacServer {
  readonly #client: ApiClient;
  readonly #many: MultiplexedClient;
  readonly #scenario: Scenario;
  #objects: readonly RawObject[] = [];
  #settled = 0;

  constructor(client: ApiClient, many: MultiplexedClient, scenario: Scenario) {
    this.#client = client;
    this.#many = many;
    this.#scenario = scenario;
  }

  /** Has exactly these roles and bindings, and waits until the authorizer knows. Namespaces stay. */
  async hold(objects: readonly RawObject[]): Promise<void> {
    const byPath = new Map(objects.map((object) => [objectPath(object), object]));
    const before = new Map(this.#objects.map((object) => [objectPath(object), object]));
    this.#objects = objects;
    const wanted = objects.filter((object) => !isDeepStrictEqual(before.get(objectPath(object)), object));
    await waitFor('the server holds these roles and bindings only', async () => {
      // The controller of aggregated roles applies their rules, which creates a role anew that was deleted meanwhile.
      const surplus = [...(await this.#paths())].filter((path) => !byPath.has(path));
      await Promise.all(surplus.map((path) => this.#client.demand('DELETE', path, undefined, { accept: [404] })));
      return surplus.length === 0;
    });
    await Promise.all(wanted.map((object) => this.#write(object)));
    await this.#aggregationAgrees();
    await this.#settle();
  }

  async #write(object: RawObject): Promise<void> {
    const answer = await this.#client.send('POST', collectionPath(object), object);
    if (answer.status === 409) await this.#client.demand('PUT', objectPath(object), object);
    else if (answer.status !== 201) throw new Error(`${objectPath(object)}: ${JSON.stringify(answer.body)}`);
  }

  /** Of what the scenario has put there. */
  async #paths(): Promise<ReadonlySet<string>> {
    const { tag, namespaces } = this.#scenario;
    const kinds = {
      roles: 'Role',
      rolebindings: 'RoleBinding',
      clusterroles: 'ClusterRole',
      clusterrolebindings: 'ClusterRoleBinding',
    };
    const found = await Promise.all(
      Object.entries(kinds).map(async ([plural, kind]) =>
        (await this.#list<RawObject>(plural))
          .filter(({ metadata: { name, namespace } }) =>
            namespace === undefined ? name.startsWith(`${tag}-`) : namespaces.includes(namespace),
          )
          .map(({ metadata: { name, namespace } }) =>
            objectPath({
              apiVersion: 'rbac.authorization.k8s.io/v1',
              kind,
              metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
            }),
          ),
      ),
    );
    return new Set(found.flat());
  }

  async readRbac(): Promise<RbacObjects> {
    return {
      roles: await this.#list<Role>('roles'),
      roleBindings: await this.#list<Binding>('rolebindings'),
      clusterRoles: await this.#list<ClusterRole>('clusterroles'),
      clusterRoleBindings: await this.#list<Binding>('clusterrolebindings'),
    };
  }

  async review({ identity, question }: Asked): Promise<Review> {
    const { user, groups } = identity;
    const attributes = 'path' in question ? { nonResourceAttributes: question } : { resourceAttributes: question };
    const body = {
      apiVersion: 'authorization.k8s.io/v1',
      kind: 'SubjectAccessReview',
      spec: { user, groups, ...attributes },
    };
    const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews';
    const answer = await this.#many.send('POST', path, { body });
    if (answer.status !== 201)
      throw new Error(`a review is answered with ${answer.status}: ${JSON.stringify(answer.body)}`);
    const { status } = answer.body as { status: { allowed: boolean; reason?: string } };
    return { allowed: status.allowed, reason: status.reason ?? '' };
  }

  /** Whether the authorizer lets a request pass: there are other reasons for 403, with other words. */
  async passes({ identity, method, path, body, contentType }: AskedRequest): Promise<Review> {
    const options = { as: identity, ...(body === undefined ? {} : { body }), ...(contentType ? { contentType } : {}) };
    const answer = await this.#many.send(method, path, options);
    const message = (answer.body as { message?: string } | undefined)?.message ?? '';
    // HEAD has no body to tell the reason by; it reads and nothing else refuses that.
    const refused =
      answer.status === 403 && (method === 'HEAD' || / cannot [a-zA-Z]* ?(?:resource|path) "/.test(message));
    return { allowed: !refused, reason: `${answer.status} ${message}` };
  }

  async #list<T>(plural: string): Promise<T[]> {
    return ((await this.#client.demand('GET', `/apis/rbac.authorization.k8s.io/v1/${plural}`)) as { items: T[] }).items;
  }

  /** The controller has written the rules that we compute: at once the check of `aggregate` and the sign that it is done. */
  async #aggregationAgrees(): Promise<void> {
    const sent = this.#objects.filter(({ kind }) => kind === 'ClusterRole') as unknown as ClusterRole[];
    const expected = aggregate(sent, 'replace').filter((role) => role.aggregationRule);
    let nudge = Date.now() + 3000;
    let actual = new Map<string, readonly PolicyRule[]>();
    const differing = (): string[] =>
      expected
        .filter(({ metadata, rules }) => canonical(actual.get(metadata.name)) !== canonical(rules))
        .map(({ metadata }) => metadata.name);
    await waitFor(
      'aggregated rules are as we compute them',
      async () => {
        const roles = expected.length === 0 ? [] : await this.#list<ClusterRole>('clusterroles');
        actual = new Map(roles.map((role) => [role.metadata.name, role.rules ?? []]));
        const late = differing();
        // Whose role is deleted and made again under its hands, the controller may miss a change.
        if (late.length > 0 && Date.now() > nudge) {
          nudge = Date.now() + 3000;
          await Promise.all(
            this.#objects.filter(({ metadata }) => late.includes(metadata.name)).map((role) => this.#write(role)),
          );
        }
        return late.length === 0;
      },
      20_000,
    ).catch((error: unknown) => {
      const [name = ''] = differing();
      const ours = canonical(expected.find((role) => role.metadata.name === name)?.rules);
      throw new Error(`${name}: the server has ${canonical(actual.get(name))}, we compute ${ours}`, { cause: error });
    });
  }

  /** Each kind reaches the authorizer in order of writing: once it knows these last ones it knows all. */
  async #settle(): Promise<void> {
    const { tag, namespaces } = this.#scenario;
    const [namespace = ''] = namespaces;
    const name = `${tag}-settled-${(this.#settled += 1)}`;
    const last = ['', 'Cluster'].flatMap((prefix) => settling(prefix, name, prefix === '' ? namespace : undefined));
    await createObjects(this.#client, last);
    const known = async (prefix: string): Promise<boolean> => {
      const question = { verb: 'settle', group: '', resource: 'pods', namespace };
      return (await this.review({ identity: { user: `${name}${prefix}`, groups: [] }, question })).allowed;
    };
    await waitFor('the authorizer knows every role and binding', async () =>
      (await Promise.all(['', 'Cluster'].map(known))).every(Boolean),
    );
    await Promise.all(last.map((object) => this.#client.demand('DELETE', objectPath(object))));
  }
}

function settling(prefix: string, name: string, namespace: string | undefined): RawObject[] {
  const group = 'rbac.authorization.k8s.io';
  const of = (kind: string): Pick<RawObject, 'apiVersion' | 'kind' | 'metadata'> => ({
    apiVersion: `${group}/v1`,
    kind: `${prefix}${kind}`,
    metadata: { name, ...(namespace === undefined ? {} : { namespace }) },
  });
  return [
    { ...of('Role'), rules: [{ verbs: ['settle'], apiGroups: [''], resources: ['pods'] }] },
    {
      ...of('RoleBinding'),
      roleRef: { apiGroup: group, kind: `${prefix}Role`, name },
      subjects: [{ apiGroup: group, kind: 'User', name: `${name}${prefix}` }],
    },
  ];
}

/** A rule with the fields that matter in a fixed order; the set of rules, whatever their order. */
function canonical(rules: readonly PolicyRule[] | null | undefined): string {
  const texts = (rules ?? []).map((rule) =>
    JSON.stringify([
      rule.verbs,
      rule.apiGroups ?? [],
      rule.resources ?? [],
      rule.resourceNames ?? [],
      rule.nonResourceURLs ?? [],
    ]),
  );
  return [...new Set(texts)].sort().join('\n');
}
