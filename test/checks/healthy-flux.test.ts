import { describe, expect, it } from 'vitest';
import { CHECKS } from '../../src/checks/index.ts';
import { fluxPlatform, type FluxOptions } from '../fixtures/flux.ts';
import { reportOf } from '../support/scenario.ts';

const many = Object.fromEntries(Array.from({ length: 50 }, (_, index) => [`t${String(index)}`, [`n${String(index)}`]]));

describe('a healthy Flux', () => {
  it.each<[string, FluxOptions]>([
    ['two tenants', {}],
    ['no tenants, and so no lockdown', { tenants: {}, lockdown: false }],
    ['a tenant with two namespaces', { tenants: { dev: ['one', 'two'] } }],
    ['another namespace', { namespace: 'gitops' }],
    ['many tenants', { tenants: many }],
  ])('gives no finding: %s', (_name, options) => {
    const { findings, checks } = reportOf(CHECKS, { base: fluxPlatform(options) });
    expect(findings.map(({ check, message }) => `${check}: ${message}`)).toEqual([]);
    expect(checks.filter(({ outcome }) => outcome === 'errored' || outcome === 'not-evaluated')).toEqual([]);
  });
});
