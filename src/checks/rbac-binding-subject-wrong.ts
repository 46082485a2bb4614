import { questionOfRule } from '../kubernetes/rbac-question.ts';
import { ruleAllows } from '../kubernetes/rbac-rules.ts';
import { authorizerOf } from '../kubernetes/rbac-snapshot.ts';
import type { BoundRole } from '../kubernetes/rbac.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type CrewaiView } from '../model/check.ts';
import type { FindingDraft } from '../model/finding.ts';
import type { Subject } from '../model/kinds.ts';
import type { Tenant } from '../model/platform.ts';
import { shellQuote } from '../model/text.ts';
import { ACCESS_EVIDENCE, ACCESS_READS, accessOf, freeBindingName, rbacComplete, type Access } from './access.ts';
import { bindingResource, removalSteps, roleFlag } from './binding-steps.ts';
import { ageOf, commented, livingTenants, manual, MINUTE } from './drafting.ts';
import { createBinding } from './fix-changes.ts';
import { misspelled } from './subject-spelling.ts';

const READS = [...ACCESS_READS, 'serviceaccounts'] as const;
type Eyes = CrewaiView<(typeof READS)[number] | (typeof ACCESS_EVIDENCE)[number]>;

/** The right by which a binding is told to be meant for the platform: no account can deploy without it. */
const CORE = { verb: 'get', group: '', resource: 'secrets' };

/** A binding is often applied moments before the account it names. */
const GRACE = 10 * MINUTE;

export default defineCheck({
  id: 'rbac-binding-subject-wrong',
  title: "Every binding names accounts that exist, the platform's with its own namespace",
  severity: 'high',
  area: 'rbac',
  platforms: ['crewai'],
  reads: READS,
  evidence: ACCESS_EVIDENCE,
  *run(view) {
    const { platform } = view;
    const access = accessOf(view);
    const authorizer =
      access?.authorizer ?? authorizerOf({ origin: view.origin, list: (resource) => view.evidence(resource) });
    const without = access ? tenantsWithoutRights(view, access) : [];
    const own = new Set([
      platform.platformNamespace,
      platform.sharedNamespace,
      ...livingTenants(platform).map(({ namespace }) => namespace),
    ]);
    for (const namespace of own) {
      view.complete('rolebindings.rbac.authorization.k8s.io', namespace);
      const inNeed = without.some((tenant) => tenant.namespace === namespace) ? [namespace] : [];
      for (const bound of authorizer.bindingsIn(namespace)) {
        view.examined();
        const miss = access && nearMiss(view, access, bound, inNeed);
        if (miss) yield miss;
        else yield* absentAccounts(view, bound);
      }
    }
    view.complete('clusterrolebindings.rbac.authorization.k8s.io');
    for (const bound of authorizer.bindingsIn()) {
      const miss =
        access &&
        nearMiss(
          view,
          access,
          bound,
          without.map(({ namespace }) => namespace),
        );
      if (miss) yield miss;
    }
  },
});

/** Where the account has none of the rights that it cannot do without. */
function tenantsWithoutRights(view: Eyes, access: Access): readonly Tenant[] {
  const { needs } = view.platform;
  const denied = access.denied(needs.core);
  return livingTenants(view.platform).filter(
    ({ namespace }) => denied(namespace).length === needs.core.length && rbacComplete(view, namespace),
  );
}

