import type { Platform, PlatformId, References, Settings } from '../model/platform.ts';
import { defineProfile, type PlatformProfile } from '../model/profile.ts';
import type { AccessQuestion, LogSource, ReadScope } from '../model/reading.ts';
import { compareNames } from '../model/object.ts';
import { RESOURCES, type Resource } from '../model/resource.ts';
import type { Gap, Snapshot } from '../model/snapshot.ts';
import {
  ASTRONOMER_READS,
  ASTRONOMER_SECOND,
  astronomerQuestions,
  astronomerScope,
  detectAstronomer,
  isAstronomerThere,
} from './astronomer.ts';
import { COREWEAVE_READS, coreweaveScope, detectCoreweave, isCoreweaveThere } from './coreweave.ts';
import { CREWAI_READS, CREWAI_SECOND, detectCrewai, locateCrewai } from './crewai.ts';
import { crewaiLogs } from './crewai-logs.ts';
import { crewaiQuestions, crewaiScope } from './crewai-reading.ts';
import { detectOpencrane, isOpencraneThere, OPENCRANE_READS, OPENCRANE_SECOND, opencraneScope } from './opencrane.ts';
import { detectFlux, FLUX_READS, FLUX_SECOND, fluxScope } from './flux.ts';
import { fluxControllers } from './flux-controllers.ts';

const CREWAI = defineProfile({
  id: 'crewai',
  title: 'CrewAI Platform',
  second: CREWAI_SECOND,
  reads: CREWAI_READS,
  isThere: (first, settings) => 'place' in locateCrewai(first, settings) || 'several' in locateCrewai(first, settings),
  scope: crewaiScope,
  detect: detectCrewai,
  questions: crewaiQuestions,
  logs: crewaiLogs,
});

const OPENCRANE = defineProfile({
  id: 'opencrane',
  title: 'OpenCrane',
  second: OPENCRANE_SECOND,
  reads: OPENCRANE_READS,
  isThere: isOpencraneThere,
  scope: opencraneScope,
  detect: detectOpencrane,
});

const FLUX = defineProfile({
  id: 'flux',
  title: 'Flux',
  second: FLUX_SECOND,
  reads: FLUX_READS,
  isThere: (first) => fluxControllers(first).length > 0,
  scope: fluxScope,
  detect: detectFlux,
});

const ASTRONOMER = defineProfile({
  id: 'astronomer',
  title: 'Astronomer Software',
  second: ASTRONOMER_SECOND,
  reads: ASTRONOMER_READS,
  isThere: isAstronomerThere,
  scope: astronomerScope,
  detect: detectAstronomer,
  questions: astronomerQuestions,
});

const COREWEAVE = defineProfile({
  id: 'coreweave',
  title: 'CoreWeave Classic',
  second: [],
  reads: COREWEAVE_READS,
  isThere: isCoreweaveThere,
  scope: coreweaveScope,
  detect: detectCoreweave,
});

/** Every kind of platform. */
export const PROFILES: readonly PlatformProfile[] = [CREWAI, OPENCRANE, FLUX, ASTRONOMER, COREWEAVE];

/** Every platform found, or why there is none, with the gaps that may hide one. */
export type Found =
  | { readonly platforms: readonly [Platform, ...Platform[]] }
  | { readonly none: string; readonly gaps: readonly Gap[] }
  | { readonly several: readonly { readonly namespace: string; readonly release?: string }[]; readonly of: string };

/** Looks for all kinds of platforms, or those that the user chose; two of one kind are never guessed apart. */
export function detectPlatforms(snapshot: Snapshot, settings: Settings, references: References = {}): Found {
  const platforms: Platform[] = [];
  const reasons: string[] = [];
  const gaps: Gap[] = [];
  for (const profile of chosen(settings)) {
    const detection = profile.detect(snapshot, settings);
    if ('several' in detection) return { several: detection.several, of: profile.title };
    if ('platform' in detection) platforms.push(withSettings(detection.platform, settings, references));
    else {
      reasons.push(detection.none);
      gaps.push(...detection.gaps);
    }
  }
  const [first, ...others] = platforms;
  if (first) return { platforms: [first, ...others] };
  return { none: [...new Set(reasons)].join('; '), gaps: unique(gaps) };
}

