/** One type of object that API servers serve, under all its names. */
export interface KnownResource {
  readonly group: string;
  readonly plural: string;
  readonly singular: string;
  readonly shortNames: readonly string[];
  readonly namespaced: boolean;
  readonly subresources: readonly string[];
}

/** A resource as somebody wrote it, or why it cannot be meant. */
export type NamedResource =
  | {
      readonly group: string;
      readonly resource: string;
      readonly subresource?: string;
      /** Unknown for types of which this program knows nothing: custom resources, `*`. */
      readonly namespaced?: boolean;
    }
  | { readonly problem: string; readonly advice?: string; readonly unknown?: string };

/**
 * `plural Singular scope`, where scope is N(amespaced) or C(luster), then optionally `~short names` and
 * `/subresources`; groups in the order in which kubectl looks for a name (core first).
 */
const SERVED: readonly (readonly [group: string, lines: readonly string[]])[] = [
  [
    '',
    [
      'configmaps configmap N ~cm',
      'endpoints endpoints N ~ep',
      'events event N ~ev',
      'limitranges limitrange N ~limits',
      'namespaces namespace C ~ns /finalize,status',
      'nodes node C ~no /log,metrics,proxy,stats,status',
      'persistentvolumeclaims persistentvolumeclaim N ~pvc /status',
      'persistentvolumes persistentvolume C ~pv /status',
      'pods pod N ~po /attach,binding,ephemeralcontainers,eviction,exec,log,portforward,proxy,resize,status',
      'podtemplates podtemplate N',
      'replicationcontrollers replicationcontroller N ~rc /scale,status',
      'resourcequotas resourcequota N ~quota /status',
      'secrets secret N',
      'serviceaccounts serviceaccount N ~sa /token',
      'services service N ~svc /proxy,status',
    ],
  ],
  [
    'apps',
    [
      'controllerrevisions controllerrevision N',
      'daemonsets daemonset N ~ds /status',
      'deployments deployment N ~deploy /rollback,scale,status',
      'replicasets replicaset N ~rs /scale,status',
      'statefulsets statefulset N ~sts /scale,status',
    ],
  ],
  ['batch', ['cronjobs cronjob N ~cj /status', 'jobs job N /status']],
  ['autoscaling', ['horizontalpodautoscalers horizontalpodautoscaler N ~hpa /status']],
  [
    'networking.k8s.io',
    [
      'ingressclasses ingressclass C',
      'ingresses ingress N ~ing /status',
      'networkpolicies networkpolicy N ~netpol /status',
    ],
  ],
  [
    'rbac.authorization.k8s.io',
    [
      'clusterrolebindings clusterrolebinding C',
      'clusterroles clusterrole C',
      'rolebindings rolebinding N',
      'roles role N',
    ],
  ],
  ['policy', ['poddisruptionbudgets poddisruptionbudget N ~pdb /status']],
  ['discovery.k8s.io', ['endpointslices endpointslice N']],
  ['coordination.k8s.io', ['leases lease N']],
  ['apiextensions.k8s.io', ['customresourcedefinitions customresourcedefinition C ~crd,crds /status']],
  ['storage.k8s.io', ['storageclasses storageclass C ~sc', 'volumeattachments volumeattachment C /status']],
  ['scheduling.k8s.io', ['priorityclasses priorityclass C ~pc']],
  [
    'admissionregistration.k8s.io',
    [
      'mutatingwebhookconfigurations mutatingwebhookconfiguration C',
      'validatingwebhookconfigurations validatingwebhookconfiguration C',
    ],
  ],
  ['certificates.k8s.io', ['certificatesigningrequests certificatesigningrequest C ~csr /approval,status']],
  ['apiregistration.k8s.io', ['apiservices apiservice C /status']],
  ['authentication.k8s.io', ['tokenreviews tokenreview C', 'selfsubjectreviews selfsubjectreview C']],
  [
    'authorization.k8s.io',
    [
      'localsubjectaccessreviews localsubjectaccessreview N',
      'selfsubjectaccessreviews selfsubjectaccessreview C',
      'selfsubjectrulesreviews selfsubjectrulesreview C',
      'subjectaccessreviews subjectaccessreview C',
    ],
  ],
  ['events.k8s.io', ['events event N ~ev']],
];

