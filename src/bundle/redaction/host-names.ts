import type { Mac } from './addresses.ts';
import { escapeLength } from './name-starts.ts';

/** Domains by which a name is that of a host, wherever it stands; in others only where something says so. */
const TOP = new Set(
  `com net org edu gov io ai dev app cloud co tech info biz eu de fr uk nl be ch it es pt pl cz se fi dk ie ru ua cn jp kr
  sg hk tw au nz br mx ca us za ae tr gr ro hu local internal corp lan intranet home private test example localdomain
  site online xyz`.split(/\s+/),
);
/** Whose they are says nothing about a cluster, and checks know them by name: groups, labels, public registries. */
const PUBLIC = new Set(
  `k8s.io kubernetes.io helm.sh fluxcd.io opencrane.io cert-manager.io external-secrets.io troubleshoot.sh troubleshoot.io
  crewai.com crewiso.dev astronomer.io github.com githubusercontent.com docker.io docker.com quay.io ghcr.io gcr.io
  ecr.aws microsoft.com nvidia.com amd.com intel.com coreos.com istio.io openshift.io redhat.io argoproj.io crossplane.io
  prometheus.io emberstack.com appscode.com mittwald.de jetstack.io linkerd.io cilium.io projectcalico.org traefik.io
  konghq.com knative.dev tekton.dev velero.io longhorn.io cattle.io gke.io k3s.io karpenter.sh openai.com anthropic.com
  pypi.org pythonhosted.org python.org npmjs.org golang.org w3.org letsencrypt.org schema.org bitnami.com vmware.com`.split(
    /\s+/,
  ),
);
/** Domains of providers: what stands before them is somebody's, and they tell which kind of service it is. */
const PROVIDERS = ['amazonaws.com', 'azurecr.io', 'azure.com', 'windows.net', 'pkg.dev', 'googleapis.com', 'azmk8s.io'];
const OF_PROVIDER =
  /^(?:dkr|ecr|eks|elb|s3|rds|ec2|blob|core|database|[a-z]{2}(?:-[a-z]+)+-?\d|[a-z]+-[a-z]+\d-docker)$/;
/** How files are called: such a name is that of a host only where something says so. */
const FILE = /\.(?:json|ya?ml|log|md|sh|py|js|ts|go|txt|tgz|gz|tar|html?|css|png|conf|cfg|toml|lock|sock)$/i;
const LONGEST = 253;
const isPart = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 45 || code === 46;
const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i;
/** What says that a host follows: a URL, an address, a field, the error of a resolver. */
const SAYS =
  /(?:[a-z][a-z0-9+.-]*:\/\/(?:[^\s"'\\/@]{1,200}@)?|@|\blookup |\bdial (?:tcp|udp):? |(?:host|hosts|hostname|server|registry|domain|dnsNames|externalName)[\\"']*\s?[:=]\s?[[\s\\"']{0,8}(?:\*\.)?|\bimages?[\\"']*\s?[:=]?\s?[\\"']{1,8})$/i;

export interface FoundHost {
  readonly name: string;
  /** Only what stands before it says that it is one: it may be a Service and its namespace. */
  readonly said: boolean;
}

/** Names of hosts in a text; in-cluster names and those that everybody knows are none. */
export function hostsIn(text: string): readonly FoundHost[] {
  const found: FoundHost[] = [];
  for (let dot = text.indexOf('.'); dot >= 0;) {
    let start = dot;
    while (start > 0 && dot - start < LONGEST && isPart(text.charCodeAt(start - 1))) start--;
    let end = dot + 1;
    while (end < text.length && end - dot < LONGEST && isPart(text.charCodeAt(end))) end++;
    const name = nameIn(text, start, end);
    if (name !== undefined) {
      const said = SAYS.test(text.slice(Math.max(0, start - 240), start));
      const known = TOP.has(name.slice(name.lastIndexOf('.') + 1).toLowerCase());
      if ((known && !FILE.test(name)) || said) found.push({ name, said: !known });
    }
    dot = text.indexOf('.', end);
  }
  return found;
}

function nameIn(text: string, from: number, to: number): string | undefined {
  const written = text.slice(from, to);
  const name = written.slice(escapeLength(text, from)).replace(/^[-.]+|[-.]+$/g, '');
  const labels = name.split('.');
  if (labels.length < 2 || !labels.every((label) => LABEL.test(label))) return undefined;
  if (!/^[a-z]{2,}$/i.test(labels.at(-1) ?? '')) return undefined;
  return isKept(name.toLowerCase()) ? undefined : name;
}

/** In-cluster names, and public ones. */
function isKept(name: string): boolean {
  if (/(?:^|\.)svc(?:\.|$)|(?:^|\.)cluster\.local$|^(?:localhost|kubernetes)\./.test(name)) return true;
  if (name.endsWith('.invalid') || PROVIDERS.includes(name)) return true;
  return suffixesOf(name).some((suffix) => PUBLIC.has(suffix));
}

/** `a.b.c`, `b.c`. */
function suffixesOf(name: string): readonly string[] {
  const labels = name.split('.');
  return labels.slice(0, -1).map((_, index) => labels.slice(index).join('.'));
}

/**
 * Another name for a host, label by label, so that hosts of one domain still are: `api.acme.com` and `acme.com` become
 * `h1a2b3c4d.h5e6f7a8b.invalid` and `h5e6f7a8b.invalid` (RFC 2606 keeps that for nobody).
 */
export function otherHost(name: string, mac: Mac): string {
  const lower = name.toLowerCase();
  const provider = PROVIDERS.find((tail) => lower.endsWith(`.${tail}`));
  const tail = provider ?? lower.slice(lower.lastIndexOf('.') + 1);
  const labels = lower.slice(0, lower.length - tail.length - 1).split('.');
  const other = labels.map((label, index) => {
    if (provider !== undefined && OF_PROVIDER.test(label)) return label;
    return otherLabel([...labels.slice(index), tail].join('.'), mac);
  });
  return [...other, provider ?? 'invalid'].join('.');
}

/** Of a name without dots, such as that of a node. */
export const otherLabel = (name: string, mac: Mac): string => `h${mac(`host ${name}`).toString('hex', 0, 4)}`;

const NODE =
  /\b(?:nodeName|kubernetes\.io\/hostname)[\\"']*\s?:\s?[\\"']{0,4}([a-z0-9][a-z0-9.-]*[a-z0-9]|[a-z0-9])(?=[\\"'\s,}]|$)/g;

/** Names of nodes, as pods and nodes say them. */
export const nodesIn = (text: string): readonly string[] => [...text.matchAll(NODE)].map(([, name = '']) => name);
