import type { CollectedFile } from './log-collector.ts';
import type { LogNode } from './log-plan.ts';

/** A kubelet has its own pods to look after. */
const LOGS_OF_A_NODE = 2;

/**
 * How many logs a node is asked for at a time. One that gives no sign of life is asked for one after the other, in the
 * order of the plan, until one of them does not come: each would take as long as the API server tries to reach the node,
 * and what is read must not depend on which of them fails first.
 */
export class NodeTurns {
  readonly #places = new Map<string, Places>();
  readonly #lost = new Set<string>();

  /** Reads a log of a node when its turn comes, or gives the node up. */
  run(node: LogNode | undefined, read: () => Promise<CollectedFile>): Promise<CollectedFile> {
    if (!node) return read();
    const places = this.#places.get(node.name) ?? new Places(node.silent ? 1 : LOGS_OF_A_NODE);
    this.#places.set(node.name, places);
    return places.run(async () => {
      if (this.#lost.has(node.name)) return notAsked(node);
      const file = await read();
      this.saw(node, file.item);
      return file;
    });
  }

  /** Takes in what became of a log, also in the run that this one goes on with. */
  saw(node: LogNode | undefined, { status, cause }: CollectedFile['item']): void {
    if (!node?.silent) return;
    if (status === 'timeout' || status === 'apiError' || (status === 'skipped' && cause === 'apiError'))
      this.#lost.add(node.name);
  }
}

const notAsked = ({ name }: LogNode): CollectedFile => ({
  item: {
    status: 'skipped',
    cause: 'apiError',
    detail: `node ${name} is not ready, and a log before this one did not come`,
  },
});

/** Lets so many tasks run side by side, in the order in which they came. */
class Places {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  async run<T>(task: () => Promise<T>): Promise<T> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await task();
    } finally {
      const next = this.#waiting.shift();
      if (next) next();
      else this.#free += 1;
    }
  }
}
