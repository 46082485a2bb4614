import { placeOf, shell, targetText, type DenialOf, type Explanation, type Told } from './denial-explanation.ts';
import { explainQuota, explainQuotaUnset } from './denial-advice-quota.ts';
import type { Refused } from './forbidden-denial.ts';

type AccessClass = 'rbac' | 'cloud-iam' | 'impersonation' | 'unauthenticated' | 'escalation';
type AdmissionClass = Exclude<Refused['class'], AccessClass>;
type Advice<C extends Refused['class']> = (told: Told<DenialOf<C>>) => Explanation;

const NO_BINDING = 'a RoleBinding will not help';

/** What all of them have in common: the request was allowed, and its content refused. */
function admission(
  told: Told<DenialOf<AdmissionClass>>,
  headline: string,
  more: { what?: readonly string[]; steps: readonly string[]; watch?: readonly string[]; see?: readonly string[] },
): Explanation {
  return {
    class: told.denial.class,
    rbac: false,
    headline: `${headline}; ${NO_BINDING}`,
    what: [targetText(told), ...(more.what ?? [])],
    where: placeOf(told.namespace),
    steps: more.steps,
    watch: more.watch ?? [],
    see: more.see ?? ['forbidden-by-admission'],
  };
}

const WEBHOOKS =
  'kubectl get validatingwebhookconfigurations,mutatingwebhookconfigurations -o custom-columns=KIND:.kind,NAME:.metadata.name,WEBHOOKS:.webhooks[*].name';

