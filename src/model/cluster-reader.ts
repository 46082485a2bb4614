import type { KubeObject } from './object.ts';
import type { LogSource } from './reading.ts';

/** A kind of objects as the API serves it. */
export interface ListTarget {
  readonly apiVersion: string;
  readonly kind: string;
  readonly plural: string;
}

/** Why something could not be read, or not all of it. */
export interface ReadTrouble {
  /** `not-found`: the object is not there · `not-served`: nor is its kind · `no-log`: the container has not written any. */
  readonly reason: 'forbidden' | 'not-found' | 'not-served' | 'no-log' | 'timeout' | 'failed' | 'interrupted';
  /** One clean line, in the server's words where it had any. */
  readonly message: string;
  readonly http?: number;
}

export interface ListPage {
  /** Wire JSON, with apiVersion and kind. */
  readonly items: readonly KubeObject[];
  readonly resourceVersion?: string;
  /** The list began anew: what came before is superseded. */
  readonly restarted: boolean;
}

export interface ListOptions {
  /** Everywhere without it. */
  readonly namespace?: string;
  readonly fieldSelector?: string;
  readonly labelSelector?: string;
  /** Of Secrets: their inventory alone, so that no data is on the wire. */
  readonly inventory?: boolean;
  /** With managedFields, which are left out otherwise. */
  readonly managedFields?: boolean;
}

export interface LogOptions {
  readonly tailLines: number;
  readonly sinceSeconds?: number;
}

/** The one way in which a bundle is collected from a cluster. Nothing rejects for what the world does. */
export interface ClusterReader {
  /** Page by page; returns what kept it from being all there is. */
  list(target: ListTarget, options: ListOptions): AsyncGenerator<ListPage, ReadTrouble | undefined>;
  /** Any JSON that the API server answers with. */
  get(path: string, accept?: string): Promise<{ readonly value: unknown } | { readonly trouble: ReadTrouble }>;
  /**
   * A log, with times, as it arrives.
   * @param open makes what takes it, anew for each attempt; false where nothing more is wanted
   */
  log(source: LogSource, options: LogOptions, open: () => (chunk: Buffer) => boolean): Promise<ReadTrouble | undefined>;
}
