import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openBundle } from '../../src/bundle/open-bundle.ts';
import type { PseudonymKind } from '../../src/bundle/redaction/learned-names.ts';
import type { Pseudonyms } from '../../src/bundle/redaction/pseudonyms.ts';
import { NO_REQUESTS, type Reading } from '../../src/commands/shared/reading.ts';
import type { Settings } from '../../src/model/platform.ts';
import type { Report } from '../../src/model/report.ts';
import { CREATED, type RawObject } from '../fixtures/crewai.ts';
import { withTemporary } from '../support/bundles.ts';
import { collectFrom, reportOn, whileServed } from '../support/origins.ts';
import { renameBundle } from '../support/pseudonymous.ts';
import { tools } from '../support/scenario.ts';
import { PLATFORMS } from '../support/states.ts';

const born = ({ metadata, ...rest }: RawObject): RawObject => ({
  ...rest,
  metadata: { creationTimestamp: CREATED, ...metadata },
});

async function judged(file: string, settings: Settings): Promise<Report> {
  const read = await openBundle(file, tools);
  const own = { ...read.settings, ...settings };
  return reportOn({ ...read, requests: NO_REQUESTS, interrupted: false, settings: own } as unknown as Reading, own);
}

/** By what a finding is about, without what is made of names: its id, and the order. */
function facts(report: Report, pseudonyms?: Pseudonyms): readonly string[] {
  const named = (value: object): string => {
    const text = JSON.stringify(value);
    return pseudonyms ? pseudonyms.replace(text, true) : text;
  };
  const findings = report.findings.map(({ check, object, path, confidence, severity }) =>
    named({ check, object, path, confidence, severity }),
  );
  const outcomes = report.checks.map(({ id, outcome, objects: seen, findings: found }) =>
    named({ id, outcome, seen, found }),
  );
  return [...findings, ...outcomes].sort();
}

function renamedSettings(settings: Settings, pseudonyms: Pseudonyms): Settings {
  const { orgs, ...rest } = settings;
  const renamed = JSON.parse(pseudonyms.replace(JSON.stringify(rest), true)) as Settings;
  return { ...renamed, ...(orgs && { orgs: orgs.map((org) => nameOf(org, pseudonyms)) }) };
}

const nameOf = (org: string, pseudonyms: Pseudonyms): string =>
  /^\d+$/.test(org) ? pseudonyms.orgId(org) : pseudonyms.replace(org, true);

const KINDS: readonly PseudonymKind[][] = [['orgs'], ['hosts'], ['users'], ['orgs', 'hosts', 'users']];

describe.each(Object.entries(PLATFORMS))('%s', (_name, { objects, settings = {} }) => {
  it.each(KINDS)('is judged alike with other names: %s %s %s', async (...kinds: PseudonymKind[]) => {
    await whileServed(objects.map(born), async ({ url }) =>
      withTemporary(async (folder) => {
        const [plain, changed] = [join(folder, 'a.tar.gz'), join(folder, 'b.tar.gz')];
        await collectFrom(url, settings, plain);
        const { pseudonyms } = await renameBundle(plain, changed, [...kinds]);
        const before = await judged(plain, settings);
        const after = await judged(changed, renamedSettings(settings, pseudonyms));
        expect(facts(after)).toEqual(facts(before, pseudonyms));
      }),
    );
  });
});