function unique(gaps: readonly Gap[]): readonly Gap[] {
  return [...new Map(gaps.map((gap) => [JSON.stringify(gap), gap])).values()];
}

/** What a user may say of every kind of platform, and of those with CRDs of their own. */
function withSettings(platform: Platform, { podSecurity }: Settings, references: References): Platform {
  const { crdBaseline, versionMatrix } = references;
  const said = {
    ...(podSecurity === undefined ? {} : { podSecurity }),
    ...(crdBaseline && (platform.id === 'opencrane' || platform.id === 'flux') ? { crdBaseline } : {}),
    ...(versionMatrix && platform.id === 'opencrane' ? { versionMatrix } : {}),
  };
  const overridden = [...new Set([...platform.overridden, ...Object.keys(said)])].sort(compareNames);
  return { ...platform, ...said, overridden };
}

/** What is read of the platforms that may be there. */
export interface PlatformReading {
  readonly ids: readonly PlatformId[];
  readonly second: readonly Resource[];
  readonly reads: readonly Resource[];
  scope(seen: Snapshot): ReadScope;
}

/**
 * The platforms that what was read first shows. Where it shows none, CrewAI Platform is looked for, which flags alone
 * can describe; a platform that the user asks for is read in any case.
 */
export function readingOf(first: Snapshot, settings: Settings, allNamespaces: boolean): PlatformReading {
  const wanted = chosen(settings);
  const there = wanted.filter((profile) => settings.platforms !== undefined || profile.isThere(first, settings));
  const profiles = there.length > 0 ? there : wanted.slice(0, 1);
  return {
    ids: profiles.map(({ id }) => id),
    second: [...new Set(profiles.flatMap(({ second }) => second))],
    reads: [...new Set(profiles.flatMap(({ reads }) => reads))],
    scope: (seen) => union(profiles.map((profile) => profile.scope(seen, settings, allNamespaces))),
  };
}

/** What to ask the authorizer about the platforms found. */
export function platformQuestions(snapshot: Snapshot, settings: Settings): readonly AccessQuestion[] {
  return ofFound(snapshot, settings, (profile, platform) => profile.questions?.(snapshot, platform) ?? []);
}

/** The platforms' own logs. */
export function platformLogs(snapshot: Snapshot, settings: Settings): readonly LogSource[] {
  return ofFound(snapshot, settings, (profile, platform) => profile.logs?.(snapshot, platform) ?? []);
}

function ofFound<T>(
  snapshot: Snapshot,
  settings: Settings,
  of: (profile: PlatformProfile, platform: Platform) => readonly T[],
): readonly T[] {
  return chosen(settings).flatMap((profile) => {
    const detection = profile.detect(snapshot, settings);
    return 'platform' in detection ? of(profile, detection.platform) : [];
  });
}

/** What has to be read to recognise these kinds of platforms. */
export function detectionReads(ids: readonly PlatformId[]): readonly Resource[] {
  return PROFILES.filter(({ id }) => ids.includes(id)).flatMap(({ reads }) => reads);
}

function chosen({ platforms }: Settings): readonly PlatformProfile[] {
  return platforms ? PROFILES.filter(({ id }) => platforms.includes(id)) : PROFILES;
}

function union(scopes: readonly ReadScope[]): ReadScope {
  const [only, ...others] = scopes;
  if (only && others.length === 0) return only;
  return {
    platformNamespaces: [...new Set(scopes.flatMap(({ platformNamespaces }) => platformNamespaces))],
    namespaces: [...new Set(scopes.flatMap(({ namespaces }) => namespaces))],
    narrow: scopes.every(({ narrow }) => narrow),
    keeps: (resource, object) =>
      !RESOURCES[resource].namespaced || scopes.some((scope) => scope.keeps(resource, object)),
  };
}
