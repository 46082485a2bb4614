import { DOCKER_CONFIG_JSON } from '../kubernetes/registry-secret.ts';
import { resourceOf, refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type CrewaiView } from '../model/check.ts';
import type { Evidence, FindingDraft, Severity } from '../model/finding.ts';
import type { SecretEntry } from '../model/kinds.ts';
import type { OwnerReference } from '../model/object.ts';
import { RESOURCES } from '../model/resource.ts';
import { shellQuote } from '../model/text.ts';
import { manual } from './drafting.ts';
import { removeMarks } from './fix-changes.ts';
import { eventEvidence } from './missed-secrets.ts';
import { isReleaseRecord, liveOwner } from './owned.ts';
import { copyNamespaces } from './registry-secrets.ts';

type CopyView = CrewaiView<'namespaces' | 'secrets' | 'events'>;

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const LAST_APPLIED_PATH = '/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration';
const RELEASE_NAME = 'meta.helm.sh/release-name';
const RELEASE_NAMESPACE = 'meta.helm.sh/release-namespace';

/** One part of the metadata that belongs to the source. */
interface Foreign {
  readonly severity: Severity;
  readonly certain: boolean;
  readonly what: string;
  readonly path: string;
  readonly steps: readonly string[];
  /** What a patch removes; undefined where that would take more than what is foreign. */
  readonly marks?: readonly Mark[];
  readonly evidence: Evidence;
}

interface Mark {
  readonly path: string;
  readonly value: unknown;
  /** Holds data of the Secret, so that undo must do without it. */
  readonly secret?: true;
}

export default defineCheck({
  id: 'registry-copy-metadata-foreign',
  title: 'Copies of the registry secret carry no metadata of their source',
  severity: 'high',
  area: 'registry',
  platforms: ['crewai'],
  reads: ['namespaces', 'secrets'],
  evidence: ['events'],
  *run(view) {
    const { name } = view.platform.registrySecret;
    for (const namespace of copyNamespaces(view)) {
      const copy = view.find('secrets', name, namespace);
      if (typeof copy !== 'object') continue;
      view.examined();
      if (liveOwner(view, copy)?.kind === 'synchronizer') continue;
      const found = [foreignOwner(view, copy), foreignRelease(view, copy), foreignApply(copy)].filter(
        (foreign) => foreign !== undefined,
      );
      const [worst] = found;
      if (worst) yield finding(view, copy, worst, found);
    }
  },
});

function finding(view: CopyView, copy: SecretEntry, worst: Foreign, found: readonly Foreign[]): FindingDraft {
  const { namespace = '', name } = copy.metadata;
  return {
    object: refOf('secrets', copy),
    path: worst.path,
    message: `Secret ${namespace}/${name} carries ${found.map(({ what }) => what).join(' and ')}`,
    severity: worst.severity,
    confidence: worst.certain ? 'certain' : 'likely',
    evidence: found.map(({ evidence }) => evidence),
    remediation: manual(
      'Remove the metadata that the copies brought along from their source',
      ...found.flatMap(({ steps }) => steps),
    ),
    ...removalFix(view, copy, found),
    keys: { secret: name },
  };
}

/** Who would put the marks back; the other owners are just what was copied along. */
const IN_GIT: ReadonlySet<string | undefined> = new Set(['flux', 'argocd']);

/** Only of a Secret that is fine itself: else it is replaced as a whole. */
function removalFix(view: CopyView, copy: SecretEntry, found: readonly Foreign[]): Pick<FindingDraft, 'fix'> {
  const marks = found.flatMap((foreign) => foreign.marks ?? []);
  if (IN_GIT.has(liveOwner(view, copy)?.kind)) return {};
  if (copy.type !== DOCKER_CONFIG_JSON || found.some((foreign) => !foreign.marks)) return {};
  return {
    fix: {
      class: 'review',
      summary: 'remove the metadata that the copy brought along from its source',
      changes: [removeMarks('secrets', copy, marks)],
    },
  };
}

const command = ({ metadata }: SecretEntry, verb: string, rest: string): string =>
  `kubectl -n ${shellQuote(metadata.namespace ?? '')} ${verb} secret ${shellQuote(metadata.name)} ${rest}`;

/**
 * An owner of a namespaced kind must live in the namespace of what it owns (garbage collector of kube-controller-manager,
 * `absentOwnerCache`). The source having the same owner proves that it lives there, unless its kind is cluster-scoped.
 */
