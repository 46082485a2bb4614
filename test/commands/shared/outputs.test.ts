import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { audit } from '../../../src/audit/report.ts';
import { OUTPUT_FORMATS } from '../../../src/commands/shared/flags.ts';
import { loadReporter, parseOut, writeReportFile } from '../../../src/commands/shared/outputs.ts';
import { NO_REQUESTS } from '../../../src/commands/shared/reading.ts';
import { parseYaml } from '../../../src/manifests/yaml.ts';
import type { Report, RenderOptions } from '../../../src/model/report.ts';
import { createSnapshot } from '../../../src/model/snapshot.ts';

const OPTIONS: RenderOptions = {
  color: true,
  width: 100,
  ascii: false,
  tty: true,
  wide: false,
  headers: true,
  show: [],
  minSeverity: 'info',
};

const REPORT: Report = audit({
  snapshot: createSnapshot({ origin: { from: 'cluster', server: 'https://test' }, now: 0, listings: {} }),
  platforms: { none: 'no Deployment of CrewAI was found', gaps: [] },
  checks: [],
  catalogue: [],
  version: '0.0.0',
  run: { id: '00000000', startedAt: '2026-11-20T10:00:00Z', durationMs: 1, writes: 0, requests: NO_REQUESTS },
  failOn: 'high',
  allowIncomplete: false,
});

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crewiso-outputs-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

describe('--out', () => {
  it.each<[string, object]>([
    ['json=report.json', { format: 'json', file: 'report.json' }],
    ['table=/tmp/a=b.txt', { format: 'table', file: '/tmp/a=b.txt' }],
  ])('%s', (value, expected) => {
    expect(parseOut([value])).toEqual([expected]);
  });

  it.each(['json', 'json=', '=file', 'xml=file', 'JSON=file', '', 'json=-'])('%j is wrong usage', (value) => {
    expect(() => parseOut([value])).toThrow(expect.objectContaining({ exitCode: 2 }) as Error);
  });
});

it.each(OUTPUT_FORMATS)('%s ends with a line break', async (format) => {
  const text = (await loadReporter(format))(REPORT, OPTIONS);
  expect(text === '' || text.endsWith('\n')).toBe(true);
});

it('yaml says what json says', async () => {
  const yaml = (await loadReporter('yaml'))(REPORT, OPTIONS);
  const json = (await loadReporter('json'))(REPORT, OPTIONS);
  expect(parseYaml(yaml)).toEqual(JSON.parse(json));
});

describe('a report file', () => {
  it('replaces the old one and leaves nothing beside it', async () => {
    const file = join(folder, 'report.json');
    writeFileSync(file, 'old');
    await writeReportFile({ format: 'json', file }, REPORT, OPTIONS);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ kind: 'Report' });
    expect(readdirSync(folder)).toEqual(['report.json']);
  });

  it('has no colour, whatever the terminal has', async () => {
    const file = join(folder, 'report.txt');
    await writeReportFile({ format: 'table', file }, REPORT, OPTIONS);
    const text = readFileSync(file, 'utf8');
    expect(text).toContain('NO PLATFORM');
    expect(text).not.toContain('\u001b');
  });

  it('keeps a symbolic link and writes what it points to', async () => {
    writeFileSync(join(folder, 'real.json'), 'old');
    symlinkSync('real.json', join(folder, 'link.json'));
    await writeReportFile({ format: 'json', file: join(folder, 'link.json') }, REPORT, OPTIONS);
    expect(readlinkSync(join(folder, 'link.json'))).toBe('real.json');
    expect(readFileSync(join(folder, 'real.json'), 'utf8')).toContain('"kind": "Report"');
  });

  it.skipIf(!existsSync('/dev/null'))('does not replace a device (no /dev/null: skipped)', async () => {
    // A link, so that a wrong implementation replaces this instead of the device of the machine that runs the test.
    symlinkSync('/dev/null', join(folder, 'null'));
    await writeReportFile({ format: 'json', file: join(folder, 'null') }, REPORT, OPTIONS);
    expect(readlinkSync(join(folder, 'null'))).toBe('/dev/null');
    expect(statSync('/dev/null').isCharacterDevice()).toBe(true);
  });

  it('that cannot be written is exit 4, with the file named and nothing left behind', async () => {
    mkdirSync(join(folder, 'taken'));
    chmodSync(join(folder, 'taken'), 0o700);
    for (const file of [join(folder, 'missing', 'x.json'), join(folder, 'taken')]) {
      await expect(writeReportFile({ format: 'json', file }, REPORT, OPTIONS)).rejects.toMatchObject({
        exitCode: 4,
        message: expect.stringContaining(file) as string,
      });
    }
    expect(readdirSync(folder)).toEqual(['taken']);
  });
});
