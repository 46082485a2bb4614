import type { AccessRule } from '../model/access.ts';
import type { CollectorRefusal } from '../model/derived.ts';
import { groupOf } from '../model/object.ts';
import { RESOURCES } from '../model/resource.ts';
import { cleanMessage } from '../model/text.ts';
import { contentNamed, findContent } from './content.ts';
import type { ManifestItem } from './format.ts';
import { ELSEWHERE, parseListId, parseLogId } from './paths.ts';

/** A right in a namespace. */
type PlacedRule = AccessRule & { readonly namespace: string };

/** What whoever collected a bundle was refused: each right of each namespace once, however many objects it is about. */
export class Refusals {
  readonly #items = new Map<string, CollectorRefusal>();

  add(rule: PlacedRule, said: string, collector?: string): void {
    const { verb, group, resource, namespace } = rule;
    const name = `${verb} ${resource}${group === '' ? '' : `.${group}`}`;
    const key = `${namespace}/${name}`;
    if (this.#items.has(key)) return;
    const user = collector ?? /\bUser "([^"]+)" cannot /.exec(said)?.[1];
    const { apiVersion, kind } = RESOURCES['collector-refusals'];
    this.#items.set(key, {
      apiVersion,
      kind,
      metadata: { name, namespace },
      rule,
      ...(user !== undefined && { user }),
      message: cleanMessage(said),
    });
  }

  list(): readonly CollectorRefusal[] {
    return [...this.#items.values()];
  }
}

/** As one of our own bundles says it. */
export function refusalsIn(items: readonly ManifestItem[], collector: string | undefined): readonly CollectorRefusal[] {
  const refusals = new Refusals();
  for (const { id, status, detail = '' } of items) {
    const rule = status === 'forbidden' ? ruleOf(id) : undefined;
    if (rule) refusals.add(rule, detail, collector);
  }
  return refusals.list();
}

function ruleOf(id: string): PlacedRule | undefined {
  const log = parseLogId(id);
  if (log) return { verb: 'get', group: '', resource: 'pods/log', namespace: log.namespace };
  const { resource = '', namespace } = parseListId(id) ?? {};
  if (namespace === undefined || namespace === ELSEWHERE) return undefined;
  // What is not listed itself is made of Secrets.
  const { apiVersion, plural } = findContent(resource) ?? contentNamed('secrets');
  return { verb: 'list', group: groupOf(apiVersion), resource: plural, namespace };
}
