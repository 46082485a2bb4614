import { describe, expect, it } from 'vitest';
import { LINES, PLACES } from './places.ts';
import {
  configMap,
  customResource,
  markersIn,
  newRedactor,
  podWith,
  redactFile,
  redactLog,
  redactObject,
} from './redacting.ts';

let placements = 0;

/** A fresh value of 20 letters and digits that no detector knows. */
function canary(): string {
  placements += 1;
  return `C${(placements * 7919).toString(36).padStart(9, '7')}qZ${(placements * 104729).toString(36).padStart(8, '3')}`;
}

/** The encodings in which a value may be looked for by whoever gets the bundle. */
function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const shifted = [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes]).toString('base64');
    return [encoded, encoded.replaceAll('+', '-').replaceAll('/', '_')].map((text) => text.slice(offset + 1, -4));
  });
  return [value, ...shifted, bytes.toString('hex'), value.slice(0, 16), value.slice(-16)];
}

function expectGone(output: string, value: string, where: string): void {
  const seen = formsOf(value).filter((form) => output.includes(form));
  expect(seen, `${where}: ${output.slice(0, 2000)}`).toEqual([]);
  expect(/<redacted:|PHJlZGFjdGVkO/.test(output), `${where}: no marker in ${output.slice(0, 2000)}`).toBe(true);
}

/** What values of people look like. */
const VALUES: readonly (readonly [string, (value: string) => string])[] = [
  ['a token', (value) => value],
  ['with everything', (value) => `p"a\\s's&<é>%=;,: ${value}/@#?{}[]`],
  ['of several lines', (value) => `first\n${value}\nlast`],
  ['a private key', (value) => `-----BEGIN PRIVATE KEY-----\n${value}\n-----END PRIVATE KEY-----`],
  ['digits before it', (value) => `0123456789${value}`],
];

describe('the canary matrix', () => {
  it.each(PLACES)('object: %s', (where, object) => {
    for (const [kind, make] of VALUES) {
      const value = canary();
      const redacted = redactObject(object(make(value)));
      expectGone(redacted.bytes.toString(), value, `${where}, ${kind}`);
      expectGone(JSON.stringify(redacted.value), value, `${where}, ${kind}`);
      expect(
        redacted.counts.reduce((sum, { count }) => sum + count, 0),
        `${where}, ${kind}`,
      ).toBe(1);
    }
  });

  it.each(PLACES)('object as a file: %s', (where, object) => {
    for (const indent of [0, 2]) {
      const value = canary();
      expectGone(redactFile(JSON.stringify(object(value), undefined, indent), 'json'), value, where);
    }
  });

  it.each(LINES)('text: %s', (where, line) => {
    for (const format of ['text', 'yaml'] as const) {
      const value = canary();
      expectGone(redactFile(`first\n${line(value)}\nlast\n`, format), value, where);
    }
  });

  it.each(LINES)('log, cut anywhere: %s', (where, line) => {
    const value = canary();
    const log = `2026-11-20T10:06:33.1Z before\n${line(value)}\n2026-11-20T10:06:33.2Z after\n`;
    const whole = redactLog(log);
    expectGone(whole, value, where);
    expect(whole).toMatch(/^2026-11-20T10:06:33.1Z before\n[^]*after\n$/);
    for (let cut = 1; cut < Buffer.byteLength(log); cut++) {
      placements += 1;
      if (redactLog(log, newRedactor(), [cut]) !== whole) expect.fail(`cut at ${cut}`);
    }
  });

  it.each(LINES)('log, on the edge of a window: %s', (where, line) => {
    const value = canary();
    const filling = `${'x '.repeat(31)}.\n`.repeat(4096 + 1024);
    for (const edge of [256 * 1024, 320 * 1024]) {
      for (const before of [1, 40]) {
        placements += 1;
        const log = `${filling.slice(0, edge - before - 1)}\n${line(value)}\n${filling}`;
        const output = redactLog(log, newRedactor(), [edge - 1, edge, edge + 1]);
        expectGone(output.slice(edge - 4096, edge + 8192), value, `${where}, ${edge - before}`);
      }
    }
  });

  it('known values: every encoding in every place', () => {
    const redactor = newRedactor();
    for (const encode of ENCODINGS) {
      for (const [where, place] of NEUTRAL) {
        const value = `${canary()}&<"'é`;
        redactor.learnSecret(secretOf(value));
        const output = place(encode(value), redactor);
        expectGone(output, value, `${where}: ${encode.toString()}`);
        expect(output).toContain('known-value');
      }
    }
    expect(redactor.known()).toMatchObject({ values: ENCODINGS.length * NEUTRAL.length, capped: false });
  });

  it('known values: cut by a timestamp of an old kubelet', () => {
    for (let cut = 1; cut < 20; cut++) {
      const value = canary();
      const redactor = newRedactor();
      redactor.learnSecret(secretOf(value));
      const line = `${'a '.repeat(8192 - cut / 2)}${value} end`;
      const at = 16384;
      const output = redactLog(`${line.slice(0, at)}2026-11-20T10:06:33.123456789Z ${line.slice(at)}\n`, redactor);
      expect(output).not.toContain(value.slice(0, 10));
      expect(output).not.toContain(value.slice(-10));
      expect(markersIn(output)).toEqual([{ rule: 'known-value', count: 1 }]);
    }
  });

  it('looked at more than 10,000 placements', () => {
    expect(placements).toBeGreaterThan(10_000);
  });
});

