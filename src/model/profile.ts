import type { Platform, PlatformId, Settings } from './platform.ts';
import type { AccessQuestion, LogSource, ReadScope } from './reading.ts';
import type { Resource } from './resource.ts';
import type { Gap, Snapshot } from './snapshot.ts';

/** The platform; or why there is none, with the gaps that may hide it; or several, of which the user must choose. */
export type Detection<P extends PlatformId = PlatformId> =
  | { readonly platform: Platform<P> }
  | { readonly none: string; readonly gaps: readonly Gap[] }
  | { readonly several: readonly { readonly namespace: string; readonly release?: string }[] };

/** How one kind of platform is recognised and read; what is made of it is up to the checks. */
export interface PlatformProfile<P extends PlatformId = PlatformId> {
  readonly id: P;
  /** As people call it. */
  readonly title: string;
  /** What has to be read before its tenants' namespaces are known, besides what `FIRST` shows. */
  readonly second: readonly Resource[];
  /** What detection needs to have been read. */
  readonly reads: readonly Resource[];
  /** Whether namespaces and Deployments, or the settings, say that it is there: nothing of it is read otherwise. */
  isThere(first: Snapshot, settings: Settings): boolean;
  /** Where to look; called with what was read first, and again with what `second` added. */
  scope(seen: Snapshot, settings: Settings, allNamespaces: boolean): ReadScope;
  /** Flags beat what is found, and never let two installations be guessed apart. */
  detect(snapshot: Snapshot, settings: Settings): Detection<P>;
  /** What to ask the API server's own authorizer, the most telling first. */
  questions?(snapshot: Snapshot, platform: Platform<P>): readonly AccessQuestion[];
  /** Logs in which the platform's own refusals are. */
  logs?(snapshot: Snapshot, platform: Platform<P>): readonly LogSource[];
}

/** Lets the profile of one platform stand in a list of all. */
export function defineProfile<P extends PlatformId>(profile: PlatformProfile<P>): PlatformProfile {
  return profile;
}
