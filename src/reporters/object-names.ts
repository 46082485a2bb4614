import { qualifiedName, type ObjectRef } from '../model/object.ts';
import type { Finding } from '../model/finding.ts';

/** `Secret crewai-org-4/docker-registry`, with `(absent)` where it should exist. */
export function nameOf(object: ObjectRef): string {
  return `${object.kind} ${qualifiedName(object)}${object.absent ? ' (absent)' : ''}`;
}

/** An object, and the place in a file if it came from one. */
export type Place = Pick<Finding, 'object' | 'location'>;

function placeOf({ object, location }: Place): string {
  return nameOf(object) + (location ? ` (${location.file}:${location.line})` : '');
}

/**
 * Many objects in as few words as possible: what they share is said once, before the names
 * (`RoleBinding crewai-sa-edit (absent) in ` and the namespaces, `Deployment in crewai: ` and the names).
 */
export function placesOf(places: readonly Place[]): { readonly intro: string; readonly names: readonly string[] } {
  const [first, ...others] = places;
  if (!first) return { intro: '', names: [] };
  const { kind, name, namespace, absent } = first.object;
  const located = places.some(({ location }) => location !== undefined);
  const alike = others.every(({ object }) => object.kind === kind && object.absent === absent);
  if (others.length === 0 || located || !alike) return { intro: '', names: [...new Set(places.map(placeOf))] };
  const mark = absent ? ' (absent)' : '';
  if (namespace !== undefined && others.every(({ object }) => object.name === name && object.namespace)) {
    return { intro: `${kind} ${name}${mark} in `, names: unique(places, (ref) => ref.namespace ?? '') };
  }
  if (namespace !== undefined && others.every(({ object }) => object.namespace === namespace)) {
    return { intro: `${kind}${mark} in ${namespace}: `, names: unique(places, (ref) => ref.name) };
  }
  return { intro: `${kind}${mark} `, names: unique(places, qualifiedName) };
}

const unique = (places: readonly Place[], name: (ref: ObjectRef) => string): readonly string[] => [
  ...new Set(places.map(({ object }) => name(object))),
];
