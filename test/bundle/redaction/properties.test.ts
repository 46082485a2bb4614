import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LINES, PLACES } from './places.ts';
import { markersIn, newRedactor, redactFile, redactLog, redactObject } from './redacting.ts';

const letters = (text: string) => fc.constantFrom(...text.split(''));
const value = fc.oneof(
  fc.string({ minLength: 8, maxLength: 40, unit: letters('abcXYZ0189+/=_-') }),
  fc.string({ minLength: 1, maxLength: 40 }),
  fc.string({ minLength: 8, maxLength: 40, unit: 'binary' }),
);
const line = fc
  .tuple(fc.constantFrom(...LINES), fc.string({ minLength: 8, maxLength: 24, unit: letters('abcXYZ0189') }))
  .map(([[, make], text]) => make(text));
/** Pieces that lead into every branch of the rules, whole or not. */
const fragment = fc.constantFrom(
  ...[
    'password',
    'token: ',
    'api_key=',
    '"',
    "'",
    '\\"',
    '\\n',
    '\n',
    ' ',
    '://',
    '@',
    '/',
    '{',
    '}',
    '[',
    ']',
    ',',
    ';',
    '|',
  ],
  ...[
    '-----BEGIN PRIVATE KEY-----',
    '-----END PRIVATE KEY-----',
    '<redacted:',
    '<redacted:jwt:len=9:fp=0123456789ab>',
    '%3D',
  ],
  ...[
    'Authorization: ',
    'Bearer ',
    'Cookie: a=b; c=',
    'kind: Secret\n',
    'data:\n  a: ',
    '- name: DB_PASSWORD\n  value: ',
    '--secret ',
  ],
  ...[
    'PHJlZGFjdGVkO',
    'YWRtaW46cGFzc3dvcmQ9c2VjcmV0MTIz',
    '2026-11-20T10:06:33.1Z ',
    'AKIA',
    'sk-',
    '<',
    '>',
    '&',
    '=',
    ':',
    'x',
  ],
);
const soup = fc
  .array(fc.oneof({ weight: 4, arbitrary: fragment }, value), { maxLength: 30 })
  .map((parts) => parts.join(''));
const log = fc.array(fc.oneof(line, soup), { maxLength: 8 }).map((lines) => lines.join('\n'));
/** Lines as programs write them, with plain text between. */
const lines = fc
  .array(fc.oneof(line, fc.constantFrom('started', '{"level":"info"}', '2026-11-20T10:06:33.1Z done', '')), {
    maxLength: 8,
  })
  .map((all) => all.join('\n'));
const object = fc.tuple(fc.constantFrom(...PLACES), value).map(([[, make], text]) => make(text));
const anything = fc.letrec((tie) => ({
  json: fc.oneof(
    { maxDepth: 3 },
    { weight: 3, arbitrary: fc.oneof(soup, value) },
    fc.constantFrom(null, true, 12, 123456),
    fc.array(tie('json'), { maxLength: 4 }),
    fc.dictionary(
      fc.constantFrom(
        'password',
        'name',
        'value',
        'env',
        'data',
        'kind',
        'metadata',
        'annotations',
        'x',
        '__proto__',
        'args',
      ),
      tie('json'),
      { maxKeys: 5 },
    ),
  ),
})).json;

/** The same value with every leaf replaced by its type: what typed clients depend on. */
function shapeOf(json: unknown): unknown {
  if (Array.isArray(json)) return json.map(shapeOf);
  if (typeof json !== 'object' || json === null) return json === null ? null : typeof json;
  return Object.entries(json).map(([key, field]) => [key, shapeOf(field)]);
}

const RUNS = { numRuns: 300, interruptAfterTimeLimit: 20_000, markInterruptAsFailure: true };

describe('whatever is redacted', () => {
  it('twice is as once: logs', () => {
    fc.assert(
      fc.property(lines, (text) => {
        const once = redactLog(text);
        expect(redactLog(once)).toBe(once);
      }),
      RUNS,
    );
  });

  it('twice is as once: objects', () => {
    fc.assert(
      fc.property(fc.oneof(object, anything), (json) => {
        const once = redactObject(json).bytes.toString();
        expect(redactObject(JSON.parse(once)).bytes.toString()).toBe(once);
      }),
      RUNS,
    );
  });

  it.each([
    '-----BEGIN PRIVATE KEY-------secret password',
    '-----BEGIN PRIVATE KEY-----password-----END PRIVATE KEY-----YWRtaW46cGFzc3dvcmQ9c2VjcmV0MTIz',
  ])('twice is as once, also where what is beside a secret reads otherwise without it: %s', (text) => {
    const once = redactObject({ value: text }).bytes.toString();
    expect(redactObject(JSON.parse(once)).bytes.toString()).toBe(once);
  });

  it('keeps keys, lengths and types', () => {
    fc.assert(
      fc.property(fc.oneof(object, anything), (json) => {
        const plain = JSON.parse(JSON.stringify(json)) as unknown;
        expect(shapeOf(redactObject(json).value)).toEqual(shapeOf(plain));
      }),
      RUNS,
    );
  });

  it('is the same however a log is cut', () => {
    fc.assert(
      fc.property(log, fc.array(fc.nat({ max: 400 }), { maxLength: 5 }), (text, cuts) => {
        const sorted = [...cuts].sort((a, b) => a - b);
        expect(redactLog(text, newRedactor(), sorted)).toBe(redactLog(text));
      }),
      RUNS,
    );
  });

  it('is the same for a log as for a file', () => {
    fc.assert(
      fc.property(log, (text) => {
        expect(redactFile(text, 'text')).toBe(redactLog(text));
      }),
      RUNS,
    );
  });

  it('counts as many as there are markers', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 5 }), (lines) => {
        const stream = newRedactor().log();
        const written = stream.write(Buffer.from(lines.join('\n')));
        const { chunks, counts } = stream.end();
        const output = Buffer.concat([...written, ...chunks]).toString();
        const plain = output.replaceAll(/PHJlZGFjdGVkO[\w+/]*=*/g, (text) => Buffer.from(text, 'base64').toString());
        expect(markersIn(plain)).toEqual(counts);
      }),
      RUNS,
    );
  });

  it('never throws, and JSON stays JSON', () => {
    fc.assert(
      fc.property(anything, (json) => {
        const text = JSON.stringify(json, undefined, 1);
        const redacted = redactFile(text, 'json');
        expect(shapeOf(JSON.parse(redacted))).toEqual(shapeOf(JSON.parse(text)));
      }),
      RUNS,
    );
  });
});
