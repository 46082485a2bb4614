import type { PlacedRight } from '../kubernetes/placed-right.ts';
import { groupOf } from '../model/object.ts';
import { contentFor } from './content.ts';

/**
 * What collecting a support bundle with its default content takes: lists, and the logs of every container. Who may log in
 * is asked about oneself only, which everybody may.
 */
export const DEFAULT_CONTENT: readonly PlacedRight[] = [
  ...contentFor(['crewai']).map(({ apiVersion, plural, where }): PlacedRight => ({
    verb: 'list',
    group: groupOf(apiVersion),
    resource: plural,
    // Namespaces themselves are in none.
    where: plural === 'namespaces' ? 'cluster' : where,
  })),
  { verb: 'get', group: '', resource: 'pods/log', where: 'everywhere' },
];
