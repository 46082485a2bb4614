import type { AccountRef } from '../model/access.ts';
import type { Subject } from '../model/kinds.ts';
import type { CrewaiPlatform } from '../model/platform.ts';

/**
 * How a subject that is not the platform's account was probably meant to be it, in words; undefined for every other
 * subject. The documented command binds `{K8S_NAMESPACE}:crewai-sa`, which is right only where the platform runs in
 * that namespace and its account has that name.
 */
export function misspelled(
  subject: Subject,
  account: AccountRef,
  bindingKind: string,
  platform: CrewaiPlatform,
): string | undefined {
  const { kind, name, namespace } = subject;
  // Every namespace has an account of this name: a binding for another one is most likely meant as it stands.
  if (account.name === 'default') return undefined;
  if (kind === 'User' || kind === 'Group') return misspelledUser(name, account);
  if (kind !== 'ServiceAccount') return undefined;
  if (name === account.name) return misplaced(namespace ?? '', account, bindingKind, platform);
  const nearName = name === 'crewai-sa' || name.endsWith('-sa');
  const nearPlace = namespace === account.namespace || namespace === platform.sharedNamespace;
  return nearName && nearPlace ? `the platform's Deployments run as ${account.name}` : undefined;
}

function misplaced(
  namespace: string,
  account: AccountRef,
  bindingKind: string,
  platform: CrewaiPlatform,
): string | undefined {
  if (namespace === account.namespace) return undefined;
  if (namespace === '') {
    return bindingKind === 'ClusterRoleBinding'
      ? 'the subject of a ClusterRoleBinding needs a namespace'
      : `without a namespace it means the binding's own, not ${account.namespace}`;
  }
  return namespace === platform.sharedNamespace
    ? `${namespace} is K8S_NAMESPACE; the platform runs in ${account.namespace}`
    : `the platform runs in ${account.namespace}, not in ${namespace}`;
}

function misspelledUser(name: string, account: AccountRef): string | undefined {
  const full = `system:serviceaccount:${account.namespace}:${account.name}`;
  if (name === full) return undefined;
  const parts = name.split(':');
  const endsLikeIt = parts.at(-1) === account.name;
  if (!endsLikeIt || parts.length < 2) return undefined;
  return `a ServiceAccount is kind ServiceAccount, or User ${full}`;
}
