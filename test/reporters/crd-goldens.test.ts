import { describe, expect, it } from 'vitest';
import stringWidth from 'string-width';
import { crdDiffDocument, crdPlanDocument, type CrdRun } from '../../src/kubernetes/crd-document.ts';
import { diffCrds, ObjectJudge, type CrdDifference, type JudgedObjects } from '../../src/kubernetes/crd-diff.ts';
import { planCrds, type Instance } from '../../src/kubernetes/crd-plan.ts';
import { readCrd, type Crd } from '../../src/kubernetes/crd.ts';
import type { KubeObject } from '../../src/model/object.ts';
import { crdDiffMarkdown, crdDiffText } from '../../src/reporters/crd-diff.ts';
import { crdPlanText } from '../../src/reporters/crd-plan.ts';
import { OPTIONS } from './sample-reports.ts';

type Json = Readonly<Record<string, unknown>>;
const text = { type: 'string' };
const object = (properties: Json, more: Json = {}): Json => ({ type: 'object', properties, ...more });

/** A definition of the group `example.com`, with these versions and what is stored. */
function crd(kind: string, versions: readonly Json[], stored: readonly string[] = []): Crd {
  const plural = `${kind.toLowerCase()}s`;
  const read = readCrd({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.example.com` },
    spec: { group: 'example.com', scope: 'Namespaced', names: { kind, plural }, versions },
    status: { storedVersions: stored },
  } as KubeObject);
  if ('fault' in read) throw new Error(read.fault);
  return read;
}

const version = (name: string, spec: Json, more: Json = {}): Json => ({
  ...{ name, served: true, storage: true, schema: { openAPIV3Schema: object({ spec }) } },
  ...more,
});

const OLD = [
  crd('Gadget', [version('v1', object({ size: text }))], ['v1']),
  crd(
    'Widget',
    [
      version('v1alpha1', object({ name: text }), { served: true, storage: false }),
      version('v1', object({ name: text, color: text, size: { ...text, pattern: '^[a-z]+$' }, note: text })),
    ],
    ['v1alpha1', 'v1'],
  ),
  crd('Gizmo', [version('v1', object({ a: text }))], ['v1']),
];
const NEW = [
  crd('Gadget', [version('v1', object({ size: text, weight: text }))]),
  crd('Widget', [
    version(
      'v1',
      object(
        { name: text, color: { ...text, enum: ['red', 'green'] }, size: { ...text, pattern: '^[a-z]*$' } },
        { required: ['name'], 'x-kubernetes-validations': [{ rule: 'self.size != self.color' }] },
      ),
    ),
  ]),
  crd('Gizmo', [version('v1', object({ a: text }))]),
  crd('Thing', [version('v1', object({}))]),
];

/** More than are named, one of which cannot even be labelled. */
const WIDGETS = Array.from({ length: 15 }, (_, index) => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name: `widget-${String(index)}`, namespace: index % 2 === 0 ? 'tenant-with-a-long-name' : 'other' },
  spec: { ...(index === 3 ? {} : { name: 'x' }), color: index > 9 ? 'blue' : 'red', ...(index < 11 && { note: 'x' }) },
}));

function judged(old: Crd, now: Crd, objects: readonly KubeObject[]): JudgedObjects {
  const judge = new ObjectJudge(old, now);
  for (const one of objects) judge.add(one);
  return judge.result('all');
}

const differencesOf = (old: readonly Crd[], now: readonly Crd[], objects: readonly KubeObject[]) =>
  diffCrds(
    { old, new: now },
    new Map(
      old.flatMap((one) => {
        const other = now.find(({ name }) => name === one.name);
        const own = objects.filter(({ kind }) => kind === one.kind);
        return other ? [[one.name, judged(one, other, own)] as const] : [];
      }),
    ),
  );

interface Sample {
  readonly differences: readonly CrdDifference[];
  readonly notes?: CrdRun['notes'];
  readonly instances: readonly Instance[];
}

const [gadgets, , gizmos] = OLD;
const SAMPLES: Readonly<Record<string, Sample>> = {
  broken: {
    differences: differencesOf(OLD, NEW, WIDGETS),
    instances: [
      { namespace: 'canary', release: 'widgets' },
      { namespace: 'production', release: 'widgets' },
    ],
  },
  additive: { differences: differencesOf([gadgets!], [NEW[0]!], []), instances: [] },
  'taken-back': {
    differences: differencesOf(NEW, OLD, []),
    instances: [],
    notes: [{ missing: true, message: 'charts/crds/broken.yaml: line 3, column 1: not a mapping' }],
  },
  same: { differences: differencesOf([gizmos!], [NEW[2]!], []), instances: [] },
};

const run = (notes: CrdRun['notes'] = []): CrdRun => ({
  version: '0.0.0',
  old: 'cluster production-eu',
  new: 'origin/main:charts/opencrane/crds',
  notes,
});

const to = { place: 'new-definitions/charts/opencrane/crds', fetch: ['mkdir -p new-definitions'] };
const diff = ({ differences, notes }: Sample) => crdDiffDocument(differences, run(notes));
const plan = ({ differences, notes, instances }: Sample) =>
  crdPlanDocument(planCrds({ differences, to, instances }), differences, run(notes));

const golden = (name: string): string => `../goldens/${name}.txt`;

/** Commands are never wrapped, and words never cut. */
const tooLong = (drawn: string, width: number): readonly string[] =>
  drawn
    .split('\n')
    .filter((line) => stringWidth(line) > width && !/^ {10}/.test(line) && line.trim().split(' ').length > 2);

describe.each(Object.entries(SAMPLES))('a change of CRDs: %s', (name, sample) => {
  it.each([60, 80, 100])('in %d columns', async (width) => {
    const options = { ...OPTIONS, width };
    const drawn = [crdDiffText(diff(sample), options), crdPlanText(plan(sample), options)] as const;
    await expect(drawn[0]).toMatchFileSnapshot(golden(`crd-diff-${name}-${String(width)}`));
    await expect(drawn[1]).toMatchFileSnapshot(golden(`crd-plan-${name}-${String(width)}`));
    expect(drawn.flatMap((one) => tooLong(one, width))).toEqual([]);
  });

  it('in ASCII', () => {
    const options = { ...OPTIONS, width: 80, ascii: true };
    for (const drawn of [crdDiffText(diff(sample), options), crdPlanText(plan(sample), options)])
      expect(drawn).toMatch(/^[\x20-\x7e\n]*$/);
  });
});

it('in colour, and as a comment', async () => {
  const options = { ...OPTIONS, width: 80, color: true };
  await expect(crdDiffText(diff(SAMPLES.broken!), options)).toMatchFileSnapshot(golden('crd-diff-broken-colour'));
  await expect(crdPlanText(plan(SAMPLES.broken!), options)).toMatchFileSnapshot(golden('crd-plan-broken-colour'));
  await expect(crdDiffMarkdown(diff(SAMPLES.broken!))).toMatchFileSnapshot(golden('crd-diff-broken-markdown'));
});
