import { refOf } from '../kubernetes/resource-of.ts';
import { podSpecPath, secretUses, type SecretUse } from '../kubernetes/secret-uses.ts';
import { pullFailures } from '../kubernetes/image-pull.ts';
import { defineCheck, type View } from '../model/check.ts';
import type { Evidence, FindingDraft, Remediation, Severity } from '../model/finding.ts';
import { qualifiedName } from '../model/object.ts';
import { PLATFORM_IDS } from '../model/platform.ts';
import { WORKLOADS } from '../model/resource.ts';
import { count, shellQuote } from '../model/text.ts';
import { absent, ageOf, judgedNamespaces, manual, MINUTE } from './drafting.ts';
import { secretsTheKubeletMisses, type Missed } from './missed-secrets.ts';
import { copyStep } from './registry-steps.ts';
import { isGeneratedPullSecret } from './secret-names.ts';
import { objectKey, subjectsIn, type Subject } from './workload-subjects.ts';

type ReferenceView = View<(typeof WORKLOADS)[number] | 'replicasets.apps' | 'secrets' | 'registry-secrets' | 'events'>;

export default defineCheck({
  id: 'secret-reference-missing',
  title: 'Every Secret that pods refer to exists with its keys',
  severity: 'high',
  area: 'registry',
  platforms: PLATFORM_IDS,
  reads: [...WORKLOADS, 'secrets'],
  evidence: ['replicasets.apps', 'registry-secrets', 'events'],
  causes: [{ check: 'registry-secret-missing', by: ['namespace', 'secret'] }],
  *run(view) {
    for (const namespace of judgedNamespaces(view.platform)) {
      view.complete('secrets', namespace);
      const missing = new Map<string, Reference[]>();
      for (const subject of subjectsIn(view, namespace)) {
        if (isExcused(subject, view.now)) continue;
        for (const reference of referencesOf(view, subject, namespace)) {
          view.examined();
          if (!reference.missing) continue;
          const key = JSON.stringify([reference.use.secret, reference.missing.key ?? '']);
          missing.set(key, [...(missing.get(key) ?? []), reference]);
        }
      }
      for (const [first, ...others] of missing.values()) {
        if (first) yield finding(view, namespace, [first, ...others]);
      }
    }
  },
});

/** Hooks may run before what they need is there, and a workload before the Secret that is applied right after it. */
function isExcused({ object }: Subject, now: number): boolean {
  if (object.metadata.annotations?.['helm.sh/hook'] !== undefined) return true;
  return (ageOf(object.metadata.creationTimestamp, now) ?? Infinity) < 5 * MINUTE;
}

interface Reference {
  readonly subject: Subject;
  readonly use: SecretUse;
  readonly missing?: Missing;
}

/** `said`: the kubelet says so, as an event or in a container's status. */
interface Missing {
  readonly key?: string;
  readonly said?: Missed;
}

function referencesOf(view: ReferenceView, subject: Subject, namespace: string): readonly Reference[] {
  const said = secretsTheKubeletMisses(subject.pods, view.evidence('events', namespace));
  return secretUses(subject.spec, podSpecPath(subject.resource))
    .filter(({ optional, secret }) => !optional && !isGeneratedPullSecret(secret))
    .map((use) => {
      const missing = missingOf(view, use, namespace, said);
      return { subject, use, ...(missing ? { missing } : {}) };
    });
}

function missingOf(
  view: ReferenceView,
  { secret, keys }: SecretUse,
  namespace: string,
  said: readonly Missed[],
): Missing | undefined {
  const found = view.find('secrets', secret, namespace);
  const heard = said.find((missed) => missed.secret === secret && (!missed.key || keys.includes(missed.key)));
  if (found === 'absent') return heard ? { said: heard } : {};
  if (found === 'unknown') return heard && withKey(heard.key, heard);
  const content = view.evidence('registry-secrets', namespace).find(({ metadata }) => metadata.name === secret);
  const present = found.keys ?? content?.keys;
  // The inventory of a cluster has no keys: there only a container that waits for one tells.
  const key = present ? keys.find((wanted) => !present.includes(wanted)) : heard?.key;
  return key === undefined ? undefined : withKey(key, heard);
}

