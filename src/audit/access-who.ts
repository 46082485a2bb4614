import {
  accountsOfGroup,
  EVERYBODY,
  holderName,
  holdingsOf,
  isAccount,
  isSystem,
  livesIn,
  type Holder,
  type Holding,
} from '../kubernetes/holders.ts';
import type { Question } from '../kubernetes/rbac-question.ts';
import { formatRule } from '../kubernetes/rbac-rules.ts';
import { authorizerOf } from '../kubernetes/rbac-snapshot.ts';
import { createRuleMatcher, type RuleMatcher } from '../kubernetes/rule-matcher.ts';
import type { AccessWho, Standing, WhoGrant, WhoHolder } from '../model/access-document.ts';
import type { PolicyRule } from '../model/kinds.ts';
import { compareNames } from '../model/object.ts';
import type { Platform } from '../model/platform.ts';
import type { Gap, Snapshot } from '../model/snapshot.ts';
import { count } from '../model/text.ts';
import { rbacGaps, uniqueGaps } from './access-completeness.ts';

export interface WhoInput {
  readonly snapshot: Snapshot;
  readonly platform?: Platform;
  readonly question: Question;
  /** Where to look besides the cluster scope; none for what has no namespace. */
  readonly namespaces: readonly string[];
  readonly outsideOnly: boolean;
  readonly notes: readonly string[];
  readonly matcher?: RuleMatcher;
}

/** Nearest to trouble first. */
const STANDINGS: readonly Standing[] = ['outside', 'platform', 'system', 'tenant'];

/** Everybody whom RBAC allows something, and whether they belong to the namespace in which they may. */
export function accessWho(input: WhoInput): { readonly who: AccessWho; readonly gaps: readonly Gap[] } {
  const { snapshot, question, namespaces, outsideOnly, platform } = input;
  const holdings = holdingsOf(authorizerOf(snapshot), input.matcher ?? createRuleMatcher(), question, namespaces);
  const groups = new Map<string, HolderGroup>();
  for (const holding of holdings) {
    const standing = standingOf(holding, platform);
    if (outsideOnly && standing === 'tenant') continue;
    const key = `${standing} ${holderName(holding.holder)}`;
    const known = groups.get(key);
    if (known) known.holdings.push(holding);
    else groups.set(key, { holder: holding.holder, standing, holdings: [holding] });
  }
  const counts = accountCounts(snapshot);
  const textOf = rememberedTexts();
  const holders = [...groups.values()].map((group) => describe(group, counts, textOf)).sort(compareHolders);
  const gaps = [undefined, ...namespaces].flatMap((namespace) => rbacGaps(snapshot, namespace));
  const notes = [...input.notes, 'members of Group system:masters may do everything, without any binding'];
  return { who: { question, namespaces, outsideOnly, holders, notes }, gaps: uniqueGaps(gaps) };
}

interface HolderGroup {
  readonly holder: Holder;
  readonly standing: Standing;
  readonly holdings: Holding[];
}

/**
 * The platform's account works in all tenants by design, and Kubernetes everywhere. An account of the namespace itself
 * belongs there; also where it holds the right cluster-wide it is somebody from outside to all others.
 */
function standingOf({ holder, namespace }: Holding, platform: Platform | undefined): Standing {
  if (isAccount(holder, platform?.account)) return 'platform';
  if (isSystem(holder)) return 'system';
  return namespace !== undefined && livesIn(holder, namespace) ? 'tenant' : 'outside';
}

function describe({ holder, standing, holdings }: HolderGroup, counts: AccountCounts, textOf: TextOf): WhoHolder {
  const members = membersOf(holder, counts);
  return {
    subject: holderName(holder),
    standing,
    ...(members === undefined ? {} : { members }),
    grants: grantsOf(holdings, textOf),
  };
}

type TextOf = (rule: PolicyRule) => string;

/** Thousands hold a right through a few rules. */
function rememberedTexts(): TextOf {
  const texts = new Map<PolicyRule, string>();
  return (rule) => {
    const text = texts.get(rule) ?? formatRule(rule);
    texts.set(rule, text);
    return text;
  };
}

/** Bindings of the same kind and name to the same role, with all their namespaces. */
function grantsOf(holdings: readonly Holding[], textOf: TextOf): readonly WhoGrant[] {
  const grants = new Map<string, { grant: WhoGrant; namespaces: Set<string> }>();
  for (const { via, rule, namespace } of holdings) {
    const { kind, binding } = via;
    const role = `${binding.roleRef.kind}/${binding.roleRef.name}`;
    const grant = { kind, name: binding.metadata.name, role, rule: textOf(rule) };
    const key = JSON.stringify(grant);
    const known = grants.get(key) ?? { grant, namespaces: new Set<string>() };
    if (namespace !== undefined) known.namespaces.add(namespace);
    grants.set(key, known);
  }
  return [...grants.values()].map(({ grant, namespaces }) =>
    namespaces.size === 0 ? grant : { ...grant, namespaces: [...namespaces].sort(compareNames) },
  );
}

interface AccountCounts {
  readonly of: (namespace: string) => number | undefined;
  readonly all: number | undefined;
}

function accountCounts(snapshot: Snapshot): AccountCounts {
  const known = (namespace?: string): number | undefined =>
    snapshot.completeness('serviceaccounts', namespace) === 'complete'
      ? snapshot.list('serviceaccounts', namespace).length
      : undefined;
  return { of: known, all: known() };
}

function membersOf(holder: Holder, counts: AccountCounts): string | undefined {
  if (holder.kind !== 'Group') return undefined;
  if (EVERYBODY.has(holder.name))
    return holder.name === 'system:authenticated'
      ? 'everybody who can log in, every ServiceAccount too'
      : 'everybody without a login';
  const accounts = accountsOfGroup(holder.name);
  if (accounts === undefined) return undefined;
  const known = accounts === 'all' ? counts.all : counts.of(accounts.namespace);
  const now = known === undefined ? '' : `, now ${count(known, 'account')}`;
  return accounts === 'all'
    ? `every ServiceAccount of every namespace${now}`
    : `every ServiceAccount of ${accounts.namespace}${now}`;
}

function compareHolders(a: WhoHolder, b: WhoHolder): number {
  return STANDINGS.indexOf(a.standing) - STANDINGS.indexOf(b.standing) || compareNames(a.subject, b.subject);
}
