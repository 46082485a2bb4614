import type { KeyName, FindingDraft, Severity } from './finding.ts';
import type { Platform, PlatformId } from './platform.ts';
import type { Kinds, Resource } from './resource.ts';
import type { Origin } from './snapshot.ts';

export const AREAS = [
  'platform',
  'rbac',
  'registry',
  'workload',
  'namespace',
  'image',
  'forbidden',
  'quota',
  'crd',
  'opencrane',
  'network',
  'security',
  'bundle',
] as const;
export type Area = (typeof AREAS)[number];

/**
 * One thing that can be wrong. A check that is given a complete view says everything it knows; where its view has gaps
 * it says what it can see, and the audit turns the gaps it ran into (see View) into `not-evaluated`.
 */
export interface Check<R extends Resource = Resource, P extends PlatformId = PlatformId> {
  /** kebab-case = file = docs page = waiver key; never reused. */
  readonly id: string;
  /** The good state, as a sentence without a full stop. */
  readonly title: string;
  readonly severity: Severity;
  readonly area: Area;
  readonly platforms: readonly P[];
  /** Where it says something; default: whatever the snapshot was made of. */
  readonly origins?: readonly Origin['from'][];
  /** A setting without which there is nothing to compare with. */
  readonly setting?: 'crdBaseline';
  /** What absence or presence is concluded from: the reader fetches the union; reading anything else does not compile. */
  readonly reads: readonly R[];
  /** What only adds evidence: a gap there never makes the check not-evaluated. */
  readonly evidence?: readonly R[];
  /** Checks whose findings explain this one's, strongest first, when all keys of `by` agree. */
  readonly causes?: readonly Cause[];
  run(view: View<R, P>): Iterable<FindingDraft>;
}

export interface Cause {
  readonly check: string;
  readonly by: readonly KeyName[];
}

/**
 * A check's eyes on the snapshot. Every look at something incomplete is remembered as a gap of the check, so that
 * "could not look" can never turn into "passed"; only `evidence` looks without consequence.
 */
export interface View<R extends Resource = Resource, P extends PlatformId = PlatformId> {
  /** One of the platforms that the check is for. */
  readonly platform: Platform<P>;
  readonly origin: Origin;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** What is known of a listing; remembers its gaps. */
  list<K extends R>(resource: K, namespace?: string): readonly Kinds[K][];
  /** The object, `absent` where the listing is complete, else `unknown` (and the gap is remembered). */
  find<K extends R>(resource: K, name: string, namespace?: string): Kinds[K] | 'absent' | 'unknown';
  /** Whether absence may be concluded; remembers the gap when not. */
  complete(resource: R, namespace?: string): boolean;
  /** What is known of a listing, for evidence alone: gaps are not remembered. */
  evidence<K extends R>(resource: K, namespace?: string): readonly Kinds[K][];
  /** One object where it is known, for evidence alone. */
  known<K extends R>(resource: K, name: string, namespace?: string): Kinds[K] | undefined;
  /**
   * What `make` made when a check of this audit first asked: a place for what several checks would find out alike. What
   * is kept there rests on evidence alone: gaps are remembered by each check for itself.
   */
  shared<T>(make: () => T): T;
  /** One more object was judged. A check that judged nothing is not applicable; one that judged and found nothing passed. */
  examined(): void;
  /** An input that was there but unreadable (a redacted value, a Secret behind an environment variable). */
  unknown(resource: R, detail: string, namespace?: string): void;
}

/** A view on CrewAI Platform. */
export type CrewaiView<R extends Resource = Resource> = View<R, 'crewai'>;

/** A view on OpenCrane. */
export type OpencraneView<R extends Resource = Resource> = View<R, 'opencrane'>;

/** A view on Flux. */
export type FluxView<R extends Resource = Resource> = View<R, 'flux'>;

/** Keeps `reads` and `platforms` literal, so that `view` offers exactly these resources, and what these platforms have. */
export function defineCheck<const R extends Resource, const P extends PlatformId>(check: Check<R, P>): Check {
  return check;
}
