import { describe, expect, it } from 'vitest';
import { settingsOf, type SettingFlags } from '../../../src/commands/shared/settings.ts';

const settings = (flags: Partial<SettingFlags>) => settingsOf({ 'all-namespaces': false, ...flags });

describe('flags become settings', () => {
  it.each<[Partial<SettingFlags>, object]>([
    [{}, {}],
    [{ namespace: 'crewai-org-4' }, { namespaces: ['crewai-org-4'] }],
    [{ org: ['4', '17'] }, { orgs: ['4', '17'] }],
    [{ org: [] }, {}],
    [{ 'all-namespaces': true }, {}],
    [
      { 'platform-namespace': 'r', 'shared-namespace': 's', release: 'x' },
      { platformNamespace: 'r', sharedNamespace: 's', release: 'x' },
    ],
    [{ 'platform-account': 'crewai:crewai-sa' }, { account: { namespace: 'crewai', name: 'crewai-sa' } }],
    [{ 'registry-source': 'crewai/pull' }, { registrySource: { namespace: 'crewai', name: 'pull' } }],
    [{ 'registry-secret': 'pull' }, { registrySecret: 'pull' }],
    [
      { isolation: 'on', mode: 'manual' },
      { isolation: 'on', mode: 'manual' },
    ],
    [
      { isolation: 'off', mode: 'auto' },
      { isolation: 'off', mode: 'auto' },
    ],
    [{ 'exclude-org': ['3'] }, { excludeOrgs: ['3'] }],
  ])('%j', (flags, expected) => {
    expect(settings(flags)).toStrictEqual(expected);
  });
});

describe('wrong usage', () => {
  it.each<[Partial<SettingFlags>, string]>([
    [{ 'all-namespaces': true, namespace: 'x' }, '--all-namespaces'],
    [{ 'all-namespaces': true, org: ['4'] }, '--all-namespaces'],
    [{ namespace: 'x', org: ['4'] }, '--namespace'],
    [{ org: ['04'] }, '04'],
    [{ org: ['0'] }, '0'],
    [{ org: ['4', 'four'] }, 'four'],
    [{ org: [''] }, 'organization id'],
    [{ 'exclude-org': ['-1'] }, '-1'],
    [{ 'platform-account': 'crewai-sa' }, '--platform-account'],
    [{ 'platform-account': 'a:b:c' }, '--platform-account'],
    [{ 'platform-account': ':b' }, '--platform-account'],
    [{ 'platform-account': 'a/b' }, '--platform-account'],
    [{ 'registry-source': 'a:b' }, '--registry-source'],
    [{ 'registry-source': 'a/' }, '--registry-source'],
  ])('%j', (flags, named) => {
    expect(() => settings(flags)).toThrow(
      expect.objectContaining({ exitCode: 2, message: expect.stringContaining(named) as string }) as Error,
    );
  });
});
