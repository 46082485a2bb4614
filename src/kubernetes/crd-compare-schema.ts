import { compareAlternatives, compareCel } from './crd-compare-conditions.ts';
import { compareDefaults, compareNull, compareRequired } from './crd-compare-presence.ts';
import { compareLimits } from './crd-compare-limits.ts';
import { compareLists } from './crd-compare-lists.ts';
import { compareTypes } from './crd-compare-types.ts';
import type { CrdRuleId } from './crd-rules.ts';
import { ANYTHING, childPath, META_FIELDS, readSchema, type SchemaNode } from './crd-schema.ts';
import { sameJson } from './json-value.ts';

/** A difference of two schemas, before it is known of which CRD. */
export interface SchemaChange {
  readonly path: string;
  readonly rule: CrdRuleId;
  readonly before?: unknown;
  readonly after?: unknown;
  /** Instead of the rule's own words. */
  readonly reason?: string;
}

/** Two schemas of one place in an object. */
export interface Place {
  readonly path: string;
  readonly old: SchemaNode;
  readonly new: SchemaNode;
  /** The object itself, where apiVersion, kind and metadata always stay. */
  readonly root: boolean;
  /** An item of a list or a required field: null, where it is not taken, is not just dropped but refused. */
  readonly demanded: { readonly old: boolean; readonly new: boolean };
}

const DROPPED: Place['demanded'] = { old: false, new: false };
const DEMANDED: Place['demanded'] = { old: true, new: true };

/** Every difference between two schemas that the API server acts on, and `documentation-changed` for the rest. */
export function compareSchemas(before: SchemaNode, after: SchemaNode): readonly SchemaChange[] {
  return compareNodes({ path: '', old: before, new: after, root: true, demanded: DROPPED });
}

function compareNodes(place: Place): readonly SchemaChange[] {
  const types = compareTypes(place);
  const here = [
    ...types.changes,
    ...compareNull(place),
    ...compareDefaults(place),
    ...compareDocumentation(place),
    ...compareUnread(place),
  ];
  // Of another type nothing that was accepted is accepted any more: the rest would only say so again.
  if (types.replaced) return here;
  return [
    ...here,
    ...compareRequired(place),
    ...compareLimits(place),
    ...compareLists(place),
    ...compareCel(place),
    ...compareAlternatives(place),
    ...compareEmbedded(place),
    ...compareFields(place),
    ...compareItems(place),
  ];
}

function compareDocumentation({ path, old, new: now }: Place): readonly SchemaChange[] {
  return sameJson(old.documentation, now.documentation) ? [] : [{ path, rule: 'documentation-changed' }];
}

function compareUnread({ path, old, new: now }: Place): readonly SchemaChange[] {
  if (sameJson(old.unread, now.unread)) return [];
  return [{ path, rule: 'keyword-unknown', before: old.unread, after: now.unread }];
}

function compareEmbedded({ path, old, new: now }: Place): readonly SchemaChange[] {
  if (old.embeddedResource === now.embeddedResource) return [];
  if (now.embeddedResource) return [{ path, rule: 'embedded-resource-added' }];
  return [{ path, rule: now.preserveUnknownFields ? 'embedded-resource-freed' : 'embedded-resource-removed' }];
}

/** What a schema says about keys that it does not list: a schema for them, undefined where they are pruned. */
const rest = (node: SchemaNode): SchemaNode | undefined =>
  node.additionalProperties ?? (node.preserveUnknownFields ? ANYTHING : undefined);

function compareFields(place: Place): readonly SchemaChange[] {
  const { path, old, new: now, root } = place;
  const names = [...new Set([...old.properties.keys(), ...now.properties.keys()])].sort();
  // A resource in the object that begins or ends to be one has said so already.
  const meta = root || old.embeddedResource || now.embeddedResource;
  return [
    ...compareRest(path, rest(old), rest(now)),
    ...names.flatMap((name) => {
      const below = childPath(path, name);
      return meta && META_FIELDS.has(name) ? compareMeta(place, name, below) : compareField(place, name, below);
    }),
  ];
}

