import { Buffer } from 'node:buffer';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeBase64 } from '../../src/kubernetes/base64.ts';

const text = (decoded: ReturnType<typeof decodeBase64>): string | number =>
  'position' in decoded ? decoded.position : Buffer.from(decoded.bytes).toString();

describe('decodeBase64', () => {
  // The failing rows are those of Go's encoding/base64/base64_test.go (TestDecodeCorrupt) with their offsets.
  it.each([
    ['', ''],
    ['Zg==', 'f'],
    ['Zm8=', 'fo'],
    ['Zm9v', 'foo'],
    ['Zm9v\n', 'foo'],
    ['Z\r\nm9v', 'foo'],
    ['Zg=\n=\n', 'f'],
    ['\n', ''],
    ['!!!!', 0],
    ['====', 0],
    ['x===', 1],
    ['=AAA', 0],
    ['A=AA', 1],
    ['AA=A', 2],
    ['AA==A', 4],
    ['AAA=AAAA', 4],
    ['AAAAA', 4],
    ['AAAAAA', 4],
    ['A=', 1],
    ['A==', 1],
    ['AA=', 3],
    ['AA==', '\0'],
    ['AAA=', '\0\0'],
    ['AAAA', '\0\0\0'],
    ['AAAAAA=', 7],
    ['YWJjZA=====', 8],
    ['A!\n', 1],
    ['A=\n', 1],
    ['Zm9v-_', 4],
    ['Zm 9v', 2],
    ['Zm9vé', 4],
  ])('%j is %j', (encoded, expected) => {
    expect(text(decodeBase64(encoded))).toBe(expected);
  });

  it.each([
    ['Zg', 'f'],
    ['Zm8', 'fo'],
    ['Zm9v', 'foo'],
    ['Zg==', 2],
    ['Zm9vZ', 4],
  ])('without padding %j is %j', (encoded, expected) => {
    expect(text(decodeBase64(encoded, 'none'))).toBe(expected);
  });

  it('decodes what Node encodes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(decodeBase64(Buffer.from(bytes).toString('base64'))).toEqual({ bytes });
      }),
    );
  });
});
