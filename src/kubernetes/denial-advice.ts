import { ADMISSION_ADVICE } from './denial-advice-admission.ts';
import { explainAccess } from './denial-advice-access.ts';
import { explainCloud, explainImpersonation, explainUnauthenticated } from './denial-advice-identity.ts';
import { explainEscalation } from './denial-advice-escalation.ts';
import type { DenialOf, Explanation, Told } from './denial-explanation.ts';
import type { LoggedDenial } from './denial-log.ts';
import type { Refused } from './forbidden-denial.ts';

export type { Explanation } from './denial-explanation.ts';

/**
 * What a refusal means and the least change that ends it.
 * @param namespace where it happened, for messages that do not say
 */
export function explainDenial(
  logged: Pick<LoggedDenial, 'denial' | 'names' | 'moreNames'>,
  namespace?: string,
): Explanation {
  const place = namespaceOf(logged.denial) ?? (isScoped(logged.denial) ? undefined : namespace);
  const { denial, names, moreNames } = logged;
  return dispatch({ denial, names, moreNames, ...(place === undefined ? {} : { namespace: place }) });
}

/** The namespace that a message names. */
export function namespaceOf(denial: Refused): string | undefined {
  if (denial.class === 'account-missing') return denial.account.namespace;
  return 'namespace' in denial ? denial.namespace : undefined;
}

/** It says that it is about no namespace: one that the user knows is another one. */
function isScoped(denial: Refused): boolean {
  return 'scope' in denial && (denial.scope === 'cluster' || denial.scope === 'path');
}

const ADVICE: { readonly [C in Refused['class']]: (told: Told<DenialOf<C>>) => Explanation } = {
  ...ADMISSION_ADVICE,
  rbac: explainAccess,
  'cloud-iam': explainCloud,
  impersonation: explainImpersonation,
  unauthenticated: explainUnauthenticated,
  escalation: explainEscalation,
};

function dispatch(told: Told): Explanation {
  // The entry for a class takes that class; TypeScript cannot follow the correlation.
  return (ADVICE[told.denial.class] as (of: Told) => Explanation)(told);
}
