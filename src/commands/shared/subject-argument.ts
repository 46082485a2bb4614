import { subjectOf } from '../../kubernetes/least-grant.ts';
import type { Subject } from '../../model/kinds.ts';
import { CrewisoError, EXIT } from '../../model/error.ts';

/**
 * A subject of a binding as the command line names it: `User:anna`, `Group:oncall`, `NAMESPACE/SERVICEACCOUNT`. A user
 * name that is a service account's becomes that account.
 * @throws CrewisoError (2) for everything else
 */
export function parseSubject(text: string): Subject {
  const [, kind, name] = /^(User|Group):(.+)$/s.exec(text) ?? [];
  if (kind === 'User' && name !== undefined) return subjectOf(name);
  if (kind === 'Group' && name !== undefined) return { kind, apiGroup: 'rbac.authorization.k8s.io', name };
  const [, namespace, account] = /^([a-z0-9-]+)\/([a-z0-9.-]+)$/.exec(text) ?? [];
  if (namespace !== undefined && account !== undefined) return { kind: 'ServiceAccount', name: account, namespace };
  throw new CrewisoError(`--subject ${text} is neither a user, a group nor a service account`, {
    code: 'usage',
    exitCode: EXIT.usage,
    suggestions: ['write User:anna, Group:oncall or NAMESPACE/SERVICEACCOUNT'],
  });
}
