import { requestText, scopeText, whoOf } from './denial-advice-access.ts';
import { shell, type DenialOf, type Explanation, type Told } from './denial-explanation.ts';
import { questionOfDenial } from './forbidden.ts';
import { grantSteps, leastGrant } from './least-grant.ts';
import { accountOfUser } from './rbac-question.ts';

/** What each cloud calls the place where the right is given. */
const CLOUDS: readonly (readonly [pattern: RegExp, advice: string])[] = [
  [
    /Azure/,
    '# Azure: a role assignment such as "Azure Kubernetes Service RBAC Writer" on the cluster, or on its /namespaces/NAME',
  ],
  [
    /requires one of|Google|IAM/,
    '# Google Cloud: an IAM role with the permission that is named; on GKE a RoleBinding for the same user does as well',
  ],
  [/AWS|Amazon/, '# AWS: an EKS access entry with an access policy for the principal'],
];

/** The cloud's authorizer has the word. */
export function explainCloud({ denial, names, moreNames }: Told<DenialOf<'cloud-iam'>>): Explanation {
  const said = denial.otherAuthorizer ?? '';
  return {
    class: denial.class,
    rbac: false,
    headline: "the cloud's access management refused it; grant it there, not by a RoleBinding",
    what: [requestText(denial, names, moreNames), `the cloud said: ${said}`],
    who: whoOf(denial.user),
    where: scopeText(denial),
    steps: [
      ...CLOUDS.filter(([pattern]) => pattern.test(said))
        .slice(0, 1)
        .map(([, advice]) => advice),
      '# assignments take some minutes to reach the cluster',
    ],
    watch: [],
    see: ['forbidden-by-rbac'],
  };
}

/** Who asked may not be somebody else; what was asked for has not been looked at. */
export function explainImpersonation({ denial, names, moreNames }: Told<DenialOf<'impersonation'>>): Explanation {
  const { user, mode } = denial;
  // Since Kubernetes 1.36 the message is about the wrapped request and does not say who was to be impersonated.
  const question = mode === undefined ? questionOfDenial(denial) : undefined;
  const grant = question && user !== undefined ? { user, question } : undefined;
  return {
    class: denial.class,
    rbac: true,
    headline: 'the right to impersonate is missing; the request itself was not looked at',
    what: [
      mode === undefined
        ? requestText(denial, names, moreNames)
        : `${denial.wrappedVerb ?? 'a request'} as somebody else (${mode}): ${requestText({ ...denial, verb: denial.wrappedVerb ?? 'use' })}`,
    ],
    who: whoOf(user),
    where: scopeText(denial),
    steps: [
      '# ask as yourself: leave out --as and --as-group',
      ...(grant
        ? [
            '# only if it is meant to act as others:',
            ...grantSteps(grant.user, grant.question).map((step) => `# ${step}`),
          ]
        : ['# if it is meant to act as others: the verb impersonate on exactly that user, group or ServiceAccount']),
    ],
    watch: [
      'whoever may impersonate has every right of whom it impersonates',
      ...(accountOfUser(user ?? '')
        ? ['controllers such as Flux impersonate on purpose (spec.serviceAccountName)']
        : []),
    ],
    see: ['forbidden-by-rbac'],
    ...(grant ? { grant: leastGrant(grant.user, grant.question) } : {}),
  };
}

/** Nobody was recognised. */
export function explainUnauthenticated({ denial, namespace }: Told<DenialOf<'unauthenticated'>>): Explanation {
  const anonymous = denial.user !== undefined;
  return {
    class: denial.class,
    rbac: false,
    headline: anonymous
      ? 'no credentials were sent; no role or binding will help'
      : 'the credentials were not valid (401); no role or binding will help',
    what: [
      anonymous
        ? requestText({ danglingRoles: [], scope: 'unknown', ...denial })
        : 'a request whose token or certificate the API server does not accept',
    ],
    ...(anonymous ? { who: 'User system:anonymous: nobody in particular' } : {}),
    where: 'wherever it was asked from: the message does not say',
    steps: [
      '# a person: which user and cluster the kubeconfig means, and whether it logs in',
      'kubectl config view --minify',
      'kubectl auth whoami',
      '# a pod: tokens of a ServiceAccount that was deleted and made anew are void until the pod restarts',
      shell`kubectl -n ${namespace} get serviceaccounts`,
      '# a kubelet or token that "is not yet valid": compare the clocks of the machines',
    ],
    watch: ['never bind anything to system:anonymous or system:unauthenticated to end this'],
    see: ['forbidden-unauthenticated', 'platform-service-account-missing', 'platform-token-not-mounted'],
  };
}
