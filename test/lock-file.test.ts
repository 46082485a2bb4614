import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly dev?: boolean;
  readonly optional?: boolean;
  readonly engines?: { readonly node?: string };
  readonly hasInstallScript?: boolean;
}
const read = (file: string): unknown => JSON.parse(readFileSync(new URL(`../${file}`, import.meta.url), 'utf8'));
const { packages } = read('package-lock.json') as { packages: Record<string, Locked> };
const names = Object.keys(packages).map((path) =>
  path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length),
);

/** Whether an `engines.node` range such as `^20.19.0 || >=22.12.0` allows 20.19.0; knows the forms that occur. */
function allowsFloor(range: string): boolean {
  return range.split('||').some((part) => {
    const comparators = part
      .trim()
      .replaceAll(/(>=|<=|>|<|\^|~)\s+/g, '$1')
      .split(/\s+/);
    return comparators.every((comparator) => {
      const [, operator = '', version = ''] = /^(>=|<=|>|<|\^|~|=|v)?([\d.x*]+)/.exec(comparator) ?? [];
      const [major = 0, minor = 0] = version.split('.').map((part_) => (/^\d+$/.test(part_) ? Number(part_) : 0));
      const floor = 20 * 1000 + 19;
      const at = major * 1000 + minor;
      if (comparator === '*' || version === '') return true;
      if (operator === '>=') return floor >= at;
      if (operator === '>') return floor > at;
      if (operator === '<' || operator === '<=') return floor <= at;
      return major === 20 && minor <= 19;
    });
  });
}

describe('the lock file', () => {
  it('holds no package that refuses the oldest Node we support', () => {
    const refusing = Object.entries(packages).filter(
      ([, { engines }]) => engines?.node !== undefined && !allowsFloor(engines.node),
    );
    expect(refusing.map(([path, { engines }]) => `${path}: ${String(engines?.node)}`)).toEqual([]);
  });

  it('names no registry', () => {
    expect(
      Object.values(packages).filter(({ resolved }) => resolved !== undefined && /^https?:/.test(resolved)),
    ).toEqual([]);
  });

  // npm leaves out optional platform packages that it could not fetch, and the next platform then cannot install.
  it.each([
    ['@rolldown/binding-', ['linux-x64-gnu', 'linux-arm64-gnu', 'darwin-x64', 'darwin-arm64', 'win32-x64-msvc']],
    ['@oxc-parser/binding-', ['linux-x64-gnu', 'linux-arm64-gnu', 'darwin-x64', 'darwin-arm64', 'win32-x64-msvc']],
    ['@oxc-resolver/binding-', ['linux-x64-gnu', 'linux-arm64-gnu', 'darwin-x64', 'darwin-arm64', 'win32-x64-msvc']],
    ['lightningcss-', ['linux-x64-gnu', 'linux-arm64-gnu', 'darwin-x64', 'darwin-arm64', 'win32-x64-msvc']],
  ])('has %s for every platform', (prefix, platforms) => {
    expect(names).toEqual(expect.arrayContaining(platforms.map((platform) => prefix + platform)));
  });

  it('runs no install script of a package that users install', () => {
    expect(
      Object.entries(packages).filter(
        ([, { hasInstallScript, dev, optional }]) => hasInstallScript && !dev && !optional,
      ),
    ).toEqual([]);
  });
});
