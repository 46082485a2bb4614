import type { AccessRule } from './access.ts';
import type { JsonPatch, NewObject } from './fix.ts';
import type { PolicyRule } from './kinds.ts';
import type { KubeObject, ObjectRef } from './object.ts';

/** A change with every value in it, ready for the wire. It may hold secrets: it lives in memory and is never printed. */
export type Write =
  | {
      readonly op: 'create';
      readonly object: NewObject;
      /** That there is one of this name and origin is enough: its content is older than what it would be made from now. */
      readonly backup?: boolean;
    }
  | { readonly op: 'patch'; readonly target: ObjectRef; readonly uid: string; readonly patch: JsonPatch }
  | {
      readonly op: 'delete';
      readonly target: ObjectRef;
      readonly uid: string;
      readonly resourceVersion?: string;
      readonly propagation?: 'Foreground';
    };

export type Written =
  /** `unchanged`: the result is in place already, and nothing was sent or nothing came of it. */
  | {
      readonly result: 'applied' | 'unchanged';
      readonly status?: number;
      readonly uid?: string;
      readonly resourceVersion?: string;
    }
  /** `stale`: the object is not what the change was made for · `refused`: the server does not do it · `unknown`: nobody knows. */
  | { readonly result: 'stale' | 'refused' | 'unknown'; readonly why: string; readonly status?: number };

export type Found =
  | { readonly state: 'found'; readonly object: KubeObject }
  | { readonly state: 'absent' }
  | { readonly state: 'unknown'; readonly why: string; readonly status?: number };

/** The one way in which something is written to a cluster. Nothing rejects for what the world does. */
export interface ClusterWriter {
  /** The raw object, with the data of a Secret. */
  get(target: ObjectRef): Promise<Found>;
  /** Whether we may (SelfSubjectAccessReview). */
  allows(rule: AccessRule): Promise<'allowed' | 'denied' | 'unknown'>;
  /** What we may in a namespace (SelfSubjectRulesReview), `unknown` where the server does not know all of it. */
  rulesIn(namespace: string): Promise<readonly PolicyRule[] | 'unknown'>;
  /** Everything in a namespace but Events, or why that is not known. */
  contents(namespace: string): Promise<readonly ObjectRef[] | { readonly why: string }>;
  /** One request, and reads where its answer leaves open what became of it. Never the same request twice. */
  write(write: Write, options: { readonly dryRun: boolean }): Promise<Written>;
  /** Writes that reached the server, rehearsals aside. */
  writes(): number;
}