/** What the API server itself demands of these fields, which it never prunes. */
function compareMeta({ old, new: now }: Place, name: string, path: string): readonly SchemaChange[] {
  const known = readSchema(name === 'metadata' ? METADATA : { type: 'string' });
  const whole = (node: SchemaNode | undefined): SchemaNode =>
    node
      ? { ...node, preserveUnknownFields: true, properties: new Map([...known.properties, ...node.properties]) }
      : { ...known, preserveUnknownFields: true };
  return compareNodes({
    path,
    old: whole(old.properties.get(name)),
    new: whole(now.properties.get(name)),
    root: false,
    demanded: DROPPED,
  }).filter(({ rule }) => rule !== 'documentation-changed');
}

const NAME = { type: 'string' };
const METADATA = { type: 'object', properties: { name: NAME, generateName: NAME } };

function compareField({ old, new: now }: Place, name: string, path: string): readonly SchemaChange[] {
  const before = old.properties.get(name) ?? rest(old);
  const after = now.properties.get(name) ?? rest(now);
  if (before && after) {
    if (before === ANYTHING) return specified(path, after);
    if (after === ANYTHING) return unspecified(path, before);
    const demanded = { old: old.required.includes(name), new: now.required.includes(name) };
    return compareNodes({ path, old: before, new: after, root: false, demanded });
  }
  if (after) return [{ path, rule: 'property-added', after: summary(after) }];
  return before ? [{ path, rule: 'property-removed', before: summary(before) }] : [];
}

function specified(path: string, after: SchemaNode): readonly SchemaChange[] {
  const changes = compareNodes({ path, old: ANYTHING, new: after, root: false, demanded: DROPPED });
  const restricts = changes.some(({ rule }) => rule !== 'default-added' && rule !== 'documentation-changed');
  return [{ path, rule: restricts ? 'property-specified' : 'property-added', after: summary(after) }];
}

function unspecified(path: string, before: SchemaNode): readonly SchemaChange[] {
  const changes = compareNodes({ path, old: before, new: ANYTHING, root: false, demanded: DROPPED });
  // Types are no longer promised, which is what `property-unspecified` says; a default that is gone is more.
  const lost = changes.filter(({ rule }) => rule === 'default-removed' || rule === 'map-type-changed');
  return [{ path, rule: 'property-unspecified', before: summary(before) }, ...lost];
}

/** Keys that neither schema lists. */
function compareRest(
  path: string,
  before: SchemaNode | undefined,
  after: SchemaNode | undefined,
): readonly SchemaChange[] {
  if (!before && !after) return [];
  if (!before) return [{ path, rule: after === ANYTHING ? 'unknown-fields-kept' : 'map-opened' }];
  if (!after) return [{ path, rule: before === ANYTHING ? 'unknown-fields-pruned' : 'map-closed' }];
  if (before === ANYTHING && after === ANYTHING) return [];
  const star = childPath(path, '*').replace("['*']", path === '' ? '*' : '.*');
  if (before === ANYTHING) return [{ path: star, rule: 'property-specified', after: summary(after) }];
  if (after === ANYTHING) return unspecified(star, before);
  return compareNodes({ path: star, old: before, new: after, root: false, demanded: DROPPED });
}

function compareItems({ path, old, new: now }: Place): readonly SchemaChange[] {
  const below = `${path}[]`;
  if (old.items && now.items)
    return compareNodes({ path: below, old: old.items, new: now.items, root: false, demanded: DEMANDED });
  if (now.items) return [{ path: below, rule: 'items-added', after: summary(now.items) }];
  // A list must say what its items are: without it the type has changed, which is said already.
  return [];
}

/** A schema in a word. */
export function summary({ type, intOrString, items, enum: values, default: fallback }: SchemaNode): string {
  const name = intOrString ? 'int-or-string' : (type ?? 'any');
  const whole = items && name === 'array' ? `array of ${summary(items)}` : name;
  const parts = [
    whole,
    values && `one of ${JSON.stringify(values)}`,
    fallback !== undefined && `default ${JSON.stringify(fallback)}`,
  ];
  return parts.filter(Boolean).join(', ');
}
