import { isRecord } from '../kubernetes/json-value.ts';
import { podTemplateOf } from '../kubernetes/owners.ts';
import type { KubeObject } from '../model/object.ts';
import type { Resource } from '../model/resource.ts';

/** The environments of containers, which Deployments and their pods repeat word for word: each is kept once. */
export class SharedParts {
  readonly #known = new Map<string, unknown>();

  /** The object itself, with parts that other objects have as well. It must not be in use elsewhere yet. */
  share<T extends KubeObject>(resource: Resource, object: T): T {
    const spec: unknown = podTemplateOf(resource, object)?.spec;
    if (!isRecord(spec)) return object;
    for (const containers of [spec.initContainers, spec.containers]) {
      if (!Array.isArray(containers)) continue;
      for (const container of containers as unknown[]) if (isRecord(container)) this.#shareIn(container);
    }
    return object;
  }

  #shareIn(container: Record<string, unknown>): void {
    const { env } = container;
    if (!Array.isArray(env) || env.length === 0) return;
    const key = JSON.stringify(env);
    const known = this.#known.get(key);
    if (known) container.env = known;
    else this.#known.set(key, env);
  }
}
