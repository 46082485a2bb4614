import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck } from '../model/check.ts';
import type { CustomResourceDefinition } from '../model/kinds.ts';
import { compareNames } from '../model/object.ts';
import { manual } from './drafting.ts';
import { APPLY_BUNDLE, DEFINITIONS, definitionsOf } from './platform-definitions.ts';

export default defineCheck({
  id: 'crd-bundle-mixed',
  title: 'The CRDs of the group come from one bundle',
  severity: 'high',
  area: 'crd',
  platforms: ['opencrane'],
  reads: [DEFINITIONS],
  *run(view) {
    const definitions = definitionsOf(view);
    const groups = new Map<string, CustomResourceDefinition[]>();
    for (const definition of definitions) {
      view.examined();
      const versions = versionsOf(definition);
      groups.set(versions, [...(groups.get(versions) ?? []), definition]);
    }
    // What most of them have, and of equals the later one: older ones were left behind.
    const [usual, ...others] = [...groups].sort(([a, one], [b, two]) => two.length - one.length || compareNames(b, a));
    for (const [versions, odd] of others) {
      for (const definition of odd) {
        yield {
          object: refOf(DEFINITIONS, definition),
          path: '/spec/versions',
          message: `CustomResourceDefinition ${definition.metadata.name} has ${versions}, most of its group ${usual?.[0] ?? ''}: they are of different releases`,
          confidence: 'certain',
          evidence: [
            { type: 'comparison', object: refOf(DEFINITIONS, definition), observed: versions, expected: usual?.[0] },
          ],
          remediation: manual('Apply the CRDs of one release, all of them', APPLY_BUNDLE),
        };
      }
    }
  },
});

/** `v1alpha1 (stored)`, `v1alpha1, v1beta1 (stored)`: what is served, and in which of them objects are stored. */
function versionsOf({ spec }: CustomResourceDefinition): string {
  return (spec?.versions ?? [])
    .map(({ name, served, storage }) => `${name}${served ? '' : ' (not served)'}${storage ? ' (stored)' : ''}`)
    .sort(compareNames)
    .join(', ');
}
