import type { AccountRef, Identity } from '../model/access.ts';
import type { Subject } from '../model/kinds.ts';
import { accountOfUser } from './rbac-question.ts';

/**
 * What would have to be different in a subject for it to mean this identity, where it was probably meant to; undefined
 * for every other subject. Kinds decide in RBAC and nothing is a pattern, so that each of these grants nothing.
 * @param bindingNamespace empty for a ClusterRoleBinding
 */
export function resemblance(subject: Subject, identity: Identity, bindingNamespace: string): string | undefined {
  const account = accountOfUser(identity.user);
  return account
    ? accountResemblance(subject, account, bindingNamespace)
    : userResemblance(subject, identity.user, identity.groups);
}

function accountResemblance(subject: Subject, account: AccountRef, bindingNamespace: string): string | undefined {
  const { kind, name, namespace = '' } = subject;
  if (kind === 'User' || kind === 'Group') return spelledAsUser(name, account);
  if (kind !== 'ServiceAccount') return undefined;
  const where = namespace === '' ? bindingNamespace : namespace;
  // Every namespace has an account of this name: a binding for another one is most likely meant as it stands.
  if (name === account.name && name !== 'default') return `expected namespace ${account.namespace}`;
  return where === account.namespace && isNearName(name, account.name) ? `expected name ${account.name}` : undefined;
}

function spelledAsUser(name: string, account: AccountRef): string | undefined {
  const full = `system:serviceaccount:${account.namespace}:${account.name}`;
  const meant = [`${account.namespace}:${account.name}`, `${account.namespace}/${account.name}`, account.name, full];
  if (meant.includes(name) && account.name !== 'default')
    return `a ServiceAccount is kind ServiceAccount, or User ${full}`;
  const almost = name === `system:serviceaccount:${account.namespace}`;
  return almost ? `expected system:serviceaccounts:${account.namespace}` : undefined;
}

function userResemblance({ kind, name }: Subject, user: string, groups: readonly string[]): string | undefined {
  const isUser = user !== '' && name === user;
  switch (kind) {
    case 'User':
      if (groups.includes(name)) return 'expected kind Group';
      return isSameLetters(name, user) ? `expected ${user}: names are case-sensitive` : undefined;
    case 'Group':
      if (isUser) return 'expected kind User';
      return groups.some((group) => isSameLetters(name, group)) ? 'names of groups are case-sensitive' : undefined;
    default:
      return isUser ? 'expected kind User' : undefined;
  }
}

const isSameLetters = (a: string, b: string): boolean => b !== '' && a.toLowerCase() === b.toLowerCase();

/** The same but for letters' case, hyphens and an ending: `crewai-sa`, `crewai_sa`, `crewai-sas`. */
function isNearName(a: string, b: string): boolean {
  const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '');
  const [one, two] = [plain(a), plain(b)];
  return one === two || (Math.min(one.length, two.length) >= 4 && (one.startsWith(two) || two.startsWith(one)));
}
