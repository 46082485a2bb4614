import { ownerOf } from '../kubernetes/ownership.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type CrewaiView } from '../model/check.ts';
import type { KubeObject, ObjectRef } from '../model/object.ts';
import type { Remediation } from '../model/finding.ts';
import { shellQuote } from '../model/text.ts';
import { ageOf, manual, MINUTE } from './drafting.ts';

/** Helm waits five minutes by default (--timeout); what is pending much longer was interrupted and blocks every upgrade. */
const PATIENCE = 10 * MINUTE;
const SHOWN = 3;

/** One revision, by the labels that Helm's drivers put on its record (helm pkg/storage/driver). */
interface Revision {
  readonly ref: ObjectRef;
  readonly number: number;
  readonly status: string;
  readonly modifiedAt?: string;
}

export default defineCheck({
  id: 'platform-release-unhealthy',
  title: "The platform's Helm release is deployed",
  severity: 'high',
  area: 'platform',
  platforms: ['crewai'],
  reads: ['secrets', 'configmaps', 'deployments.apps'],
  *run(view) {
    const { platformNamespace } = view.platform;
    view.complete('deployments.apps', platformNamespace);
    const release = releaseName(view);
    if (release === undefined) return;
    const revisions = revisionsOf(view, release);
    const [newest] = revisions;
    if (!newest) {
      // Helm's SQL driver keeps no record in the cluster.
      if (isHelms(view)) view.unknown('secrets', `no record of Helm release ${release}`, platformNamespace);
      return;
    }
    view.examined();
    const trouble = troubleOf(revisions, newest, view.now);
    if (trouble === undefined) return;
    yield {
      object: newest.ref,
      path: '/metadata/labels/status',
      discriminator: release,
      message: `Helm release ${release} in ${platformNamespace} is not deployed: ${trouble}`,
      confidence: 'certain',
      ...(newest.modifiedAt === undefined ? {} : { since: newest.modifiedAt }),
      evidence: revisions.slice(0, SHOWN).map(({ ref, number, status, modifiedAt }) => ({
        type: 'object',
        object: ref,
        observed: status,
        message: `revision ${String(number)}: ${status}`,
        ...(modifiedAt === undefined ? {} : { lastAt: modifiedAt }),
      })),
      remediation: repair(view, release, revisions, newest),
    };
  },
});

function releaseName({ platform }: CrewaiView<never>): string | undefined {
  const marks = platform.components.flatMap(
    ({ deployment }) => deployment.metadata.annotations?.['meta.helm.sh/release-name'] ?? [],
  );
  return marks[0] ?? platform.release;
}

function isHelms({ platform }: CrewaiView<never>): boolean {
  return platform.components.some(
    ({ deployment }) => deployment.metadata.labels?.['app.kubernetes.io/managed-by'] === 'Helm',
  );
}

/** All revisions in Secrets, or with Helm's configmap driver in ConfigMaps, newest first. */
function revisionsOf(view: CrewaiView<'secrets' | 'configmaps'>, release: string): readonly Revision[] {
  const { platformNamespace } = view.platform;
  const ours = ({ metadata }: KubeObject): boolean =>
    metadata.labels?.owner === 'helm' && metadata.labels.name === release;
  const secrets = view.list('secrets', platformNamespace).filter(ours);
  const configMaps = secrets.length > 0 ? [] : view.list('configmaps', platformNamespace).filter(ours);
  return [
    ...secrets.flatMap((secret) => toRevision(refOf('secrets', secret), secret)),
    ...configMaps.flatMap((configMap) => toRevision(refOf('configmaps', configMap), configMap)),
  ].sort((a, b) => b.number - a.number);
}

function toRevision(ref: ObjectRef, { metadata }: KubeObject): readonly Revision[] {
  const { version = '', status, modifiedAt } = metadata.labels ?? {};
  if (!/^\d+$/.test(version) || status === undefined) return [];
  const seconds = Number(modifiedAt ?? NaN);
  const at = Number.isSafeInteger(seconds) ? new Date(seconds * 1000).toISOString() : metadata.creationTimestamp;
  return [{ ref, number: Number(version), status, ...(at ? { modifiedAt: at } : {}) }];
}

/** What is wrong, or undefined: a failed revision under a newer deployed one is history. */
function troubleOf(revisions: readonly Revision[], newest: Revision, now: number): string | undefined {
  const { status, number, modifiedAt } = newest;
  const deployed = revisions.filter((revision) => revision.status === 'deployed');
  if (status.startsWith('pending-')) {
    const age = ageOf(modifiedAt, now);
    if (age === undefined || age <= PATIENCE) return undefined;
    return `revision ${String(number)} is ${status} since ${String(Math.floor(age / MINUTE))} minutes, which blocks every upgrade`;
  }
  if (status !== 'deployed') return `revision ${String(number)}, the newest, is ${status}`;
  return deployed.length === 1
    ? undefined
    : `revisions ${deployed.map((revision) => String(revision.number)).join(' and ')} are all marked deployed`;
}

function repair(view: CrewaiView<never>, name: string, revisions: readonly Revision[], newest: Revision): Remediation {
  const { platformNamespace, components } = view.platform;
  const release = shellQuote(name);
  const [first] = components;
  const owner = first && ownerOf(first.deployment);
  const good = revisions.find(
    (revision) => revision !== newest && (revision.status === 'deployed' || revision.status === 'superseded'),
  );
  const history = `helm history ${release} -n ${platformNamespace}`;
  const back =
    good === undefined
      ? ['# no earlier revision was ever deployed: repair the values and run the installation again']
      : [`helm rollback ${release} ${String(good.number)} -n ${platformNamespace}`];
  const steps = owner && owner.kind !== 'helm' ? [history, `# ${owner.owner}: ${owner.advice}`] : [history, ...back];
  return {
    ...manual('Roll the release back to its last good revision, then repeat the upgrade', ...steps),
    ...(owner ? { owner: owner.owner } : {}),
  };
}
