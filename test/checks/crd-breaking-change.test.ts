import { describe, expect, it } from 'vitest';
import check from '../../src/checks/crd-breaking-change.ts';
import type { References } from '../../src/model/platform.ts';
import { definition, established, opencraneDefinitions, opencranePlatform } from '../fixtures/opencrane.ts';
import { fluxPlatform } from '../fixtures/flux.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import { describeCheck } from '../support/check-table.ts';
import { put, reportOf } from '../support/scenario.ts';

const base = opencranePlatform();
const DEFINITIONS = 'customresourcedefinitions.apiextensions.k8s.io';
const text = { type: 'string' };
type Schema = Readonly<Record<string, unknown>>;

const references = (...definitions: readonly RawObject[]): References => ({
  crdBaseline: { place: 'crds', definitions: definitions },
});

const object = (properties: Schema, more: Schema = {}): Schema => ({ type: 'object', properties, ...more });
const status = object({ phase: text, message: text, observedGeneration: { type: 'integer' } });

/** Tenants as the fixture has them, but for their spec. */
const tenants = (spec: Schema): RawObject =>
  definition('opencrane.io', 'tenants', 'Tenant', 'Namespaced', object({ spec, status }, { required: ['spec'] }));

const SPEC = { displayName: text, email: text, clusterTenantRef: text, suspended: { type: 'boolean' } };
const without = (...names: readonly string[]): Schema =>
  Object.fromEntries(Object.entries(SPEC).filter(([name]) => !names.includes(name)));

/** With these versions instead, and these in the store. */
function versioned(crd: RawObject, versions: readonly Schema[], stored: readonly string[]): RawObject {
  const [first] = (crd.spec as { versions: readonly Schema[] }).versions;
  const made = versions.map((version) => ({ ...first, ...version }));
  const spec = { ...(crd.spec as object), versions: made };
  return { ...crd, spec, status: { ...established({}, 'v1alpha1'), storedVersions: stored } };
}

const TWO = [
  { name: 'v1alpha1', served: true, storage: false },
  { name: 'v1beta1', served: true, storage: true },
];
const CRD = 'CustomResourceDefinition/tenants.opencrane.io';
const USERS = ['acme', 'globex', 'initech'];

describeCheck(check, {
  passes: {
    'the same': { base, references: references(...opencraneDefinitions()) },
    'one more field': { base, references: references(tenants(object({ ...SPEC, nickname: text }))) },
    'one more version': { base, references: references(versioned(tenants(object(SPEC)), TWO, [])) },
    'a new kind': {
      base,
      without: ['CustomResourceDefinition/mcpservers.opencrane.io'],
      references: references(...opencraneDefinitions()),
    },
    // Applying a folder takes nothing away that is not in it.
    'only one of them': { base, references: references(tenants(object(SPEC))) },
    // Additions touch no object.
    'one more field, and objects cannot be listed': {
      base,
      references: references(tenants(object({ ...SPEC, nickname: text }))),
      faults: [{ resource: 'tenants.opencrane.io' }],
    },
  },
  fails: {
    'a field that nobody has set is gone': {
      base,
      references: references(tenants(object(without('suspended')))),
      findings: [{ object: CRD, path: '/spec/versions', severity: 'high', confidence: 'certain' }],
    },
    'a field that is set is gone': {
      base,
      references: references(tenants(object(without('email')))),
      findings: [{ object: CRD, severity: 'critical' }],
    },
    'a field that is missing is required': {
      base,
      references: references(tenants(object({ ...SPEC, nickname: text }, { required: ['nickname'] }))),
      findings: [{ object: CRD, severity: 'critical' }],
    },
    'two paths are two findings': {
      base,
      references: references(tenants(object(without('email', 'suspended')))),
      findings: [
        { object: CRD, severity: 'critical' },
        { object: CRD, severity: 'high' },
      ],
    },
    'another default is no more than information': {
      base,
      change: (objects) => put(objects, tenants(object({ ...SPEC, region: { ...text, default: 'eu' } }))),
      references: references(tenants(object({ ...SPEC, region: { ...text, default: 'us' } }))),
      findings: [{ object: CRD, severity: 'info' }],
    },
    'a version is no longer served': {
      base,
      change: (objects) => put(objects, versioned(tenants(object(SPEC)), TWO, ['v1beta1'])),
      references: references(
        versioned(tenants(object(SPEC)), [{ name: 'v1alpha1', served: false, storage: false }, TWO[1] ?? {}], []),
      ),
      findings: [{ object: CRD, severity: 'high' }],
    },
    'a version that may be in the store is gone, though nobody was served it': {
      base,
      change: (objects) =>
        put(
          objects,
          versioned(
            tenants(object(SPEC)),
            [{ name: 'v1alpha0', served: false, storage: false }, { name: 'v1alpha1' }],
            ['v1alpha0', 'v1alpha1'],
          ),
        ),
      references: references(tenants(object(SPEC))),
      findings: [{ object: CRD, severity: 'high' }],
    },
    'a new pattern is not decided, but an object that breaks it is found': {
      base,
      change: (objects) => put(objects, tenants(object({ ...SPEC, email: { ...text, pattern: '@' } }))),
      references: references(tenants(object({ ...SPEC, email: { ...text, pattern: '@example[.]org$' } }))),
      findings: [{ object: CRD, severity: 'critical' }],
    },
    'a kind of Flux of which objects are not read': {
      base: put(fluxPlatform(), flux(object({ url: text, branch: text }))),
      references: references(flux(object({ url: text }))),
      findings: [{ object: 'CustomResourceDefinition/gitrepositories.source.toolkit.fluxcd.io', severity: 'high' }],
    },
  },
  notEvaluated: {
    'CRDs refused': {
      base,
      references: references(tenants(object(SPEC))),
      faults: [{ resource: DEFINITIONS }],
    },
    'a pattern that reads otherwise': {
      base,
      change: (objects) => put(objects, tenants(object({ ...SPEC, email: { ...text, pattern: '@' } }))),
      references: references(tenants(object({ ...SPEC, email: { ...text, pattern: '@e' } }))),
    },
    'a rule in CEL that reads otherwise': {
      base,
      change: (objects) => put(objects, tenants(object(SPEC, { 'x-kubernetes-validations': [{ rule: 'true' }] }))),
      references: references(tenants(object(SPEC, { 'x-kubernetes-validations': [{ rule: "self.email != ''" }] }))),
    },
    'an old version of CustomResourceDefinition': {
      base,
      references: references({ ...tenants(object(SPEC)), apiVersion: 'apiextensions.k8s.io/v1beta1' }),
    },
    'a version is gone, and what is stored was not read': {
      base,
      change: (objects) =>
        put(
          objects,
          versioned(
            tenants(object(SPEC)),
            [{ name: 'v1alpha0', served: false, storage: false }, { name: 'v1alpha1' }],
            [],
          ),
        ),
      references: references(tenants(object(SPEC))),
    },
  },
  notApplicable: {
    'no folder was named': { base },
    'CRDs of another platform': { base, references: references(flux(object({ url: text }))) },
    'another platform': { base: { mode: 'manual' }, references: references(tenants(object({}))) },
  },
});

