import { readCrd, type Crd } from '../kubernetes/crd.ts';
import {
  brokenPaths,
  ObjectJudge,
  touchedBy,
  type AffectedObject,
  type JudgedObjects,
} from '../kubernetes/crd-diff.ts';
import type { CrdChange } from '../kubernetes/crd-rules.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type View } from '../model/check.ts';
import type { Evidence, FindingDraft, Remediation } from '../model/finding.ts';
import type { CustomResourceDefinition } from '../model/kinds.ts';
import { qualifiedName, type KubeObject } from '../model/object.ts';
import type { Resource } from '../model/resource.ts';
import { count, shellQuote } from '../model/text.ts';
import { breakingRows } from './breaking-rows.ts';
import { manual } from './drafting.ts';
import { DEFINITIONS, ownOf, type Definitions } from './platform-definitions.ts';

const OBJECTS = [
  'accesspolicies.opencrane.io',
  'clustertenants.opencrane.io',
  'mcpservers.opencrane.io',
  'schedules.opencrane.io',
  'skillregistries.opencrane.io',
  'tenants.opencrane.io',
  'kustomizations.kustomize.toolkit.fluxcd.io',
  'helmreleases.helm.toolkit.fluxcd.io',
  'receivers.notification.toolkit.fluxcd.io',
  'alerts.notification.toolkit.fluxcd.io',
  'imagepolicies.image.toolkit.fluxcd.io',
  'imageupdateautomations.image.toolkit.fluxcd.io',
] as const satisfies readonly Resource[];

type Eyes = View<Definitions | (typeof OBJECTS)[number], 'opencrane' | 'flux'>;

export default defineCheck({
  id: 'crd-breaking-change',
  title: 'The CRDs to be applied only add within a served version, and stored objects fit them',
  severity: 'high',
  area: 'crd',
  platforms: ['opencrane', 'flux'],
  setting: 'crdBaseline',
  reads: [DEFINITIONS, ...OBJECTS],
  *run(view) {
    const { id, crdBaseline } = view.platform;
    if (!crdBaseline) return;
    for (const definition of ownOf(id, crdBaseline.definitions)) {
      const found = view.find(DEFINITIONS, definition.metadata.name);
      if (found === 'unknown') continue;
      view.examined();
      // A new kind only adds.
      if (found === 'absent') continue;
      const [old, now] = [readCrd(found), readCrd(definition)];
      if ('fault' in old) view.unknown(DEFINITIONS, old.fault);
      else if ('fault' in now) view.unknown(DEFINITIONS, `${crdBaseline.place}: ${now.fault}`);
      else yield* breaks(view, found, old, now, crdBaseline.place);
    }
  },
});

function* breaks(
  view: Eyes,
  definition: CustomResourceDefinition,
  old: Crd,
  now: Crd,
  place: string,
): Iterable<FindingDraft> {
  const { rows, unknown } = breakingRows(old, now);
  for (const detail of unknown) view.unknown(DEFINITIONS, detail);
  // Whatever was accepted and kept still is: nothing of what is stored can be in the way.
  if (rows.length + unknown.length === 0) return;
  const judged = judgeObjects(view, old, now);
  const common = {
    object: refOf(DEFINITIONS, definition),
    path: '/spec/versions',
    confidence: 'certain' as const,
    keys: { object: old.name },
    remediation: repair(place),
  };
  const told = new Set<AffectedObject>();
  for (const row of rows) {
    const touched = [...new Set(row.changes.flatMap((change) => touchedBy(change, judged)))];
    for (const object of touched) told.add(object);
    yield {
      ...common,
      discriminator: row.key,
      severity: touched.length > 0 ? 'critical' : row.behaviour ? 'info' : 'high',
      message: `${old.name}${row.where}: ${row.reason}${touched.length > 0 ? `; ${brokenText(touched)}` : ''}`,
      evidence: [...row.changes.map(evidenceOf), ...objectEvidence(old.name, touched)],
    };
  }
  const others = judged.affected.filter((object) => brokenPaths(object).length > 0 && !told.has(object));
  if (others.length === 0) return;
  yield {
    ...common,
    discriminator: 'objects',
    severity: 'critical',
    message: `${old.name}: ${brokenText(others)}`,
    evidence: objectEvidence(old.name, others),
  };
}

function judgeObjects(view: Eyes, old: Crd, now: Crd): JudgedObjects {
  const judge = new ObjectJudge(old, now);
  const resource = OBJECTS.find((name) => name === old.name);
  if (resource === undefined) view.unknown(DEFINITIONS, `the objects of ${old.name} are not read`);
  else for (const object of view.list(resource) as readonly KubeObject[]) judge.add(object);
  const judged = judge.result('all');
  const open = judged.affected.filter(({ unchecked }) => unchecked.length > 0);
  if (resource !== undefined && open.length > 0) {
    const why = [...new Set(open.flatMap(({ unchecked }) => unchecked.map((one) => one.why)))].sort().slice(0, 3);
    view.unknown(resource, `not decided for ${count(open.length, 'object')} of ${old.name}: ${why.join('; ')}`);
  }
  return judged;
}

const NAMED = 5;

function brokenText(objects: readonly AffectedObject[]): string {
  const names = objects.slice(0, NAMED).map(qualifiedName).join(', ');
  const more = objects.length > NAMED ? ` and ${String(objects.length - NAMED)} more` : '';
  return `${count(objects.length, 'stored object')} would lose fields or be refused: ${names}${more}`;
}

const evidenceOf = ({ rule, source, before, after }: CrdChange): Evidence => ({
  type: 'comparison',
  message: `${rule.replaceAll('-', ' ')} (${source})`,
  ...(before === undefined ? {} : { observed: before }),
  ...(after === undefined ? {} : { expected: after }),
});

/** Where, and never which value. */
function objectEvidence(name: string, objects: readonly AffectedObject[]): readonly Evidence[] {
  const resource = OBJECTS.find((one) => one === name);
  if (resource === undefined) return [];
  return objects.slice(0, NAMED).map((object) => {
    const { name: own, namespace } = object;
    const metadata = { name: own, ...(namespace === undefined ? {} : { namespace }) };
    return {
      type: 'object',
      object: refOf(resource, { metadata }),
      observed: [...new Set(brokenPaths(object))].sort(),
    };
  });
}

function repair(place: string): Remediation {
  return manual(
    'See in which order it can be done, and correct the objects while the old definition takes them',
    `kubectl crewiso crd plan --to ${shellQuote(place)}`,
    '# what breaks belongs in a new served version beside the old one: store one of them, migrate, and take away last',
  );
}
