import { createHmac } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { ShortHmac } from '../../../src/bundle/redaction/short-hmac.ts';

const expected = (key: Buffer, value: string): string =>
  createHmac('sha256', key).update(value, 'latin1').digest('hex');

describe('a fingerprint', () => {
  it.each([1, 32, 63, 64, 65, 200])('is HMAC-SHA-256 under a key of %i bytes', (size) => {
    const key = Buffer.alloc(size, 'key');
    const hmac = new ShortHmac(key);
    for (const length of [0, 1, 8, 1023, 1024, 1025, 5000]) {
      const value = '\u00e9\u0000x'.repeat(length).slice(0, length);
      expect(hmac.hex(value), `of ${String(length)} bytes`).toBe(expected(key, value));
    }
  });

  it('of a short value is not that of the longer one before it', () => {
    const key = Buffer.alloc(32, 1);
    const hmac = new ShortHmac(key);
    hmac.hex('a'.repeat(900));
    expect(hmac.hex('b')).toBe(expected(key, 'b'));
  });
});