/** Verbs that the API server's own requests use; RBAC takes any word, but these are what is meant. */
export const REQUEST_VERBS = [
  'get',
  'list',
  'watch',
  'create',
  'update',
  'patch',
  'delete',
  'deletecollection',
] as const;

/** Verbs that are checked in addition to a request: privileges over roles, identities, policies. */
export const SPECIAL_VERBS = ['bind', 'escalate', 'impersonate', 'use', 'approve', 'sign', 'attest', 'proxy'] as const;

export function knownResources(): readonly KnownResource[] {
  return SERVED.flatMap(([group, lines]) => lines.map((line) => parseLine(group, line)));
}

/**
 * A resource as kubectl takes it: `deployments.apps`, `deployments.v1.apps`, `deploy`, `Deployment`, with a subresource
 * behind a slash (`pods/log`). Types that are not known must be written with their group, so that a typing error is
 * not answered with a denial.
 */
export function readResource(text: string): NamedResource {
  const slash = text.indexOf('/');
  const [name, subresource] = slash < 0 ? [text, undefined] : [text.slice(0, slash), text.slice(slash + 1)];
  if (name === '' || subresource === '') return { problem: `${text} is no resource` };
  const found = readName(name);
  if ('problem' in found || subresource === undefined) return found;
  const known = knownResources().find(({ group, plural }) => group === found.group && plural === found.resource);
  if (known && subresource !== '*' && !known.subresources.includes(subresource))
    return noSubresource(known, subresource);
  return { ...found, subresource };
}

function readName(name: string): NamedResource {
  const dot = name.indexOf('.');
  const [head, suffix] = dot < 0 ? [name, undefined] : [name.slice(0, dot), name.slice(dot + 1)];
  if (head === '*') return { group: suffix ?? '', resource: '*' };
  const group = suffix === undefined ? undefined : groupOfSuffix(suffix);
  if (group === 'core') return { problem: `${name}: the core API group has no name`, advice: `write ${head}` };
  const found = knownResources().find(
    (known) => (group === undefined || known.group === group) && namesOf(known).includes(head.toLowerCase()),
  );
  if (found) return { group: found.group, resource: found.plural, namespaced: found.namespaced };
  return group === undefined ? unknown(head) : { group, resource: head };
}

/** Every name under which a known type can be asked for. */
export function resourceWords(): readonly string[] {
  return [...new Set(knownResources().flatMap(namesOf))];
}

const namesOf = ({ plural, singular, shortNames }: KnownResource): readonly string[] => [
  plural,
  singular,
  ...shortNames,
];

function parseLine(group: string, line: string): KnownResource {
  const [plural = '', singular = '', scope, ...rest] = line.split(' ');
  const listed = (mark: string): readonly string[] =>
    rest
      .find((part) => part.startsWith(mark))
      ?.slice(1)
      .split(',') ?? [];
  return {
    group,
    plural,
    singular,
    shortNames: listed('~'),
    namespaced: scope === 'N',
    subresources: listed('/'),
  };
}

/** `apps`, `v1.apps` and, for the core group, `v1`. */
function groupOfSuffix(suffix: string): string {
  return suffix.replace(/^v\d+(?:(?:alpha|beta)\d+)?(?:\.|$)/, '');
}

function unknown(name: string): NamedResource {
  return {
    problem: `there is no resource ${name}`,
    unknown: name.toLowerCase(),
    advice: `a custom resource needs its group: ${name}.example.com`,
  };
}

function noSubresource({ plural, subresources }: KnownResource, asked: string): NamedResource {
  const known = subresources.length === 0 ? `${plural} has none` : `${plural} has ${subresources.join(', ')}`;
  return {
    problem: `${plural} has no subresource ${asked}`,
    advice: `${known}; the name of an object is a word of its own: ${plural} ${asked}`,
  };
}
