import { posix } from 'node:path';
import { ArchiveWriter } from './archive-writer.ts';
import { readBundle } from './bundle-reader.ts';
import { BundleWriter } from './bundle-writer.ts';
import { unpacked } from './byte-source.ts';
import { documentText, hasFile, MANIFEST, README, type ManifestItem, type Plan, type PlanItem } from './format.ts';
import { LIMITS, type Limits } from './limits.ts';
import type { CollectedItem } from './log-collector.ts';
import { PartialFile } from './partial-file.ts';
import { renamedPath, renamedPlan, renamedTop } from './other-names.ts';
import { redactFile, type AnyFile } from './redact-content.ts';
import { learnArchive, requireNoneLeft, SUMMARY } from './redact-learn.ts';
import { Tally, type Redaction } from './redaction-counts.ts';
import type { Pseudonyms } from './redaction/pseudonyms.ts';
import { refuse } from './refusal.ts';
import { readTar, type ArchiveEntry } from './tar-reader.ts';

/** What redacting came to. */
export interface RedactedArchive {
  readonly file: string;
  readonly files: number;
  readonly withheld: readonly { readonly path: string; readonly why: string }[];
  readonly counts: Readonly<Record<string, number>>;
  /** How many names have another one now. */
  readonly names: number;
}

export interface RedactOptions {
  readonly redaction: Redaction;
  /** What is to have other names; `redaction` is one that gives them, and finds those that are left. */
  readonly pseudonyms?: Pseudonyms | undefined;
  readonly limits?: Limits;
}

/**
 * Redacts a bundle, ours or any other tar, into a new one with the same files. What cannot be redacted is left out.
 * @throws CrewisoError (4) where one cannot be read, or the other not be written
 */
export async function redactArchive(input: string, output: string, options: RedactOptions): Promise<RedactedArchive> {
  const { pseudonyms, redaction, limits = LIMITS } = options;
  const learned = await learnArchive(input, redaction, pseudonyms, limits);
  const file = await PartialFile.open(output);
  try {
    const run = new RedactRun({ ...options, limits }, file, learned.pseudonyms);
    await (learned.own === undefined ? run.foreign(input) : run.own(input, learned.own));
    await file.close();
    if (pseudonyms) await requireNoneLeft(file.partial, redaction, learned.own !== undefined);
    return { file: await file.rename(''), ...run.result() };
  } catch (error) {
    await file.discard();
    throw error;
  }
}

type Options = RedactOptions & { readonly limits: Limits };

class RedactRun {
  readonly #redaction: Redaction;
  readonly #pseudonyms: Pseudonyms | undefined;
  readonly #output: PartialFile;
  readonly #limits: Limits;
  readonly #before: readonly string[];
  readonly #tally = new Tally();
  readonly #withheld: { path: string; why: string }[] = [];
  #files = 0;

  constructor({ redaction, pseudonyms, limits }: Options, output: PartialFile, before: readonly string[]) {
    this.#redaction = redaction;
    this.#pseudonyms = pseudonyms;
    this.#output = output;
    this.#limits = limits;
    this.#before = before;
  }