/** A binding that would give the platform's account its rights there, had it named that account rightly. */
function nearMiss(view: Eyes, access: Access, bound: BoundRole, inNeed: readonly string[]): FindingDraft | undefined {
  const { binding, kind, role } = bound;
  const [namespace] = inNeed;
  if (namespace === undefined || !role) return undefined;
  const question = questionOfRule({ ...CORE, namespace });
  if (!role.rules?.some((rule) => ruleAllows(rule, question))) return undefined;
  const index = (binding.subjects ?? []).findIndex(
    (subject) => misspelled(subject, access.account, kind, view.platform) !== undefined,
  );
  const subject = binding.subjects?.[index];
  if (!subject) return undefined;
  const { account } = access;
  const found = wordsOf(subject);
  const wanted = `ServiceAccount ${account.namespace}/${account.name}`;
  const where = binding.metadata.namespace;
  return {
    object: refOf(bindingResource(kind), binding),
    path: `/subjects/${String(index)}`,
    message: `${kind} ${where === undefined ? '' : `${where}/`}${binding.metadata.name} is for ${found}, but the platform's account is ${wanted}`,
    confidence: access.confidence,
    evidence: [
      {
        type: 'comparison',
        path: `/subjects/${String(index)}`,
        observed: found,
        expected: wanted,
        message: misspelled(subject, account, kind, view.platform) ?? '',
      },
    ],
    keys: { namespace: inNeed },
    ...bindFix(view, access, bound, inNeed),
    remediation: manual(
      "Bind the platform's real account beside it, then delete the wrong binding",
      ...inNeed.map(
        (name) =>
          `kubectl -n ${name} create rolebinding ${freeBindingName(access, name)} --${roleFlag(bound)} --serviceaccount=${account.namespace}:${account.name}`,
      ),
      ...(exists(view, subject, where)
        ? [
            `# ${found} exists: only if nothing needs the rights that it has from here:`,
            ...commented(removalSteps(bound, [index])),
          ]
        : removalSteps(bound, [index])),
    ),
  };
}

/** A ClusterRoleBinding that automatic mode asks for is the chart's to repair. */
function bindFix(
  { platform }: Eyes,
  access: Access,
  { binding, kind }: BoundRole,
  inNeed: readonly string[],
): Pick<FindingDraft, 'fix'> {
  if (kind === 'ClusterRoleBinding' && platform.mode.wanted === 'auto') return {};
  return {
    fix: {
      class: 'safe',
      summary: "create the platform's RoleBinding",
      changes: inNeed.map((name) =>
        createBinding(name, freeBindingName(access, name), binding.roleRef, access.account),
      ),
      verify: ['rbac-access-missing'],
    },
  };
}

/** A subject that is an account nobody made: the binding grants nothing, or lies in wait for whoever makes one. */
function* absentAccounts(view: Eyes, bound: BoundRole): Iterable<FindingDraft> {
  const { binding } = bound;
  const { namespace: own = '', name } = binding.metadata;
  if (isYoung(view, bound)) return;
  for (const [index, subject] of (binding.subjects ?? []).entries()) {
    if (subject.kind !== 'ServiceAccount') continue;
    const namespace = subject.namespace ?? own;
    if (view.find('serviceaccounts', subject.name, namespace) !== 'absent') continue;
    yield {
      object: refOf('rolebindings.rbac.authorization.k8s.io', binding),
      path: `/subjects/${String(index)}`,
      discriminator: `${namespace}/${subject.name}`,
      message: `RoleBinding ${own}/${name} is for ServiceAccount ${namespace}/${subject.name}, which does not exist`,
      severity: isPlatforms(view, namespace, subject) ? 'high' : 'medium',
      confidence: 'certain',
      evidence: [
        {
          type: 'absence',
          path: `/subjects/${String(index)}`,
          message: `there is no ServiceAccount ${namespace}/${subject.name}`,
        },
      ],
      keys: { account: `${namespace}/${subject.name}` },
      remediation: manual(
        'Create the account if something needs it, else delete the binding',
        `kubectl -n ${shellQuote(namespace)} create serviceaccount ${shellQuote(subject.name)}`,
        '# or, if nothing needs it:',
        ...commented(removalSteps(bound, [index])),
      ),
    };
  }
}

function exists(view: Eyes, { kind, namespace, name }: Subject, own: string | undefined): boolean {
  const accounts = kind === 'ServiceAccount' ? view.evidence('serviceaccounts', namespace ?? own) : [];
  return accounts.some(({ metadata }) => metadata.name === name);
}

function isYoung(view: Eyes, { binding }: BoundRole): boolean {
  return (ageOf(binding.metadata.creationTimestamp, view.now) ?? GRACE) < GRACE;
}

function isPlatforms(view: Eyes, namespace: string, subject: Subject): boolean {
  const { account } = view.platform;
  return account?.namespace === namespace && account.name === subject.name;
}

const wordsOf = ({ kind, namespace, name }: Subject): string =>
  `${kind} ${kind === 'ServiceAccount' ? `${namespace ?? '(no namespace)'}/` : ''}${name}`;
