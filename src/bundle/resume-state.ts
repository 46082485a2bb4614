import { open, readFile, rm, type FileHandle } from 'node:fs/promises';
import { isRecord, valueAt } from '../kubernetes/json-value.ts';
import type { CrewisoError } from '../model/error.ts';
import type { ArchiveWriter } from './archive-writer.ts';
import { parsePlan } from './bundle-documents.ts';
import { all } from './bundle-reader.ts';
import type { Started } from './bundle-writer.ts';
import { bytesOf, unpackedBytes } from './byte-source.ts';
import { PLAN, type ManifestItem, type Plan } from './format.ts';
import { LIMITS } from './limits.ts';
import { refuse } from './refusal.ts';
import { readTar } from './tar-reader.ts';

/** What was written before a run ended without a word, and what is needed to go on. */
export interface Resumed {
  readonly key: Buffer;
  readonly top: string;
  readonly plan: Plan;
  readonly started: Started;
  readonly items: readonly ManifestItem[];
  /** Bytes of the unfinished file that are whole. */
  readonly position: number;
  /** Brings a writer to where the file stands. */
  replay(archive: ArchiveWriter): Promise<void>;
}

const stateName = (partial: string): string => `${partial}.json`;

/**
 * What is remembered beside an unfinished bundle: a line for each item that is whole, and the key of the fingerprints,
 * without which they would not match. It is readable by its owner alone and gone once the bundle is.
 */
export class ResumeState {
  readonly #file: string;
  readonly #handle: FileHandle;

  private constructor(file: string, handle: FileHandle) {
    this.#file = file;
    this.#handle = handle;
  }

  /** @param resume goes on behind what is there */
  static async open(partial: string, resume: boolean): Promise<ResumeState> {
    const file = stateName(partial);
    return new ResumeState(file, await open(file, resume ? 'a' : 'w', 0o600));
  }

  begin(head: Pick<Resumed, 'key' | 'top' | 'started' | 'position'>): Promise<void> {
    return this.#line({ ...head, key: head.key.toString('hex') });
  }

  add(item: ManifestItem, position: number): Promise<void> {
    return this.#line({ item, position });
  }

  async close(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
  }

  async remove(): Promise<void> {
    await rm(this.#file, { force: true });
  }

  async #line(value: object): Promise<void> {
    await this.#handle.write(`${JSON.stringify(value)}\n`);
  }
}

/**
 * What an unfinished bundle can be gone on with from.
 * @param partial `NAME.partial`, beside which its state lies
 * @throws CrewisoError (4) where there is no state, or it does not fit the file
 */
export async function readResume(partial: string): Promise<Resumed> {
  const [head, ...lines] = await stateLines(partial);
  const key = valueAt(head, 'key');
  const top = valueAt(head, 'top');
  const started = valueAt(head, 'started');
  const position = valueAt(head, 'position');
  if (typeof key !== 'string' || typeof top !== 'string' || !isRecord(started) || typeof position !== 'number')
    throw cannotResume(partial, 'what lies beside it is no state of it');
  const end = lines.map((line) => Number(valueAt(line, 'position'))).at(-1) ?? position;
  return {
    key: Buffer.from(key, 'hex'),
    top,
    plan: await planIn(partial, end),
    started: started as unknown as Started,
    items: lines.map((line) => valueAt(line, 'item') as ManifestItem),
    position: end,
    replay: (archive) => replay(partial, end, archive),
  };
}

async function stateLines(partial: string): Promise<readonly unknown[]> {
  let text: string;
  try {
    text = await readFile(stateName(partial), 'utf8');
  } catch {
    throw cannotResume(partial, `there is no ${stateName(partial)}, which says how far it came`);
  }
  // The last line may have been cut.
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as unknown];
    } catch {
      return [];
    }
  });
}

async function planIn(partial: string, end: number): Promise<Plan> {
  for await (const entry of readTar(unpackedBytes(bytesOf(partial, end), LIMITS), LIMITS)) {
    if (entry.path.endsWith(`/${PLAN}`)) return parsePlan(await all(entry));
    break;
  }
  throw cannotResume(partial, `it does not begin with ${PLAN}`);
}

async function replay(partial: string, end: number, archive: ArchiveWriter): Promise<void> {
  for await (const chunk of bytesOf(partial, end)) archive.replay(chunk, 'compressed');
  for await (const chunk of unpackedBytes(bytesOf(partial, end), LIMITS)) archive.replay(chunk, 'tar');
}

const cannotResume = (partial: string, why: string): CrewisoError =>
  refuse(`${partial} cannot be gone on with: ${why}`, 'remove it and collect anew');
