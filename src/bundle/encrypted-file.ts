import { open } from 'node:fs/promises';
import { shellQuote } from '../model/text.ts';
import { refuse } from './refusal.ts';

/** What every encrypted bundle's name ends in. */
export const ENCRYPTED = '.age';

/** How files of age begin: as bytes, and in letters (https://age-encryption.org/v1). */
const HEADS = ['age-encryption.org/', '-----BEGIN AGE ENCRYPTED FILE-----'];

/**
 * Nothing here decrypts: keys stay with `age`.
 * @throws CrewisoError (4) for a file that is encrypted, with the command that decrypts it
 */
export async function refuseEncrypted(file: string): Promise<void> {
  const head = await headOf(file);
  if (!HEADS.some((start) => head.startsWith(start))) return;
  throw refuse('it is encrypted with age', `${decryptCommand(file, isPassphrase(head))}, and then again`);
}

/** What a file is called once it is decrypted, also while it is unfinished. */
export function plainName(file: string): string {
  const plain = file.replace(/\.age(?=(?:\.partial)?$)/, '');
  return plain === file ? 'bundle.tar.gz' : plain;
}

/** @param passphrase whether `age` asks for one */
export const decryptCommand = (file: string, passphrase: boolean): string =>
  `age -d ${passphrase ? '' : '-i KEY '}${shellQuote(file)} > ${shellQuote(plainName(file))}`;

/** It is the only way into a file that has it, and so in its second line. */
function isPassphrase(head: string): boolean {
  const [first = '', second = ''] = head.split('\n');
  const bytes = first.startsWith('-----') ? Buffer.from(second, 'base64').toString('latin1') : head;
  return bytes.includes('\n-> scrypt ');
}

/** Empty for what cannot be read: whoever reads on says why. */
async function headOf(file: string): Promise<string> {
  const handle = await open(file, 'r').catch(() => undefined);
  try {
    const read = await handle?.read(Buffer.alloc(120), 0, 120, 0);
    return read?.buffer.toString('latin1', 0, read.bytesRead) ?? '';
  } catch {
    return '';
  } finally {
    await handle?.close();
  }
}
