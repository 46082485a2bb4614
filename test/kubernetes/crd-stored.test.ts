import { describe, expect, test } from 'vitest';
import { readCrd, type Crd } from '../../src/kubernetes/crd.ts';
import { diffCrds, ObjectJudge } from '../../src/kubernetes/crd-diff.ts';
import { planCrds } from '../../src/kubernetes/crd-plan.ts';
import { decode } from '../../src/kubernetes/crd-prune.ts';
import { readSchema } from '../../src/kubernetes/crd-schema.ts';
import { judgeStored } from '../../src/kubernetes/crd-stored.ts';

type Json = Record<string, unknown>;

const string = { type: 'string' };

function crd(spec: Json, storedVersions: readonly string[] = ['v1'], versions: readonly string[] = ['v1']): Crd {
  const read = readCrd({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'widgets.example.com' },
    spec: {
      group: 'example.com',
      names: { kind: 'Widget', plural: 'widgets' },
      scope: 'Namespaced',
      versions: versions.map((name, index) => ({
        name,
        served: true,
        storage: index === 0,
        schema: { openAPIV3Schema: { type: 'object', properties: { spec } } },
      })),
    },
    status: { storedVersions },
  } as never);
  if ('fault' in read) throw new Error(read.fault);
  return read;
}

const widget = (spec: Json, name = 'a'): never =>
  ({ apiVersion: 'example.com/v1', kind: 'Widget', metadata: { name, namespace: 'one' }, spec }) as never;
const object = (properties: Json, more: Json = {}): Json => ({ type: 'object', properties, ...more });

test('nulls, unknown fields and defaults, in the order of the API server', () => {
  const schema = readSchema(
    object({
      a: { ...string, default: 'x' },
      b: string,
      c: { ...string, nullable: true },
      open: object({ k: object({}) }, { 'x-kubernetes-preserve-unknown-fields': true }),
    }),
  );
  const sent = { a: null, b: null, c: null, d: 1, open: { k: { gone: 1 }, kept: { deep: null } } };
  const { value, dropped, nulls, defaulted } = decode(sent, schema);
  expect(value).toEqual({ a: 'x', c: null, open: { k: {}, kept: { deep: null } } });
  expect({ dropped, nulls, defaulted }).toEqual({ dropped: ['d', 'open.k.gone'], nulls: ['a', 'b'], defaulted: ['a'] });
});

describe('an object under a new definition', () => {
  const paths = (spec: Json, schema: Json): readonly string[] =>
    (judgeStored(widget(spec), crd(schema))?.violations ?? []).map(
      ({ path, keyword, always }) => `${path} ${keyword}${always ? ' always' : ''}`,
    );

  test('what an update that changes something else is let through with, and what not', () => {
    expect(paths({ x: 1 }, object({ x: string }))).toEqual(['spec.x type']);
    expect(paths({}, object({ x: string }, { required: ['x'] }))).toEqual(['spec.x required']);
    const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true, maxProperties: 1 };
    expect(paths({ x: { k: 1, l: 2 } }, object({ x: open }))).toEqual(['spec.x maxProperties always']);
    const embedded = { ...open, 'x-kubernetes-embedded-resource': true, maxProperties: 9 };
    expect(paths({ x: { kind: 'A' } }, object({ x: embedded }))).toEqual([
      'spec.x.apiVersion embedded-resource always',
    ]);
  });

  test.each([
    '<redacted:name:len=12:fp=0123456789ab>',
    'https://<redacted:url-userinfo:len=12:fp=0123456789ab>@example.com',
    'https://***HIDDEN***@example.com',
  ])('a redacted value is not refused, and a rule in CEL is not decided: %s', (x) => {
    const schema = object(
      { x: { ...string, maxLength: 3 } },
      { 'x-kubernetes-validations': [{ rule: 'self.x != ""' }] },
    );
    const judged = judgeStored(widget({ x }), crd(schema));
    expect(judged?.violations).toEqual([]);
    expect(judged?.unchecked.map(({ path }) => path)).toEqual(['spec', 'spec.x']);
  });
});

describe('the order of an upgrade', () => {
  const plan = (old: Crd, now: Crd, specs: readonly Json[] = []) => {
    const judge = new ObjectJudge(old, now);
    specs.forEach((spec, index) => {
      judge.add(widget(spec, `w${index}`));
    });
    const judged = new Map([[old.name, judge.result('all')]]);
    const instances = [{ namespace: 'first', release: 'canary' }];
    return planCrds({
      differences: diffCrds({ old: [old], new: [now] }, judged),
      to: { place: './crds', fetch: [] },
      instances,
    });
  };
  const phases = ({ steps }: ReturnType<typeof plan>): readonly string[] =>
    steps.map(({ phase, state }) => `${phase} ${state}`);
  const both = crd(object({ a: string, b: string }));
  const one = crd(object({ a: string }));

  test('nothing to do', () => {
    expect(plan(one, one)).toEqual({ state: 'nothing', steps: [], rollBack: [] });
  });

  test('what only adds leads', () => {
    expect(phases(plan(one, both))).toEqual(['definitions ready', 'instances ready']);
  });

  test('an object that would lose a field is in the way, and one that does not have it is not', () => {
    const blocked = plan(both, one, [{ b: 'x' }, { a: 'x' }]);
    expect(blocked.state).toBe('blocked');
    expect(phases(blocked)).toEqual(['export ready', 'repair blocked', 'definitions blocked', 'instances blocked']);
    expect(blocked.steps[1]?.objects).toEqual(['one/w0']);
    expect(plan(both, one, [{ a: 'x' }]).state).toBe('ready');
  });

  test('the store is migrated before a version goes, if there is a way', () => {
    const schema = object({ a: string });
    const two = crd(schema, ['v1', 'v2'], ['v2', 'v1']);
    expect(phases(plan(two, crd(schema, [], ['v2'])))).toContain('migrate ready');
    const stuck = plan(crd(schema), crd(schema, [], ['v2']));
    expect(phases(stuck)).toContain('migrate blocked');
  });
});
