import { COMMON_WORDS } from './known-words.ts';

/** Words of Kubernetes that an organization may be called as well: fields, groups, resources, and values of fields. */
const WORDS = new Set(
  `access action active address addresses admissionregistration affinity age alias allocatable allow always
  annotations any api apiextensions apps architecture args audience audiences auth authority authorization auto
  autoscaling average backend backends base batch binding bindings body bound branch budget budgets bytes capabilities
  capacity caps categories cause chart charts claims class client cluster code collector com command complete
  completed completions component conditions config containers cores count counts create created crew crews current
  data dedicated default deny deprecated description desired detail dev devices digest discovery dns domain driver
  drivers dropped dynamic effect egress email empty end ended endpoints env envs error event events exact exclude exec
  exempt expression extensions extra failed false field fields file files filesystem finalizers fingerprints finished
  fluentd flux forbidden format from gateway git group groups hard hash header headers healthy hints host hostname
  hosts http id ids image images include incomplete info ingress initialized input insecure instance interrupted io ip
  ips items job jobs k8s key keys kind kubectl kubelet kubernetes label labels layout level lifecycle limit limits
  list listing local location log logs main manager managers manifest match matches matching max maximum memory
  message messages metadata method metric metrics min minimum mode model name namespace namespaces narrow networking
  never new newest node nodes none normal note number object objects off ok old oldest omitted on one only op
  operation operator option optional options order ordinals org orgs os out output overhead owner owners parallelism
  parameters parent partial partition patch path paths pattern pending persistence phase plan planned platform
  platforms pod pods policies policy pool port ports postfix preference prefix present priority private probe problem
  prod profile project projected protocol provisioner proxy pseudonyms public quantity query queue quota quotas ranges
  rate rbac read readme readonly ready reason reclaim redaction redactions redis ref refs region registry release
  releases remote replicas repo report repository request requests required reset resources restarts result retry
  revision role roles rollback rollout root rule rules run running scale schedule schema scope scopes secret secrets
  selection selector sentinel series served server service services set settings sh sha256 share shared short silo
  since singular site size skipped source sources spec stable staging start started state status stdin step storage
  store strategy subject subjects succeeded suspend suspended svc sync sysctls system tag tags tail taint taints
  target targets task tasks team teams template templates tenant tenants term terminated terminating test text time
  timeout tls to tokens tolerations tool tools top total true truncated tty type types uid unavailable unhealthy unit
  unknown update updated url urls usable usage use used user users validation values vendor verb verbs version
  versions view volume volumes wait waiting warning warnings watch web weight windows withheld work worker workers
  workload zone zones`.split(/\s+/),
);

/** Whether a name is a word that Kubernetes, or its platforms, use for something of their own. */
export const isVocabulary = (name: string): boolean => WORDS.has(name) || COMMON_WORDS.has(name);

const FIELD = String.raw`(?:apiVersion|apiGroups?|kind|group|groups|resources?|subresource|verbs?|type|reason|phase|component|fieldPath|operation|plural|singular|status|state|ended|cause|layout|profile|knownValues|logs)`;
const BEFORE_VALUE = new RegExp(String.raw`\b${FIELD}[\\"']*\s*[:=]\s*[\\"']*[\w.-]*[./]?$`);
const LIST_FIELD = String.raw`\b(?:apiGroups|resources|verbs|categories|shortNames|pseudonyms|include|exclude)[\\"']*\s*:\s*`;
const BEFORE_LIST = new RegExp(`${LIST_FIELD}$`);
const BEFORE_ITEM = new RegExp(String.raw`${LIST_FIELD}\n(?:[ \t]*- [^\n]*\n)*[ \t]*- [\\"']*[\w./-]*$`);
/** Names of groups, labels and annotations. */
const DOMAINS = String.raw`(?:k8s\.io|kubernetes\.io|fluxcd\.io|helm\.sh|opencrane\.io|cert-manager\.io|external-secrets\.io)`;
const IN_DOMAIN = new RegExp(String.raw`^[\w.-]*\.${DOMAINS}\b`);
const BEHIND_DOMAIN = new RegExp(String.raw`\b${DOMAINS}\/[\w.-]*$`);

/** `deployments.apps`, and what the API server says of a group. */
const BEHIND_PLURAL =
  /(?:\b(?:deployments|replicasets|statefulsets|daemonsets|controllerrevisions|jobs|cronjobs|horizontalpodautoscalers|poddisruptionbudgets|podsecuritypolicies|ingresses)\.|API group [\\"']*)$/;

/** As much as is looked at before a word, and of a list of words. */
const BEFORE = 400;
const LIST_BEFORE = 4 * 1024;

/**
 * Whether a word stands where Kubernetes itself writes it: the name of a field, or a group, kind or resource. There it is
 * no name of anybody, and nothing could read the object without it.
 */
export function stands(text: string, start: number, end: number): boolean {
  const after = text.slice(end, end + 80);
  const before = text.slice(Math.max(0, start - BEFORE), start);
  const isKey = /^\\{0,6}["']?\s{0,2}:(?:[\s"'\\[{\d]|$)/.test(after);
  if (isKey && /(?:["']|(?:^|\n)[ \t-]*)$/.test(before)) return true;
  if (/^\/v\d/.test(after) || IN_DOMAIN.test(after) || BEHIND_DOMAIN.test(before) || BEHIND_PLURAL.test(before))
    return true;
  return BEFORE_VALUE.test(before) || isInList(text, start);
}

function isInList(text: string, start: number): boolean {
  const before = text.slice(Math.max(0, start - LIST_BEFORE), start);
  const open = before.lastIndexOf('[');
  if (open > before.lastIndexOf(']')) return BEFORE_LIST.test(before.slice(Math.max(0, open - 40), open));
  return /\n[ \t]*- [\\"']*[\w./-]*$/.test(before.slice(-BEFORE)) && BEFORE_ITEM.test(before);
}
