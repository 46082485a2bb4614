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
  it('is judged alike live, as YAML and as a JSON list', async () => {
    const objects = given.map(born);
    const live = await whileServed(objects, ({ url }) => readServed(url, settings));
    const expected = reportOn(live, settings);
    for (const [text, extension] of [
      [yaml(objects), 'yaml'],
      [list(objects), 'json'],
    ] as const) {
      const written = await readWritten(text, extension);
      expect(written.notes).toEqual([]);
      expect(comparable(asSureAs(live, expected, reportOn(written, settings)))).toEqual(comparable(expected));
    }
  });

  it('is judged alike live and as a bundle', async () => {
    const objects = given.map(born);
    await whileServed(objects, async ({ url }) => {
      const live = await readServed(url, settings);
      const expected = reportOn(live, settings);
      // Nothing says what to collect where there is no platform.
      if (expected.target.platforms.length === 0) return;
      const collected = await readCollected(url, settings);
      expect(comparable(asSureAs(live, expected, reportOn(collected, settings)))).toEqual(comparable(expected));
    });
  });
});
