import { posix } from 'node:path';
import { ArchiveWriter } from './archive-writer.ts';
import { readBundle } from './bundle-reader.ts';
import { BundleWriter } from './bundle-writer.ts';
import { unpacked } from './byte-source.ts';
import {
  documentText,
  hasFile,
  MANIFEST,
  PLAN,
  README,
  type ManifestItem,
  type Plan,
  type PlanItem,
} from './format.ts';
import { LIMITS, type Limits } from './limits.ts';
import type { CollectedItem } from './log-collector.ts';
import { PartialFile } from './partial-file.ts';
import { learnFrom, redactFile, type AnyFile } from './redact-content.ts';
import { Tally, type Redaction } from './redaction-counts.ts';
import { refuse } from './refusal.ts';
import { readTar, type ArchiveEntry } from './tar-reader.ts';

/** What redacting came to. */
export interface RedactedArchive {
  readonly file: string;
  readonly files: number;
  readonly withheld: readonly { readonly path: string; readonly why: string }[];
  readonly counts: Readonly<Record<string, number>>;
}

/** In a bundle of another tool: what was taken out of it. */
const SUMMARY = 'crewiso-redactions.json';

/**
 * Redacts a bundle, ours or any other tar, into a new one with the same files. What cannot be redacted is left out.
 * @throws CrewisoError (4) where one cannot be read, or the other not be written
 */
export async function redactArchive(
  input: string,
  output: string,
  redaction: Redaction,
  limits: Limits = LIMITS,
): Promise<RedactedArchive> {
  const own = await learn(input, redaction, limits);
  const file = await PartialFile.open(output);
  try {
    const run = new RedactRun(redaction, file, limits);
    await (own ? run.own(input, own) : run.foreign(input));
    await file.close();
    return { file: await file.rename(''), ...run.result() };
  } catch (error) {
    await file.discard();
    throw error;
  }
}

/**
 * Looks at everything once before anything is written: Secrets in a bundle give away what to look for in its logs.
 * @returns the folder that all is in, where it is one of our bundles
 */
async function learn(input: string, redaction: Redaction, limits: Limits): Promise<string | undefined> {
  let own: string | undefined;
  let first = true;
  for await (const entry of readTar(unpacked(input, limits), limits)) {
    const [top = '', name, ...rest] = entry.path.split('/');
    if (first && name === PLAN && rest.length === 0) own = top;
    first = false;
    if (entry.target === undefined) await learnFrom(entry, redaction);
  }
  if (first) throw refuse('there is no file in it');
  return own;
}

class RedactRun {
  readonly #redaction: Redaction;
  readonly #output: PartialFile;
  readonly #limits: Limits;
  readonly #tally = new Tally();
  readonly #withheld: { path: string; why: string }[] = [];
  #files = 0;

  constructor(redaction: Redaction, output: PartialFile, limits: Limits) {
    this.#redaction = redaction;
    this.#output = output;
    this.#limits = limits;
  }

  result(): Omit<RedactedArchive, 'file'> {
    return { files: this.#files, withheld: this.#withheld, counts: this.#tally.record() ?? {} };
  }

  /** One of ours: its manifest is written anew. */
  async own(input: string, top: string): Promise<void> {
    const { manifest } = await readBundle(input, () => Promise.resolve(), this.#limits);
    const recorded = new Map(manifest.items.map((item) => [item.id, item]));
    let writer: BundleWriter | undefined;
    const start = async (plan: Plan): Promise<BundleWriter> => {
      const archive = new ArchiveWriter(this.#output, top, plan.createdAt);
      return BundleWriter.start(archive, this.#redaction, plan);
    };
    const { plan } = await readBundle(
      input,
      async (entry, readPlan) => {
        writer ??= await start(readPlan);
        if (entry.path === README) return;
        await this.#putWithoutFile(writer, recorded);
        await this.#putFile(writer, recorded, entry);
      },
      this.#limits,
    );
    writer ??= await start(plan);
    await this.#putWithoutFile(writer, recorded);
    await writer.seal(manifest.ended, manifest.redaction.knownValues);
  }

  async #putWithoutFile(writer: BundleWriter, recorded: ReadonlyMap<string, ManifestItem>): Promise<void> {
    for (let next = writer.next; next; next = writer.next) {
      const item = itemOf(next, recorded);
      if (hasFile(item) && item.path !== undefined) return;
      await writer.put(next, collectedOf(item));
    }
  }

  async #putFile(writer: BundleWriter, recorded: ReadonlyMap<string, ManifestItem>, entry: AnyFile): Promise<void> {
    const { next } = writer;
    const item = next && itemOf(next, recorded);
    if (!next || item?.path !== entry.path) throw refuse(`${entry.path} is not where the plan has it`);
    const redacted = await redactFile(entry, this.#redaction);
    if ('withheld' in redacted) {
      this.#withheld.push({ path: entry.path, why: redacted.withheld });
      await writer.put(next, { status: 'redactionFailed', detail: redacted.withheld });
      return;
    }
    this.#count(redacted.redactions);
    const tally = new Tally();
    tally.merge(item.redactions ?? {});
    tally.merge(redacted.redactions ?? {});
    const redactions = tally.record();
    await writer.put(next, { ...collectedOf(item), ...(redactions && { redactions }) }, redacted.content);
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
        archive = new ArchiveWriter(this.#output, top, new Date(entry.time * 1000).toISOString());
      }
      const path = top === '' ? entry.path : rest.join('/');
      if (top !== '' && folder !== top) throw refuse('there are several folders in it');
      await this.#copy(archive, path, entry);
    }
    await this.#summary(archive);
    await archive?.end();
  }

  async #copy(archive: ArchiveWriter, path: string, entry: ArchiveEntry): Promise<void> {
    if (path === SUMMARY) return;
    if (!this.#isPlain(path)) {
      this.#withheld.push({ path: '(a name)', why: 'a secret in the name of a file' });
      return;
    }
    if (entry.target !== undefined) {
      await this.#link(archive, path, entry.target);
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

  #isPlain(name: string): boolean {
    const redacted = this.#redaction.file(Buffer.from(name), 'text');
    return !('withheld' in redacted) && redacted.counts.length === 0;
  }

  async #summary(archive: ArchiveWriter | undefined): Promise<void> {
    const { counts, withheld } = this.result();
    const text = documentText({ format: 'crewiso.redactions/v1', counts, withheld });
    const redacted = this.#redaction.file(Buffer.from(text), 'json');
    if ('withheld' in redacted) throw new Error(`${SUMMARY} may not be written: ${redacted.withheld.why}`);
    await archive?.add(SUMMARY, redacted.bytes.length, [redacted.bytes]);
  }

  #count(redactions: Readonly<Record<string, number>> | undefined): void {
    this.#files += 1;
    this.#tally.merge(redactions ?? {});
  }
}

const itemOf = (planned: PlanItem, recorded: ReadonlyMap<string, ManifestItem>): ManifestItem => {
  const item = recorded.get(planned.id);
  if (!item) throw refuse(`${MANIFEST} does not account for ${planned.id}`);
  return item;
};

/** Without what the writer finds out itself. */
function collectedOf(item: ManifestItem): CollectedItem {
  const own: ReadonlySet<string> = new Set(['id', 'path', 'size', 'sha256']);
  return Object.fromEntries(Object.entries(item).filter(([key]) => !own.has(key))) as unknown as CollectedItem;
}
