import type { Answer } from './api-client.ts';
import { waitFor } from './control-plane.ts';
import type { MultiplexedClient } from './multiplexed-client.ts';
import type { Json } from '../support/crd-documents.ts';

const CRDS = '/apis/apiextensions.k8s.io/v1/customresourcedefinitions';

export interface Served {
  readonly group: string;
  readonly plural: string;
  readonly kind: string;
}

/** A definition with one version `v1`, unless `spec` says otherwise. */
export function definition({ group, plural, kind }: Served, schema: Json, more: Json = {}, spec: Json = {}): Json {
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural, kind, singular: kind.toLowerCase(), listKind: `${kind}List` },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema }, ...more }],
      ...spec,
    },
  };
}

/** Definitions on the API server, and objects of them. */
export class CrdServer {
  readonly #client: MultiplexedClient;
  readonly #made = new Set<string>();

  constructor(client: MultiplexedClient) {
    this.#client = client;
  }

  send(method: string, path: string, body?: unknown, contentType?: string): Promise<Answer> {
    return this.#client.send(method, path, { body, ...(contentType !== undefined && { contentType }) });
  }

  /** Refusals of a definition, as the API server words them; empty where it would take it. */
  async refusals(crd: Json): Promise<readonly { readonly field: string; readonly message: string }[]> {
    const { status, body } = await this.send('POST', `${CRDS}?dryRun=All`, crd);
    if (status === 201) return [];
    const { details } = body as { details?: { causes?: { field: string; message: string }[] } };
    return details?.causes ?? [{ field: '', message: JSON.stringify(body) }];
  }

  /** Creates or replaces it; the answer to the write. `probe` says when it has taken effect. */
  async put(crd: Json, probe?: () => Promise<boolean>): Promise<Answer> {
    const { name } = (crd as { metadata: { name: string } }).metadata;
    const path = `${CRDS}/${name}`;
    const known = await this.send('GET', path);
    const version = (known.body as { metadata?: { resourceVersion?: string } }).metadata?.resourceVersion;
    const body = known.status === 200 ? { ...crd, metadata: { name, resourceVersion: version } } : crd;
    const answer = known.status === 200 ? await this.send('PUT', path, body) : await this.send('POST', CRDS, body);
    this.#made.add(path);
    if (answer.status < 300)
      await waitFor(`${name} has taken effect`, () => (probe ? probe() : this.#established(path)));
    return answer;
  }

  async #established(path: string): Promise<boolean> {
    const { body } = await this.send('GET', path);
    const { conditions } =
      (body as { status?: { conditions?: { type: string; status: string }[] | null } }).status ?? {};
    return (conditions ?? []).some(({ type, status }) => type === 'Established' && status === 'True');
  }

  /** After a change of the definition the cache of its objects starts anew, and lists are refused with 429 meanwhile. */
  async list(path: string): Promise<readonly { readonly metadata: { readonly name: string } }[]> {
    let answer: Answer = { status: 0, body: undefined };
    await waitFor(`${path} can be listed`, async () => {
      answer = await this.send('GET', path);
      return answer.status !== 429;
    });
    if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
    return (answer.body as { items: { metadata: { name: string } }[] }).items;
  }

  async remove(): Promise<void> {
    await Promise.all([...this.#made].map((path) => this.send('DELETE', path)));
    await waitFor('the definitions are gone', async () => {
      const answers = await Promise.all([...this.#made].map((path) => this.send('GET', path)));
      return answers.every(({ status }) => status === 404);
    });
    this.#made.clear();
  }
}

/** What a person wrote of an object, without what the API server adds to its metadata. */
export function contentOf(body: unknown): Json {
  return Object.fromEntries(Object.entries(body as Json).filter(([key]) => key !== 'metadata'));
}
