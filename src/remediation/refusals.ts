import { resourceName } from '../kubernetes/resource-of.ts';
import type { Finding } from '../model/finding.ts';
import { namespaceOfChange, type Fix } from '../model/fix.ts';
import type { Platform } from '../model/platform.ts';
import type { Report } from '../model/report.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** What a refusal is judged by. */
export interface Situation {
  readonly report: Report;
  readonly snapshot: Snapshot;
  readonly platforms: readonly Platform[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** How long something must have stood still before it is deleted. */
  readonly soakMs: number;
  /** Change objects that somebody would change back. */
  readonly live: boolean;
}

/** Causes that a repair of their consequence would only spread or hide. */
const BLOCKING: ReadonlySet<string> = new Set(['registry-source-secret-broken', 'platform-service-account-missing']);

const HOUR = 3_600_000;

/** Why a fix is not planned, undefined where nothing speaks against it. */
export function whyNot(finding: Finding, fix: Fix, situation: Situation): string | undefined {
  return (
    whyNotFinding(finding, situation) ??
    whyNotOwned(finding, fix, situation) ??
    whyNotYet(fix, situation) ??
    whyNotThere(fix, situation)
  );
}

function whyNotFinding(finding: Finding, { report }: Situation): string | undefined {
  if (finding.confidence === 'hint') return 'it is only a hint';
  const cause = report.findings.find(({ id }) => id === finding.cause);
  if (cause && BLOCKING.has(cause.check)) return `repair ${cause.check} first`;
  const { gaps = [] } = report.checks.find(({ id }) => id === finding.check) ?? {};
  const place = finding.tenant?.namespace ?? finding.object.namespace;
  const gap = gaps
    .flatMap((index) => report.coverage.gaps[index] ?? [])
    .find(({ namespace }) => namespace === undefined || namespace === place);
  return gap ? `${gap.resource} could not be read completely: ${gap.detail}` : undefined;
}

function whyNotOwned({ remediation: { owner } }: Finding, fix: Fix, { live }: Situation): string | undefined {
  if (owner === undefined || (live && fix.class === 'review')) return undefined;
  const override = fix.class === 'review' ? '; --live changes it all the same' : '';
  return `${owner} would revert it${override}`;
}

function whyNotYet({ stillSince, restsOn = [] }: Fix, { snapshot, now, soakMs }: Situation): string | undefined {
  const unseen = restsOn.find(({ resource, namespace }) => snapshot.gaps(resource, namespace).length > 0);
  if (unseen)
    return `${resourceName(unseen.resource)} could not be read completely in ${unseen.namespace ?? 'the cluster'}`;
  if (stillSince === undefined || now - Date.parse(stillSince) >= soakMs) return undefined;
  return `stopped ${stillSince}, less than ${String(soakMs / HOUR)} h ago (--soak)`;
}

function whyNotThere(fix: Fix, situation: Situation): string | undefined {
  for (const change of fix.changes) {
    const why = whyNotIn(namespaceOfChange(change), situation);
    if (why !== undefined) return why;
  }
  return undefined;
}

/** Namespaces that fixes may change: those of tenants that were judged, and the one that crews of all may share. */
export function repairable(platforms: readonly Platform[]): ReadonlySet<string> {
  return new Set(
    platforms.flatMap((platform) => [
      ...(platform.id === 'crewai' ? [platform.sharedNamespace] : []),
      ...platform.tenants.map(({ namespace }) => namespace),
    ]),
  );
}

const SYSTEM = /^(kube|openshift)-/;

function whyNotIn(namespace: string, { report, snapshot, platforms }: Situation): string | undefined {
  if (SYSTEM.test(namespace)) return `${namespace} belongs to the cluster`;
  if (!repairable(platforms).has(namespace)) return `${namespace} is no organization's namespace that was judged`;
  const found = snapshot.find('namespaces', namespace);
  if (found?.metadata.deletionTimestamp ?? found?.status?.phase === 'Terminating')
    return `${namespace} is being deleted`;
  const claimed = report.findings.some(
    ({ check, object, tenant }) =>
      check === 'namespace-claimed-twice' && (tenant?.namespace === namespace || object.name === namespace),
  );
  return claimed ? `${namespace} is claimed by two platforms` : undefined;
}