function withKey(key: string | undefined, said: Missed | undefined): Missing {
  return { ...(key === undefined ? {} : { key }), ...(said ? { said } : {}) };
}

function finding(
  view: ReferenceView,
  namespace: string,
  references: readonly [Reference, ...Reference[]],
): FindingDraft {
  const [{ use, missing }] = references;
  const { secret } = use;
  const key = missing?.key;
  const subjects = [...new Set(references.map(({ subject }) => subject))];
  const said = references.find((reference) => reference.missing?.said)?.missing?.said;
  const certain = view.find('secrets', secret, namespace) !== 'unknown' || said?.current === true;
  const whole = absent('secrets', secret, namespace);
  return {
    object: key === undefined ? whole : { apiVersion: whole.apiVersion, kind: whole.kind, namespace, name: secret },
    ...(key === undefined ? {} : { discriminator: key }),
    message: `Secret ${namespace}/${secret}, which ${referrers(subjects)}, ${key === undefined ? 'does not exist' : `has no key ${key}`}`,
    severity: severityOf(view, namespace, references),
    confidence: certain ? 'certain' : 'likely',
    evidence: [...references.slice(0, SHOWN).map(referenceEvidence), ...(said ? [said.evidence] : [])],
    remediation: remediationOf(view, namespace, secret, key),
    keys: {
      secret,
      object: subjects.flatMap(({ ref, pods }) => [ref, ...pods.map((pod) => refOf('pods', pod))].map(objectKey)),
    },
    params: { referrers: references.length },
  };
}

function referrers(subjects: readonly Subject[]): string {
  const [first, ...others] = subjects.map(({ ref }) => `${ref.kind} ${qualifiedName(ref)}`);
  return others.length === 0
    ? `${first ?? ''} refers to`
    : `${first ?? ''} and ${count(others.length, 'other workload')} refer to`;
}

/** A missing pull Secret only takes its credentials away; what is mounted or in the environment keeps a pod from starting. */
function severityOf(view: ReferenceView, namespace: string, references: readonly Reference[]): Severity {
  if (references.some(({ use }) => use.via !== 'pull')) return 'high';
  const events = view.evidence('events', namespace);
  const failing = references.some(({ subject }) =>
    subject.pods.some((pod) => pullFailures(pod, events).some((failure) => failure.class === 'auth')),
  );
  return failing ? 'high' : 'medium';
}

const SHOWN = 5;

function referenceEvidence({ subject, use }: Reference): Evidence {
  return {
    type: 'object',
    object: subject.ref,
    path: use.path,
    observed: { secret: use.secret, ...(use.keys.length > 0 ? { keys: use.keys } : {}) },
  };
}

function remediationOf(view: ReferenceView, namespace: string, secret: string, key: string | undefined): Remediation {
  const source = view.platform.id === 'crewai' ? view.platform.registrySecret : undefined;
  if (secret === source?.name && namespace !== source.sourceNamespace && key === undefined) {
    return manual(
      'Copy the registry secret into the namespace, without the metadata of its source',
      copyStep({ namespace: source.sourceNamespace, name: secret }, namespace),
    );
  }
  const namesakes = view
    .evidence('secrets')
    .filter(({ metadata }) => metadata.name === secret && metadata.namespace !== namespace)
    .map(({ metadata }) => metadata.namespace ?? '');
  return manual(
    key === undefined
      ? 'Create the Secret that the pods refer to'
      : 'Add the key to the Secret, or correct the reference',
    ...(key === undefined
      ? [`kubectl -n ${shellQuote(namespace)} get secrets`]
      : [`kubectl -n ${shellQuote(namespace)} describe secret ${shellQuote(secret)}`]),
    ...(namesakes.length > 0
      ? [`# of the same name, perhaps with another content: in ${namesakes.slice(0, SHOWN).join(', ')}`]
      : []),
  );
}
