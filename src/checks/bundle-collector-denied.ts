import { defineCheck } from '../model/check.ts';
import type { CollectorRefusal } from '../model/derived.ts';
import type { FindingDraft, Remediation } from '../model/finding.ts';
import { PLATFORM_IDS, type Platform, type Tenant } from '../model/platform.ts';
import { RESOURCES } from '../model/resource.ts';
import { compareText, shellQuote } from '../model/text.ts';
import { livingTenants, manual } from './drafting.ts';

/** Without these nobody can tell from a bundle what an organization's crews do. */
const DECISIVE: ReadonlySet<string> = new Set(['list pods', 'get pods/log', 'list events', 'list deployments.apps']);

export default defineCheck({
  id: 'bundle-collector-denied',
  title: 'Whoever collected the support bundle could read every tenant namespace',
  // Not the platform's fault: what could not be seen is exit code 3 already, and stays that.
  severity: 'medium',
  area: 'bundle',
  platforms: PLATFORM_IDS,
  origins: ['bundle'],
  reads: ['collector-refusals'],
  *run(view) {
    for (const tenant of livingTenants(view.platform)) {
      view.examined();
      const refused = view.list('collector-refusals', tenant.namespace);
      const [first] = refused.filter(({ metadata }) => DECISIVE.has(metadata.name));
      if (first) yield draftOf(view.platform, tenant, first, refused);
    }
  },
});

function draftOf(
  platform: Platform,
  { id, namespace }: Tenant,
  { user, message }: CollectorRefusal,
  refused: readonly CollectorRefusal[],
): FindingDraft {
  const rights = refused.map(({ metadata }) => metadata.name).sort(compareText);
  const decisive = rights.filter((right) => DECISIVE.has(right));
  const others = rights.filter((right) => !DECISIVE.has(right));
  const { apiVersion, kind } = RESOURCES.namespaces;
  return {
    object: { apiVersion, kind, name: namespace },
    message: `${user ?? 'Whoever collected the bundle'} was not allowed to ${decisive.join(', ')} in ${namespace}: the bundle does not show it`,
    confidence: 'certain',
    tenant: namespace,
    evidence: [
      { type: 'rbac', message },
      ...(others.length > 0 ? [{ type: 'comparison' as const, message: `nor to ${others.join(', ')}` }] : []),
    ],
    remediation: repair(platform.id === 'crewai' ? `--org ${id}` : `-n ${namespace}`, user),
  };
}

function repair(scope: string, user: string | undefined): Remediation {
  const subject = user === undefined ? '--subject User:NAME' : `--subject ${shellQuote(`User:${user}`)}`;
  return manual(
    'Grant whoever collects the least that it takes, and collect anew',
    ...(user === undefined ? ['# with the name of whoever collects in place of NAME:'] : []),
    `${user === undefined ? '# ' : ''}kubectl crewiso rbac --for bundle ${scope} ${subject} | kubectl apply -f -`,
    '# collect the bundle anew',
  );
}
