import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { ExchangeFailure, tooLarge, type Exchange } from './exchange.ts';

const gunzipAside = promisify(gunzip);

const CHUNK = { least: 64 * 1024, most: 16 * 1024 * 1024 };

/**
 * The answer with its body decompressed, which another thread does while this one parses what came before. Into one
 * buffer, where gzip's trailer is right about the size (RFC 1952, ISIZE).
 *
 * @param maxBytes of the body, decompressed
 * @throws ExchangeFailure (`too-large`; `cut` for what is no gzip)
 */
export async function inflate(answer: Exchange, maxBytes: number): Promise<Exchange> {
  const { body } = answer;
  const size = body.length >= 4 ? body.readUInt32LE(body.length - 4) : 0;
  const chunkSize = Math.min(CHUNK.most, Math.max(CHUNK.least, size + 1));
  try {
    return { ...answer, body: await gunzipAside(body, { maxOutputLength: maxBytes, chunkSize }) };
  } catch (cause) {
    if (cause instanceof RangeError) throw new ExchangeFailure('too-large', tooLarge(maxBytes), { cause });
    throw new ExchangeFailure('cut', cause instanceof Error ? cause.message : String(cause), { cause });
  }
}
