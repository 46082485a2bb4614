import { resourceName } from '../kubernetes/resource-of.ts';
import type { Check, View } from '../model/check.ts';
import type { Platform } from '../model/platform.ts';
import { RESOURCES, type Kinds, type Resource } from '../model/resource.ts';
import type { Gap, Snapshot } from '../model/snapshot.ts';

/** A view and what a check did with it: which gaps it ran into and how many objects it judged. */
export interface RecordingView {
  readonly view: View;
  /** In the order met, without repetition. */
  gaps(): readonly Gap[];
  examined(): number;
  /** What may hide organizations; empty where all are known, or the user chose which to judge. */
  readonly hidden: readonly Gap[];
}

/**
 * The view through which one check sees the snapshot. Looking at anything incomplete records the gap, so a check cannot
 * forget to say that it could not look. Where organizations may be out of sight, looking into the namespaces of those
 * that are known says nothing about the others, unless the listing is complete everywhere.
 * @throws Error when the check reads a resource that it did not declare: a bug of the check, shown as `errored`.
 */
export function createView(
  snapshot: Snapshot,
  platform: Platform,
  check: Check,
  shared: Shared = createShared(),
): RecordingView {
  const needed = new Set<Resource>(check.reads);
  const declared = new Set<Resource>([...check.reads, ...(check.evidence ?? [])]);
  const met = new Map<string, Gap>();
  const hidden = platform.selection?.only ? [] : snapshot.gaps('namespaces');
  const tenants = new Set(platform.allTenants.map(({ namespace }) => namespace));
  let examined = 0;

  const remember = (gaps: readonly Gap[]): void => {
    for (const gap of gaps) met.set(gapKey(gap), gap);
  };
  const mustDeclare = (resource: Resource, set: ReadonlySet<Resource>): void => {
    if (!set.has(resource)) throw new Error(`${check.id} looks at ${resource}, which it does not declare`);
  };
  const complete = (resource: Resource, namespace?: string): boolean => {
    mustDeclare(resource, needed);
    const gaps = snapshot.gaps(resource, namespace);
    remember(gaps);
    if (hidden.length > 0 && RESOURCES[resource].scope === 'cluster' && tenants.has(namespace ?? ''))
      remember(snapshot.gaps(resource));
    return gaps.length === 0;
  };

  const view: View = {
    platform,
    origin: snapshot.origin,
    now: snapshot.now,
    list(resource, namespace) {
      complete(resource, namespace);
      return snapshot.list(resource, namespace);
    },
    find<K extends Resource>(resource: K, name: string, namespace?: string): Kinds[K] | 'absent' | 'unknown' {
      mustDeclare(resource, needed);
      const found = snapshot.find(resource, name, namespace);
      if (found) return found;
      return complete(resource, namespace) ? 'absent' : 'unknown';
    },
    complete,
    evidence(resource, namespace) {
      mustDeclare(resource, declared);
      return snapshot.list(resource, namespace);
    },
    known(resource, name, namespace) {
      mustDeclare(resource, declared);
      return snapshot.find(resource, name, namespace);
    },
    shared,
    examined: () => {
      examined += 1;
    },
    unknown(resource, detail, namespace) {
      const where = namespace === undefined ? {} : { namespace };
      remember([{ resource: resourceName(resource), reason: 'not-collected', detail, ...where }]);
    },
  };
  return { view, gaps: () => [...met.values()], examined: () => examined, hidden };
}

/** What the checks of one audit share; see View. */
export type Shared = View['shared'];

export function createShared(): Shared {
  const made = new Map<() => unknown, unknown>();
  return <T>(make: () => T): T => {
    if (!made.has(make)) made.set(make, make());
    return made.get(make) as T;
  };
}

/** Identity of a gap: the same listing refused for the same reason is one gap, whoever ran into it. */
export function gapKey(gap: Gap): string {
  return JSON.stringify([gap.resource, gap.namespace ?? '', gap.reason, gap.detail]);
}
