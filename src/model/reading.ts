import type { Identity, Question } from './access.ts';
import type { KubeObject } from './object.ts';
import type { Resource } from './resource.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * What to read, in three steps: `first` shows where the platform may live, `second` (what is there) settles which
 * namespaces it uses, then everything else is read in that scope. Handed to the reader by the command, so that reading knows nothing of platforms.
 */
export interface ReadPlan {
  readonly first: readonly Resource[];
  /** Called with what `first` yielded. */
  second(first: Snapshot): readonly Resource[];
  /** Called with what `first` yielded. */
  reads(first: Snapshot): readonly Resource[];
  /** Namespaces the user named (flags, kubeconfig context): where to look when namespaces cannot be listed. */
  readonly namedNamespaces: readonly string[];
  /** Called with what `first` yielded, and again with what `second` added. */
  scope(first: Snapshot): ReadScope;
  /** Called with everything; at most 20 are asked. Answers become the `access-reviews` listing. */
  questions(snapshot: Snapshot): readonly AccessQuestion[];
  /** Called with everything, where logs are to be read for refusals; they become the `refusals` listing. */
  readonly logs?: (snapshot: Snapshot) => readonly LogSource[];
}

/** The log of one container, or of the one that ran before it. */
export interface LogSource {
  readonly namespace: string;
  readonly pod: string;
  readonly container: string;
  readonly previous: boolean;
}

export interface ReadScope {
  /** R and S: where resources of scope `platform` are read. */
  readonly platformNamespaces: readonly string[];
  /** Everything that is judged: platform namespaces and tenants. Per-namespace lists go here when cluster-wide ones are refused. */
  readonly namespaces: readonly string[];
  /** List per namespace from the start: the user narrowed the run to a few namespaces. */
  readonly narrow: boolean;
  /** Whether an object belongs to what is judged; others are dropped on arrival, so that memory follows the platform's size. */
  keeps(resource: Resource, object: KubeObject): boolean;
}

/** A question for SubjectAccessReview about somebody else. */
export interface AccessQuestion {
  readonly identity: Identity;
  readonly question: Question;
}
