import { createHash } from 'node:crypto';
import { valueAt } from '../kubernetes/json-value.ts';
import { parseManifest, parsePlan } from './bundle-documents.ts';
import { hasFile, isGap, MANIFEST, PLAN, README, type Manifest, type Plan } from './format.ts';
import { startDigest, type Digest } from './gzip-member.ts';
import type { Redaction } from './redaction-counts.ts';
import { encodeHeader, END_OF_ARCHIVE, padding } from './tar-header.ts';
import type { ArchiveEntry } from './tar-reader.ts';

/** What is wrong with a bundle: with which of its files, where that is known. */
export interface Problem {
  readonly path?: string;
  readonly what: string;
}

interface Recorded {
  readonly size?: number | undefined;
  readonly sha256?: string | undefined;
}

/** What is in it, against what it says of itself. */
export class ContentCheck {
  readonly problems: Problem[] = [];
  manifest: Manifest | undefined;
  files = 0;
  readonly #leaks: Pick<Redaction, 'leaks'> | undefined;
  readonly #raw = createHash('sha256');
  /** As our writer would have written it. */
  readonly #canonical: Digest = startDigest();
  readonly #found = new Map<string, { readonly size: number; readonly sha256: string }>();
  #plan: Plan | undefined;
  #top: string | undefined;
  #last: string | undefined;
  #prefix = '';

  constructor(leaks: Pick<Redaction, 'leaks'> | undefined) {
    this.#leaks = leaks;
  }

  get isBundle(): boolean {
    return this.#plan !== undefined;
  }

  get tarDigest(): string {
    return this.#raw.copy().digest('hex');
  }

  /** The file that was being read. */
  where(): { readonly path?: string } {
    return this.#last === undefined ? {} : { path: `${this.#last}, or what follows it` };
  }

  async *tee(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      this.#raw.update(chunk);
      yield chunk;
    }
  }

  async take(entry: ArchiveEntry): Promise<void> {
    const { path, size, time, target } = entry;
    const first = this.#top === undefined;
    this.#top ??= path.split('/')[0] ?? '';
    const below = path.startsWith(`${this.#top}/`) ? path.slice(this.#top.length + 1) : path;
    this.#last = below;
    if (target !== undefined || below === path) this.#say(below, 'does not belong into a bundle');
    if (first !== (below === PLAN)) this.#say(below, first ? `stands before ${PLAN}` : 'is not the first file');
    if (this.manifest) this.#say(below, `stands behind ${MANIFEST}`);
    if (below === MANIFEST) this.#prefix = this.#canonical.hex();
    this.#canonical.update(encodeHeader(path, size, time));
    const bytes = await this.#hash(entry, below);
    this.#canonical.update(padding(size));
    if (below === PLAN) this.#plan = parsePlan(bytes);
    if (below === MANIFEST) this.manifest = parseManifest(bytes);
  }

  /** Once all has been taken. */
  end(): void {
    this.#canonical.update(END_OF_ARCHIVE);
    const { manifest } = this;
    const plan = this.#plan;
    if (!plan) this.#say(undefined, `it has no ${PLAN}`);
    if (!manifest) this.#say(undefined, `it has no ${MANIFEST}: only a part of it was written`);
    if (!plan || !manifest) return;
    this.#compareFiles(manifest);
    this.#comparePlan(plan, manifest);
    if (manifest.prefixDigest !== `sha256:${this.#prefix}`)
      this.#say(MANIFEST, 'says another digest of all files before it');
    if (this.#canonical.hex() !== this.tarDigest) this.#say(undefined, 'a header is not as it was written');
  }

  async #hash(entry: ArchiveEntry, path: string): Promise<Buffer> {
    const hash = createHash('sha256');
    const kept: Buffer[] = [];
    const scanner = this.#leaks?.leaks();
    for await (const piece of entry.content()) {
      hash.update(piece);
      this.#canonical.update(piece);
      scanner?.write(piece);
      if (path === PLAN || path === MANIFEST) kept.push(Buffer.from(piece));
    }
    this.#found.set(path, { size: entry.size, sha256: hash.digest('hex') });
    for (const { rule, offset } of scanner?.end() ?? [])
      this.#say(path, `a secret at byte ${String(offset)} (rule ${rule})`);
    return Buffer.concat(kept);
  }

  #compareFiles({ items, readme, planSha256 }: Manifest): void {
    const expected = new Map<string, Recorded>([
      [README, readme],
      [PLAN, { sha256: planSha256 }],
    ]);
    for (const { path, size, sha256 } of items) if (path !== undefined) expected.set(path, { size, sha256 });
    for (const [path, recorded] of expected) this.#compareFile(path, recorded);
    for (const path of this.#found.keys())
      if (path !== MANIFEST && !expected.has(path)) this.#say(path, `is not in ${MANIFEST}`);
  }

  #compareFile(path: string, { size, sha256 }: Recorded): void {
    const found = this.#found.get(path);
    if (!found) this.#say(path, 'is missing');
    else if ((size !== undefined && found.size !== size) || found.sha256 !== sha256)
      this.#say(path, `is not what ${MANIFEST} says`);
    else this.files += 1;
  }

  #comparePlan(plan: Plan, { items, totals, state }: Manifest): void {
    const planned = plan.items.map(({ id }) => id);
    if (planned.length !== items.length || planned.some((id, index) => id !== items[index]?.id))
      this.#say(MANIFEST, `does not account for the items of ${PLAN}, each once`);
    for (const item of items)
      if (!hasFile(item) && item.path !== undefined) this.#say(item.path, `has the status ${item.status} and a file`);
    if (valueAt(totals, 'planned') !== items.length || (state === 'complete') === items.some(isGap))
      this.#say(MANIFEST, 'does not add up');
  }

  #say(path: string | undefined, what: string): void {
    this.problems.push({ ...(path !== undefined && { path }), what });
  }
}
