import type { KubeObject } from '../model/object.ts';
import { isRecord } from './json-value.ts';
import { controllerOf } from './owners.ts';

/** Who would revert a live change to an object. */
export interface Ownership {
  readonly kind: 'flux' | 'argocd' | 'helm' | 'synchronizer' | 'controller';
  /** In words: `Helm release crewai/crewai`, `Flux Kustomization flux-system/apps`. */
  readonly owner: string;
  /** What to do instead of a live change, as a clause without a full stop. */
  readonly advice: string;
}

/** Whether a Helm release exists; `unknown` where the releases could not be read. */
export type ReleaseExists = (release: string, namespace: string) => boolean | 'unknown';

type Finder = (object: KubeObject, releaseExists: ReleaseExists) => Ownership | undefined;

/**
 * The owner that would revert a live change: Flux or Argo CD before Helm, whose releases they may apply, then secret
 * synchronizers, then the controller in ownerReferences. Marks that a copied object brought along from elsewhere do not
 * count: Helm's count only if that release exists, Argo CD's tracking id only if it names this very object.
 */
export function ownerOf(object: KubeObject, releaseExists: ReleaseExists = () => 'unknown'): Ownership | undefined {
  for (const find of FINDERS) {
    const ownership = find(object, releaseExists);
    if (ownership) return ownership;
  }
  return undefined;
}

function mark(object: KubeObject, map: 'labels' | 'annotations', key: string): string | undefined {
  const marks = object.metadata[map];
  const value = isRecord(marks) && Object.hasOwn(marks, key) ? marks[key] : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}

const label = (object: KubeObject, key: string): string | undefined => mark(object, 'labels', key);
const annotation = (object: KubeObject, key: string): string | undefined => mark(object, 'annotations', key);

const FLUX = [
  ['kustomize.toolkit.fluxcd.io', 'Kustomization'],
  ['helm.toolkit.fluxcd.io', 'HelmRelease'],
] as const;

function flux(object: KubeObject): Ownership | undefined {
  for (const [prefix, kind] of FLUX) {
    const name = label(object, `${prefix}/name`);
    if (name === undefined) continue;
    const namespace = label(object, `${prefix}/namespace`);
    return {
      kind: 'flux',
      owner: `Flux ${kind} ${namespace === undefined ? name : `${namespace}/${name}`}`,
      advice: 'change it in Git, then reconcile',
    };
  }
  return undefined;
}

function argo(object: KubeObject): Ownership | undefined {
  const tracked = annotation(object, 'argocd.argoproj.io/tracking-id');
  const application =
    tracked === undefined ? label(object, 'argocd.argoproj.io/instance') : trackedApplication(tracked, object);
  return application === undefined
    ? undefined
    : { kind: 'argocd', owner: `Argo CD application ${application}`, advice: 'change it in Git, then sync' };
}

/** `<application>:<group>/<kind>:<namespace>/<name>`; Argo CD too ignores an id that names another object. */
function trackedApplication(id: string, { metadata }: KubeObject): string | undefined {
  const [, application, , namespace, name] = /^(.+?):([^:]*):([^:/]*)\/([^/]+)$/.exec(id) ?? [];
  const same = name === metadata.name && (metadata.namespace === undefined || namespace === metadata.namespace);
  return same ? application : undefined;
}

function helm(object: KubeObject, releaseExists: ReleaseExists): Ownership | undefined {
  const release = annotation(object, 'meta.helm.sh/release-name');
  const namespace = annotation(object, 'meta.helm.sh/release-namespace');
  if (label(object, 'app.kubernetes.io/managed-by') !== 'Helm' || release === undefined || namespace === undefined) {
    return undefined;
  }
  if (releaseExists(release, namespace) === false) return undefined;
  return {
    kind: 'helm',
    owner: `Helm release ${namespace}/${release}`,
    advice: `change the values and run helm upgrade ${release} -n ${namespace}`,
  };
}

/** Marks that synchronizers leave on what they write; those on the source of a copy do not count. */
const SYNCHRONIZERS: readonly { name: string; labels?: readonly string[]; annotations?: readonly string[] }[] = [
  {
    name: 'External Secrets',
    labels: ['reconcile.external-secrets.io/managed', 'reconcile.external-secrets.io/created-by'],
    annotations: ['reconcile.external-secrets.io/data-hash'],
  },
  { name: 'Reflector', annotations: ['reflector.v1.k8s.emberstack.com/reflects'] },
  {
    name: 'Kubernetes Replicator',
    annotations: [
      'replicator.v1.mittwald.de/replicate-from',
      'replicator.v1.mittwald.de/replicated-from-version',
      'replicator.v1.mittwald.de/replicated-at',
    ],
  },
  {
    name: 'Config Syncer (kubed)',
    labels: ['kubed.appscode.com/origin.name'],
    annotations: ['kubed.appscode.com/origin'],
  },
  { name: 'Astronomer Commander', annotations: ['astronomer.io/commander-sync'] },
];

function synchronizer(object: KubeObject): Ownership | undefined {
  const found = SYNCHRONIZERS.find(
    ({ labels = [], annotations = [] }) =>
      labels.some((key) => label(object, key) !== undefined) ||
      annotations.some((key) => annotation(object, key) !== undefined),
  );
  if (!found) return undefined;
  const source =
    annotation(object, 'reflector.v1.k8s.emberstack.com/reflects') ??
    annotation(object, 'replicator.v1.mittwald.de/replicate-from');
  const from = source === undefined ? '' : ` from Secret ${source}`;
  return { kind: 'synchronizer', owner: `${found.name}${from}`, advice: 'change the source that it copies from' };
}

function controller(object: KubeObject): Ownership | undefined {
  const owner = controllerOf(object);
  return (
    owner && { kind: 'controller', owner: `${owner.kind} ${owner.name}`, advice: `change ${owner.kind} ${owner.name}` }
  );
}

const FINDERS: readonly Finder[] = [flux, argo, helm, synchronizer, controller];
