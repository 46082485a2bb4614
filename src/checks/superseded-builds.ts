import { isFinished } from '../kubernetes/pod-status.ts';
import type { RootWorkload } from './root-workloads.ts';

/**
 * Build pods that have ended and after which the same crew (`buildkit-org-2-crew-7-…`) was built again: the platform
 * makes a new pod for each build and leaves the old ones.
 */
export function supersededBuilds(roots: readonly RootWorkload[]): ReadonlySet<RootWorkload> {
  const builds = roots.flatMap((root) => {
    const crew =
      root.resource === 'pods' ? /^buildkit-org-[1-9]\d*-crew-[1-9]\d*-/.exec(root.ref.name)?.[0] : undefined;
    return crew === undefined ? [] : [{ root, crew, created: root.object?.metadata.creationTimestamp ?? '' }];
  });
  const newest = new Map<string, string>();
  for (const { crew, created } of builds) if ((newest.get(crew) ?? '') < created) newest.set(crew, created);
  const old = builds.filter(({ root, crew, created }) => {
    return root.object !== undefined && isFinished(root.object) && created < (newest.get(crew) ?? '');
  });
  return new Set(old.map(({ root }) => root));
}
