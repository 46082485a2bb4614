import { createHash } from 'node:crypto';
import type { Decrypter, Encrypter } from 'age-encryption';
import { CrewisoError, EXIT } from '../model/error.ts';
import type { Output } from './archive-writer.ts';
import { bytesOf } from './byte-source.ts';

/** The archive as it is inside of the encryption. */
export interface PlainBytes {
  readonly size: number;
  readonly sha256: string;
}

/** Who can decrypt: holders of keys, or whoever knows a passphrase, which age does not mix. */
export type Readers = { readonly recipients: readonly string[] } | { readonly passphrase: string };

/**
 * Checks that files can be encrypted to all of these, by encrypting nothing to each.
 * @throws CrewisoError (2) for what is no recipient of age
 */
export async function requireRecipients(recipients: readonly string[]): Promise<void> {
  const { Encrypter } = await import('age-encryption');
  for (const recipient of recipients) {
    try {
      const encrypter = new Encrypter();
      encrypter.addRecipient(recipient);
      await encrypter.encrypt(new Uint8Array());
    } catch {
      throw noRecipient(recipient);
    }
  }
}

/**
 * Encrypts an archive on its way to a file (age, https://age-encryption.org/v1), in pieces of 64 KiB: what is not
 * encrypted never leaves memory. An age stream has a key of its own, which is held until the archive has been looked
 * through, and then forgotten.
 */
export class EncryptedOutput implements Output {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #unlock: (decrypter: Decrypter) => void;
  readonly #pumped: Promise<void>;
  readonly #digest = createHash('sha256');
  #size = 0;

  private constructor(
    writer: WritableStreamDefaultWriter<Uint8Array>,
    unlock: (decrypter: Decrypter) => void,
    pumped: Promise<void>,
  ) {
    this.#writer = writer;
    this.#unlock = unlock;
    this.#pumped = pumped;
    // Whoever writes next hears of it.
    pumped.catch(() => undefined);
  }

  /**
   * @param readers recipients that `requireRecipients` let pass, or a passphrase
   * @param output where the encrypted bytes go
   */
  static async open(readers: Readers, output: Output): Promise<EncryptedOutput> {
    const { Encrypter } = await import('age-encryption');
    const encrypter = new Encrypter();
    const unlock = encryptTo(encrypter, readers);
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const encrypted = await encrypter.encrypt(readable);
    return new EncryptedOutput(writable.getWriter(), unlock, pump(encrypted, output));
  }

  /** Resolves once it is taken in, not once it is in the file. */
  async write(bytes: Buffer): Promise<void> {
    this.#digest.update(bytes);
    this.#size += bytes.length;
    await this.#heard(this.#writer.write(bytes));
  }

  /**
   * Writes the rest.
   * @returns what was encrypted
   */
  async end(): Promise<PlainBytes> {
    await this.#heard(this.#writer.close());
    await this.#pumped;
    return { size: this.#size, sha256: this.#digest.digest('hex') };
  }

  /** What was encrypted, as it is read again from the file. Rejects where that is not what was written. */
  async *content(file: string): AsyncGenerator<Buffer> {
    const { Decrypter } = await import('age-encryption');
    const decrypter = new Decrypter();
    this.#unlock(decrypter);
    const plain = await decrypter.decrypt(ReadableStream.from<Uint8Array>(bytesOf(file)));
    for await (const piece of plain) yield asBuffer(piece);
  }

  /** A stream says that it is broken; why is what the file said. */
  async #heard(done: Promise<void>): Promise<void> {
    try {
      await done;
    } catch (error) {
      await this.#pumped;
      throw error;
    }
  }
}

/** @returns lets a decrypter read what this encrypter writes */
function encryptTo(encrypter: Encrypter, readers: Readers): (decrypter: Decrypter) => void {
  if ('passphrase' in readers) {
    const { passphrase } = readers;
    encrypter.setPassphrase(passphrase);
    return (decrypter) => {
      decrypter.addPassphrase(passphrase);
    };
  }
  for (const recipient of readers.recipients) encrypter.addRecipient(recipient);
  let fileKey = new Uint8Array();
  // Adds nothing to the file.
  encrypter.addRecipient({
    wrapFileKey: (key) => {
      fileKey = Uint8Array.from(key);
      return [];
    },
  });
  return (decrypter) => {
    decrypter.addIdentity({ unwrapFileKey: () => fileKey });
  };
}

async function pump(encrypted: ReadableStream<Uint8Array>, output: Output): Promise<void> {
  for await (const chunk of encrypted) await output.write(asBuffer(chunk));
}

const asBuffer = ({ buffer, byteOffset, byteLength }: Uint8Array): Buffer =>
  Buffer.from(buffer, byteOffset, byteLength);

/** Quotes only what cannot be a secret: somebody may have given the key itself. */
function noRecipient(recipient: string): CrewisoError {
  const isKey = /^age-secret-key-/i.test(recipient);
  const shown = recipient.startsWith('age1') ? `${recipient.slice(0, 20)}…` : 'that value';
  return new CrewisoError(
    isKey
      ? '--recipient was given a secret key: it takes the public one, age1…'
      : `--recipient: ${shown} is no recipient of age (age1…)`,
    {
      code: 'recipient',
      exitCode: EXIT.usage,
      suggestions: ['age-keygen -o key.txt makes a key, age-keygen -y key.txt prints its recipient'],
    },
  );
}
