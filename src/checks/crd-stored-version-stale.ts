import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck } from '../model/check.ts';
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
      const storage = definition.spec?.versions?.find((version) => version.storage)?.name ?? '';
      const served = servedVersions(definition);
      const gone = stored.filter((version) => !served.includes(version));
      const old = stored.filter((version) => version !== storage);
      if (gone.length === 0 && old.length === 0) continue;
      const [versions, what] = gone.length > 0 ? [gone, 'not served any more'] : [old, `stored as ${storage} by now`];
      const plural = `${definition.spec?.names?.plural ?? ''}.${definition.spec?.group ?? ''}`;
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
        remediation: manual(
          'Write every object again, then take the old version off the list',
          ...(gone.length > 0
            ? [
                `# serve ${gone.join(', ')} again first: an object that is stored in a version that is gone cannot be read`,
              ]
            : []),
          `kubectl get ${plural} -A -o json | kubectl replace -f -`,
          `kubectl patch crd ${name} --subresource=status --type=merge -p '{"status":{"storedVersions":["${storage}"]}}'`,
        ),
      };
    }
  },
});
