/**
 * Names that CrewAI Platform gives to what belongs to an organization: namespaces `<shared>-org-<id>`, label
 * `org-id=org-<id>`, crews `org-<id>-crew-<id>-…`, build pods `buildkit-org-<id>-crew-<id>-…`.
 * Ids are decimal strings without leading zeros, so that equal ids are equal strings whatever their length.
 */

const ID = '([1-9][0-9]*)';
const LABEL = new RegExp(`^org-${ID}$`);
const CREW = new RegExp(`^org-${ID}-crew-${ID}-(.+)$`);
const COMPONENT = /^(.+)-(web|worker|redis)$/;
const BUILD_POD = new RegExp(`^buildkit-org-${ID}-crew-${ID}-`);

/** The organization whose namespace this is for the platform with this shared namespace, exactly; else undefined. */
export function orgOfNamespace(shared: string, name: string): string | undefined {
  const prefix = `${shared}-org-`;
  const id = name.startsWith(prefix) ? name.slice(prefix.length) : '';
  return isOrgId(id) ? id : undefined;
}

/** True for a canonical id: decimal, from 1, without leading zeros. */
export function isOrgId(text: string): boolean {
  return /^[1-9][0-9]*$/.test(text);
}

/** The namespace of an organization. */
export function namespaceOfOrg(shared: string, org: string): string {
  return `${shared}-org-${org}`;
}

/** The organization in a value of the label `org-id`. */
export function orgOfLabel(value: string | undefined): string | undefined {
  return value === undefined ? undefined : LABEL.exec(value)?.[1];
}

export interface CrewName {
  readonly org: string;
  readonly crew: string;
  /** What the crew is called, with the component and whatever a controller appended when it does not end in one. */
  readonly slug: string;
  /** Undefined for names of pods, ReplicaSets and Jobs, which go on after the component. */
  readonly component?: 'web' | 'worker' | 'redis';
}

/** What the name of a crew's object says: `org-2-crew-7-invoices-web`. */
export function crewOfName(name: string): CrewName | undefined {
  const [, org, crew, rest] = CREW.exec(name) ?? [];
  if (org === undefined || crew === undefined || rest === undefined) return undefined;
  const [, slug, component] = COMPONENT.exec(rest) ?? [];
  return slug === undefined
    ? { org, crew, slug: rest }
    : { org, crew, slug, component: component as NonNullable<CrewName['component']> };
}

/** The organization for which a build pod (`buildkit-org-2-crew-7-…`) builds. */
export function orgOfBuildPod(name: string): string | undefined {
  return BUILD_POD.exec(name)?.[1];
}

/**
 * For a namespace that is not exactly a tenant's but would be taken for one at a glance (`crewai-org-04`,
 * `crewai-org-4-old`, `crewai-org-`): the id that it resembles, if it has one. Undefined for all other names.
 */
export function looksLikeTenant(shared: string, name: string): { readonly id?: string } | undefined {
  const prefix = `${shared}-org-`;
  if (!name.startsWith(prefix) || orgOfNamespace(shared, name) !== undefined) return undefined;
  const id = /^[-0]*([1-9][0-9]*)(?![0-9a-z])/.exec(name.slice(prefix.length))?.[1];
  return id === undefined ? {} : { id };
}
