import { randomBytes } from 'node:crypto';
import { Redactor } from '../../bundle/redaction/redactor.ts';
import { checkSignature, readKey } from '../../bundle/signature.ts';
import { verifyBundle, type Verified } from '../../bundle/verify.ts';

/**
 * Verifies a bundle, and what the flags ask for besides.
 * @throws CrewisoError (2) for a key that is none, (4) where the file cannot be opened
 */
export async function verifyFile(
  file: string,
  { key, leaks }: { readonly key: string | undefined; readonly leaks: boolean },
): Promise<Verified> {
  const publicKey = key === undefined ? undefined : await readKey(key, 'public');
  const verified = await verifyBundle(file, leaks ? new Redactor({ key: randomBytes(32) }) : undefined);
  const wrong = publicKey && (await checkSignature(file, verified, publicKey));
  if (wrong === undefined) return verified;
  const outcome = verified.outcome === 'intact' ? 'changed' : verified.outcome;
  return { ...verified, outcome, problems: [...verified.problems, { what: wrong }] };
}
