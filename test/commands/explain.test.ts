import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/checks/index.ts';
import { crewiso, ROOT } from './program.ts';

describe('explain', () => {
  it('lists every check once, within 80 columns', async () => {
    const { code, stdout, stderr } = await crewiso(['explain'], { env: { COLUMNS: '80' } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const lines = stdout.split('\n');
    for (const { id } of CHECKS) {
      expect(lines.filter((line) => new RegExp(`^  [CHMLI] ${id}( |$)`).test(line))).toHaveLength(1);
    }
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
  });

  it('prints the page of a check, its prose within 80 columns, its code as it is', async () => {
    const { code, stdout, stderr } = await crewiso(['explain', 'registry-secret-missing'], { env: { COLUMNS: '80' } });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const page = readFileSync(`${ROOT}docs/checks/registry-secret-missing.md`, 'utf8');
    expect(words(stdout)).toEqual(words(page));
    const [prose = '', ...codes] = stdout.split('```');
    expect(prose.split('\n').filter((line) => line.length > 80 && !line.startsWith('|'))).toEqual([]);
    for (const block of codes.filter((_, index) => index % 2 === 0)) expect(page).toContain(block);
  });

  it('prints the schema that is shipped', async () => {
    const { code, stdout, stderr } = await crewiso(['explain', '--schema', 'report']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toBe(readFileSync(`${ROOT}schemas/report.schema.json`, 'utf8'));
    expect(JSON.parse(stdout)).toMatchObject({ $id: 'urn:kubectl-crewiso:report:v1' });
  });
});

const words = (text: string): readonly string[] => text.split(/\s+/).filter((word) => word !== '');
