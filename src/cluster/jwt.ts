import { valueAt } from '../kubernetes/json-value.ts';

/** When a JSON Web Token expires (`exp`), in milliseconds since the epoch; undefined for anything else. */
export function jwtExpiry(token: string): number | undefined {
  const [, payload, signature] = token.split('.');
  if (payload === undefined || signature === undefined) return undefined;
  try {
    const exp = valueAt(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')), 'exp');
    return typeof exp === 'number' ? exp * 1000 : undefined;
  } catch {
    // An opaque token with two dots in it.
    return undefined;
  }
}
