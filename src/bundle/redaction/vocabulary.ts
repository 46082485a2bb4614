import { COMMON_WORDS } from './known-words.ts';

/** Words of Kubernetes that an organization may be called as well: fields, groups, resources, and values of fields. */
const WORDS = new Set(
  `access action addresses affinity age allow annotations any api apps args auth autoscaling backend backends base batch
  binding bindings body bound branch capacity categories cause chart charts claims class client cluster code command
  completed component conditions config containers cores count create created crew crews data dedicated deny desired dev
  dns driver egress email end endpoints env envs event events exact exec extensions failed false fields file files flux
  format from gateway git group groups hard healthy host hosts http id ids image images info ingress input instance ip ips
  items job jobs key keys kind label labels limit limits list listing local location log logs main manager manifest
  matches max memory message messages method min mode model name namespace namespaces new node nodes none number object
  objects old on one operator option options order org orgs out output owner owners patch path paths pending phase plan
  platform platforms pod pods policies policy pool port ports prefix priority private problem prod profile project
  protocol proxy public query quota quotas rate ready reason redis ref refs region release releases remote repo report
  request requests reset resources result role roles rollout root rule rules run running scale schema scope secret secrets
  selector server services set settings shared silo site size source sources spec stable staging start state status step
  storage store strategy subject subjects succeeded suspend sync system tag tags target task tasks team teams template
  templates tenant tenants test text time timeout to tool tools top total true type types unknown update url urls usage use
  used user users values verb verbs version versions view volume volumes wait watch web work worker workers workload zone
  zones`.split(/\s+/),
);

/** Whether a name is a word that Kubernetes, or its platforms, use for something of their own. */
export const isVocabulary = (name: string): boolean => WORDS.has(name) || COMMON_WORDS.has(name);

const FIELD = String.raw`(?:apiVersion|apiGroups?|kind|group|groups|resources?|subresource|verbs?|type|reason|phase|component|fieldPath|operation|plural|singular)`;
const BEFORE_VALUE = new RegExp(String.raw`\b${FIELD}[\\"']*\s*[:=]\s*[\\"']*[\w.-]*[./]?$`);
const LIST_FIELD = String.raw`\b(?:apiGroups|resources|verbs|categories|shortNames)[\\"']*\s*:\s*`;
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
const LIST_BEFORE = 16 * 1024;

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
  return BEFORE_ITEM.test(before);
}