function flux(spec: Schema): RawObject {
  const schema = object({ spec });
  return definition('source.toolkit.fluxcd.io', 'gitrepositories', 'GitRepository', 'Namespaced', schema, 'v1');
}

describe('what it says', () => {
  const broken = { base, references: references(tenants(object(without('email')))) };

  it('names the objects, and where, and no value', () => {
    const [finding] = reportOf([check], broken).findings;
    for (const user of USERS) expect(finding?.message).toContain(`user-${user}`);
    const shown = finding?.evidence.filter(({ object: found }) => found?.kind === 'Tenant');
    expect(shown?.map(({ observed }) => observed)).toEqual(USERS.map(() => ['spec.email']));
    expect(JSON.stringify(finding)).not.toContain('@example.com');
  });

  it('says why nothing was judged without the setting', () => {
    expect(reportOf([check], { base }).checks[0]?.reason).toContain('--crd-baseline');
  });

  it('has a gap where the objects could not be listed, beside what it knows of the definitions', () => {
    const { coverage, findings } = reportOf([check], { ...broken, faults: [{ resource: 'tenants.opencrane.io' }] });
    expect(findings.map(({ severity }) => severity)).toEqual(['high']);
    expect(coverage.gaps.map(({ resource }) => resource)).toEqual(['tenants.opencrane.io']);
  });

  it('never takes a rule in CEL for kept, nor objects for broken by it', () => {
    const rules = { 'x-kubernetes-validations': [{ rule: "self.displayName != ''" }] };
    const scenario = { base, references: references(tenants(object(without('email'), rules))) };
    const { coverage, findings } = reportOf([check], scenario);
    expect(coverage.gaps.map(({ detail }) => detail).join()).toContain('CEL');
    expect(findings.map(({ severity, message }) => [severity, message.includes('in CEL')])).toEqual([
      ['critical', false],
      ['high', true],
    ]);
  });

  it('does not decide about a value that was redacted', () => {
    const { coverage, findings } = reportOf([check], {
      base,
      with: `apiVersion: opencrane.io/v1alpha1
kind: Tenant
metadata: {name: user-acme, namespace: oc-acme}
spec: {displayName: "<redacted:name:len=9>", email: a@example.com, clusterTenantRef: acme}
`,
      references: references(
        tenants(object({ ...SPEC, displayName: { ...text, enum: ['user-globex', 'user-initech'] } })),
      ),
    });
    expect(findings.map(({ severity }) => severity)).toEqual(['high']);
    expect(coverage.gaps.map(({ detail }) => detail).join()).toContain('redacted');
  });

  it('says of a platform only what concerns it', () => {
    const both = { base: put(base, ...fluxPlatform()), references: references(tenants(object(without('email')))) };
    expect(reportOf([check], both).target.platforms.map(({ id, overridden }) => [id, overridden])).toEqual([
      ['opencrane', ['crdBaseline']],
      ['flux', ['crdBaseline']],
    ]);
  });
});
