import type { FoundPlatform, Isolation } from './platform.ts';

/** The namespaces of one organization of CoreWeave Classic, in a cluster that others use as well. */
export interface CoreweavePlatform extends FoundPlatform<'coreweave'> {
  /** `tenant-<handle>`: the first namespace of the organization, and how the names of all others begin. */
  readonly original: string;
  /** `names`: no more than what the names that are seen have in common. */
  readonly handleFrom: 'flag' | 'names';
  /** CrewAI Platform in the same cluster. */
  readonly crewai?: CrewaiGuest;
}

export interface CrewaiGuest {
  readonly sharedNamespace: string;
  readonly isolation: Isolation;
  /** The platform is to make namespaces itself. */
  readonly auto: boolean;
  readonly orgs: readonly { readonly id: string; readonly namespace: string; readonly exists: boolean | 'unknown' }[];
}