function foreignOwner(view: CopyView, copy: SecretEntry): Foreign | undefined {
  const { namespace, name, ownerReferences } = copy.metadata;
  const { name: sourceName, sourceNamespace } = view.platform.registrySecret;
  const source = view.find('secrets', sourceName, sourceNamespace);
  const owners = typeof source === 'object' ? (source.metadata.ownerReferences ?? []) : [];
  const said = view.evidence('events', namespace).find(({ reason, involvedObject }) => {
    return reason === 'OwnerRefInvalidNamespace' && involvedObject?.kind === 'Secret' && involvedObject.name === name;
  });
  const found = (ownerReferences ?? []).find(
    (owner) => !isClusterScoped(owner) && (said !== undefined || owners.some(({ uid }) => uid === owner.uid)),
  );
  if (!found) return undefined;
  const path = '/metadata/ownerReferences';
  const observed = { kind: found.kind, name: found.name, uid: found.uid };
  return {
    severity: 'high',
    certain: said !== undefined || resourceOf(found.apiVersion, found.kind) !== undefined,
    what: `the owner ${found.kind} ${found.name} of another namespace, for which the garbage collector deletes it`,
    path,
    ...(ownerReferences?.length === 1 ? { marks: [{ path, value: ownerReferences }] } : {}),
    steps: [command(copy, 'patch', `--type=json -p '[{"op":"remove","path":"${path}"}]'`)],
    evidence: said ? eventEvidence(said) : { type: 'object', object: refOf('secrets', copy), path, observed },
  };
}

/** Of kinds that are not known here only the naming custom (ClusterExternalSecret) tells. */
function isClusterScoped({ apiVersion, kind }: OwnerReference): boolean {
  const resource = resourceOf(apiVersion, kind);
  return resource === undefined ? kind.startsWith('Cluster') : !RESOURCES[resource].namespaced;
}

/** Helm's marks of a release that has no record in its namespace; a release that exists may well own it. */
function foreignRelease(view: CopyView, copy: SecretEntry): Foreign | undefined {
  const annotations = copy.metadata.annotations ?? {};
  const release = annotations[RELEASE_NAME];
  const namespace = annotations[RELEASE_NAMESPACE];
  if (release === undefined || namespace === undefined) return undefined;
  const records = view.list('secrets', namespace);
  if (records.some((secret) => isReleaseRecord(secret, release)) || !view.complete('secrets', namespace)) {
    return undefined;
  }
  const label = copy.metadata.labels?.['app.kubernetes.io/managed-by'] === 'Helm';
  return {
    severity: 'medium',
    // Helm can also keep its records in ConfigMaps or a database.
    certain: false,
    what: `marks of Helm release ${namespace}/${release}, which does not exist`,
    path: '/metadata/annotations/meta.helm.sh~1release-name',
    marks: [
      ...(label ? [{ path: '/metadata/labels/app.kubernetes.io~1managed-by', value: 'Helm' }] : []),
      { path: '/metadata/annotations/meta.helm.sh~1release-name', value: release },
      { path: '/metadata/annotations/meta.helm.sh~1release-namespace', value: namespace },
    ],
    steps: [
      ...(label ? [command(copy, 'label', 'app.kubernetes.io/managed-by-')] : []),
      command(copy, 'annotate', `${RELEASE_NAME}- ${RELEASE_NAMESPACE}-`),
    ],
    evidence: {
      type: 'object',
      object: refOf('secrets', copy),
      path: '/metadata/annotations',
      observed: { [RELEASE_NAME]: release, [RELEASE_NAMESPACE]: namespace },
    },
  };
}

/** Of this annotation only the namespace is known here: it holds the data of the Secret. */
function foreignApply(copy: SecretEntry): Foreign | undefined {
  const applied = /"namespace":"([a-z0-9-]+)"/.exec(copy.metadata.annotations?.[LAST_APPLIED] ?? '')?.[1];
  if (applied === undefined || applied === copy.metadata.namespace) return undefined;
  return {
    severity: 'low',
    certain: true,
    what: `the last applied configuration of namespace ${applied}, which holds the credentials in clear`,
    path: LAST_APPLIED_PATH,
    marks: [{ path: LAST_APPLIED_PATH, value: null, secret: true }],
    steps: [command(copy, 'annotate', `${LAST_APPLIED}-`)],
    evidence: {
      type: 'object',
      object: refOf('secrets', copy),
      path: LAST_APPLIED_PATH,
      observed: { metadata: { namespace: applied } },
    },
  };
}
