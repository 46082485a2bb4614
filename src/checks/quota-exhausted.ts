import { eventCount, eventTime } from '../kubernetes/event.ts';
import { parseDenials } from '../kubernetes/forbidden.ts';
import { valueAt } from '../kubernetes/json-value.ts';
import { parseQuantity } from '../kubernetes/quantity.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type View } from '../model/check.ts';
import type { Evidence, FindingDraft, Remediation } from '../model/finding.ts';
import type { ResourceQuota } from '../model/kinds.ts';
import { compareNames } from '../model/object.ts';
import { PLATFORM_IDS } from '../model/platform.ts';
import { count, shellQuote } from '../model/text.ts';
import { judgedNamespaces, manual } from './drafting.ts';
import { ownedBy } from './owned.ts';
import { consumersOf } from './quota-usage.ts';
import { POD_OWNERS, podsByWorkload } from './workload-subjects.ts';

type Eyes = View<'resourcequotas' | 'pods' | 'events' | 'secrets' | (typeof POD_OWNERS)[number]>;

export default defineCheck({
  id: 'quota-exhausted',
  title: 'No namespace of the platform or of a tenant is at its quota',
  severity: 'high',
  area: 'quota',
  platforms: PLATFORM_IDS,
  reads: ['resourcequotas'],
  evidence: ['pods', 'events', 'secrets', ...POD_OWNERS],
  *run(view) {
    // The platform and crews without isolation are tenants of their namespaces' quotas as well.
    for (const namespace of judgedNamespaces(view.platform)) {
      for (const quota of view.list('resourcequotas', namespace)) yield* judge(view, namespace, quota);
    }
  },
});

/** How much of one dimension is used, in billionths. */
interface Level {
  readonly namespace: string;
  readonly quota: ResourceQuota;
  readonly dimension: string;
  readonly hard: string | number;
  readonly used: string | number;
  readonly limit: bigint;
  readonly taken: bigint;
}

function* judge(view: Eyes, namespace: string, quota: ResourceQuota): Iterable<FindingDraft> {
  const { hard, used } = quota.status ?? {};
  if (!hard || !used) {
    view.unknown('resourcequotas', `ResourceQuota ${quota.metadata.name} has no status in what was read`, namespace);
    return;
  }
  for (const dimension of Object.keys(hard).sort(compareNames)) {
    const [most = '', now = ''] = [hard[dimension], used[dimension]];
    const [limit, taken] = [parseQuantity(most), parseQuantity(now)];
    if (limit === undefined || taken === undefined) {
      const detail = `ResourceQuota ${quota.metadata.name}: ${dimension} has no amount in it`;
      view.unknown('resourcequotas', detail, namespace);
      continue;
    }
    view.examined();
    const level = { namespace, quota, dimension, hard: most, used: now, limit, taken };
    const refusals = taken >= limit ? refusalsBy(view, level) : [];
    if (isReached(level, refusals)) yield finding(view, level, refusals);
  }
}

/** From nine tenths on. A dimension that is closed on purpose (0 of 0) only once something was refused for it. */
function isReached({ limit, taken }: Level, refusals: readonly Evidence[]): boolean {
  if (limit === 0n && taken === 0n) return refusals.length > 0;
  return taken * 10n >= limit * 9n;
}

/** Events that tell of objects that this quota refused for this dimension. */
function refusalsBy(view: Eyes, { namespace, quota, dimension }: Level): readonly Evidence[] {
  return view.evidence('events', namespace).flatMap((event): readonly Evidence[] => {
    if (!event.message?.includes('exceeded quota')) return [];
    const denial = parseDenials(event.message).find(
      (item) => item.class === 'quota' && item.quota === quota.metadata.name && dimension in item.requested,
    );
    if (!denial || denial.class === 'not-a-denial') return [];
    const lastAt = eventTime(event);
    return [
      {
        type: 'event',
        object: refOf('events', event),
        message: denial.message,
        count: eventCount(event),
        ...(lastAt === undefined ? {} : { lastAt }),
      },
    ];
  });
}

function finding(view: Eyes, level: Level, refusals: readonly Evidence[]): FindingDraft {
  const { namespace, quota, dimension, hard, used, limit, taken } = level;
  const { name } = quota.metadata;
  const scope = scopeOf(quota);
  const percent = limit === 0n ? '' : ` (${String((taken * 100n) / limit)} %)`;
  return {
    object: refOf('resourcequotas', quota),
    discriminator: dimension,
    path: `/status/used/${dimension.replaceAll('~', '~0').replaceAll('/', '~1')}`,
    message: `ResourceQuota ${name} in ${namespace} has ${String(used)} of ${String(hard)} ${dimension}${scope} in use${percent}`,
    severity: taken >= limit ? 'high' : 'medium',
    confidence: 'certain',
    evidence: [
      { type: 'comparison', object: refOf('resourcequotas', quota), observed: used, expected: hard },
      ...consumerEvidence(view, level, scope),
      ...refusals.slice(0, SHOWN),
    ],
    remediation: ownedBy(view, quota, remediationOf(level)),
  };
}

/** What else the quota asks of a pod before it counts (api core/v1 `scopes`, `scopeSelector`). */
function scopeOf(quota: ResourceQuota): string {
  const selected = valueAt(quota, 'spec', 'scopeSelector', 'matchExpressions');
  const names = (Array.isArray(selected) ? selected : []).map((item: unknown) => {
    const values = valueAt(item, 'values');
    const list = Array.isArray(values) ? ` ${values.map(String).join(',')}` : '';
    return `${String(valueAt(item, 'scopeName'))} ${String(valueAt(item, 'operator'))}${list}`;
  });
  const all = [...(quota.spec?.scopes ?? []), ...names];
  return all.length === 0 ? '' : ` for scope ${all.join(', ')}`;
}

const SHOWN = 3;

/** Who takes most of it. Which pods a scope counts is not told: then nobody is named. */
function consumerEvidence(view: Eyes, { namespace, dimension, taken }: Level, scope: string): readonly Evidence[] {
  if (scope !== '' || taken === 0n) return [];
  const groups = podsByWorkload(view, view.evidence('pods', namespace), namespace).values();
  return consumersOf(groups, dimension)
    .slice(0, SHOWN)
    .map((consumer) => ({
      type: 'object',
      object: consumer.ref,
      message: `${count(consumer.pods, 'pod')} of ${consumer.ref.kind} ${consumer.ref.name}: ${String((consumer.taken * 100n) / taken)} % of what is used`,
    }));
}

function remediationOf({ namespace, quota, dimension, hard }: Level): Remediation {
  const name = shellQuote(quota.metadata.name);
  const more = twice(hard);
  return manual(
    'Raise the quota, or free what uses it',
    `kubectl -n ${namespace} describe resourcequota ${name}`,
    ...(more === undefined
      ? []
      : [
          '# with the amount that the organization is to have; this is twice the present one:',
          `kubectl -n ${namespace} patch resourcequota ${name} --type=merge -p ${shellQuote(JSON.stringify({ spec: { hard: { [dimension]: more } } }))}`,
        ]),
  );
}

/** Twice a quantity as the API server writes it (whole numbers with a suffix); undefined for nothing and odd forms. */
function twice(quantity: string | number): string | undefined {
  const [, digits, suffix = ''] = /^([1-9]\d*)([a-zA-Z]*)$/.exec(String(quantity)) ?? [];
  return digits === undefined ? undefined : `${String(BigInt(digits) * 2n)}${suffix}`;
}
