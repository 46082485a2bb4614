import type { ClusterReader, ReadTrouble } from '../model/cluster-reader.ts';
import type { ManifestItem, Plan, PlanItem } from './format.ts';
import { outcomeOf } from './list-collector.ts';
import type { LogNode } from './log-plan.ts';
import { LogWindow, type Windowed } from './log-window.ts';
import { parseLogId } from './paths.ts';
import { attempt, type FileContent } from './redacting-sink.ts';
import { Tally, type Redaction } from './redaction-counts.ts';

/** What one answer may bring before fewer lines are asked for: an aborted stream has lost the newest. */
const MAX_RECEIVED = 64 * 1024 * 1024;
/** How much fewer. */
const FEWER = 8;
/** The kubelet rotates logs: the first line may be long after the start. */
const ROTATED_MS = 60_000;

const STAMP = /^\d{4}-\d\d-\d\dT[\d:.]+Z/;

export type CollectedItem = Omit<ManifestItem, 'id' | 'path' | 'size' | 'sha256'>;

export interface CollectedFile {
  readonly item: CollectedItem;
  readonly content?: FileContent;
}

export interface LogInput {
  readonly reader: ClusterReader;
  readonly redaction: Redaction;
  readonly plan: Pick<Plan, 'selection' | 'budgets'>;
  readonly sinceSeconds?: number;
  /** By the id of a log. */
  readonly runs: ReadonlyMap<string, LogRun>;
}

/** What is known of a run of a container before its log is read. */
export interface LogRun {
  /** RFC 3339; of the present run. */
  readonly startedAt?: string;
  readonly node?: LogNode;
}

/** The log of one container: redacted as it arrives, its oldest and its newest bytes. */
export async function collectLog(item: PlanItem, input: LogInput): Promise<CollectedFile> {
  const source = parseLogId(item.id);
  if (!source || item.notApplicable) return { item: { status: 'notApplicable' } };
  const budget = item.budget ?? 0;
  if (budget === 0) return { item: { status: 'skipped', cause: 'budget' } };
  let tailLines = input.plan.selection.tail;
  for (;;) {
    const stream = new LogStream(input, budget);
    const trouble = await input.reader.log(
      source,
      { tailLines, ...(input.sinceSeconds !== undefined && { sinceSeconds: input.sinceSeconds }) },
      stream.open,
    );
    if (!stream.overflown || tailLines < FEWER) return stream.end(trouble, input.runs.get(item.id)?.startedAt);
    tailLines = Math.floor(tailLines / FEWER);
  }
}

class LogStream {
  overflown = false;
  readonly #redaction: Redaction;
  readonly #oldest: number;
  readonly #newest: number;
  #window: LogWindow;
  #log: ReturnType<Redaction['log']>;
  #received = 0;
  #first: string | undefined;
  #withheld: string | undefined;

  constructor({ redaction, plan }: LogInput, budget: number) {
    const { oldest, newest } = plan.budgets;
    this.#redaction = redaction;
    // Where the budget is small the newest matter more.
    this.#oldest = Math.min(oldest, Math.floor((budget * oldest) / (oldest + newest)));
    this.#newest = Math.min(newest, budget - this.#oldest);
    this.#window = new LogWindow(this.#oldest, this.#newest);
    this.#log = redaction.log();
  }

  /** For each attempt of the transport: what an earlier one brought is forgotten. */
  readonly open = (): ((chunk: Buffer) => boolean) => {
    this.#window = new LogWindow(this.#oldest, this.#newest);
    this.#log = this.#redaction.log();
    this.#received = 0;
    return (chunk) => {
      if (this.#received === 0) this.#first = STAMP.exec(chunk.toString('latin1', 0, 40))?.[0];
      this.#received += chunk.length;
      this.overflown = this.#received > MAX_RECEIVED;
      if (this.overflown) return false;
      return this.#push(() => this.#log.write(chunk));
    };
  };

  end(trouble: ReadTrouble | undefined, startedAt: string | undefined): CollectedFile {
    const tally = new Tally();
    this.#push(() => {
      const { chunks, counts } = this.#log.end();
      tally.add(counts);
      return chunks;
    });
    if (this.#withheld !== undefined) return { item: { status: 'redactionFailed', detail: this.#withheld } };
    const windowed = this.#window.end();
    const outcome = outcomeOf(trouble, windowed.size > 0);
    // A pod that was deleted since it was listed.
    if (windowed.size === 0 && outcome.status !== 'ok') return { item: outcome };
    const redactions = tally.record();
    return {
      item: {
        ...outcome,
        ...(outcome.status === 'ok' && this.#shortened(windowed)),
        ...(windowed.omitted > 0 && { omitted: windowed.omitted }),
        ...(this.#isRotated(startedAt) && { startsMidFile: true }),
        ...(redactions && { redactions }),
      },
      content: windowed,
    };
  }

  #shortened({ size }: Windowed): Pick<ManifestItem, 'status' | 'cause'> {
    if (this.overflown) return { status: 'truncated', cause: 'bytes' };
    return { status: size === 0 ? 'empty' : 'ok' };
  }

  #isRotated(startedAt: string | undefined): boolean {
    if (startedAt === undefined || this.#first === undefined) return false;
    return Date.parse(this.#first) - Date.parse(startedAt) > ROTATED_MS;
  }

  #push(redact: () => readonly Parameters<LogWindow['push']>[0][]): boolean {
    const pieces = attempt(redact);
    if ('withheld' in pieces) {
      this.#withheld = `${pieces.withheld.rule}: ${pieces.withheld.why}`;
      return false;
    }
    for (const piece of pieces) this.#window.push(piece);
    return true;
  }
}
