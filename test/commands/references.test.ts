import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Plan } from '../../src/model/fix.ts';
import type { Report } from '../../src/model/report.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import { definition, opencraneDefinitions, opencranePlatform, opencraneRelease } from '../fixtures/opencrane.ts';
import { put } from '../support/scenario.ts';
import { crewiso } from './program.ts';

const folder = mkdtempSync(join(tmpdir(), 'crewiso-references-'));

function write(name: string, objects: readonly object[]): string {
  const file = join(folder, name);
  writeFileSync(file, objects.map((object) => `---\n${JSON.stringify(object)}\n`).join(''));
  return file;
}

const newer = opencraneRelease('oc-acme', 'oc-acme', { appVersion: '0.2.0', revision: 2 });
const platform = write('platform.yaml', put(opencranePlatform(), newer));

/** The definitions without one field of Tenants. */
const crds = write(
  'crds.yaml',
  opencraneDefinitions().map(
    (crd) => JSON.parse(JSON.stringify(crd).replace('"email":{"type":"string"},', '')) as RawObject,
  ),
);
const matrix = write('matrix.yaml', [
  {
    apiVersion: 'crewiso/v1',
    kind: 'VersionMatrix',
    rows: [{ bundle: 'v1alpha1 (2)', served: ['v1alpha1'], versions: ['0.2.x'] }],
  },
]);

async function doctor(...flags: readonly string[]): Promise<Report> {
  const checks = ['--check', 'crd-breaking-change,crd-app-version-incompatible'];
  const { stdout } = await crewiso(['doctor', '-f', platform, '--complete=all', ...checks, '-o', 'json', ...flags]);
  return JSON.parse(stdout) as Report;
}

const outcomes = ({ checks, target }: Report) => ({
  checks: Object.fromEntries(checks.map(({ id, outcome }) => [id, outcome])),
  overridden: target.platforms.map(({ id, overridden }) => [id, ...overridden]),
});

const NEITHER = {
  checks: { 'crd-app-version-incompatible': 'failed', 'crd-breaking-change': 'not-applicable' },
  overridden: [['opencrane']],
};
const BOTH = {
  checks: { 'crd-app-version-incompatible': 'passed', 'crd-breaking-change': 'failed' },
  overridden: [['opencrane', 'crdBaseline', 'versionMatrix']],
};

describe('files that doctor compares with', () => {
  test('play no part where none is named', async () => {
    expect(outcomes(await doctor())).toEqual(NEITHER);
  });

  test('are named by flags', async () => {
    expect(outcomes(await doctor('--crd-baseline', crds, '--version-matrix', matrix))).toEqual(BOTH);
  });

  test('are named by a configuration file', async () => {
    const settings = { 'crd-baseline': 'crds.yaml', 'version-matrix': 'matrix.yaml' };
    const config = write('config.yaml', [{ apiVersion: 'crewiso/v1', kind: 'Config', settings }]);
    expect(outcomes(await doctor('--config', config))).toEqual(BOTH);
  });

  test('are found again by a plan that is applied in another folder', async () => {
    const out = join(folder, 'plan.json');
    const files = ['--crd-baseline', relative('', crds), '--version-matrix', relative('', matrix)];
    await crewiso(['doctor', '-f', platform, '--complete=all', ...files, '--fix', '--plan-out', out]);
    const { settings } = JSON.parse(readFileSync(out, 'utf8')) as Plan;
    expect(settings).toMatchObject({ crdBaseline: crds, versionMatrix: matrix });
  });

  test('say so where they have nothing to do with what was found', async () => {
    const other = write('other.yaml', [definition('example.com', 'widgets', 'Widget', 'Namespaced', {})]);
    const warned = async (...flags: readonly string[]): Promise<string> =>
      (await crewiso(['doctor', '-f', platform, '--complete=all', ...flags])).stderr;
    expect(await warned('--crd-baseline', other)).toContain(`warning: --crd-baseline ${other}: no CRD`);
    expect(await warned('--crd-baseline', other, '--check', 'crd-missing')).toBe('');
    expect(await warned('--crd-baseline', crds)).toBe('');
  });

  test.each([
    ['--crd-baseline', matrix],
    ['--version-matrix', crds],
  ])('%s that does not hold what it should ends at once, in one line', async (flag, file) => {
    const { code, stdout, stderr } = await crewiso(['doctor', '-f', platform, flag, file]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr.split('\n')[0]).toMatch(new RegExp(`^error: ${flag} ${file}:.* .+$`));
  });
});
