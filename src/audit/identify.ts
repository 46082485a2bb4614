import { createHash } from 'node:crypto';
import {
  SEVERITIES,
  type Finding,
  type FindingDraft,
  type KeyName,
  type Keys,
  type Remediation,
} from '../model/finding.ts';
import type { Fix } from '../model/fix.ts';
import { compareNames, groupOf, type ObjectRef } from '../model/object.ts';
import type { Platform } from '../model/platform.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { clean, cleanMessage } from '../model/text.ts';
import type { Evaluation } from './evaluate.ts';

/** A finding with the values by which consequences find it; the keys stay inside the audit. */
export interface Keyed {
  readonly finding: Finding;
  readonly keys: Keys;
  readonly fix?: Fix;
}

/**
 * 16 hex digits of SHA-256 over what makes a finding the same finding: check, group (without version), kind, namespace,
 * name and the check's own discriminator. Nothing that changes with time, wording or origin.
 */
export function fingerprint(check: string, object: ObjectRef, discriminator = ''): string {
  const identity = [check, groupOf(object.apiVersion), object.kind, object.namespace ?? '', object.name, discriminator];
  return createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 16);
}

/** Turns the drafts of one evaluation into findings; the first of two with one identity stands. */
export function identify(evaluation: Evaluation, snapshot: Snapshot, platform: Platform): readonly Keyed[] {
  const known = new Map<string, Keyed>();
  for (const draft of evaluation.drafts) {
    const keyed = toFinding(evaluation, draft, snapshot, platform);
    if (!known.has(keyed.finding.id)) known.set(keyed.finding.id, keyed);
  }
  return [...known.values()];
}

function toFinding(evaluation: Evaluation, draft: FindingDraft, snapshot: Snapshot, platform: Platform): Keyed {
  const { keys, tenant: tenantNamespace, discriminator, severity, fix, ...kept } = draft;
  const namespace =
    tenantNamespace ?? draft.object.namespace ?? (draft.object.kind === 'Namespace' ? draft.object.name : undefined);
  const tenant = platform.allTenants.find((candidate) => candidate.namespace === namespace);
  const location = snapshot.locate(draft.object);
  const finding: Finding = {
    ...kept,
    id: fingerprint(evaluation.check.id, draft.object, discriminator),
    check: evaluation.check.id,
    severity: severity ?? evaluation.check.severity,
    message: cleanMessage(draft.message),
    evidence: draft.evidence.map((item) =>
      item.message === undefined ? item : { ...item, message: cleanMessage(item.message) },
    ),
    remediation: remediationOf(evaluation.check.id, draft),
    cause: null,
    ...(tenant ? { tenant: { id: tenant.id, namespace: tenant.namespace } } : {}),
    ...(location ? { location } : {}),
  };
  return { finding, keys: { ...defaultKeys(platform, namespace), ...keys }, ...(fix ? { fix } : {}) };
}

function remediationOf(check: string, { remediation, fix }: FindingDraft): Remediation {
  const said = { ...remediation, summary: clean(remediation.summary), steps: remediation.steps.map(clean) };
  // Somebody would revert it: what to do instead stands in the steps.
  if (!fix || remediation.owner !== undefined) return said;
  const needs = new Map(fix.changes.flatMap((change) => change.needs.map((rule) => [JSON.stringify(rule), rule])));
  return {
    ...said,
    kind: 'fix',
    class: fix.class,
    changes: fix.changes.length,
    needs: [...needs.values()],
    verify: [...new Set([check, ...(fix.verify ?? [])])],
  };
}

function defaultKeys(platform: Platform, namespace: string | undefined): Keys {
  const { account, platformNamespace } = platform;
  return {
    platform: `${platform.id}/${platformNamespace ?? ''}`,
    ...(platformNamespace === undefined ? {} : { release: platformNamespace }),
    ...(account ? { account: `${account.namespace}/${account.name}` } : {}),
    ...(namespace === undefined ? {} : { namespace }),
  };
}

/** Whether two findings agree in a key; a key that either side lacks never agrees. */
export function agree(a: Keys, b: Keys, name: KeyName): boolean {
  const left = valuesOf(a[name]);
  const right = valuesOf(b[name]);
  return left.some((value) => right.includes(value));
}

/** The values of a key: none, one or several. */
export function valuesOf(value: Keys[KeyName]): readonly string[] {
  if (value === undefined) return [];
  return typeof value === 'string' ? [value] : value;
}

/** Severity, check, tenant, kind, namespace, name, path: the one order in which findings are shown. */
export function compareFindings(a: Finding, b: Finding): number {
  const left = orderOf(a);
  const right = orderOf(b);
  return left.reduce((order, part, index) => order || compareNames(part, right[index] ?? ''), 0);
}

function orderOf({ severity, check, tenant, object, path, id }: Finding): readonly string[] {
  const rank = String(SEVERITIES.indexOf(severity));
  return [rank, check, tenant?.namespace ?? '', object.kind, object.namespace ?? '', object.name, path ?? '', id];
}
