import { questionOfRule, serviceAccountIdentity } from '../kubernetes/rbac-question.ts';
import type { AccessMatrix, MatrixRow } from '../model/access-document.ts';
import type { AccessReview } from '../model/derived.ts';
import type { CrewaiPlatform } from '../model/platform.ts';
import type { AccessQuestion } from '../model/reading.ts';
import type { Gap } from '../model/snapshot.ts';
import { rbacGaps, uniqueGaps } from './access-completeness.ts';
import { columnsOf } from './access-columns.ts';
import { excessOf } from './access-excess.ts';
import { createJudge, type JudgeInput } from './access-rows.ts';

/**
 * What an account may do in every namespace of the platform. Namespaces with bindings to roles of the same rules are
 * judged once, so that the work grows with different namespaces, not with all.
 */
export function accessMatrix(input: JudgeInput): { readonly matrix: AccessMatrix; readonly gaps: readonly Gap[] } {
  const { snapshot, platform, account, profile } = input;
  const judge = createJudge(input);
  const places = placesOf(platform);
  const rows = places.flatMap(({ of, namespaces, needed }) => judge.rows(of, namespaces, needed));
  const excess = excessOf(snapshot, platform, judge);
  const hidden = places.flatMap(({ namespaces, needed }) =>
    needed ? namespaces.filter((namespace) => judge.isHidden(namespace)) : [],
  );
  return {
    matrix: {
      account,
      profile,
      confidence: confidenceOf(judge.reviews),
      columns: columnsOf(platform.needs[profile]),
      rows,
      excess: excess.found,
      excessComplete: excess.gaps.length === 0,
      left: leftOf(platform),
      notes: notesOf(input),
    },
    gaps: uniqueGaps([...hidden.flatMap((namespace) => rbacGaps(snapshot, namespace)), ...excess.gaps]),
  };
}

/** The matrix of a platform, or of an account, that could not be found. */
export function emptyMatrix(profile: AccessMatrix['profile'], why: string): AccessMatrix {
  const nothing = { columns: [], rows: [], excess: [], excessComplete: false, left: [] };
  return { profile, confidence: 'likely', ...nothing, notes: [why] };
}

/** What to ask the API server: one denied right of each row that lacks any, in its first namespace. */
export function matrixQuestions(input: JudgeInput): readonly AccessQuestion[] {
  const identity = serviceAccountIdentity(input.account.namespace, input.account.name);
  return accessMatrix(input).matrix.rows.flatMap(({ missing, unknown, namespaces: [namespace] }) => {
    const rule = missing[0] ?? unknown[0];
    return rule && namespace !== undefined ? [{ identity, question: questionOfRule({ ...rule, namespace }) }] : [];
  });
}

interface Place {
  readonly of: MatrixRow['of'];
  readonly namespaces: readonly string[];
  readonly needed: boolean;
}

/** Tenants first, alone where the user chose some. With isolation on for all, crews run in no namespace but theirs. */
function placesOf(platform: CrewaiPlatform): readonly Place[] {
  const { sharedNamespace, platformNamespace, isolation, selection } = platform;
  const tenants = platform.tenants.filter(({ exists, terminating }) => exists !== false && !terminating);
  const crewsInShared = isolation.state !== 'on' || isolation.late;
  const ofTenants: Place = { of: 'tenant', namespaces: tenants.map(({ namespace }) => namespace), needed: true };
  if (selection?.only) return [ofTenants];
  return [
    ofTenants,
    { of: 'shared', namespaces: [sharedNamespace], needed: crewsInShared },
    ...(platformNamespace === sharedNamespace
      ? []
      : [{ of: 'platform' as const, namespaces: [platformNamespace], needed: false }]),
  ];
}

function leftOf({ tenants }: CrewaiPlatform): AccessMatrix['left'] {
  return tenants.flatMap(({ namespace, exists, terminating }) => {
    if (exists === false) return [{ namespace, why: 'does not exist' }];
    return terminating ? [{ namespace, why: 'is being deleted' }] : [];
  });
}

function notesOf({ snapshot, account }: JudgeInput): readonly string[] {
  const { namespace, name } = account;
  if (snapshot.find('serviceaccounts', name, namespace)) return [];
  return snapshot.completeness('serviceaccounts', namespace) === 'complete'
    ? [`ServiceAccount ${namespace}/${name} does not exist; bindings count all the same`]
    : [];
}

/** One disagreement means that another authorizer takes part, and then the model alone proves nothing. */
function confidenceOf(reviews: readonly AccessReview[]): AccessMatrix['confidence'] {
  const agrees = reviews.some(({ answer }) => answer === 'denied');
  return agrees && !reviews.some(({ answer }) => answer === 'allowed') ? 'certain' : 'likely';
}