export const ADMISSION_ADVICE: { readonly [C in AdmissionClass]: Advice<C> } = {
  quota: explainQuota,
  'quota-unset': explainQuotaUnset,
  'limit-range': (told) =>
    admission(told, 'a LimitRange refused the sizes that the object states', {
      what: told.denial.violations,
      steps: [
        '# change requests and limits in the pod template to fit, or ask the owner of the LimitRange',
        shell`kubectl -n ${told.namespace} describe limitrange`,
      ],
      watch: ["a container that states no limit gets the LimitRange's default, which may be what is refused"],
    }),
  'pod-security': (told) => {
    const { level, version, violations } = told.denial;
    return admission(told, `the namespace enforces Pod Security level ${level}, which the pod breaks`, {
      what: [
        `level ${level}${version === '' ? '' : `:${version}`}`,
        ...violations.map(({ check, detail }) => (detail === undefined ? check : `${check}: ${detail}`)),
      ],
      steps: [
        '# set in the pod template what each line above says; the least change is in the workload, not in the namespace',
        shell`kubectl get namespace ${told.namespace} --show-labels`,
      ],
      watch: [
        'Deployments and Jobs are accepted with a warning: it is their pods that are refused',
        'lowering pod-security.kubernetes.io/enforce opens the namespace for every pod in it: ask its owner',
      ],
    });
  },
  'account-missing': (told) => {
    const { namespace, name } = told.denial.account;
    return admission(told, `ServiceAccount ${namespace}/${name} does not exist, so no pod can run as it`, {
      steps: [shell`kubectl -n ${namespace} create serviceaccount ${name}`],
      watch: ['in a namespace that was just created this is over as soon as its controller has made the account'],
      see: ['platform-service-account-missing', 'forbidden-by-admission'],
    });
  },
  'secret-reference': (told) => {
    const { secret, account } = told.denial;
    const field = told.denial.message.includes('imagePullSecrets') ? 'imagePullSecrets' : 'secrets';
    const patch = JSON.stringify({ [field]: [{ name: secret }] });
    return admission(told, `ServiceAccount ${account} may mount only the Secrets it lists, and ${secret} is not one`, {
      steps: [
        '# the account is annotated kubernetes.io/enforce-mountable-secrets; to let its pods use this Secret:',
        shell`kubectl -n ${told.namespace} patch serviceaccount ${account} -p ${patch}`,
      ],
      see: ['secret-reference-missing', 'forbidden-by-admission'],
    });
  },
  terminating: (told) => {
    const { namespace } = told.denial;
    return admission(told, `namespace ${namespace} is being deleted, and nothing new may come into it`, {
      steps: [
        '# wait until it is gone, then create it anew; what it waits for:',
        shell`kubectl get namespace ${namespace} -o ${'jsonpath={.status.conditions}'}`,
      ],
      watch: ['taking finalizers away by hand leaves behind what they were to clean up'],
      see: ['namespace-terminating'],
    });
  },
  protected: (told) =>
    admission(told, "the namespace is one of Kubernetes' own and cannot be deleted", {
      steps: ['# nothing to do: delete what is in it instead'],
    }),
  'crd-terminating': (told) => {
    const { resource = '', group = '' } = told.denial.target ?? {};
    return admission(told, 'the CustomResourceDefinition is being deleted, and no new object may be made', {
      steps: [
        '# wait until it is gone, then install it anew; what it waits for:',
        shell`kubectl get customresourcedefinition ${`${resource}.${group}`} -o ${'jsonpath={.metadata.finalizers} {.status.conditions}'}`,
      ],
    });
  },
  'admission-policy': (told) => {
    const { policy, binding, reason } = told.denial;
    return admission(told, `ValidatingAdmissionPolicy ${policy} refused the object`, {
      what: [reason],
      steps: [
        '# change the object as the policy says, or ask its owner',
        shell`kubectl get validatingadmissionpolicy ${policy} -o yaml`,
        ...(binding === undefined ? [] : [shell`kubectl get validatingadmissionpolicybinding ${binding} -o yaml`]),
      ],
    });
  },
  webhook: (told) =>
    admission(told, `admission webhook ${told.denial.webhook} refused the object`, {
      what: [told.denial.reason],
      steps: ['# change the object as it says, or ask its owner; whose it is:', WEBHOOKS],
    }),
  'webhook-down': (told) =>
    admission(told, `admission webhook ${told.denial.webhook} does not answer, and nothing passes without it`, {
      what: [told.denial.reason],
      steps: [
        '# repair the Service or pods behind it; which configuration it is (clientConfig names the Service):',
        WEBHOOKS,
      ],
      watch: ['failurePolicy Ignore would let everything pass unchecked: only with its owner'],
    }),
  'owner-reference': (told) => {
    const { needs, reason } = told.denial;
    return {
      ...admission(told, '', {
        what: [reason],
        steps: [
          needs === 'finalizers'
            ? '# in the role of whoever makes the object: the verb update on the subresource finalizers of the kind that owns it'
            : '# in the role of whoever makes the object: the verb delete on the kind that owns it',
        ],
        watch: ['the message does not say who asked: it is the controller that makes the object'],
      }),
      rbac: true,
      headline: 'an owner reference takes a right on the owner, which the maker lacks',
    };
  },
  registry: (told) => {
    const { image } = told.denial;
    return {
      ...admission(told, 'an image registry refused the pull', {
        steps: [
          '# which pull secrets the pods name, and whether they are there and for this registry:',
          shell`kubectl -n ${told.namespace} get pods -o ${'custom-columns=NAME:.metadata.name,PULL_SECRETS:.spec.imagePullSecrets[*].name'}`,
          shell`kubectl -n ${told.namespace} get secrets --field-selector ${'type=kubernetes.io/dockerconfigjson'}`,
        ],
        watch: ['pull secrets of a ServiceAccount reach only pods that are made later and name none themselves'],
        see: ['image-pull-failing', 'registry-secret-missing', 'registry-host-uncovered', 'registry-token-expired'],
      }),
      what: [image === undefined ? 'a pull; the message does not name the image' : `pull ${image}`],
    };
  },
  'admission-other': (told) =>
    admission(told, 'an admission plugin refused the object', {
      what: [told.denial.reason],
      steps: ['# change the object as it says, or ask whoever runs the cluster which plugin this is'],
    }),
};
