import { describe, expect, it } from 'vitest';
import stringWidth from 'string-width';
import { createReporter } from '../../src/reporters/create-reporter.ts';
import { OPTIONS, SAMPLES } from './sample-reports.ts';

const table = createReporter('table');
const golden = (name: string): string => `../goldens/${name}.txt`;
const NAMES = Object.keys(SAMPLES) as (keyof typeof SAMPLES)[];

/** Lines that may be longer: commands, which are never wrapped, and single words. */
function prose(text: string): string[] {
  return text.split('\n').filter((line) => !/^ {10}(?:# )?(?:kubectl|for ns) /.test(line) && line.trim().includes(' '));
}

describe.each(NAMES)('the report on a platform that is %s', (name) => {
  it.each([60, 80, 100])('in %d columns', async (width) => {
    const text = table(SAMPLES[name], { ...OPTIONS, width });
    await expect(text).toMatchFileSnapshot(golden(`table-${name}-${String(width)}`));
    expect(prose(text).filter((line) => stringWidth(line) > width && line.trim().split(' ').length > 2)).toEqual([]);
  });

  it('in ASCII', async () => {
    const text = table(SAMPLES[name], { ...OPTIONS, width: 80, ascii: true });
    await expect(text).toMatchFileSnapshot(golden(`table-${name}-ascii`));
    expect(text).toMatch(/^[\x20-\x7e\n]*$/);
    expect(prose(text).filter((line) => line.length > 80 && line.trim().split(' ').length > 2)).toEqual([]);
  });

  it('as short lines and as names', async () => {
    const lines = `${createReporter('short')(SAMPLES[name], OPTIONS)}\n${createReporter('name')(SAMPLES[name], OPTIONS)}`;
    const start = lines.split('\n').slice(0, 20).join('\n');
    await expect(start).toMatchFileSnapshot(golden(`short-and-name-${name}`));
  });
});

it('with everything that can be asked for', async () => {
  const text = table(SAMPLES.broken, { ...OPTIONS, wide: true, show: ['all'], color: true, minSeverity: 'critical' });
  await expect(text).toMatchFileSnapshot(golden('table-broken-wide-all-colour'));
});
