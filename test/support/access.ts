import { accessRun } from '../../src/commands/shared/access-run.ts';
import { questionOfWords, subjectOfWord } from '../../src/commands/shared/access-words.ts';
import { NO_REQUESTS } from '../../src/commands/shared/reading.ts';
import { matrixDocument, whoDocument, whyDocument } from '../../src/audit/access-document.ts';
import { accessMatrix } from '../../src/audit/access-matrix.ts';
import { accessWho, type WhoInput } from '../../src/audit/access-who.ts';
import { accessWhy } from '../../src/audit/access-why.ts';
import type { AccessDocument, AccessMatrix, AccessWho, AccessWhy } from '../../src/model/access-document.ts';
import type { AccessReview } from '../../src/model/derived.ts';
import type { CrewaiPlatform, Platform } from '../../src/model/platform.ts';
import { withListing, type Gap, type Snapshot } from '../../src/model/snapshot.ts';
import { detectCrewai } from '../../src/platforms/crewai.ts';
import { NOW, snapshotOf, type Scenario } from './scenario.ts';

/** A scenario and what the API server says when it is asked (whatever it is asked). */
export interface AccessScenario extends Scenario {
  readonly server?: AccessReview['answer'];
}

const USAGE = 'kubectl crewiso access';

function platformIn(snapshot: Snapshot, scenario: AccessScenario): CrewaiPlatform | undefined {
  const found = detectCrewai(snapshot, scenario.settings ?? {});
  return 'platform' in found ? found.platform : undefined;
}

function documentRun(snapshot: Snapshot, platform: Platform | undefined, gaps: readonly Gap[]) {
  const reading = { snapshot, requests: NO_REQUESTS, interrupted: false, notes: [], settings: {} };
  const { run, ...rest } = accessRun({ reading, platform, version: '0.0.0', startedAt: NOW }, gaps);
  return { ...rest, run: { ...run, durationMs: 0 } };
}

type Of<T, V> = Extract<T, { readonly view: V }>;

/** `access why` in the words of the command line; `-n NAMESPACE` may stand at the end. */
export function why(
  scenario: AccessScenario,
  words: string,
  groups: readonly string[] = [],
): AccessWhy & { code: number } {
  const document = whyDocumentOf(scenario, words, groups);
  return { ...document.why, code: document.exit.code };
}

export function whyDocumentOf(
  scenario: AccessScenario,
  words: string,
  groups: readonly string[] = [],
): Of<AccessDocument, 'why'> {
  const [line = '', namespace] = words.split(' -n ');
  const [subject, verb, resource, name] = line.split(' ');
  const { identity, group } = subjectOfWord(subject, groups, USAGE);
  const { question, notes, namespaced } = questionOfWords({ verb, resource, name, namespace }, USAGE);
  const own = snapshotOf(scenario);
  const review = {
    metadata: { name: 'question-1' },
    user: identity.user,
    question,
    answer: scenario.server ?? 'unknown',
  };
  const snapshot =
    scenario.server === undefined ? own : withListing(own, 'access-reviews', { items: [review], gaps: [] });
  const platform = platformIn(snapshot, scenario);
  const answer = accessWhy({
    snapshot,
    identity,
    question,
    namespaced,
    notes,
    ...(platform ? { platform } : {}),
    ...(group === undefined ? {} : { group }),
  });
  return whyDocument(documentRun(snapshot, platform, answer.gaps), answer.why) as Of<AccessDocument, 'why'>;
}

export function matrix(
  scenario: AccessScenario,
  profile: 'core' | 'full' = 'full',
): AccessMatrix & { code: number; document: AccessDocument } {
  const snapshot = snapshotOf(scenario);
  const platform = platformIn(snapshot, scenario);
  if (!platform?.account) throw new Error('no platform, or not its account');
  const answer = accessMatrix({ snapshot, platform, account: platform.account, profile });
  const document = matrixDocument(documentRun(snapshot, platform, answer.gaps), answer.matrix);
  return { ...answer.matrix, code: document.exit.code, document };
}

export function who(
  scenario: AccessScenario,
  words: string,
  more: Partial<WhoInput> = {},
): AccessWho & { code: number; document: AccessDocument } {
  const [line = '', namespace] = words.split(' -n ');
  const [verb, resource, name] = line.split(' ');
  const { question, namespaced } = questionOfWords({ verb, resource, name, namespace }, USAGE);
  const snapshot = snapshotOf(scenario);
  const platform = platformIn(snapshot, scenario);
  const tenants = namespaced ? (platform?.tenants ?? []).map((tenant) => tenant.namespace) : [];
  const answer = accessWho({
    snapshot,
    question,
    namespaces: namespace === undefined ? tenants : [namespace],
    outsideOnly: false,
    notes: [],
    ...(platform ? { platform } : {}),
    ...more,
  });
  const document = whoDocument(documentRun(snapshot, platform, answer.gaps), answer.who);
  return { ...answer.who, code: document.exit.code, document };
}

/** A binding with its role, as YAML: `rules` are YAML flow maps. */
export const granted = (
  namespace: string | undefined,
  name: string,
  subject: string,
  rules: string,
): string => `apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: ${name}}
rules: [${rules}]
---
${bound(namespace, name, subject, `{kind: ClusterRole, name: ${name}}`)}`;

/** A binding to a role that is there, or is not. */
export const bound = (
  namespace: string | undefined,
  name: string,
  subject: string,
  role: string,
): string => `apiVersion: rbac.authorization.k8s.io/v1
kind: ${namespace === undefined ? 'Cluster' : ''}RoleBinding
metadata: {name: ${name}${namespace === undefined ? '' : `, namespace: ${namespace}`}}
roleRef: ${role}
subjects: [${subject}]`;
