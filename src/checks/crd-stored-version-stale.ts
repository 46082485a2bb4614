import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck } from '../model/check.ts';
import type { Remediation } from '../model/finding.ts';
import type { CustomResourceDefinition } from '../model/kinds.ts';
import { manual } from './drafting.ts';
import { DEFINITIONS, definitionsOf, servedVersions } from './platform-definitions.ts';

export default defineCheck({
  id: 'crd-stored-version-stale',
  title: 'No CRD stores objects in a version that is gone',
  severity: 'high',
  area: 'crd',
  platforms: ['opencrane', 'flux'],
  reads: [DEFINITIONS],
  *run(view) {
    for (const definition of definitionsOf(view)) {
      const { name } = definition.metadata;
      const stored = definition.status?.storedVersions ?? [];
      if (stored.length === 0) {
        view.unknown(DEFINITIONS, `CustomResourceDefinition ${name} has no stored versions in what was read`);
        continue;
      }
      view.examined();
      const { gone, old, storage } = staleOf(definition, stored);
      if (gone.length === 0 && old.length === 0) continue;
      const [versions, what] = gone.length > 0 ? [gone, 'not served any more'] : [old, `stored as ${storage} by now`];
      yield {
        object: refOf(DEFINITIONS, definition),
        path: '/status/storedVersions',
        severity: gone.length > 0 ? 'high' : 'medium',
        message: `Objects of ${name} may still be stored as ${versions.join(', ')}, which is ${what}`,
        confidence: 'certain',
        keys: { object: name },
        evidence: [
          { type: 'comparison', object: refOf(DEFINITIONS, definition), observed: stored, expected: [storage] },
        ],
        remediation: repair(name, storage, gone),
      };
    }
  },
});

function staleOf(definition: CustomResourceDefinition, stored: readonly string[]) {
  const storage = definition.spec?.versions?.find((version) => version.storage)?.name ?? '';
  const served = servedVersions(definition);
  return {
    storage,
    gone: stored.filter((version) => !served.includes(version)),
    old: stored.filter((version) => version !== storage),
  };
}

/** The name of a CRD is the plural and the group of its kind. */
function repair(name: string, storage: string, gone: readonly string[]): Remediation {
  const again = `# serve ${gone.join(', ')} again first: an object that is stored in a version that is gone cannot be read`;
  return manual(
    'Write every object again, then take the old version off the list',
    ...(gone.length > 0 ? [again] : []),
    `kubectl get ${name} -A -o json | kubectl replace -f -`,
    `kubectl patch crd ${name} --subresource=status --type=merge -p '{"status":{"storedVersions":["${storage}"]}}'`,
  );
}
