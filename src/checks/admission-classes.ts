import type { Denial } from '../kubernetes/forbidden.ts';
import type { Remediation } from '../model/finding.ts';
import { shellQuote } from '../model/text.ts';
import { manual } from './drafting.ts';

const CLASSES = [
  'quota',
  'quota-unset',
  'limit-range',
  'pod-security',
  'account-missing',
  'secret-reference',
  'terminating',
  'owner-reference',
  'admission-policy',
  'webhook',
  'webhook-down',
  'protected',
  'crd-terminating',
  'admission-other',
] as const;
type Class = (typeof CLASSES)[number];
/** A refusal of something that was authorized: its content was refused, and no role or binding helps. */
export type Admission = Extract<Denial, { class: Class }>;

export function isAdmission(denial: Denial): denial is Admission {
  return CLASSES.some((name) => name === denial.class);
}

interface Reading<D> {
  /** The quota, policy, webhook or account that refused. */
  readonly name: (denial: D) => string;
  readonly words: (name: string) => string;
  readonly repair: (denial: D, namespace: string) => Remediation;
}

const nameless = (): string => '';
const owner = (): Remediation =>
  manual(
    'Ask the owner of what refused it',
    '# a RoleBinding does not help: the request was authorized, its content was refused',
  );
const quotaRepair = (denial: { readonly quota?: string }, namespace: string): Remediation =>
  manual(
    'Raise the quota, free what uses it, or state requests and limits',
    `kubectl -n ${namespace} describe resourcequota${denial.quota === undefined ? '' : ` ${shellQuote(denial.quota)}`}`,
    `kubectl -n ${namespace} describe limitrange`,
  );

const READINGS: { readonly [C in Class]: Reading<Extract<Denial, { class: C }>> } = {
  quota: {
    name: ({ quota = '' }) => quota,
    words: (name) => `refused by ResourceQuota ${name}, which is used up`,
    repair: quotaRepair,
  },
  'quota-unset': {
    name: ({ quota }) => quota,
    words: (name) => `refused, because ResourceQuota ${name} makes every container state its requests or limits`,
    repair: quotaRepair,
  },
  'limit-range': {
    name: nameless,
    words: () => 'refused by a LimitRange',
    repair: (_, namespace) =>
      manual('Fit the containers into the LimitRange, or ask its owner', `kubectl -n ${namespace} describe limitrange`),
  },
  'pod-security': {
    name: ({ level }) => level,
    words: (name) => `refused by Pod Security level ${name}`,
    repair: (_, namespace) =>
      manual(
        'Change the pod template, or ask the owner of the level',
        `kubectl get namespace ${namespace} --show-labels`,
      ),
  },
  'account-missing': {
    name: ({ account }) => account.name,
    words: (name) => `refused, because ServiceAccount ${name} does not exist`,
    repair: ({ account }) =>
      manual(
        'Create the ServiceAccount',
        `kubectl -n ${shellQuote(account.namespace)} create serviceaccount ${shellQuote(account.name)}`,
      ),
  },
  'secret-reference': {
    name: ({ secret }) => secret,
    words: (name) => `refused, because its ServiceAccount may not use Secret ${name}`,
    repair: owner,
  },
  terminating: {
    name: nameless,
    words: () => 'refused, because the namespace is being deleted',
    repair: (_, namespace) =>
      manual('Let the deletion finish first', `kubectl get namespace ${namespace} -o jsonpath='{.status.conditions}'`),
  },
  'owner-reference': {
    name: nameless,
    words: () => 'refused, because its maker may not change what is to own it',
    repair: ({ needs }) =>
      manual(
        'Let the owner of its maker grant what an owner reference takes',
        needs === 'finalizers'
          ? '# the verb update on the subresource finalizers of the kind that owns it, in the role of whoever makes it'
          : '# the verb delete on the kind that owns it, in the role of whoever makes it',
      ),
  },
  'admission-policy': {
    name: ({ policy }) => policy,
    words: (name) => `refused by ValidatingAdmissionPolicy ${name}`,
    repair: owner,
  },
  webhook: { name: ({ webhook }) => webhook, words: (name) => `refused by admission webhook ${name}`, repair: owner },
  'webhook-down': {
    name: ({ webhook }) => webhook,
    words: (name) => `not let in, because admission webhook ${name} does not answer`,
    repair: () =>
      manual('Repair the webhook', 'kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations'),
  },
  protected: { name: nameless, words: () => 'refused, because the object is protected', repair: owner },
  'crd-terminating': {
    name: nameless,
    words: () => 'refused, because its CustomResourceDefinition is being deleted',
    repair: owner,
  },
  'admission-other': { name: nameless, words: () => 'refused by admission', repair: owner },
};

/** Name, words and repair of one refusal. */
export function readAdmission(
  denial: Admission,
  namespace: string,
): { readonly name: string; readonly words: string; readonly remediation: Remediation } {
  // The table's entry for a class takes that class; TypeScript cannot follow the correlation.
  const reading = READINGS[denial.class] as unknown as Reading<Admission>;
  const name = reading.name(denial);
  return { name, words: reading.words(name), remediation: reading.repair(denial, namespace) };
}
