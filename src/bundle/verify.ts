import { bytesOf, unpackedBytes } from './byte-source.ts';
import { ContentCheck, type Problem } from './content-check.ts';
import { findDamage } from './damage.ts';
import { refuseEncrypted } from './encrypted-file.ts';
import type { Manifest } from './format.ts';
import { LIMITS, type Limits } from './limits.ts';
import type { Redaction } from './redaction-counts.ts';
import { refusalOf } from './refusal.ts';
import { OuterBytes, type Seal } from './seal-check.ts';
import { readTar } from './tar-reader.ts';

export interface Verified {
  /**
   * `intact`: every byte is as it was written · `changed`: some are not, or a secret is in it · `cut`: only a part of it
   * is there · `unreadable`: no bundle of ours.
   */
  readonly outcome: 'intact' | 'changed' | 'cut' | 'unreadable';
  readonly problems: readonly Problem[];
  readonly manifest?: Manifest;
  /** Of the file as it is. */
  readonly sha256: string;
  readonly size: number;
  /** Of the uncompressed archive, where it could be read to its end. */
  readonly tarDigest?: string;
  /** Files that were compared with what the manifest says of them. */
  readonly files: number;
}

/**
 * Whether a bundle is, byte for byte, what was written, and holds together: each planned item once, each file as the
 * manifest says it, nothing else.
 * @param leaks also look for secrets in it, with this
 * @throws CrewisoError (4) where the file cannot be opened, or is encrypted
 */
export async function verifyBundle(
  file: string,
  leaks?: Pick<Redaction, 'leaks'>,
  limits: Limits = LIMITS,
): Promise<Verified> {
  await refuseEncrypted(file);
  const outer = new OuterBytes();
  const content = new ContentCheck(leaks);
  let refused: ReturnType<typeof refusalOf>;
  try {
    const raw = content.tee(unpackedBytes(outer.tee(bytesOf(file)), limits));
    for await (const entry of readTar(raw, limits)) await content.take(entry);
    content.end();
  } catch (error) {
    refused = refusalOf(error);
    if (!refused) throw error;
  }
  await outer.readRest();
  const seal = outer.seal();
  const problems = [...content.problems, ...(await problemsOf(file, content, seal, refused, limits))];
  return {
    outcome: problems.length === 0 ? 'intact' : outcomeOf(content, seal, refused?.cut ?? false),
    problems,
    ...(content.manifest && { manifest: content.manifest }),
    sha256: outer.sha256(),
    size: outer.size,
    ...(!refused && { tarDigest: content.tarDigest }),
    files: content.files,
  };
}

/** What is wrong besides what the content says of itself. */
async function problemsOf(
  file: string,
  content: ContentCheck,
  seal: Seal,
  refused: ReturnType<typeof refusalOf>,
  limits: Limits,
): Promise<readonly Problem[]> {
  const unsealed = seal === 'right' ? [] : [{ what: SEAL_WORDS[seal] }];
  if (seal === 'touched') return [...unsealed, ...(refused ? [{ what: refused.why }] : [])];
  // What broke off the stream may be far behind the file that was read last.
  const damaged = seal === 'wrong' ? await findDamage(file, limits) : [];
  return [
    ...damaged,
    ...(refused && damaged.length === 0 ? [{ ...content.where(), what: refused.why }] : []),
    ...unsealed,
  ];
}

function outcomeOf({ isBundle }: ContentCheck, seal: Seal, cut: boolean): Exclude<Verified['outcome'], 'intact'> {
  if (cut && seal === 'none') return isBundle ? 'cut' : 'unreadable';
  return isBundle || seal !== 'none' ? 'changed' : 'unreadable';
}

const SEAL_WORDS = {
  touched: 'the seal at its end itself was changed',
  wrong: 'its bytes are not those that were sealed when it was written',
  none: 'the seal at its end is missing: it was cut, or compressed anew by another tool',
};