  result(): Omit<RedactedArchive, 'file'> {
    const names = this.#pseudonyms?.all().size ?? 0;
    return { files: this.#files, withheld: this.#withheld, counts: this.#tally.record() ?? {}, names };
  }

  /** One of ours: its manifest is written anew. */
  async own(input: string, top: string): Promise<void> {
    const { manifest } = await readBundle(input, () => Promise.resolve(), this.#limits);
    const recorded = new Map(manifest.items.map((item) => [item.id, item]));
    let writing: Writing | undefined;
    const start = async (original: Plan): Promise<Writing> => {
      const archive = new ArchiveWriter(this.#output, this.#renamedTop(top), original.createdAt);
      const plan = this.#pseudonyms ? renamedPlan(original, this.#pseudonyms) : original;
      return { original, recorded, writer: await BundleWriter.start(archive, this.#redaction, plan) };
    };
    const { plan } = await readBundle(
      input,
      async (entry, readPlan) => {
        writing ??= await start(readPlan);
        if (entry.path === README) return;
        await this.#putWithoutFile(writing);
        await this.#putFile(writing, entry);
      },
      this.#limits,
    );
    writing ??= await start(plan);
    await this.#putWithoutFile(writing);
    await writing.writer.seal(manifest.ended, manifest.redaction.knownValues);
  }

  async #putWithoutFile(writing: Writing): Promise<void> {
    for (let next = nextOf(writing); next; next = nextOf(writing)) {
      const { planned, item } = next;
      if (hasFile(item) && item.path !== undefined) return;
      await writing.writer.put(planned, collectedOf(item));
    }
  }

  async #putFile(writing: Writing, entry: AnyFile): Promise<void> {
    const next = nextOf(writing);
    if (next?.item.path !== entry.path) throw refuse(`${entry.path} is not where the plan has it`);
    const { planned, item } = next;
    const redacted = await redactFile(entry, this.#redaction);
    if ('withheld' in redacted) {
      this.#withheld.push({ path: planned.path, why: redacted.withheld });
      await writing.writer.put(planned, { status: 'redactionFailed', detail: redacted.withheld });
      return;
    }
    this.#count(redacted.redactions);
    const tally = new Tally();
    tally.merge(item.redactions ?? {});
    tally.merge(redacted.redactions ?? {});
    const redactions = tally.record();
    await writing.writer.put(planned, { ...collectedOf(item), ...(redactions && { redactions }) }, redacted.content);
    await redacted.close();
  }

  /** Any other: the same tree, and a summary beside it. */
  async foreign(input: string): Promise<void> {
    let archive: ArchiveWriter | undefined;
    let top = '';
    for await (const entry of readTar(unpacked(input, this.#limits), this.#limits)) {
      const [folder = '', ...rest] = entry.path.split('/');
      if (!archive) {
        top = rest.length > 0 ? folder : '';
        archive = new ArchiveWriter(this.#output, this.#renamedTop(top), new Date(entry.time * 1000).toISOString());
      }
      const path = top === '' ? entry.path : rest.join('/');
      if (top !== '' && folder !== top) throw refuse('there are several folders in it');
      await this.#copy(archive, path, entry);
    }
    await this.#summary(archive);
    await archive?.end();
  }

  async #copy(archive: ArchiveWriter, original: string, entry: ArchiveEntry): Promise<void> {
    if (original === SUMMARY) return;
    const path = this.#renamed(original);
    if (!this.#isPlain(path)) {
      this.#withheld.push({ path: '(a name)', why: 'a secret in the name of a file' });
      return;
    }
    if (entry.target !== undefined) {
      await this.#link(archive, path, this.#renamed(entry.target));
      return;
    }
    const redacted = await redactFile(entry, this.#redaction);
    if ('withheld' in redacted) {
      this.#withheld.push({ path, why: redacted.withheld });
      return;
    }
    this.#count(redacted.redactions);
    await archive.add(path, redacted.content.size, redacted.content.pieces);
    await redacted.close();
  }

  /** A link says nothing by itself, as long as it stays within the archive. */
  async #link(archive: ArchiveWriter, path: string, target: string): Promise<void> {
    const resolved = posix.join(posix.dirname(path), target);
    const inside = !posix.isAbsolute(target) && resolved !== '..' && !resolved.startsWith('../');
    if (inside && this.#isPlain(target)) await archive.addLink(path, target);
    else this.#withheld.push({ path, why: 'a link that leads outside' });
  }

  #renamed(path: string): string {
    return this.#pseudonyms ? renamedPath(path, this.#pseudonyms) : path;
  }

  #renamedTop(top: string): string {
    return this.#pseudonyms && top !== '' ? renamedTop(top, this.#pseudonyms) : top;
  }

  #isPlain(name: string): boolean {
    const redacted = this.#redaction.file(Buffer.from(name), 'text');
    return !('withheld' in redacted) && redacted.counts.length === 0;
  }

  async #summary(archive: ArchiveWriter | undefined): Promise<void> {
    const { counts, withheld } = this.result();
    const kinds = [...new Set([...this.#before, ...(this.#pseudonyms?.kinds ?? [])])].sort();
    const pseudonyms = kinds.length > 0 ? { pseudonyms: kinds } : {};
    const text = documentText({ format: 'crewiso.redactions/v1', counts, withheld, ...pseudonyms });
    const redacted = this.#redaction.file(Buffer.from(text), 'json');
    if ('withheld' in redacted) throw new Error(`${SUMMARY} may not be written: ${redacted.withheld.why}`);
    await archive?.add(SUMMARY, redacted.bytes.length, [redacted.bytes]);
  }

  #count(redactions: Readonly<Record<string, number>> | undefined): void {
    this.#files += 1;
    this.#tally.merge(redactions ?? {});
  }
}

/** One of ours as it is written anew. */
interface Writing {
  /** The plan as it was; that of the writer may have other names. */
  readonly original: Plan;
  readonly recorded: ReadonlyMap<string, ManifestItem>;
  readonly writer: BundleWriter;
}

/** The next item of the plan, and what became of it when it was collected. */
function nextOf({ original, recorded, writer }: Writing): { planned: PlanItem; item: ManifestItem } | undefined {
  const planned = writer.next;
  const id = original.items[writer.items.length]?.id;
  if (!planned || id === undefined) return undefined;
  const item = recorded.get(id);
  if (!item) throw refuse(`${MANIFEST} does not account for ${id}`);
  return { planned, item };
}

/** Without what the writer finds out itself. */
function collectedOf(item: ManifestItem): CollectedItem {
  const own: ReadonlySet<string> = new Set(['id', 'path', 'size', 'sha256']);
  return Object.fromEntries(Object.entries(item).filter(([key]) => !own.has(key))) as unknown as CollectedItem;
}
