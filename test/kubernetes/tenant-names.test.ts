import { describe, expect, it } from 'vitest';
import {
  crewOfName,
  isOrgId,
  looksLikeTenant,
  namespaceOfOrg,
  orgOfBuildPod,
  orgOfLabel,
  orgOfNamespace,
} from '../../src/kubernetes/tenant-names.ts';

const HUGE = '123456789012345678901234567890';

describe('orgOfNamespace', () => {
  it.each([
    ['crewai', 'crewai-org-4', '4'],
    ['crewai', 'crewai-org-10', '10'],
    ['crewai', `crewai-org-${HUGE}`, HUGE],
    ['crewai', 'crewai', undefined],
    ['crewai', 'crewai-crews', undefined],
    ['crewai', 'crewai-organic-1', undefined],
    ['crewai', 'crewai-organic-9', undefined],
    ['crewai', 'crewai-org-', undefined],
    ['crewai', 'crewai-org-0', undefined],
    ['crewai', 'crewai-org-04', undefined],
    ['crewai', 'crewai-org-4-old', undefined],
    ['crewai', 'crewai-dev-org-4', undefined],
    ['crewai-dev', 'crewai-dev-org-4', '4'],
    ['crewai-org-4', 'crewai-org-4-org-1', '1'],
    ['crewai', 'crewai-org-4-org-1', undefined],
    ['crewai', 'my-crewai-org-4', undefined],
    ['crewai', 'crewai-org-4\n', undefined],
    ['crewai', 'crewai-org-٤', undefined],
    ['a.b', 'axb-org-4', undefined],
  ])('%s: %j is %j', (shared, name, org) => {
    expect(orgOfNamespace(shared, name)).toBe(org);
  });

  it('undoes namespaceOfOrg', () => {
    expect(orgOfNamespace('crewai', namespaceOfOrg('crewai', '12'))).toBe('12');
  });
});

it.each([
  ['org-4', '4'],
  [`org-${HUGE}`, HUGE],
  ['org-04', undefined],
  ['org-', undefined],
  ['4', undefined],
  ['org-4x', undefined],
  ['', undefined],
  [undefined, undefined],
])('label org-id=%s names %j', (value, org) => {
  expect(orgOfLabel(value)).toBe(org);
});

it.each([
  ['org-2-crew-7-invoices-web', { org: '2', crew: '7', slug: 'invoices', component: 'web' }],
  ['org-2-crew-7-web-search-worker', { org: '2', crew: '7', slug: 'web-search', component: 'worker' }],
  ['org-2-crew-7-invoices-redis', { org: '2', crew: '7', slug: 'invoices', component: 'redis' }],
  ['org-2-crew-7-invoices-web-7d88ccd9f4-qvvbc', { org: '2', crew: '7', slug: 'invoices-web-7d88ccd9f4-qvvbc' }],
  ['org-2-crew-7-studio', { org: '2', crew: '7', slug: 'studio' }],
  [`org-${HUGE}-crew-1-a-web`, { org: HUGE, crew: '1', slug: 'a', component: 'web' }],
  ['org-02-crew-7-invoices-web', undefined],
  ['org-2-crew-07-invoices-web', undefined],
  ['org-2-crew-7-', undefined],
  ['org-2-crew-7', undefined],
  ['xorg-2-crew-7-a-web', undefined],
  ['buildkit-org-2-crew-7-abc', undefined],
  ['crewai-web', undefined],
])('crew name %s', (name, crew) => {
  expect(crewOfName(name)).toEqual(crew);
});

it.each([
  ['buildkit-org-2-crew-7-abc', '2'],
  ['buildkit-org-02-crew-7-abc', undefined],
  ['buildkit-org-2', undefined],
  ['org-2-crew-7-a-web', undefined],
])('build pod %s builds for %j', (name, org) => {
  expect(orgOfBuildPod(name)).toBe(org);
});

it.each([
  ['crewai-org-04', { id: '4' }],
  ['crewai-org-4-old', { id: '4' }],
  ['crewai-org-', {}],
  ['crewai-org-0', {}],
  ['crewai-org-acme', {}],
  ['crewai-org-4x', {}],
  ['crewai-org--4', { id: '4' }],
  ['crewai-org-4', undefined],
  ['crewai', undefined],
  ['crewai-crews', undefined],
  ['crewai-organic-1', undefined],
  ['crewai-dev-org-4', undefined],
])('%s resembles %j', (name, resembled) => {
  expect(looksLikeTenant('crewai', name)).toEqual(resembled);
});

it.each([
  ['1', true],
  [HUGE, true],
  ['0', false],
  ['01', false],
  ['+1', false],
  ['1e3', false],
  ['', false],
])('id %j: %s', (text, valid) => {
  expect(isOrgId(text)).toBe(valid);
});
