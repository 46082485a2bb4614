export type Decoded = { readonly bytes: Uint8Array } | { readonly position: number };

/**
 * Standard base64 as Go decodes it (encoding/base64, `decodeQuantum`): padding is required, or forbidden when `padding`
 * is `none` (RawStdEncoding); line breaks are skipped; unused trailing bits are not looked at.
 * Returns the bytes, or the byte offset that Go names in `illegal base64 data at input byte N`.
 */
export function decodeBase64(text: string, padding: 'required' | 'none' = 'required'): Decoded {
  const position = errorPosition(text, padding);
  if (position !== undefined) return { position };
  const binary = atob(text.replace(/[\r\n=]/g, ''));
  return { bytes: Uint8Array.from(binary, (character) => character.charCodeAt(0)) };
}

function errorPosition(text: string, padding: 'required' | 'none'): number | undefined {
  const end = text.search(/[^A-Za-z0-9+/\r\n]/);
  const digits = text.slice(0, end < 0 ? text.length : end).replace(/[\r\n]/g, '').length % 4;
  if (end >= 0) return text[end] === '=' && padding === 'required' ? paddingError(text, end, digits) : end;
  // Go counts back over the digits read, line breaks not included.
  return digits === 1 || (digits > 0 && padding === 'required') ? text.length - digits : undefined;
}

/** Where the padding that starts at `index`, after `digits` digits of its quantum, is wrong. */
function paddingError(text: string, index: number, digits: number): number | undefined {
  if (digits < 2) return index;
  let next = skipLineBreaks(text, index + 1);
  if (digits === 2) {
    if (next === text.length) return text.length;
    if (text[next] !== '=') return next - 1;
    next = skipLineBreaks(text, next + 1);
  }
  return next < text.length ? next : undefined;
}

function skipLineBreaks(text: string, from: number): number {
  let index = from;
  while (text[index] === '\n' || text[index] === '\r') index++;
  return index;
}
