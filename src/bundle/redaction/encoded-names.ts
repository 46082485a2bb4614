import { base64Runs, readableOffset } from './base64-runs.ts';
import { base64Decoded, type Decoding } from './decoded-runs.ts';

/** What stands in base64 for something that cannot be written anew, such as a certificate or gzip with a name in it. */
const GONE = Buffer.from('[crewiso: here stood something with a name in it]').toString('base64');
// eslint-disable-next-line no-control-regex -- what no text has
const NO_TEXT = /[\u0000-\u0008\u000e-\u001f\u007f]/;

const SEPARATOR = String.raw`(?:\\{1,8}[rn]|[ \t\r\n])`;
const CERTIFICATE = new RegExp(
  String.raw`(-----BEGIN (?:TRUSTED )?CERTIFICATE-----)((?:[A-Za-z0-9+/=]|${SEPARATOR})*)(-----END (?:TRUSTED )?CERTIFICATE-----)`,
  'g',
);
const LEAD = new RegExp(`^${SEPARATOR}*`);
/** How base64 of DER begins that is as long as the shortest certificate. */
const DER = /(?<![A-Za-z0-9+/])MII[A-Za-z0-9+/]{200,}={0,2}/g;

/**
 * The same text without certificates: they name hosts, organizations and people, and cannot be written anew.
 * @param whole all of a file; in a log one may be of one line only
 */
export function withoutCertificates(text: string, whole: boolean): string {
  if (!text.includes('CERTIFICATE') && !text.includes('MII')) return text;
  const pem = text.replace(CERTIFICATE, (all: string, begin: string, body: string, end: string) => {
    const line = LEAD.exec(body)?.[0] ?? '';
    return !whole && all.includes('\n') ? all : `${begin}${line}${GONE}${line}${end}`;
  });
  return pem.replace(DER, GONE);
}

/**
 * The same text with what is in base64 in it changed too: text is encoded anew, anything else goes.
 * @param change what becomes of decoded text; `binary`: it is none, and what looks like a name may be chance
 */
export function inEncoded(
  text: string,
  decoding: Decoding,
  change: (plain: string, decoding: Decoding, binary: boolean) => string,
): string {
  if (decoding.depth === 0) return text;
  const bytes = Buffer.from(text, 'latin1');
  const parts: string[] = [];
  let copied = 0;
  for (const range of base64Runs(bytes, bytes.length)) {
    const decoded = base64Decoded(bytes, text, range, decoding);
    if (decoded === undefined || decoded === 'unreadable') continue;
    const plain = decoded.toString('latin1');
    const binary = NO_TEXT.test(plain);
    const changed = change(plain, decoding.deeper(), binary);
    if (changed === plain) continue;
    const start = range.start + (readableOffset(bytes, range) ?? 0);
    const run = text.slice(start, range.end);
    parts.push(text.slice(copied, start), encodedLike(run, plain, binary ? undefined : changed));
    copied = range.end;
  }
  return copied === 0 ? text : parts.join('') + text.slice(copied);
}

/** In the alphabet, and with the padding, that the run had. */
function encodedLike(run: string, plain: string, changed: string | undefined): string {
  const same = changed !== undefined && Buffer.from(run, 'base64').toString('latin1') === plain;
  if (!same) return GONE;
  const encoded = Buffer.from(changed, 'latin1').toString('base64');
  const padded = run.endsWith('=') || run.length % 4 === 0 ? encoded : encoded.replace(/=+$/, '');
  return /[-_]/.test(run) ? padded.replaceAll('+', '-').replaceAll('/', '_') : padded;
}
