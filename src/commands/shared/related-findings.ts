import { namespaceOf } from '../../kubernetes/denial-advice.ts';
import type { RelatedFinding } from '../../kubernetes/denial-document.ts';
import type { Refused } from '../../kubernetes/forbidden-denial.ts';
import { accountOfUser } from '../../kubernetes/rbac-question.ts';
import type { Finding } from '../../model/finding.ts';

const SHOWN = 5;

/**
 * The findings that are about the same place: the namespace in which something was refused, or, where it was refused at
 * the cluster scope, the account it was refused to. Consequences of others are left out.
 * @param namespace where it happened, for refusals that do not say
 */
export function relatedFindings(
  denial: Refused,
  findings: readonly Finding[],
  namespace: string | undefined,
): readonly RelatedFinding[] {
  const place = namespaceOf(denial) ?? namespace;
  const account = accountOfUser(('user' in denial ? denial.user : undefined) ?? '');
  return findings
    .filter(({ cause }) => cause === null)
    .filter(({ tenant, object }) => {
      const places = [tenant?.namespace, object.namespace, object.kind === 'Namespace' ? object.name : undefined];
      if (place !== undefined) return places.includes(place);
      return account !== undefined && object.kind === 'ServiceAccount' && object.name === account.name;
    })
    .slice(0, SHOWN)
    .map(({ id, check, severity, message, object }) => ({ id, check, severity, message, object }));
}
