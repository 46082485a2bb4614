import { accountsOfGroup } from '../kubernetes/holders.ts';
import type { Misses } from '../kubernetes/access-misses.ts';
import { accountOfUser, type Question } from '../kubernetes/rbac-question.ts';
import type { Decision } from '../kubernetes/rbac.ts';
import type { Identity } from '../model/access.ts';
import type { Snapshot } from '../model/snapshot.ts';

export interface PitfallInput {
  readonly question: Question;
  readonly decision: Decision;
  readonly misses: Misses;
  readonly snapshot: Snapshot;
  readonly identity: Identity;
}

const CLUSTER_ROLES = 'clusterroles.rbac.authorization.k8s.io';

type Pitfall = (input: PitfallInput) => string | false | undefined;

/** What surprises people about an answer, said only where it plays a part. */
export function pitfallsOf(input: PitfallInput): readonly string[] {
  return [...new Set(PITFALLS.map((pitfall) => pitfall(input)).filter((note) => typeof note === 'string'))];
}

const PITFALLS: readonly Pitfall[] = [
  createWithNames,
  collectionsWithNames,
  listsWithNames,
  listedByName,
  rolesInEdit,
  throughGroups,
  absentAccount,
  assumedRole,
];

function lacksName({ misses }: PitfallInput): boolean {
  return misses.near.some((miss) => miss.why === 'rule' && miss.lack.of === 'name');
}

/** A POST has no name in its URL. Source: requestinfo.go. */
function createWithNames(input: PitfallInput): ReturnType<Pitfall> {
  const { question } = input;
  if ('path' in question || question.verb !== 'create' || question.name !== undefined) return undefined;
  return lacksName(input) && 'a rule with resourceNames never allows a create: the request carries no name';
}

function collectionsWithNames(input: PitfallInput): ReturnType<Pitfall> {
  if (input.question.verb !== 'deletecollection') return undefined;
  return lacksName(input) && 'deletecollection carries no name, not even with a field selector: allow delete by name';
}

function listsWithNames(input: PitfallInput): ReturnType<Pitfall> {
  const { question } = input;
  if ('path' in question || question.name !== undefined || !['list', 'watch'].includes(question.verb)) return undefined;
  return (
    lacksName(input) &&
    `a rule with resourceNames allows ${question.verb} only with --field-selector metadata.name=NAME: ask with NAME`
  );
}

function listedByName({ question, decision }: PitfallInput): ReturnType<Pitfall> {
  if ('path' in question || !decision.allowed || !['list', 'watch'].includes(question.verb)) return undefined;
  const names = decision.via?.rule.resourceNames ?? [];
  return (
    names.length > 0 &&
    question.name !== undefined &&
    `only with --field-selector metadata.name=${question.name}: a plain ${question.verb} is denied`
  );
}

/** The built-in edit and view know nothing of RBAC itself. */
function rolesInEdit({ question, decision }: PitfallInput): ReturnType<Pitfall> {
  if ('path' in question || question.group !== 'rbac.authorization.k8s.io' || decision.allowed) return undefined;
  return 'the built-in ClusterRoles edit and view hold no rights over roles and bindings; admin does, within a namespace';
}

/** Reviews and impersonation see only the groups that they are handed. */
function throughGroups({ decision, identity }: PitfallInput): ReturnType<Pitfall> {
  if (!decision.allowed || decision.via?.subject.kind !== 'Group' || !accountOfUser(identity.user)) return undefined;
  const { name } = decision.via.subject;
  return (
    accountsOfGroup(name) !== undefined &&
    `through the group ${name}: kubectl --as needs --as-group=${name} to see it, and so does every access review`
  );
}

function absentAccount({ snapshot, identity }: PitfallInput): ReturnType<Pitfall> {
  const account = accountOfUser(identity.user);
  if (!account || snapshot.find('serviceaccounts', account.name, account.namespace)) return undefined;
  return (
    snapshot.completeness('serviceaccounts', account.namespace) === 'complete' &&
    `ServiceAccount ${account.namespace}/${account.name} does not exist; bindings count all the same`
  );
}

/** Files rarely bring the built-in roles, and clusters change them. */
function assumedRole({ snapshot, decision, misses }: PitfallInput): ReturnType<Pitfall> {
  if (snapshot.origin.from !== 'manifests') return undefined;
  const via = decision.allowed && decision.via ? [decision.via] : [];
  const used = [...via, ...misses.near.filter(({ why }) => why !== 'role-missing').map(({ bound }) => bound)];
  const assumed = used
    .map(({ binding }) => binding.roleRef)
    .find(({ kind, name }) => kind === 'ClusterRole' && !snapshot.find(CLUSTER_ROLES, name));
  return assumed && `ClusterRole ${assumed.name} is not in the files: taken to be as Kubernetes ships it`;
}
