import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { isRecord, stringAt } from '../kubernetes/json-value.ts';
import { CrewisoError, EXIT } from '../model/error.ts';

const TYPE = 'application/vnd.crewiso.bundle+json';

/** What is signed: which file, and what it holds. */
export interface Statement {
  readonly file: string;
  readonly size: number;
  readonly sha256: string;
  /** Of the uncompressed archive: stays the same when it is compressed anew. */
  readonly tarDigest?: string;
  readonly createdAt?: string;
}

export const signatureName = (file: string): string => `${file}.sig`;

/**
 * Signs with an Ed25519 key, beside the file (DSSE, https://github.com/secure-systems-lab/dsse).
 * @param keyFile PKCS#8, PEM: `openssl genpkey -algorithm ed25519`
 * @throws CrewisoError (2) for a key of another kind, (4) where the signature cannot be written
 */
export async function writeSignature(file: string, statement: Statement, key: KeyObject): Promise<string> {
  const payload = Buffer.from(JSON.stringify(statement));
  const signature = sign(null, preAuthentication(payload), key);
  const envelope = {
    payloadType: TYPE,
    payload: payload.toString('base64'),
    signatures: [{ keyid: keyId(createPublicKey(key)), sig: signature.toString('base64') }],
  };
  const name = signatureName(file);
  try {
    await writeFile(name, `${JSON.stringify(envelope)}\n`, { mode: 0o600 });
  } catch (cause) {
    throw new CrewisoError(`cannot write ${name}: ${messageOf(cause)}`, {
      code: 'output',
      exitCode: EXIT.unreachable,
      cause,
    });
  }
  return name;
}

/**
 * Whether the signature beside a file is by this key and about this very file.
 * @returns what is wrong with it; undefined where nothing is
 */
export async function checkSignature(
  file: string,
  found: Pick<Statement, 'size' | 'sha256'>,
  key: KeyObject,
): Promise<string | undefined> {
  const text = await readFile(signatureName(file), 'utf8').catch(() => undefined);
  if (text === undefined) return 'there is no signature beside it';
  const envelope = parse(text);
  const payload = Buffer.from(stringAt(envelope, 'payload') ?? '', 'base64');
  const signatures = isRecord(envelope) && Array.isArray(envelope.signatures) ? (envelope.signatures as unknown[]) : [];
  const signed = signatures.some((entry) => {
    const signature = Buffer.from(stringAt(entry, 'sig') ?? '', 'base64');
    return stringAt(envelope, 'payloadType') === TYPE && verify(null, preAuthentication(payload), key, signature);
  });
  if (!signed) return 'its signature is not by this key, or was changed';
  const statement = parse(payload.toString('utf8'));
  return isRecord(statement) && statement.sha256 === found.sha256 && statement.size === found.size
    ? undefined
    : 'its signature is of another file';
}

/** @throws CrewisoError (2) for what is no Ed25519 key */
export async function readKey(file: string, kind: 'private' | 'public'): Promise<KeyObject> {
  let key: KeyObject;
  try {
    const pem = await readFile(file);
    key = kind === 'private' ? createPrivateKey(pem) : createPublicKey(pem);
  } catch (cause) {
    // What OpenSSL says could quote the file.
    const why = cause instanceof Error && 'syscall' in cause ? cause.message : 'it is no key in PEM';
    throw noKey(file, why, kind);
  }
  if (key.asymmetricKeyType !== 'ed25519') throw noKey(file, `it is no Ed25519 key`, kind);
  return key;
}

function noKey(file: string, why: string, kind: 'private' | 'public'): CrewisoError {
  return new CrewisoError(`cannot use the key in ${file}: ${why}`, {
    code: 'key',
    exitCode: EXIT.usage,
    suggestions: [
      kind === 'private'
        ? 'openssl genpkey -algorithm ed25519 -out key.pem makes one'
        : 'openssl pkey -in key.pem -pubout -out public.pem takes the public one out of it',
    ],
  });
}

/** DSSE's PAE: types and lengths are signed too. */
function preAuthentication(payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${String(TYPE.length)} ${TYPE} ${String(payload.length)} `), payload]);
}

function keyId(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('hex')
    .slice(0, 16);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
