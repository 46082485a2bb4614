import { describe, expect, it } from 'vitest';
import { CHECKS } from '../src/checks/index.ts';
import type { Reading } from '../src/commands/shared/reading.ts';
import { stringifyYaml } from '../src/manifests/yaml.ts';
import type { Finding } from '../src/model/finding.ts';
import type { Report } from '../src/model/report.ts';
import { CREATED, type RawObject } from './fixtures/crewai.ts';
import { readCollected, readServed, readWritten, reportOn, whileServed } from './support/origins.ts';
import { EXAMPLES, PLATFORMS } from './support/states.ts';

/** The API server dates what is created; an object that never was in one may lack the date. */
const born = ({ metadata, ...rest }: RawObject): RawObject => ({
  ...rest,
  metadata: { creationTimestamp: CREATED, ...metadata },
});

const yaml = (objects: readonly RawObject[]): string =>
  objects.map((object) => `---\n${stringifyYaml(object)}`).join('');

/** As `kubectl get -o json` prints more than one object. */
const list = (objects: readonly RawObject[]): string =>
  JSON.stringify({ apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items: objects }, null, 4);

/** Checks that look at what the API server's own authorizer says, which no file can hold. */
const ASKING = new Set(CHECKS.filter((check) => check.evidence?.includes('access-reviews')).map(({ id }) => id));

const without = (object: object, ...fields: readonly string[]): object =>
  Object.fromEntries(Object.entries(object).filter(([field]) => !fields.includes(field)));

/** The report without what depends on the origin by its nature: who was asked and when, places in files, reviews. */
function comparable(report: Report): object {
  const findings = report.findings.map((finding) => ({
    ...without(finding, 'location'),
    evidence: finding.evidence.filter(({ type }) => type !== 'review'),
  }));
  return { ...without(report, 'run'), target: without(report.target, 'origin', 'identity'), findings };
}

/** A report from files, as sure of itself as the live one is: a denial by the API server makes `likely` certain. */
function asSureAs(live: Reading, liveReport: Report, report: Report): Report {
  const denied = live.snapshot.list('access-reviews').some(({ answer }) => answer === 'denied');
  const certain = new Set(
    liveReport.findings
      .filter(({ check, confidence }) => denied && confidence === 'certain' && ASKING.has(check))
      .map(({ id }) => id),
  );
  const surer = (finding: Finding): Finding =>
    finding.confidence === 'likely' && certain.has(finding.id) ? { ...finding, confidence: 'certain' } : finding;
  return { ...report, findings: report.findings.map(surer) };
}

describe.each(Object.entries({ ...PLATFORMS, ...EXAMPLES }))('%s', (_name, { objects: given, settings }) => {
  it('is judged alike live, as YAML, as a JSON list and as a bundle', async () => {
    const objects = given.map(born);
    const { live, expected, collected } = await whileServed(objects, async ({ url }) => {
      const reading = await readServed(url, settings);
      const report = reportOn(reading, settings);
      // Nothing says what to collect where there is no platform.
      const found = report.target.platforms.length > 0;
      return { live: reading, expected: report, ...(found && { collected: await readCollected(url, settings) }) };
    });
    const readings: Readonly<Record<string, Reading | undefined>> = {
      YAML: await readWritten(yaml(objects), 'yaml'),
      'a JSON list': await readWritten(list(objects), 'json'),
      'a bundle': collected,
    };
    for (const [origin, reading] of Object.entries(readings)) {
      if (!reading) continue;
      if (origin !== 'a bundle') expect(reading.notes).toEqual([]);
      const report = asSureAs(live, expected, reportOn(reading, settings));
      expect(comparable(report), origin).toEqual(comparable(expected));
    }
  });
});
