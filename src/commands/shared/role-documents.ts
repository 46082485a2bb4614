import { rightsIn, type PlacedRight, type Place } from '../../kubernetes/placed-right.ts';
import { bindingManifest, roleManifest } from '../../kubernetes/role-manifests.ts';
import type { Binding, Role, Subject } from '../../model/kinds.ts';
import type { Resource } from '../../model/resource.ts';
import { compareText } from '../../model/text.ts';
import { wrap } from '../../reporters/layout.ts';
import type { Purpose } from './purposes.ts';

/** Of comments: files are not made for one terminal. */
const WIDTH = 80;

/** Roles and bindings with what people should know before they apply them. */
export interface RoleDocuments {
  /** Paragraphs of the comment at the top. */
  readonly header: readonly string[];
  readonly items: readonly (Role | Binding)[];
}

/** The namespaces in which a namespaced role is needed. */
export interface Places {
  /** R and S. */
  readonly platform: readonly string[];
  readonly tenants: readonly string[];
  /** Flags that a command needs where it may not look for these namespaces itself. */
  readonly flags: string;
}

/** One ClusterRole with all rights, and its bindings. */
export function clusterWide(purpose: Purpose, subjects: readonly Subject[]): RoleDocuments {
  return {
    header: [
      ...purposeLines(purpose, subjects),
      ...rightsLines(purpose, 'the whole cluster'),
      'Narrower: --scope namespaced or --org ID (Roles in the namespaces of the platform), --for CHECK,... (only what these checks need).',
    ],
    items: documentsFor('whole', purpose, subjects),
  };
}

/** A Role in each namespace, a ClusterRole for what is in none, and their bindings. */
export function inNamespaces(purpose: Purpose, subjects: readonly Subject[], places: Places): RoleDocuments {
  return {
    header: [
      ...purposeLines(purpose, subjects),
      `Run it with ${places.flags}: it may not look for the platform in other namespaces. Checks that must see them (namespace-claimed-twice) are not evaluated.`,
      ...rightsLines(purpose, 'these namespaces'),
      'The ClusterRole is for what is in no namespace. Where it may not be applied leave it out: the checks that need it are then not evaluated.',
      'Narrower: --org ID (fewer namespaces), --for CHECK,... (only what these checks need).',
    ],
    items: [
      ...documentsFor('cluster', purpose, subjects),
      ...places.platform.flatMap((namespace) => documentsFor('platform', purpose, subjects, namespace)),
      ...places.tenants.flatMap((namespace) => documentsFor('tenants', purpose, subjects, namespace)),
    ],
  };
}

function documentsFor(
  place: Place,
  purpose: Purpose,
  subjects: readonly Subject[],
  namespace?: string,
): readonly (Role | Binding)[] {
  const rights = rightsIn(place, purpose.rights);
  if (rights.length === 0) return [];
  const role = roleManifest({
    // Not the name of the ClusterRole for the whole cluster: applying one must not take away the other's rights.
    name: place === 'cluster' ? `${purpose.roleName}-cluster` : purpose.roleName,
    ...(namespace === undefined ? {} : { namespace }),
    description: `What ${purpose.title} needs${PLACE_WORDS[place]}.`,
    rights,
  });
  return [role, ...subjects.map((subject) => bindingManifest(role, subject))];
}

const PLACE_WORDS: Readonly<Record<Place, string>> = {
  whole: '',
  cluster: ' of what is in no namespace',
  platform: ' in the namespaces of the platform itself',
  tenants: " in an organization's namespace",
};

const SECRET_WORDS: Partial<Record<Resource, string>> = {
  'helm-releases': "the platform's Helm release",
  'registry-secrets': 'registry secrets',
  'support-bundle-specs': "the vendor's support bundle specs",
};

function purposeLines({ title }: Purpose, subjects: readonly Subject[]): readonly string[] {
  const unbound =
    'Nobody is bound yet: --subject User:NAME, --subject Group:NAME or --subject NAMESPACE/SERVICEACCOUNT.';
  return [
    `What ${title} needs, and nothing else. Apply it with: kubectl apply -f -`,
    ...(subjects.length === 0 ? [unbound] : []),
  ];
}

function rightsLines({ secretReads, rights }: Purpose, where: string): readonly string[] {
  const read = secretReads.flatMap((resource) => SECRET_WORDS[resource] ?? []).join(', ');
  const written = [...new Set(rights.flatMap(writeWords))].sort(compareText);
  return [
    `Reads the data of some Secrets and prints none of it: ${read}. Kubernetes knows no right to list Secrets without their data: whoever holds this role can read every Secret in ${where}, with kubectl too.`,
    ...(written.length > 0 ? [`Writes: ${written.join(', ')}. Deletes nothing.`] : []),
  ];
}

const WRITING: ReadonlySet<string> = new Set(['create', 'patch', 'bind']);

function writeWords({ verb, resource, name, group }: PlacedRight): readonly string[] {
  // Reviews are created to ask, and leave nothing behind.
  if (!WRITING.has(verb) || group === 'authorization.k8s.io') return [];
  return [`${verb} ${resource}${name === undefined ? '' : ` ${name}`}`];
}

/** One YAML stream, or one List in JSON: what `kubectl apply -f -` takes. */
export function renderRoles(
  { header, items }: RoleDocuments,
  format: 'yaml' | 'json',
  stringifyYaml: (value: unknown) => string,
): string {
  if (format === 'json') return `${JSON.stringify({ apiVersion: 'v1', kind: 'List', items }, undefined, 2)}\n`;
  const comment = header.flatMap((line) => wrap(line, WIDTH, '# ', '#   '));
  return `${comment.join('\n')}\n${items.map((item) => `---\n${stringifyYaml(item)}`).join('')}`;
}
