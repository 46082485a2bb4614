import type { DenialOf } from './denial-explanation.ts';
import type { DeniedAccess, Refused } from './forbidden-denial.ts';
import { formatRule } from './rbac-rules.ts';

/**
 * What was refused to whom, as one text: equal for refusals that differ only in the name of the object, in numbers, or
 * in who tells of them.
 */
export function denialKey(denial: Refused): string {
  const { class: kind, target } = denial;
  // The entry for a class takes that class; TypeScript cannot follow the correlation.
  const parts = (PARTS[kind] as (of: Refused) => readonly Part[])(denial);
  return JSON.stringify([kind, 'scope' in denial || !target ? '' : `${target.resource}.${target.group}`, ...parts]);
}

type Part = string | readonly string[] | undefined;

/** Which quota, policy, webhook, account or rule refused, or what right is missing. */
const PARTS: { readonly [C in Refused['class']]: (denial: DenialOf<C>) => readonly Part[] } = {
  rbac: accessParts,
  'cloud-iam': accessParts,
  impersonation: accessParts,
  unauthenticated: accessParts,
  escalation: ({ user, missing }) => [user, missing.map(formatRule)],
  quota: ({ quota, limited, reason }) => [quota, Object.keys(limited), reason],
  'quota-unset': ({ quota, unset }) => [quota, unset.map(({ resource }) => resource)],
  'limit-range': ({ violations }) => [violations],
  'pod-security': ({ level, version, violations }) => [level, version, violations.map(({ check }) => check)],
  'account-missing': ({ account }) => [account.namespace, account.name],
  'secret-reference': ({ secret, account }) => [secret, account],
  terminating: ({ namespace }) => [namespace],
  'admission-policy': ({ policy, binding }) => [policy, binding],
  webhook: ({ webhook }) => [webhook],
  'webhook-down': ({ webhook }) => [webhook],
  'owner-reference': ({ needs }) => [needs],
  registry: ({ image }) => [repositoryOf(image)],
  'admission-other': ({ reason }) => [reason],
  protected: () => [],
  'crd-terminating': () => [],
};

/** Some messages leave out the API group, which the object in front of them may tell. */
function accessParts(denial: Partial<DeniedAccess> & Pick<Refused, 'target'>): readonly Part[] {
  const { user, verb, resource, subresource, scope, namespace, path, target } = denial;
  return [user, verb, denial.group ?? target?.group ?? '', resource, subresource, scope, namespace, path];
}

/** An image without tag and digest: the credentials are the same for all of them. */
function repositoryOf(image: string | undefined): string | undefined {
  return image?.replace(/@.*$/, '').replace(/:[^/]*$/, '');
}
