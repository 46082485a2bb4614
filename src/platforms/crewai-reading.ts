import { stringAt } from '../kubernetes/json-value.ts';
import { componentOf } from '../kubernetes/platform-component.ts';
import { deniedRules } from '../kubernetes/denied-rules.ts';
import { questionOfRule, serviceAccountIdentity } from '../kubernetes/rbac-question.ts';
import { authorizerOf } from '../kubernetes/rbac-snapshot.ts';
import { orgOfLabel, orgOfNamespace } from '../kubernetes/tenant-names.ts';
import type { KubeObject } from '../model/object.ts';
import type { CrewaiPlatform, Settings } from '../model/platform.ts';
import type { AccessQuestion, ReadScope } from '../model/reading.ts';
import type { Resource } from '../model/resource.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { locateCrewai } from './crewai.ts';

/** Namespaces up to which a narrowed run lists per namespace instead of cluster-wide. */
const NARROW_LIMIT = 8;
const MAX_QUESTIONS = 20;

/** Where to look after the first step: R, S and every tenant known by then; several candidates are all looked at. */
export function crewaiScope(first: Snapshot, settings: Settings, allNamespaces: boolean): ReadScope {
  const found = locateCrewai(first, settings);
  const platformNamespaces = namespacesOf(found, settings);
  const tenants = 'place' in found ? found.place.tenants : [];
  const existing = tenants.filter(({ exists }) => exists !== false).map(({ namespace }) => namespace);
  const namespaces = [...new Set([...platformNamespaces, ...existing])];
  const narrowed = settings.namespaces !== undefined || settings.orgs !== undefined;
  const belongs = new Set(namespaces);
  return {
    platformNamespaces,
    namespaces,
    narrow: narrowed && !allNamespaces && namespaces.length <= NARROW_LIMIT,
    keeps: (resource, object) =>
      object.metadata.namespace === undefined ||
      belongs.has(object.metadata.namespace) ||
      platformNamespaces.some((shared) => orgOfNamespace(shared, object.metadata.namespace ?? '') !== undefined) ||
      concerns(resource, object, platformNamespaces),
  };
}

/** Whether an object in a foreign namespace says something about the platform. */
function concerns(resource: Resource, object: KubeObject, platformNamespaces: readonly string[]): boolean {
  // Subjects of bindings may be accounts of any namespace, and accounts are small.
  if (resource === 'serviceaccounts') return true;
  // Of another installation, which may claim the same namespaces.
  if (resource === 'deployments.apps' && componentOf(object) !== undefined) return true;
  // An Event about a Namespace, which itself is in none, is in `default`; a refusal in it may name an organization.
  if (resource === 'events') {
    const message = stringAt(object, 'message') ?? '';
    return platformNamespaces.some((shared) => message.includes(`${shared}-org-`));
  }
  return orgOfLabel(object.metadata.labels?.['org-id']) !== undefined;
}

/** Where none is found, those that flags name: that they hold none must still be seen when all has been read. */
function namespacesOf(found: ReturnType<typeof locateCrewai>, settings: Settings): readonly string[] {
  if ('place' in found) return [...new Set([found.place.installation.namespace, found.place.shared.name])];
  if ('several' in found) return [...new Set(found.several.map(({ namespace }) => namespace))];
  const { platformNamespace, sharedNamespace } = settings;
  return [...new Set([platformNamespace, sharedNamespace].filter((name) => name !== undefined))];
}

/**
 * What to ask the API server's own authorizer: in each tenant namespace the first core right that the model denies.
 * Other authorizers may grant it, and then the model alone must not accuse.
 */
export function crewaiQuestions(snapshot: Snapshot, platform: CrewaiPlatform): readonly AccessQuestion[] {
  const { account, needs } = platform;
  if (!account) return [];
  const identity = serviceAccountIdentity(account.namespace, account.name);
  const denied = deniedRules(authorizerOf(snapshot), identity, needs.core);
  const questions = platform.tenants
    .filter(({ exists }) => exists === true)
    .flatMap(({ namespace }) => {
      const [first] = denied(namespace);
      return first ? [{ identity, question: questionOfRule({ ...first, namespace }) }] : [];
    });
  return questions.slice(0, MAX_QUESTIONS);
}
