import type { ArchiveWriter, Written } from './archive-writer.ts';
import {
  hasFile,
  isGap,
  MANIFEST,
  PLAN,
  README,
  type BundleHead,
  type Cause,
  type Ended,
  type Manifest,
  type ManifestItem,
  type Plan,
  type PlanItem,
} from './format.ts';
import type { CollectedItem } from './log-collector.ts';
import { README_TEXT } from './readme-text.ts';
import { slice } from './kept.ts';
import { BETWEEN, CLOSE, OPEN, type FileContent } from './redacting-sink.ts';
import type { Redacted } from './redaction/redacted.ts';
import { Tally, type Redaction } from './redaction-counts.ts';
import { Spool } from './spool.ts';

/** What the manifest says of the files before the first item. */
export interface Started {
  readonly planSha256: string;
  readonly readme: Manifest['readme'];
}

type KnownValues = Manifest['redaction']['knownValues'];

/**
 * A bundle as it is written: the plan first, each planned item once and in the order of the plan, the manifest last,
 * which says what became of every one of them.
 */
export class BundleWriter {
  readonly plan: Plan;
  readonly #archive: ArchiveWriter;
  readonly #redaction: Redaction;
  readonly #items: ManifestItem[] = [];
  #planSha256 = '';
  #readme = { size: 0, sha256: '' };

  private constructor(archive: ArchiveWriter, redaction: Redaction, plan: Plan) {
    this.#archive = archive;
    this.#redaction = redaction;
    this.plan = plan;
  }

  /** Writes plan and README. @throws Error where the redactor withholds the plan: nothing can be written then */
  static async start(archive: ArchiveWriter, redaction: Redaction, plan: Plan): Promise<BundleWriter> {
    const writer = new BundleWriter(archive, redaction, plan);
    writer.#planSha256 = (await writer.#document(PLAN, plan)).sha256;
    const { size, sha256 } = await archive.add(README, README_TEXT.length, [README_TEXT]);
    writer.#readme = { size, sha256 };
    return writer;
  }

  /** Goes on behind items that are in the archive already. */
  static resume(
    archive: ArchiveWriter,
    redaction: Redaction,
    plan: Plan,
    state: { readonly started: Started; readonly items: readonly ManifestItem[] },
  ): BundleWriter {
    const writer = new BundleWriter(archive, redaction, plan);
    writer.#planSha256 = state.started.planSha256;
    writer.#readme = state.started.readme;
    writer.#items.push(...state.items);
    return writer;
  }

  /** What was written before the first item. */
  get started(): Started {
    return { planSha256: this.#planSha256, readme: this.#readme };
  }

  /** The next item of the plan. */
  get next(): PlanItem | undefined {
    return this.plan.items[this.#items.length];
  }

  get items(): readonly ManifestItem[] {
    return this.#items;
  }

  /** What became of the next item, with its file where it has one. */
  async put(item: PlanItem, collected: CollectedItem, content?: FileContent): Promise<ManifestItem> {
    if (item !== this.next) throw new Error(`${item.id} is out of turn`);
    const { id, path } = item;
    const file =
      content && hasFile(collected) ? await this.#archive.add(path, content.size, content.pieces) : undefined;
    const { status, ...more } = collected;
    const recorded = { id, status, ...(file && { path, ...file }), ...more };
    this.#items.push(recorded);
    return recorded;
  }

  /**
   * Writes the manifest and ends the archive; what was not put is recorded as skipped.
   * @param knownValues whether the Secrets of all namespaces could be looked for
   * @returns the manifest, and the digest of the uncompressed archive
   */
  async seal(
    ended: Ended,
    knownValues: KnownValues,
  ): Promise<{ readonly manifest: Manifest; readonly tarDigest: string }> {
    const rest = this.plan.items.slice(this.#items.length);
    this.#items.push(...rest.map(({ id }): ManifestItem => ({ id, status: 'skipped', cause: CAUSES[ended] })));
    const manifest = this.#manifest(ended, knownValues);
    await this.#document(MANIFEST, manifest);
    return { manifest, tarDigest: await this.#archive.end() };
  }

  #manifest(ended: Ended, knownValues: KnownValues): Manifest {
    const { items: planned } = this.plan;
    const counts = new Tally();
    for (const { redactions = {} } of this.#items) counts.merge(redactions);
    return {
      ...headOf(this.plan),
      kind: 'Manifest',
      state: this.#items.some(isGap) ? 'partial' : 'complete',
      ended,
      planSha256: this.#planSha256,
      prefixDigest: `sha256:${this.#archive.digest()}`,
      readme: this.#readme,
      items: this.#items,
      totals: totalsOf(this.#items),
      orgs: orgsOf(planned, this.#items),
      redaction: {
        knownValues,
        counts: counts.record() ?? {},
        withheld: this.#items.filter(({ status }) => status === 'redactionFailed').length,
      },
    };
  }

  /** A line for each item, each redacted by itself: there may be many thousands. */
  async #document(path: string, document: Plan | Manifest): Promise<Written> {
    const { items, ...head } = document;
    const frame = this.#redact(path, { ...head, items: [] });
    const lines = new Spool();
    try {
      await lines.append('', slice(frame, 0, frame.length - '[]}'.length));
      await lines.append('', OPEN);
      for (const [index, item] of items.entries()) {
        if (index > 0) await lines.append('', BETWEEN);
        await lines.append('', this.#redact(path, item));
      }
      await lines.append('', CLOSE);
      return await this.#archive.add(path, lines.size(''), lines.content(''));
    } finally {
      await lines.close();
    }
  }

  #redact(path: string, value: object): Redacted {
    const redacted = this.#redaction.object(value);
    if ('withheld' in redacted) throw new Error(`${path} may not be written: ${redacted.withheld.why}`);
    return redacted.bytes;
  }
}

function headOf(plan: Plan): BundleHead {
  const { format, tool, createdAt, cluster, collector, platforms, platform, fingerprints, only, pseudonyms } = plan;
  return {
    format,
    tool,
    createdAt,
    cluster,
    ...(collector && { collector }),
    ...(platforms && { platforms }),
    ...(platform && { platform }),
    ...(fingerprints !== undefined && { fingerprints }),
    ...(only && { only }),
    ...(pseudonyms && { pseudonyms }),
  };
}

const CAUSES: Readonly<Record<Ended, Cause>> = {
  finished: 'selection',
  interrupted: 'interrupt',
  timeout: 'timeout',
  'disk-full': 'disk-full',
};

function totalsOf(items: readonly ManifestItem[]): Manifest['totals'] {
  const totals: Record<string, number> = { planned: items.length };
  for (const { status } of items) totals[status] = (totals[status] ?? 0) + 1;
  return totals;
}

function orgsOf(planned: readonly PlanItem[], items: readonly ManifestItem[]): Manifest['orgs'] {
  const orgs: Record<string, { planned: number; usable: number }> = {};
  for (const [index, { org }] of planned.entries()) {
    const item = items[index];
    if (org === undefined || !item) continue;
    const entry = (orgs[org] ??= { planned: 0, usable: 0 });
    entry.planned += 1;
    if (!isGap(item)) entry.usable += 1;
  }
  return orgs;
}
