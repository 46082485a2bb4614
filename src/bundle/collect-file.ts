import { CrewisoError, EXIT } from '../model/error.ts';
import { ArchiveWriter } from './archive-writer.ts';
import { BundleWriter } from './bundle-writer.ts';
import { collectPlanned, prepare, type CollectInput, type OnItem, type Prepared } from './collect.ts';
import type { Ended, Manifest, Plan } from './format.ts';
import { bytesOf } from './byte-source.ts';
import { EncryptedOutput, type PlainBytes, type Readers } from './encrypted-output.ts';
import { isCode, PartialFile } from './partial-file.ts';
import { findLeaks } from './leak-scan.ts';
import { ResumeState, type Resumed } from './resume-state.ts';
import { DiskReserve } from './disk-reserve.ts';

export interface FileInput extends CollectInput {
  /** Where the bundle goes. */
  readonly file: string;
  /** The folder that everything in it is in. */
  readonly top: string;
  /** Of the fingerprints: kept beside the unfinished file, so that it can be gone on with. */
  readonly key: Buffer;
  /** A bundle that is not complete keeps the name of a part. */
  readonly strict: boolean;
  readonly resumed?: Resumed;
  /** Of age: the file is encrypted for them as it is written, and what was cut off cannot be gone on with. */
  readonly readers?: Readers;
  readonly onItem?: OnItem;
}

export interface Collected {
  readonly file: string;
  readonly manifest: Manifest;
  readonly selection: Plan['selection'];
  /** SHA-256 of the uncompressed archive. */
  readonly tarDigest: string;
  /** What is in it, where it is encrypted. */
  readonly plain?: PlainBytes;
  /** Whether it is encrypted with a passphrase. */
  readonly passphrase?: true;
}

/**
 * Collects a bundle into a file. Whatever happens on the way, what comes out is a valid archive that says what is missing,
 * or a part that can be gone on with, or nothing.
 * @param before what was read for several archives together
 * @throws CrewisoError (4) where the file cannot be written, or nothing could be read; (70) where a secret is left in it
 */
export async function collectToFile(input: FileInput, before?: Prepared): Promise<Collected> {
  const { file, resumed, readers } = input;
  const fresh = before ?? (await prepare(input));
  const prepared: Prepared = resumed ? { ...fresh, plan: resumed.plan } : fresh;
  const output = await PartialFile.open(file, resumed?.position);
  const encrypted = readers && (await EncryptedOutput.open(readers, output));
  const state = encrypted ? undefined : await ResumeState.open(output.partial, resumed !== undefined);
  const reserve = await DiskReserve.open(file, prepared.plan.items.length);
  try {
    const target = { output, encrypted, state, reserve };
    return await publish(input, target, await write(input, prepared, target));
  } catch (error) {
    await (encrypted ? output.discard() : output.abandon());
    throw encrypted && isCode(error, 'ENOSPC') ? diskFull(file) : error;
  } finally {
    await reserve.release();
    await state?.close();
  }
}

type Sealed = Omit<Collected, 'file'>;

interface Target {
  readonly output: PartialFile;
  /** Before the output, and then nothing can be cut back or gone on with. */
  readonly encrypted: EncryptedOutput | undefined;
  readonly state: ResumeState | undefined;
  readonly reserve: DiskReserve;
}

async function write(input: FileInput, prepared: Prepared, target: Target): Promise<Sealed> {
  const { output, encrypted, state, reserve } = target;
  const archive = new ArchiveWriter(encrypted ?? output, input.top, prepared.plan.createdAt);
  const { resumed } = input;
  if (resumed) await resumed.replay(archive);
  const writer = resumed
    ? BundleWriter.resume(archive, input.redaction, prepared.plan, resumed)
    : await BundleWriter.start(archive, input.redaction, prepared.plan);
  if (!resumed)
    await state?.begin({ key: input.key, top: input.top, started: writer.started, position: output.position });
  let whole = archive.mark();
  let ended: Ended;
  try {
    ended = await collectPlanned(input, prepared, writer, async (item, done, planned) => {
      whole = archive.mark();
      await state?.add(item, output.position);
      await input.onItem?.(item, done, planned);
    });
  } catch (error) {
    if (encrypted || !isCode(error, 'ENOSPC')) throw error;
    await reserve.release();
    await output.cut(archive.reset(whole));
    ended = 'disk-full';
  }
  const sealed = await writer.seal(ended, prepared.knownValues);
  const { selection } = prepared.plan;
  if (!encrypted) return { ...sealed, selection };
  const passphrase = input.readers && 'passphrase' in input.readers && { passphrase: true as const };
  return { ...sealed, selection, ...passphrase, plain: await encrypted.end() };
}

async function publish(input: FileInput, { output, encrypted, state }: Target, sealed: Sealed): Promise<Collected> {
  const { manifest } = sealed;
  if (!manifest.items.some(({ path }) => path !== undefined)) {
    await output.discard();
    await state?.remove();
    throw nothingRead(manifest);
  }
  await output.close();
  const [leak] = await findLeaks(encrypted?.content(output.partial) ?? bytesOf(output.partial), input.redaction);
  if (leak) {
    const kept = await output.rename('.quarantine');
    await state?.remove();
    throw new CrewisoError(`a secret is left in ${leak.path} (rule ${leak.rule}): the bundle is withheld`, {
      code: 'leak',
      exitCode: EXIT.bug,
      suggestions: [`it is kept as ${kept}: do not send it to anybody`, 'this is a bug of kubectl-crewiso'],
    });
  }
  if (input.strict && manifest.state === 'partial') return { ...sealed, file: output.partial };
  await state?.remove();
  return { ...sealed, file: await output.rename('') };
}

/** An encrypted file cannot be cut back to its last whole item, and so there is none. */
function diskFull(file: string): CrewisoError {
  return new CrewisoError(`cannot write ${file}: the disk is full, and an encrypted bundle cannot be ended early`, {
    code: 'output',
    exitCode: EXIT.unreachable,
    suggestions: ['give the name of a file on a larger disk with -O', 'or collect less: --logs none, --org'],
  });
}

/** Codes of the errors that say that a bundle would have been empty. */
export const NOTHING: ReadonlySet<string> = new Set(['interrupted', 'nothing-collected']);

function nothingRead({ items, ended }: Manifest): CrewisoError {
  if (ended === 'interrupted')
    return new CrewisoError('interrupted before anything could be read', {
      code: 'interrupted',
      exitCode: EXIT.interrupted,
    });
  const { detail = 'no list was answered' } = items.find((item) => item.detail !== undefined) ?? {};
  return new CrewisoError(`nothing could be collected: ${detail}`, {
    code: 'nothing-collected',
    exitCode: EXIT.unreachable,
    suggestions: ['kubectl crewiso rbac --for bundle prints the rights that it takes'],
  });
}
