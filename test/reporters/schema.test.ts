import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv2020 } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { describe, expect, it } from 'vitest';
import { createReporter } from '../../src/reporters/create-reporter.ts';
import { OPTIONS, SAMPLES } from './sample-reports.ts';

type Schema = Record<string, unknown>;
const schema = JSON.parse(
  readFileSync(fileURLToPath(new URL('../../schemas/report.schema.json', import.meta.url)), 'utf8'),
) as Schema;

/** Readers must take unknown fields; we must not write any that the schema does not name. */
function closed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(closed);
  if (typeof value !== 'object' || value === null) return value;
  const copy = Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, closed(inner)]));
  return 'properties' in copy ? { ...copy, additionalProperties: false } : copy;
}

function validatorOf(document: unknown): (report: unknown) => string[] {
  const ajv = new Ajv2020({ strict: true, strictRequired: false, allErrors: true });
  addFormats.default(ajv);
  const validate = ajv.compile(document as Schema);
  return (report) =>
    validate(report) ? [] : (validate.errors ?? []).map((error) => `${error.instancePath} ${error.message ?? ''}`);
}

const errorsOf = validatorOf(closed(schema));
const json = createReporter('json');

describe('schemas/report.schema.json', () => {
  it.each((Object.keys(SAMPLES) as (keyof typeof SAMPLES)[]).filter((name) => name !== 'hostile'))(
    'describes the report: %s',
    (name) => {
      expect(errorsOf(JSON.parse(json(SAMPLES[name], OPTIONS)))).toEqual([]);
    },
  );

  it.each<[string, Schema]>([
    ['an unknown outcome', { checks: [{ ...SAMPLES.broken.checks[0], outcome: 'fine' }] }],
    ['an id of another form', { findings: [{ ...SAMPLES.broken.findings[0], id: '1' }] }],
    ['a missing exit', { exit: undefined }],
    ['a time that is none', { run: { ...SAMPLES.broken.run, startedAt: 'now' } }],
    ['a field that it does not name', { target: { ...SAMPLES.broken.target, secret: 'x' } }],
  ])('refuses %s', (_, change) => {
    expect(errorsOf({ ...SAMPLES.broken, ...change })).not.toEqual([]);
  });

  it('lets readers meet fields of later versions', () => {
    expect(validatorOf(schema)({ ...SAMPLES.broken, later: 1 })).toEqual([]);
  });
});
