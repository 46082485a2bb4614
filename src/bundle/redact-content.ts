import { isRecord, stringAt, valueAt } from '../kubernetes/json-value.ts';
import type { KubeObject } from '../model/object.ts';
import { all } from './bundle-reader.ts';
import { attempt, type FileContent } from './redacting-sink.ts';
import { Tally, type Redaction } from './redaction-counts.ts';
import type { Pseudonyms } from './redaction/pseudonyms.ts';
import type { Redacted } from './redaction/redacted.ts';
import { LineBuffer } from './redaction/whole-lines.ts';
import { Spool } from './spool.ts';

/** What is parsed as a whole; larger files are redacted as text, piece by piece. */
const MAX_PARSED = 32 * 1024 * 1024;
/** Where text is told from other bytes. */
const SAMPLE = 8 * 1024;

/** A file of any bundle, as its reader gives it. */
export interface AnyFile {
  readonly path: string;
  readonly size: number;
  content(): AsyncGenerator<Buffer>;
}

/** What was read already, as the content of a file. */
export async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(bytes);
}

type RedactionRecord = ReturnType<Tally['record']>;

export type RedactedContent =
  | {
      readonly content: FileContent;
      readonly redactions: RedactionRecord;
      /** Lets go of what was kept of it. */
      close(): Promise<void>;
    }
  | { readonly withheld: string };

type Format = 'json' | 'yaml' | 'text';

function formatOf({ path, size }: Pick<AnyFile, 'path' | 'size'>): Format {
  if (size > MAX_PARSED) return 'text';
  if (path.endsWith('.json')) return 'json';
  return /\.ya?ml$/.test(path) ? 'yaml' : 'text';
}

/** Takes in the Secrets and objects of a file, before anything is redacted. What cannot be read is of no use here. */
export async function learnFrom(file: AnyFile, redaction: Redaction): Promise<void> {
  if (formatOf(file) !== 'json') return;
  let document: unknown;
  try {
    document = JSON.parse((await all(file)).toString('utf8'));
  } catch {
    return;
  }
  const items = valueAt(document, 'items');
  const kind = (stringAt(document, 'kind') ?? '').replace(/List$/, '');
  for (const item of Array.isArray(items) ? (items as unknown[]) : [document]) {
    if (!isRecord(item) || !isRecord(item.metadata) || typeof item.metadata.name !== 'string') continue;
    const object = { kind, ...item } as unknown as KubeObject;
    if (object.kind === 'Secret') redaction.learnSecret(object);
    else redaction.learnObject(object);
  }
}

/** As `learnFrom`, and what else it names; its own name, or what it links to, may hold names too. */
export async function learnNames(
  file: AnyFile & { readonly target?: string },
  redaction: Redaction,
  pseudonyms: Pseudonyms,
): Promise<void> {
  pseudonyms.learnText(Buffer.from(`${file.path}\n${file.target ?? ''}`).toString('latin1'), false);
  if (formatOf(file) !== 'text') {
    const bytes = await all(file);
    pseudonyms.learnText(bytes.toString('latin1'), true);
    await learnFrom({ ...file, content: () => once(bytes) }, redaction);
    return;
  }
  const lines = new LineBuffer();
  for await (const chunk of file.content()) for (const text of lines.write(chunk)) pseudonyms.learnText(text, false);
  for (const text of lines.end()) pseudonyms.learnText(text, false);
}

/** A file, redacted by what it is; what is neither text nor readable is withheld. */
export async function redactFile(file: AnyFile, redaction: Redaction): Promise<RedactedContent> {
  const format = formatOf(file);
  if (format !== 'text') {
    const bytes = await all(file);
    const redacted = attempt(() => redaction.file(bytes, format));
    if ('withheld' in redacted) return { withheld: `${redacted.withheld.rule}: ${redacted.withheld.why}` };
    const tally = new Tally();
    tally.add(redacted.counts);
    const content = { size: redacted.bytes.length, pieces: [redacted.bytes] };
    return { content, redactions: tally.record(), close: () => Promise.resolve() };
  }
  return redactText(file, redaction);
}

/** What redacting a file would take out of it, by rule; nothing of it is kept. */
export async function redactionsOf(
  file: AnyFile,
  redaction: Redaction,
): Promise<{ readonly redactions: RedactionRecord } | { readonly withheld: string }> {
  if (formatOf(file) === 'text') return throughText(file, redaction, () => Promise.resolve());
  const redacted = await redactFile(file, redaction);
  return 'withheld' in redacted ? redacted : { redactions: redacted.redactions };
}

async function redactText(file: AnyFile, redaction: Redaction): Promise<RedactedContent> {
  const spool = new Spool();
  try {
    const redacted = await throughText(file, redaction, (piece) => spool.append('', piece));
    if ('withheld' in redacted) {
      await spool.close();
      return redacted;
    }
    const content = { size: spool.size(''), pieces: spool.content('') };
    return { content, ...redacted, close: () => spool.close() };
  } catch (error) {
    await spool.close();
    throw error;
  }
}

async function throughText(
  file: AnyFile,
  redaction: Redaction,
  take: (piece: Redacted) => Promise<void>,
): Promise<{ readonly redactions: RedactionRecord } | { readonly withheld: string }> {
  const log = redaction.log();
  const tally = new Tally();
  let first = true;
  for await (const chunk of file.content()) {
    if (first && isBinary(chunk)) return { withheld: 'binary: no text that could be redacted' };
    first = false;
    for (const piece of log.write(chunk)) await take(piece);
  }
  const { chunks, counts } = log.end();
  for (const piece of chunks) await take(piece);
  tally.add(counts);
  return { redactions: tally.record() };
}

/** A NUL, or what archives and images begin with. */
function isBinary(chunk: Buffer): boolean {
  const sample = chunk.subarray(0, SAMPLE);
  return (
    sample.includes(0) ||
    (sample[0] === 0x1f && sample[1] === 0x8b) ||
    sample.toString('latin1', 0, 4) === 'PK\u0003\u0004'
  );
}
