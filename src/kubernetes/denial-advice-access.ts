import { namesText, type DenialOf, type Explanation, type Told } from './denial-explanation.ts';
import type { DeniedAccess, Refused } from './forbidden-denial.ts';
import { questionOfDenial } from './forbidden.ts';
import { grantSteps, leastGrant, subjectFlag } from './least-grant.ts';
import { accountOfUser, type Question } from './rbac-question.ts';
import { shellQuote } from '../model/text.ts';
import { watchpoints } from './denial-watch.ts';

type Access = DenialOf<'rbac' | 'cloud-iam' | 'impersonation'>;

/** `ServiceAccount crewai/crewai-sa`, `User anna` */
export function whoOf(user: string | undefined): string {
  const account = accountOfUser(user ?? '');
  return account ? `ServiceAccount ${account.namespace}/${account.name}` : `User ${user ?? '(cut off)'}`;
}

/** `get secrets "docker-registry"`, `list deployments.apps`, `get /metrics` */
export function requestText(denial: DeniedAccess, names: readonly string[] = [], moreNames = false): string {
  const { verb = '(cut off)', path, resource = '(cut off)', subresource, group = '' } = denial;
  if (path !== undefined) return `${verb} ${path}`;
  const kind = `${resource}${group === '' ? '' : `.${group}`}${subresource === undefined ? '' : `/${subresource}`}`;
  return `${verb} ${kind}${namesText(names, moreNames)}`;
}

/** Where it was denied, in words. */
export function scopeText({ scope, namespace }: DeniedAccess): string {
  switch (scope) {
    case 'namespace':
      return `namespace ${namespace ?? '(cut off)'}`;
    case 'cluster':
      return 'the cluster scope';
    case 'path':
      return 'a path of the API server, which is no object';
    case 'unknown':
      return 'unknown: the message ends before it says';
  }
}

/** A right that is missing, at its own namespace or at the cluster scope. */
export function explainAccess({ denial, names, moreNames }: Told<DenialOf<'rbac'>>): Explanation {
  const isNode = denial.user?.startsWith('system:node:') === true;
  const [dangling] = denial.danglingRoles;
  const question = grantedQuestion(denial, names);
  const grantable = question !== undefined && denial.user !== undefined && !isNode;
  return {
    class: denial.class,
    rbac: true,
    headline: headlineOf(denial, isNode),
    what: [
      requestText(denial, names, moreNames),
      ...denial.danglingRoles.map(
        ({ kind, name }) => `a binding that applies refers to ${kind} ${name}, which did not exist`,
      ),
      ...(denial.otherAuthorizer === undefined ? [] : [`another authorizer said: ${denial.otherAuthorizer}`]),
    ],
    who: whoOf(denial.user),
    where: scopeText(denial),
    steps: isNode
      ? ['# the node authorizer lets a kubelet read only what pods on its node refer to: no binding is needed']
      : [...danglingSteps(denial), ...(grantable ? stepsOf(denial.user, question, names, moreNames) : CUT)],
    watch: isNode ? [] : watchpoints(denial),
    see: ['forbidden-by-rbac', ...(dangling ? ['rbac-binding-role-missing'] : [])],
    ...(grantable ? { grant: leastGrant(denial.user, question) } : {}),
  };
}

function headlineOf({ danglingRoles, user, scope }: DenialOf<'rbac'>, isNode: boolean): string {
  if (isNode) return 'the node authorizer refused a kubelet what no pod on its node refers to';
  const [dangling] = danglingRoles;
  if (dangling) return `a binding is there, but its ${dangling.kind} ${dangling.name} did not exist`;
  const subject = accountOfUser(user ?? '') ? 'the account' : 'the user';
  return scope === 'cluster' || scope === 'path'
    ? `no ClusterRoleBinding gave ${subject} this right`
    : `no binding gave ${subject} this right`;
}

const CUT = ['# what is left of the message does not say everything: find it whole in the log of whoever was refused'];

function danglingSteps(denial: Access): readonly string[] {
  return denial.danglingRoles.length === 0
    ? []
    : ['# create the role that is missing, or make the binding anew with another one: a roleRef cannot be changed'];
}

/**
 * The question whose rule is the least: with the object's name where it can be named. A create carries none, and
 * deleting a collection neither. Source: k8s.io/apiserver/pkg/endpoints/request/requestinfo.go.
 */
export function grantedQuestion(
  denial: Extract<Refused, DeniedAccess>,
  names: readonly string[],
): Question | undefined {
  const question = questionOfDenial(denial);
  if (!question || 'path' in question) return question;
  const nameless = question.verb === 'deletecollection' || (question.verb === 'create' && !question.subresource);
  const name = nameless ? '' : (names[0] ?? question.name ?? '');
  return { ...question, name };
}

/** The commands of the grant: for exactly these names, or for all where there are too many of them. */
function stepsOf(user: string, question: Question, names: readonly string[], moreNames: boolean): readonly string[] {
  const intro = '# if it is meant to be allowed, exactly this and no more:';
  if ('path' in question || question.name === '') return [intro, ...grantSteps(user, question)];
  if (moreNames) {
    const many = '# more names were asked for than are kept here, so this allows all of them:';
    return [many, ...grantSteps(user, { ...question, name: '' })];
  }
  const [role = '', ...rest] = grantSteps(user, question);
  const others = names.slice(1).map((name) => ` --resource-name=${shellQuote(name)}`);
  return [intro, role + others.join(''), ...rest];
}

/** What lets somebody make bindings to one role without holding its rights; advice, as the role is not in the message. */
export function bindAdvice(user: string | undefined, namespace: string | undefined): readonly string[] {
  const scope = namespace === undefined ? '' : `-n ${shellQuote(namespace)} `;
  const kind = namespace === undefined ? 'clusterrole' : 'role';
  return [
    `# kubectl ${scope}create ${kind} bind-ROLE --verb=bind --resource=clusterroles.rbac.authorization.k8s.io --resource-name=ROLE`,
    ...(user === undefined
      ? []
      : [`# kubectl ${scope}create ${kind}binding bind-ROLE --${kind}=bind-ROLE ${subjectFlag(user)}`]),
  ];
}
