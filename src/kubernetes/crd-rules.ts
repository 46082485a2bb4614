/** Whom a change breaks: those who read objects, those who write them. */
export type Side = 'readers' | 'writers';

/**
 * What a change of a CRD means for what worked before it.
 * - `breaking`: something that was accepted is refused, kept otherwise, or read otherwise
 * - `unknown`: it cannot be told from the two definitions
 * - `additive`: all that was accepted is accepted and read as before; more is now
 * - `neutral`: nothing that is stored, written or read changes
 */
export type Verdict = 'breaking' | 'unknown' | 'additive' | 'neutral';

export interface CrdRule {
  readonly verdict: Verdict;
  readonly breaks: readonly Side[];
  /** Values in stored objects vanish without an error. */
  readonly losesData?: true;
  /** The API server refuses the new definition itself. */
  readonly refused?: true;
  readonly why: string;
  readonly source: string;
}

const EXTENSIONS = 'apiextensions-apiserver pkg';
const PRUNING = `${EXTENSIONS}/apiserver/schema/pruning/algorithm.go`;
const NULLS = `${EXTENSIONS}/apiserver/schema/defaulting/prunenulls.go`;
const DEFAULTING = `${EXTENSIONS}/apiserver/schema/defaulting/algorithm.go`;
const LISTS = `${EXTENSIONS}/apiserver/schema/listtype/validation.go`;
const EMBEDDED = `${EXTENSIONS}/apiserver/schema/objectmeta/validation.go`;
const FORMATS = `${EXTENSIONS}/apiserver/validation/formats.go`;
const STRATEGY = `${EXTENSIONS}/registry/customresource/strategy.go`;
const HANDLER = `${EXTENSIONS}/apiserver/customresource_handler.go`;
const DEFINITION = `${EXTENSIONS}/apis/apiextensions/validation/validation.go`;
const VALUES = 'kube-openapi pkg/validation/validate';
const VERSIONS =
  'https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definition-versioning/';
const API_CHANGES =
  'https://github.com/kubernetes/community/blob/main/contributors/devel/sig-architecture/api_changes.md#on-compatibility';
const APPLY = 'https://kubernetes.io/docs/reference/using-api/server-side-apply/#merge-strategy';

const BOTH: readonly Side[] = ['readers', 'writers'];

const both = (why: string, source: string): CrdRule => ({ verdict: 'breaking', breaks: BOTH, why, source });
const loses = (why: string, source: string): CrdRule => ({ ...both(why, source), losesData: true });
const refused = (why: string, source: string): CrdRule => ({ ...both(why, source), refused: true });
const readers = (why: string, source: string): CrdRule => ({ verdict: 'breaking', breaks: ['readers'], why, source });
const writers = (why: string, source: string): CrdRule => ({ verdict: 'breaking', breaks: ['writers'], why, source });
const additive = (why: string, source: string): CrdRule => ({ verdict: 'additive', breaks: [], why, source });
const neutral = (why: string, source: string): CrdRule => ({ verdict: 'neutral', breaks: [], why, source });
const unknown = (why: string, source: string): CrdRule => ({ verdict: 'unknown', breaks: [], why, source });

const DEFINITIONS = {
  'crd-added': additive('a new kind', HANDLER),
  'crd-removed': both('not in the new set: applying leaves it, deleting it deletes all its objects', DEFINITION),
  'crd-unreadable': unknown('the definition cannot be read', DEFINITION),
  'scope-changed': refused('the scope cannot be changed: refused once the CRD is established', DEFINITION),
  'kind-changed': refused('the kind cannot be changed: refused once the CRD is established', DEFINITION),
  'list-kind-changed': readers('lists carry another kind', HANDLER),
  'names-changed': neutral('short names, singular and categories only serve kubectl', HANDLER),
  'conversion-changed': unknown('what a conversion webhook does to objects is not in the definition', VERSIONS),
  'preserve-unknown-fields-ended': loses('fields that no schema names are pruned from now on', PRUNING),
  'preserve-unknown-fields-begun': refused('spec.preserveUnknownFields cannot be set to true', DEFINITION),
  'version-added': additive('a new version is served', VERSIONS),
  'version-prepared': neutral('a new version that is not served', VERSIONS),
  'version-removed': both('requests for the version are answered with 404', VERSIONS),
  'version-retired': neutral('a version that was not served is gone', VERSIONS),
  'version-unserved': both('requests for the version are answered with 404', VERSIONS),
  'version-served': additive('the version is served now', VERSIONS),
  'storage-changed': neutral('new writes are stored in another version; stored objects need a migration', VERSIONS),
  'storage-drops-field': loses('the storage version lacks a field of this version: it is not stored', HANDLER),
  'deprecation-changed': neutral('requests carry a warning, or no longer', VERSIONS),
  'schema-missing': unknown('one of both has no schema for the version', DEFINITION),
  'status-subresource-added': writers('status sent to the object itself is ignored from now on', STRATEGY),
  'status-subresource-unused': additive(
    '/status is served; there is no status in the schema that could be lost',
    STRATEGY,
  ),
  'status-subresource-removed': both('/status is answered with 404', HANDLER),
  'scale-added': additive('/scale is served', STRATEGY),
  'scale-restricts': writers('the replicas that /scale reads must be an integer from 0 to 2147483647', STRATEGY),
  'scale-removed': both('/scale is answered with 404: kubectl scale and autoscalers fail', HANDLER),
  'scale-changed': both('/scale reads and writes another field', HANDLER),
  'selectable-field-added': additive('objects can be selected by the field', STRATEGY),
  'selectable-field-removed': readers('requests that select by the field are answered with 400', STRATEGY),
  'printer-columns-changed': neutral('only the columns of kubectl get change', HANDLER),
} satisfies Readonly<Record<string, CrdRule>>;

