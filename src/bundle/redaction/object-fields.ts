import type { Rule } from './rules.ts';

/** What a field holds whatever its value looks like. `base64`: the API takes nothing else there. */
export interface FieldRule {
  readonly rule: Rule;
  readonly form?: 'base64';
}

const SECRET: FieldRule = { rule: 'secret-data' };
const SECRET_BYTES: FieldRule = { rule: 'secret-data', form: 'base64' };
const BINARY: FieldRule = { rule: 'config-map-binary', form: 'base64' };
const SEALED: FieldRule = { rule: 'sealed-data', form: 'base64' };
const ADDRESS: FieldRule = { rule: 'flux-address' };
const WEBHOOK_PATH: FieldRule = { rule: 'flux-webhook-path' };
/** What people set: names say nothing certain about it, and patches carry Secrets and `path`s beside values. */
const SETTINGS: FieldRule = { rule: 'flux-settings' };
/** helm-controller's plain hashes of all values, those from Secrets included: short values can be guessed from them. */
const DIGEST: FieldRule = { rule: 'flux-digest' };

/** By kind: paths whose every string, at any depth below, is a secret. */
const FIELDS: Readonly<Record<string, Readonly<Record<string, FieldRule>>>> = {
  Secret: { data: SECRET_BYTES, stringData: SECRET },
  SealedSecret: { 'spec.encryptedData': SEALED, 'spec.template.data': SECRET },
  ExternalSecret: { 'spec.target.template.data': SECRET },
  ClusterExternalSecret: { 'spec.externalSecretSpec.target.template.data': SECRET },
  PushSecret: { 'spec.template.data': SECRET },
  Provider: { 'spec.address': ADDRESS, 'spec.proxy': ADDRESS },
  // The path is a capability: who knows it triggers a reconciliation.
  Receiver: { 'status.webhookPath': WEBHOOK_PATH, 'status.url': WEBHOOK_PATH },
  Kustomization: {
    'spec.postBuild.substitute': SETTINGS,
    'spec.patches.patch': SETTINGS,
    // Until v1beta2.
    'spec.patchesStrategicMerge': SETTINGS,
    'spec.patchesJson6902.patch.value': SETTINGS,
  },
  HelmRelease: {
    'spec.values': SETTINGS,
    'spec.postRenderers.kustomize.patches.patch': SETTINGS,
    // Until v2beta2.
    'spec.postRenderers.kustomize.patchesStrategicMerge': SETTINGS,
    'spec.postRenderers.kustomize.patchesJson6902.patch.value': SETTINGS,
    'status.history.digest': DIGEST,
    'status.history.configDigest': DIGEST,
    'status.lastAttemptedConfigDigest': DIGEST,
    'status.lastAttemptedValuesChecksum': DIGEST,
    'status.observedPostRenderersDigest': DIGEST,
  },
};

/** The rule of a field of a kind: all of a Secret's data, and bytes wherever they stand. */
export function fieldRule(kind: string, path: string): FieldRule | undefined {
  if (path === 'binaryData') return BINARY;
  return Object.hasOwn(FIELDS, kind) ? FIELDS[kind]?.[path] : undefined;
}

/** Maps whose keys are names chosen by people, in kinds whose other fields are named by the API. */
export const FREE_MAPS: ReadonlySet<string> = new Set([
  ...['annotations', 'data', 'volumeAttributes', 'options', 'parameters', 'config', 'substitute', 'values'],
]);

/** Fields of bytes: a marker there must be base64 too. They hold certificates, which are public. */
export const BYTES: ReadonlySet<string> = new Set(['caBundle', 'certificate', 'request']);

/** Fields whose strings speak about fields and hold no values: only known values are looked for in them. */
export const DESCRIPTIVE: ReadonlySet<string> = new Set(['managedFields', 'openAPIV3Schema']);

const BUILT_IN =
  /^(?:v\d\w*|(?:apps|batch|autoscaling|policy|extensions|metrics\.k8s\.io|(?:[a-z-]+\.)*(?:admissionregistration|apiextensions|apiregistration|authentication|authorization|certificates|coordination|discovery|events|flowcontrol\.apiserver|internal\.apiserver|networking|node|rbac\.authorization|resource|scheduling|storage|storagemigration|meta)\.k8s\.io)\/v\d\w*)$/;

/** True for the API versions of Kubernetes itself: their field names are no names of secrets (`imagePullSecrets`). */
export function isBuiltIn(apiVersion: unknown): boolean {
  return typeof apiVersion === 'string' && BUILT_IN.test(apiVersion);
}

/** Keys of ConfigMaps and the like that are file names: what is in the file counts, unless the name is of a secret. */
export const FILE_NAME =
  /\.(?:ya?ml|json|conf|cfg|ini|env|properties|toml|xml|txt|sh|sql|py|js|ts|rb|md|tpl|html|lua)$/i;
