import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { redactArchive, type RedactedArchive } from '../../src/bundle/redact-archive.ts';
import { PseudonymousRedactor } from '../../src/bundle/redaction/pseudonymous.ts';
import type { PseudonymKind } from '../../src/bundle/redaction/learned-names.ts';
import { Pseudonyms } from '../../src/bundle/redaction/pseudonyms.ts';
import { Redactor } from '../../src/bundle/redaction/redactor.ts';
import { orgNames } from '../../src/commands/shared/pseudonym-names.ts';

export interface Renamed extends RedactedArchive {
  readonly pseudonyms: Pseudonyms;
}

/** As `bundle redact IN OUT --pseudonyms …`, with the names at hand. */
export async function renameBundle(
  input: string,
  output: string,
  kinds: readonly PseudonymKind[],
  key: Buffer = randomBytes(32),
): Promise<Renamed> {
  const pseudonyms = new Pseudonyms({ key, kinds });
  if (pseudonyms.kinds.has('orgs')) for (const name of await orgNames(input)) pseudonyms.learnName(name);
  const redaction = new PseudonymousRedactor(new Redactor({ key }), pseudonyms);
  return { ...(await redactArchive(input, output, { redaction, pseudonyms })), pseudonyms };
}

/** All bytes of an archive, unpacked. */
export const unpackedText = async (file: string): Promise<string> =>
  gunzipSync(await readFile(file)).toString('latin1');