const FIELDS = {
  'documentation-changed': neutral('only words for people change', VALUES),
  'keyword-unknown': unknown('a keyword that is not known here, or malformed', VALUES),
  'property-added': additive('a new optional field', PRUNING),
  'property-removed': loses('stored values are pruned when read, new ones when written', PRUNING),
  'property-unspecified': readers('the field is kept, and no longer checked: readers may meet any value', PRUNING),
  'property-specified': both('the field held anything so far; now it is checked and pruned', PRUNING),
  'map-closed': loses('keys that the new schema does not list are pruned', PRUNING),
  'map-opened': additive('any key is kept', PRUNING),
  'unknown-fields-pruned': loses('fields that the schema does not name are pruned from now on', PRUNING),
  'unknown-fields-kept': additive('fields that the schema does not name are kept', PRUNING),
  'items-added': both('items held anything so far; now they are checked', VALUES),
  'type-changed': both('stored values are read with their old type, and refused when written', VALUES),
  'type-unchecked': readers('texts may be met; lists are still taken, for the format checks texts only', VALUES),
  'type-restricted': both('the field held any type so far: others are refused when written, and still read', VALUES),
  'type-widened': readers('typed clients fail to decode values of the new type once somebody writes one', VALUES),
  'nullable-removed': both('null is dropped, or replaced by the default', NULLS),
  'null-refused': writers('null was dropped; now the enum refuses it', VALUES),
  'nullable-added': additive('null is kept; readers may meet it', NULLS),
  'required-added': both('stored objects may lack the field; new ones without it are refused', VALUES),
  'required-defaulted': additive('a default fills the field in', DEFAULTING),
  'required-removed': additive('the field may be left out; readers may miss it', VALUES),
  'default-added': additive('the field is filled in, in stored objects too', DEFAULTING),
  'default-changed': writers('who leaves the field out gets another value than before', API_CHANGES),
  'default-removed': readers('the field is no longer filled in', API_CHANGES),
} satisfies Readonly<Record<string, CrdRule>>;

const VALUE_RULES = {
  'enum-added': writers('other values are refused when written; stored ones are still read', VALUES),
  'enum-narrowed': writers('a value that was allowed is refused when written; stored ones are still read', VALUES),
  'enum-widened': additive('readers may meet a value that they do not know', VALUES),
  'enum-removed': additive('readers may meet values that they do not know', VALUES),
  'limit-tightened': writers('values beyond the limit are refused when written; stored ones are still read', VALUES),
  'limit-undecided': unknown('whether the old pattern or format keeps to the new limit anyway is not decided', VALUES),
  'limit-loosened': additive('more values are accepted', VALUES),
  'limit-without-effect': neutral('no value is accepted or refused because of it', VALUES),
  'pattern-added': writers('values that do not match are refused when written; stored ones are still read', VALUES),
  'pattern-changed': unknown('whether all that matched the old pattern matches the new one is not decided', VALUES),
  'pattern-removed': additive('more values are accepted', VALUES),
  'format-added': writers('values of another format are refused when written; stored ones are still read', FORMATS),
  'format-changed': writers('values of the old format are refused when written; stored ones are still read', FORMATS),
  'format-undecided': unknown('whether values of the old format have the new one is not decided', FORMATS),
  'format-loosened': additive('more values are accepted', FORMATS),
  'format-without-effect': neutral('the API server does not check this format', FORMATS),
  'list-type-restricts': writers('items that are there twice are refused when written', LISTS),
  'list-type-changed': writers('apply merges the list in another way: items of others may be lost', APPLY),
  'list-keys-changed': writers('apply merges items by other keys, which must be unique', APPLY),
  'map-type-changed': writers('apply merges the object in another way: fields of others may be lost', APPLY),
  'embedded-resource-added': writers('apiVersion and kind must be there, in every update', EMBEDDED),
  'embedded-resource-removed': loses('apiVersion, kind and metadata are pruned', PRUNING),
  'embedded-resource-freed': additive('apiVersion, kind and metadata are no longer checked', EMBEDDED),
  'cel-added': writers('a new rule in CEL, which is not evaluated here, may refuse what was accepted', STRATEGY),
  'cel-changed': unknown('a rule in CEL reads otherwise, and is not evaluated here', STRATEGY),
  'cel-removed': additive('a rule in CEL is gone', STRATEGY),
  'cel-message-changed': neutral('only the words of a refusal change', STRATEGY),
  'alternatives-added': writers('values that match none of the new conditions are refused when written', VALUES),
  'alternatives-changed': unknown('whether the new conditions accept all that the old ones did is not decided', VALUES),
  'alternatives-removed': additive('a condition is gone', VALUES),
} satisfies Readonly<Record<string, CrdRule>>;

const RULES = { ...DEFINITIONS, ...FIELDS, ...VALUE_RULES };

export type CrdRuleId = keyof typeof RULES;

/** Every rule by which two definitions are compared. */
export const CRD_RULES: Readonly<Record<CrdRuleId, CrdRule>> = RULES;

/** One difference between two definitions. */
export interface CrdChange {
  /** Of the CRD: `tenants.opencrane.io`. */
  readonly crd: string;
  readonly version?: string;
  /** In an object (`spec.channels[].adapter`, `spec.labels.*`); empty for the object, or the definition, itself. */
  readonly path: string;
  readonly rule: CrdRuleId;
  readonly verdict: Verdict;
  readonly breaks: readonly Side[];
  readonly losesData: boolean;
  /** What it was and is, in one line of JSON or words. */
  readonly before?: string;
  readonly after?: string;
  readonly reason: string;
  readonly source: string;
}
