import type { PlacedRight } from '../kubernetes/placed-right.ts';
import { groupOf } from '../model/object.ts';
import type { PlatformId } from '../model/platform.ts';
import { contentFor } from './content.ts';

/**
 * What collecting a support bundle of these kinds of platforms takes by default: lists, and the logs of every container.
 * Who may log in is asked about oneself only, which everybody may.
 */
export const defaultContent = (platforms: readonly PlatformId[]): readonly PlacedRight[] => [
  ...contentFor(platforms).map(({ apiVersion, plural, where }): PlacedRight => ({
    verb: 'list',
    group: groupOf(apiVersion),
    resource: plural,
    // Namespaces themselves are in none.
    where: plural === 'namespaces' ? 'cluster' : where,
  })),
  { verb: 'get', group: '', resource: 'pods/log', where: 'everywhere' },
];
