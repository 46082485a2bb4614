import type { CollectOptions } from '../../bundle/collect.ts';
import type { Layout } from '../../bundle/layout.ts';
import type { INCLUDABLE } from '../../bundle/reductions.ts';
import { compareNames } from '../../model/object.ts';
import { parseDuration } from './arguments.ts';
import { excludedLists, LOG_BYTES, parseBytes, parseLogBytes, parseSelector, usage } from './collect-arguments.ts';
import type { ConnectionFlags } from './open-cluster.ts';
import type { TenantFlags } from './tenant-globs.ts';

export interface CollectFlags extends ConnectionFlags, TenantFlags {
  readonly 'output-file'?: string | undefined;
  readonly since?: string | undefined;
  readonly tail: number;
  readonly logs: string;
  readonly selector?: string | undefined;
  readonly 'logs-of': 'all' | 'unhealthy';
  readonly 'max-bytes-per-org': string;
  readonly 'max-bytes': string;
  readonly 'known-values': 'auto' | 'off';
  readonly 'no-secret-reads': boolean;
  readonly 'fingerprint-key'?: string | undefined;
  readonly stall: string;
  readonly sign?: string | undefined;
  readonly recipient?: readonly string[] | undefined;
  readonly 'passphrase-file'?: string | undefined;
  readonly resume?: string | undefined;
  readonly layout: Layout;
  readonly 'split-by-org': boolean;
  readonly strict: boolean;
  readonly 'dry-run': boolean;
  readonly include?: readonly (typeof INCLUDABLE)[number][] | undefined;
  readonly exclude?: readonly string[] | undefined;
}

/**
 * What of a bundle flags choose.
 * @throws CrewisoError (2) for flags that contradict, or that nothing is known by
 */
export function collectOptions(flags: CollectFlags): CollectOptions {
  refuseContradictions(flags);
  const logs = parseLogBytes(flags.logs);
  const selector = parseSelector(flags.selector);
  const since = flags.since === undefined ? 0 : parseDuration(flags.since, 'since');
  return {
    ...tenantsOf(flags),
    knownValues: flags['no-secret-reads'] ? 'none' : flags['known-values'],
    logs: logs === 'none' ? 'none' : flags['logs-of'],
    ...(selector && { selector }),
    tail: flags.tail,
    layout: flags.layout,
    include: new Set(flags.include),
    exclude: excludedLists(flags.exclude ?? []),
    ...(since > 0 && { sinceSeconds: Math.ceil(since / 1000) }),
    budgets: {
      ...(logs === 'none' ? LOG_BYTES : logs),
      bytesPerOrg: parseBytes(flags['max-bytes-per-org'], 'max-bytes-per-org'),
      bytes: parseBytes(flags['max-bytes'], 'max-bytes'),
    },
  };
}

function tenantsOf({ org = [], orgs = [], namespace }: TenantFlags): Pick<CollectOptions, 'orgs' | 'namespaces'> {
  return {
    orgs: [...org].sort(compareNames),
    namespaces: [...orgs, ...(namespace === undefined ? [] : [namespace])].sort(compareNames),
  };
}

function refuseContradictions(flags: CollectFlags): void {
  if (flags.logs === 'none' && flags.selector !== undefined)
    throw usage('--selector and --logs none contradict', 'it chooses the pods whose logs are collected: leave one out');
  if (flags['split-by-org'] && flags.resume !== undefined)
    throw usage('--split-by-org and --resume contradict', 'an unfinished one is of one organization: leave one out');
  if (flags['no-secret-reads'] && flags['known-values'] === 'off')
    throw usage('--no-secret-reads and --known-values off contradict', 'the first one reads no Secret at all');
}
