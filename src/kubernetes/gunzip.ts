import { gunzipSync } from 'node:zlib';

/** 64 MiB: a Helm release is at most a Secret of 1 MiB, and JSON compresses about tenfold. */
const MAX_BYTES = 64 * 1024 * 1024;

/** Gunzips in memory. Throws on what is not gzip and on what would grow beyond 64 MiB, before it has grown. */
export function gunzip(bytes: Uint8Array): Uint8Array {
  return gunzipSync(bytes, { maxOutputLength: MAX_BYTES });
}