const secretOf = (value: string) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'a-name', namespace: 'crewai' },
  data: { entry: Buffer.from(value).toString('base64') },
});

const quoted = (text: string): string => JSON.stringify(text).slice(1, -1);
const goQuoted = (text: string): string =>
  quoted(text).replaceAll('<', '\\u003c').replaceAll('>', '\\u003e').replaceAll('&', '\\u0026');
const encoded = (text: string, encoding: BufferEncoding): string => Buffer.from(text).toString(encoding);

const ENCODINGS: readonly ((value: string) => string)[] = [
  (value) => value,
  (value) => ` ${value}\n`,
  (value) => encoded(value, 'base64'),
  (value) => encoded(`x${value}`, 'base64'),
  (value) => encoded(`xy${value}z`, 'base64'),
  (value) => encoded(value, 'base64url'),
  (value) => encoded(`user:${value}`, 'base64url'),
  (value) => encoded(value, 'hex'),
  (value) => encoded(value, 'hex').toUpperCase(),
  (value) => encodeURIComponent(value),
  (value) => encodeURIComponent(value).replaceAll(/%[\dA-F]{2}/g, (escape) => escape.toLowerCase()),
  (value) => new URLSearchParams({ value }).toString().slice('value='.length),
  (value) => `{"x":"${quoted(value)}"}`,
  (value) => goQuoted(value),
  (value) => quoted(quoted(value)),
  (value) => `'${value.replaceAll("'", `'\\''`)}'`,
  (value) => `'${value.replaceAll("'", "''")}'`,
];

const inObject = (object: (text: string) => unknown) => (text: string, redactor: ReturnType<typeof newRedactor>) =>
  redactObject(object(text), redactor).bytes.toString();

/** Places where nothing but the value itself is secret. */
const NEUTRAL: readonly (readonly [string, (text: string, redactor: ReturnType<typeof newRedactor>) => string])[] = [
  ['log', (text, redactor) => redactLog(`2026-11-20T10:06:33.1Z saw ${text} there\n`, redactor)],
  ['long log line', (text, redactor) => redactLog(`${'word '.repeat(4000)}${text}\n`, redactor)],
  ['environment', inObject((text) => podWith({ env: [{ name: 'NOTE', value: text }] }))],
  ['argument', inObject((text) => podWith({ args: [`--note=${text}`] }))],
  ['message', inObject((text) => podWith({}, { message: `failed on ${text}` }))],
  [
    'annotation',
    inObject((text) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 's', annotations: { note: text } } })),
  ],
  ['ConfigMap', inObject((text) => configMap({ note: `the ${text} note` }))],
  ['JSON in a ConfigMap', inObject((text) => configMap({ note: JSON.stringify({ note: text }) }))],
  ['custom resource', inObject((text) => customResource({ list: ['a', text] }))],
  ['key', inObject((text) => customResource({ [`x${text}`]: 1 }))],
  [
    'description in a CRD',
    inObject((text) => ({
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'w' },
      spec: { versions: [{ schema: { openAPIV3Schema: { description: text } } }] },
    })),
  ],
  [
    'managed fields',
    inObject((text) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'x', managedFields: [{ manager: text }] },
    })),
  ],
];
