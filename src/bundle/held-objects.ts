import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { KubeObject } from '../model/object.ts';
import type { ListSink } from './list-collector.ts';

const BATCH_BYTES = 256 * 1024;

/**
 * Raw objects that wait until everything is known that has to be hidden in them: in memory alone, and compressed, since
 * the pods of a large platform weigh a hundred megabytes.
 */
export class HeldObjects implements ListSink {
  readonly #look: (object: KubeObject, namespace: string) => KubeObject | undefined;
  #batches: Buffer[] = [];
  #lines: string[] = [];
  #bytes = 0;

  /** @param look sees each object as it arrives; what it returns is held */
  constructor(look: (object: KubeObject, namespace: string) => KubeObject | undefined) {
    this.#look = look;
  }

  put(namespace: string, object: KubeObject): void {
    const held = this.#look(object, namespace);
    if (!held) return;
    const line = JSON.stringify([namespace, held]);
    this.#lines.push(line);
    this.#bytes += line.length;
    if (this.#bytes > BATCH_BYTES) this.#pack();
  }

  restart(): void {
    this.#batches = [];
    this.#lines = [];
    this.#bytes = 0;
  }

  /** Hands everything on, in order, and forgets it. */
  async moveTo(sink: Pick<ListSink, 'put'>): Promise<void> {
    this.#pack();
    for (let batch = this.#batches.shift(); batch; batch = this.#batches.shift()) {
      const lines = JSON.parse(inflateRawSync(batch).toString('utf8')) as [string, KubeObject][];
      for (const [namespace, object] of lines) await sink.put(namespace, object);
    }
  }

  #pack(): void {
    if (this.#lines.length > 0) this.#batches.push(deflateRawSync(`[${this.#lines.join(',')}]`, { level: 1 }));
    this.#lines = [];
    this.#bytes = 0;
  }
}
