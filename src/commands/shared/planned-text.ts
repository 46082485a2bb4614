import { isWide, type CollectScope } from '../../bundle/collect-scope.ts';
import { findContent, DERIVED } from '../../bundle/content.ts';
import type { Plan } from '../../bundle/format.ts';
import { parseListId } from '../../bundle/paths.ts';
import { listPath } from '../../cluster/queries.ts';
import { clean, count } from '../../model/text.ts';
import { wrap } from '../../reporters/layout.ts';

/** What a run would do. */
export interface Planned {
  /** Where it would go: several where it is split. */
  readonly files: readonly string[];
  readonly scope: CollectScope;
  readonly plan: Plan;
  /** Why pods could not be listed, and so their logs are not known. */
  readonly unlisted?: string;
}

/** For people, before they let it run. */
export function plannedText({ files, scope, plan, unlisted }: Planned, width: number): string {
  const { cluster, collector, namespaces, platform } = plan;
  const row = (name: string, text: string): readonly string[] =>
    wrap(clean(text), width, name.padEnd(10), ' '.repeat(10));
  const lists = listNames(plan);
  const lines = [
    'DRY RUN   nothing was written, no Secret was read',
    ...files.flatMap((file, index) => row(index === 0 ? 'would be' : '', file)),
    ...row('cluster', [cluster.context && `context ${cluster.context}`, cluster.server].filter(Boolean).join(', ')),
    ...(collector ? row('as', `${collector.user} (${collector.groups.join(', ')})`) : []),
    ...row(
      'of',
      `${platform ? `${platform.profile} in ${platform.platformNamespace}, ` : ''}${count(namespaces.length, 'namespace')}: ${namespaces.map(({ name }) => name).join(', ')}`,
    ),
    ...row('secrets', SECRETS[plan.knownValues]),
    ...row('lists', listsWords(lists.length, scope)),
    ...row('logs', unlisted === undefined ? logsWords(plan) : `not known, since pods cannot be listed: ${unlisted}`),
    'requests',
    ...requests(lists, scope).map((line) => `  ${line}`),
    '  GET /version, /api, /apis',
  ];
  return lines.map((line) => `${line}\n`).join('');
}

const SECRETS: Readonly<Record<Plan['knownValues'], string>> = {
  auto: 'their data would be read into memory, to be taken out of everything else, and never be written (--no-secret-reads reads none)',
  off: 'the data of pull Secrets, Helm releases and support bundle specs would be read, of others their names',
  none: 'the data of none would be read',
};

function listsWords(kinds: number, { narrow, namespaces }: CollectScope): string {
  return narrow
    ? `${count(kinds, 'kind')}, in each of ${count(namespaces.length, 'namespace')} by itself`
    : `${count(kinds, 'kind')}, each in the whole cluster, page by page; in each namespace by itself where that is refused`;
}

function logsWords({ items, selection, budgets }: Plan): string {
  const logs = items.filter(({ id, notApplicable }) => id.startsWith('log:') && !notApplicable);
  const of = selection.selector === undefined ? '' : ` of pods with ${selection.selector}`;
  if (logs.length === 0) return of === '' ? 'none' : `none (${of.trim()})`;
  const unhealthy = logs.filter(({ priority }) => priority === 0).length;
  const bytes = logs.reduce((sum, { budget = 0 }) => sum + budget, 0);
  const since = selection.since === undefined ? '' : `, of the last ${selection.since}`;
  return `${count(logs.length, 'log')}${of} (${String(unhealthy)} of unhealthy containers, which come first), at most ${String(selection.tail)} lines and ${mebibytes(budgets.newest + budgets.oldest)} of each${since}; ${mebibytes(bytes)} in all`;
}

const mebibytes = (bytes: number): string => `${(bytes / 1024 ** 2).toFixed(1)} MiB`;

function listNames({ items }: Plan): readonly string[] {
  const names = items.flatMap(({ id }) => parseListId(id)?.resource ?? []);
  const derived: ReadonlySet<string> = new Set(DERIVED);
  return [...new Set(names)].filter((name) => !derived.has(name));
}

/** As the audit log of the API server will show them. */
function requests(names: readonly string[], scope: CollectScope): readonly string[] {
  return names.flatMap((name) => {
    const content = findContent(name);
    if (!content) return [];
    if (content.where === 'cluster' || isWide(scope, name)) return [`GET ${listPath(content, undefined)}`];
    return [`GET ${listPath(content, 'NAMESPACE')}`];
  });
}
