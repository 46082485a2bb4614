import { readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Report } from '../../src/model/report.ts';
import { parseYaml, stringifyYaml } from '../../src/manifests/yaml.ts';
import { createReporter } from '../../src/reporters/create-reporter.ts';
import { verdictOf } from '../../src/reporters/counts.ts';
import { OPTIONS, SAMPLES } from './sample-reports.ts';

const FORMATS = {
  table: createReporter('table'),
  short: createReporter('short'),
  json: createReporter('json'),
  yaml: createReporter('yaml', stringifyYaml),
  name: createReporter('name'),
};
const NAMES = Object.keys(FORMATS) as (keyof typeof FORMATS)[];
const TEXTS = ['table', 'short', 'name'] as const;

// What can move a cursor, hide text or start a line of its own; a line break ends every line of ours.
// eslint-disable-next-line no-control-regex -- exactly these
const HOSTILE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/;

describe.each(NAMES)('%s', (format) => {
  it.each(Object.keys(SAMPLES) as (keyof typeof SAMPLES)[])('is harmless to a terminal: %s', (name) => {
    const text = FORMATS[format](SAMPLES[name], OPTIONS);
    expect(text).not.toMatch(HOSTILE);
    expect(text).not.toMatch(/^FAKE LINE/m);
    if (text !== '') expect(text).toMatch(/[^\n]\n$/);
  });

  it('is the same twice and leaves the report alone', () => {
    const before = JSON.stringify(SAMPLES.hostile);
    expect(FORMATS[format](SAMPLES.hostile, OPTIONS)).toBe(FORMATS[format](SAMPLES.hostile, OPTIONS));
    expect(JSON.stringify(SAMPLES.hostile)).toBe(before);
  });

  it('survives any part that is missing or of another type', () => {
    const paths = pathsOf(SAMPLES.broken);
    const odd = fc.constantFrom<unknown>(undefined, null, 0, -1, 'x', '', [], [null], {}, true, { name: 1 }, [[]]);
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom(...paths), odd), { minLength: 1, maxLength: 4 }), (changes) => {
        const report = structuredClone(SAMPLES.broken) as unknown;
        for (const [path, value] of changes) replace(report, path, value);
        for (const width of [72]) {
          expect(FORMATS[format](report as Report, { ...OPTIONS, width, show: ['all'] })).not.toMatch(HOSTILE);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('display options change the display only', () => {
  it('--min-severity hides findings and says so', () => {
    const options = { ...OPTIONS, minSeverity: 'critical' } as const;
    expect(FORMATS.table(SAMPLES.broken, options)).toContain('1 cause below critical not shown');
    expect(FORMATS.table(SAMPLES.broken, options)).toContain('2 causes explain 5 findings');
    expect(FORMATS.short(SAMPLES.broken, options)).not.toContain('registry-secret-stale crewai-org-29');
    expect(FORMATS.json(SAMPLES.broken, options)).toBe(FORMATS.json(SAMPLES.broken, OPTIONS));
  });

  it('--no-headers, --wide, --show', () => {
    expect(FORMATS.short(SAMPLES.clean, { ...OPTIONS, headers: false })).toBe('');
    expect(FORMATS.table(SAMPLES['thousand-tenants'], OPTIONS)).toMatch(/994 more|more steps/);
    const wide = FORMATS.table(SAMPLES['thousand-tenants'], { ...OPTIONS, wide: true });
    expect(wide).not.toMatch(/\d more/);
    expect(wide.match(/create rolebinding crewai-sa-edit/g)).toHaveLength(1000);
    const shown = FORMATS.table(SAMPLES.clean, { ...OPTIONS, show: ['passed'] });
    expect(shown).toMatch(/^OUTCOME +CHECK/m);
    expect(shown.match(/^passed /gm)).toHaveLength(8);
    expect(shown).not.toMatch(/^not-applicable /m);
    expect(FORMATS.table(SAMPLES.clean, { ...OPTIONS, show: ['all'], headers: false })).not.toMatch(/OUTCOME/);
  });

  it('colour adds nothing but colour', () => {
    for (const sample of Object.values(SAMPLES)) {
      for (const format of TEXTS) {
        const colored = FORMATS[format](sample, { ...OPTIONS, color: true });
        expect(stripVTControlCharacters(colored)).toBe(FORMATS[format](sample, OPTIONS));
      }
    }
    expect(FORMATS.table(SAMPLES.broken, { ...OPTIONS, color: true })).toContain('\u001b[');
  });

  it('commands are whole at every width and in ASCII', () => {
    const steps = SAMPLES.broken.groups
      .flatMap(({ remediation }) => remediation.steps)
      .filter((step) => !step.startsWith('#'));
    expect(steps).toHaveLength(3);
    for (const width of [60, 80, 120]) {
      const lines = FORMATS.table(SAMPLES.broken, { ...OPTIONS, width, ascii: width === 80 }).split('\n');
      expect(lines.map((line) => line.trim())).toEqual(expect.arrayContaining(steps));
    }
  });

  it('a terminal gets tables that fit', () => {
    const options = { ...OPTIONS, width: 60, tty: true, show: ['all'] };
    const text = FORMATS.table(SAMPLES.clean, options);
    const rows = text.split('\n').filter((line) => line.startsWith('passed '));
    expect(rows).toHaveLength(8);
    expect(rows.every((row) => row.length <= 60 && row.includes('…'))).toBe(true);
    expect(FORMATS.table(SAMPLES.clean, { ...options, tty: false })).not.toContain('…');
  });
});

describe('verdicts', () => {
  it.each<[keyof typeof SAMPLES, string]>([
    ['clean', 'HEALTHY'],
    ['broken', 'NOT HEALTHY'],
    ['incomplete', 'INCOMPLETE'],
    ['interrupted', 'INTERRUPTED'],
    ['no-platform', 'NO PLATFORM'],
  ])('%s is %s', (name, verdict) => {
    expect(verdictOf(SAMPLES[name])).toBe(verdict);
    expect(FORMATS.table(SAMPLES[name], OPTIONS).startsWith(`${verdict}  `)).toBe(true);
  });

  it('a gap is never healthy, whatever the exit code says', () => {
    const exit = { code: 0, failOn: 'high', incomplete: false, reasons: [] } as const;
    expect(verdictOf({ ...SAMPLES.incomplete, exit })).toBe('INCOMPLETE');
    expect(verdictOf({ ...SAMPLES.broken, exit: { ...exit, failOn: 'never' } })).toBe('NOT HEALTHY');
  });

  it('findings of low severity alone leave a platform healthy, and are told', () => {
    const findings = SAMPLES.broken.findings.slice(0, 1).map((finding) => ({ ...finding, severity: 'low' as const }));
    const text = FORMATS.table({ ...SAMPLES.clean, findings }, OPTIONS);
    expect(text).toMatch(/^HEALTHY {2}.*1 finding/);
  });

  it('an unknown severity counts as critical, an unknown outcome as not evaluated', () => {
    const checks = [{ ...SAMPLES.clean.checks[0], outcome: 'improved' }];
    expect(FORMATS.table({ ...SAMPLES.clean, checks } as unknown as Report, OPTIONS)).toContain(
      '1 of 1 check NOT EVALUATED',
    );
    const findings = [{ ...SAMPLES.broken.findings[0], severity: 'apocalyptic' }];
    expect(FORMATS.short({ ...SAMPLES.broken, findings } as unknown as Report, OPTIONS)).toContain(
      '\nC rbac-access-missing',
    );
  });
});

describe('machine formats', () => {
  it('json and yaml hold the same report', () => {
    expect(JSON.parse(FORMATS.json(SAMPLES.broken, OPTIONS))).toEqual(SAMPLES.broken);
    expect(parseYaml(FORMATS.yaml(SAMPLES.broken, OPTIONS))).toEqual(SAMPLES.broken);
  });

  it('name gives each object once, what is absent by its namespace', () => {
    const text = FORMATS.name(SAMPLES.broken, OPTIONS);
    expect(text.split('\n').filter((line) => line === 'namespace/crewai-org-17')).toHaveLength(1);
    expect(text).toContain('-n crewai-org-29 secret/docker-registry\n');
    expect(text).toContain('-n crewai-org-17 deployment.apps/org-17-crew-3\n');
  });

  it('nothing names a command that does not exist yet', () => {
    for (const sample of Object.values(SAMPLES)) {
      const all = FORMATS.table(sample, { ...OPTIONS, wide: true, show: ['all'] });
      const commands = [...all.matchAll(/kubectl crewiso (\w+)/g)].map(([, command]) => command);
      expect(commands.filter((command) => !COMMANDS.has(command ?? ''))).toEqual([]);
      expect(all).not.toContain('--fix');
    }
  });
});

const MANIFEST = new URL('../../oclif.manifest.json', import.meta.url);
const COMMANDS = new Set(Object.keys((JSON.parse(readFileSync(MANIFEST, 'utf8')) as { commands: object }).commands));

function pathsOf(value: unknown, path: readonly string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [[...path]];
  const inner = Object.entries(value).flatMap(([key, child]) => pathsOf(child, [...path, key]));
  return path.length === 0 ? inner : [[...path], ...inner];
}

function replace(target: unknown, path: readonly string[], value: unknown): void {
  const last = path.at(-1);
  let parent = target;
  for (const key of path.slice(0, -1)) {
    if (typeof parent !== 'object' || parent === null) return;
    parent = (parent as Record<string, unknown>)[key];
  }
  if (typeof parent === 'object' && parent !== null && last !== undefined)
    (parent as Record<string, unknown>)[last] = value;
}
