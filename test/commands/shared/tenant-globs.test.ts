import { describe, expect, it } from 'vitest';
import { CrewisoError } from '../../../src/model/error.ts';
import { matchesGlob, tenantGlobs } from '../../../src/commands/shared/tenant-globs.ts';
import { settingsOf } from '../../../src/commands/shared/settings.ts';

const NONE = { 'all-namespaces': false };

function refused(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (error instanceof CrewisoError && error.exitCode === 2) return error.message;
    throw error;
  }
  return '';
}

describe('a glob', () => {
  it.each([
    ['crewai-org-1?', 'crewai-org-12', true],
    ['crewai-org-1?', 'crewai-org-1', false],
    ['crewai-org-1?', 'crewai-org-123', false],
    ['crewai-org-*', 'crewai-org-', true],
    ['*-org-4', 'crewai-org-4', true],
    ['*-org-4', 'crewai-org-4-org-4', true],
    ['*-org-4', 'crewai-org-44', false],
    ['c*-o*-7', 'crewai-org-7', true],
    ['c*x*-7', 'crewai-org-7', false],
    ['**', 'crewai', true],
    ['crewai', 'crewai', true],
    ['crewai', 'crewai-org-4', false],
    ['', 'crewai', false],
  ])('%s on %s: %s', (glob, name, expected) => {
    expect(matchesGlob(glob, name)).toBe(expected);
  });

  it('is decided in few steps however many stars it has', () => {
    const name = 'a'.repeat(63);
    let looked = 0;
    const counting = new Proxy(name.split(''), {
      get(target, at) {
        looked += 1;
        return Reflect.get(target, at) as unknown;
      },
    });
    expect(matchesGlob(`${'a*'.repeat(60)}b`, counting as unknown as string)).toBe(false);
    expect(looked).toBeLessThan(63 * 123 * 3);
  });
});

describe('the globs of flags', () => {
  it.each([
    [{ orgs: ['a-*', 'b'] }, { globs: ['a-*', 'b'], flag: '--orgs' }],
    [{ namespace: 'a-?' }, { globs: ['a-?'], flag: '-n' }],
    [{ namespace: 'a-1' }, undefined],
    [{ org: ['4'] }, undefined],
  ])('%j', (flags, expected) => {
    expect(tenantGlobs({ ...NONE, ...flags })).toEqual(expected);
  });

  it.each([
    [{ orgs: ['a'], org: ['4'] }, '--org contradicts --orgs'],
    [{ orgs: ['a'], namespace: 'a' }, '--namespace contradicts --orgs'],
    [{ namespace: 'a*', org: ['4'] }, '--namespace contradicts --org'],
    [{ 'all-namespaces': true, namespace: 'a*' }, '--all-namespaces contradicts --namespace'],
    [{ orgs: ['a-[1-3]'] }, '--orgs a-[1-3] can match no namespace'],
    [{ orgs: ['A*'] }, '--orgs A* can match no namespace'],
    [{ orgs: [''] }, '--orgs  can match no namespace'],
    [{ namespace: 'a-[1]' }, '-n a-[1] can match no namespace'],
  ])('%j are refused', (flags, words) => {
    expect(refused(() => tenantGlobs({ ...NONE, ...flags }))).toContain(words);
  });

  it('are none where one namespace is judged', () => {
    expect(refused(() => settingsOf({ ...NONE, namespace: 'a-*' }))).toBe('-n a-* is not the name of a namespace');
  });
});
