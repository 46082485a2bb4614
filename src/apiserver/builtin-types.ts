/**
 * What kube-apiserver 1.36 serves: `[group, version, lines]` in discovery order. A line is `plural Kind scope`, where
 * scope is N(amespaced) or C(luster), then optionally `=verbs` (default: all eight), `~short names`, `@categories`,
 * `/subresources`.
 */
export const BUILTIN: readonly (readonly [group: string, version: string, lines: readonly string[]])[] = [
  [
    '',
    'v1',
    [
      'bindings Binding N =create',
      'componentstatuses ComponentStatus C =get,list ~cs',
      'configmaps ConfigMap N ~cm',
      'endpoints Endpoints N ~ep',
      'events Event N ~ev',
      'limitranges LimitRange N ~limits',
      'namespaces Namespace C =create,delete,get,list,patch,update,watch ~ns /finalize,status',
      'nodes Node C ~no /proxy,status',
      'persistentvolumeclaims PersistentVolumeClaim N ~pvc /status',
      'persistentvolumes PersistentVolume C ~pv /status',
      'pods Pod N ~po @all /attach,binding,ephemeralcontainers,eviction,exec,log,portforward,proxy,resize,status',
      'podtemplates PodTemplate N',
      'replicationcontrollers ReplicationController N ~rc @all /scale,status',
      'resourcequotas ResourceQuota N ~quota /status',
      'secrets Secret N',
      'serviceaccounts ServiceAccount N ~sa /token',
      'services Service N ~svc @all /proxy,status',
    ],
  ],
  ['apiregistration.k8s.io', 'v1', ['apiservices APIService C @api-extensions /status']],
  [
    'apps',
    'v1',
    [
      'controllerrevisions ControllerRevision N',
      'daemonsets DaemonSet N ~ds @all /status',
      'deployments Deployment N ~deploy @all /scale,status',
      'replicasets ReplicaSet N ~rs @all /scale,status',
      'statefulsets StatefulSet N ~sts @all /scale,status',
    ],
  ],
  ['events.k8s.io', 'v1', ['events Event N ~ev']],
  [
    'authentication.k8s.io',
    'v1',
    ['selfsubjectreviews SelfSubjectReview C =create', 'tokenreviews TokenReview C =create'],
  ],
  [
    'authorization.k8s.io',
    'v1',
    [
      'localsubjectaccessreviews LocalSubjectAccessReview N =create',
      'selfsubjectaccessreviews SelfSubjectAccessReview C =create',
      'selfsubjectrulesreviews SelfSubjectRulesReview C =create',
      'subjectaccessreviews SubjectAccessReview C =create',
    ],
  ],
  ['autoscaling', 'v2', ['horizontalpodautoscalers HorizontalPodAutoscaler N ~hpa @all /status']],
  ['autoscaling', 'v1', ['horizontalpodautoscalers HorizontalPodAutoscaler N ~hpa @all /status']],
  ['batch', 'v1', ['cronjobs CronJob N ~cj @all /status', 'jobs Job N @all /status']],
  ['certificates.k8s.io', 'v1', ['certificatesigningrequests CertificateSigningRequest C ~csr /approval,status']],
  [
    'networking.k8s.io',
    'v1',
    [
      'ingressclasses IngressClass C',
      'ingresses Ingress N ~ing /status',
      'ipaddresses IPAddress C ~ip',
      'networkpolicies NetworkPolicy N ~netpol',
      'servicecidrs ServiceCIDR C /status',
    ],
  ],
  ['policy', 'v1', ['poddisruptionbudgets PodDisruptionBudget N ~pdb /status']],
  [
    'rbac.authorization.k8s.io',
    'v1',
    [
      'clusterrolebindings ClusterRoleBinding C',
      'clusterroles ClusterRole C',
      'rolebindings RoleBinding N',
      'roles Role N',
    ],
  ],
  [
    'storage.k8s.io',
    'v1',
    [
      'csidrivers CSIDriver C',
      'csinodes CSINode C',
      'csistoragecapacities CSIStorageCapacity N',
      'storageclasses StorageClass C ~sc',
      'volumeattachments VolumeAttachment C /status',
      'volumeattributesclasses VolumeAttributesClass C ~vac',
    ],
  ],
  [
    'admissionregistration.k8s.io',
    'v1',
    [
      'mutatingadmissionpolicies MutatingAdmissionPolicy C @api-extensions',
      'mutatingadmissionpolicybindings MutatingAdmissionPolicyBinding C @api-extensions',
      'mutatingwebhookconfigurations MutatingWebhookConfiguration C @api-extensions',
      'validatingadmissionpolicies ValidatingAdmissionPolicy C @api-extensions /status',
      'validatingadmissionpolicybindings ValidatingAdmissionPolicyBinding C @api-extensions',
      'validatingwebhookconfigurations ValidatingWebhookConfiguration C @api-extensions',
    ],
  ],
  [
    'apiextensions.k8s.io',
    'v1',
    ['customresourcedefinitions CustomResourceDefinition C ~crd,crds @api-extensions /status'],
  ],
  ['scheduling.k8s.io', 'v1', ['priorityclasses PriorityClass C ~pc']],
  ['coordination.k8s.io', 'v1', ['leases Lease N']],
  ['node.k8s.io', 'v1', ['runtimeclasses RuntimeClass C']],
  ['discovery.k8s.io', 'v1', ['endpointslices EndpointSlice N']],
  [
    'resource.k8s.io',
    'v1',
    [
      'deviceclasses DeviceClass C',
      'resourceclaims ResourceClaim N /status',
      'resourceclaimtemplates ResourceClaimTemplate N',
      'resourceslices ResourceSlice C',
    ],
  ],
  [
    'flowcontrol.apiserver.k8s.io',
    'v1',
    ['flowschemas FlowSchema C /status', 'prioritylevelconfigurations PriorityLevelConfiguration C /status'],
  ],
];

export interface SubresourceKind {
  readonly kind?: string;
  readonly group?: string;
  readonly version?: string;
  readonly verbs?: readonly string[];
}

const CONNECT = ['create', 'get'];
const PROXY = ['create', 'delete', 'get', 'patch', 'update'];

/** Subresources that differ from `/status` (the parent's kind; get, patch, update), by `plural/sub` or just `sub`. */
export const SUBRESOURCES: Readonly<Record<string, SubresourceKind>> = {
  scale: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
  'namespaces/finalize': { verbs: ['update'] },
  'nodes/proxy': { kind: 'NodeProxyOptions', verbs: PROXY },
  'pods/attach': { kind: 'PodAttachOptions', verbs: CONNECT },
  'pods/binding': { kind: 'Binding', verbs: ['create'] },
  'pods/eviction': { group: 'policy', version: 'v1', kind: 'Eviction', verbs: ['create'] },
  'pods/exec': { kind: 'PodExecOptions', verbs: CONNECT },
  'pods/log': { verbs: ['get'] },
  'pods/portforward': { kind: 'PodPortForwardOptions', verbs: CONNECT },
  'pods/proxy': { kind: 'PodProxyOptions', verbs: PROXY },
  'serviceaccounts/token': {
    group: 'authentication.k8s.io',
    version: 'v1',
    kind: 'TokenRequest',
    verbs: ['create'],
  },
  'services/proxy': { kind: 'ServiceProxyOptions', verbs: PROXY },
};

/** Served under a second name; the objects live under the first one only. */
export const ALIASES: readonly string[] = ['autoscaling/v1', 'events.k8s.io/v1'];
