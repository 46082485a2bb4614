import { describe, expect, it } from 'vitest';
import { audit } from '../../src/audit/report.ts';
import { CHECKS } from '../../src/checks/index.ts';
import type { Completeness } from '../../src/kubernetes/listings-of-objects.ts';
import { readObjects } from '../../src/manifests/read.ts';
import { snapshotOfManifests } from '../../src/manifests/snapshot-of-manifests.ts';
import type { Report } from '../../src/model/report.ts';
import { detectPlatforms } from '../../src/platforms/profiles.ts';
import { renderedOpencrane } from '../support/rendered-opencrane.ts';
import { NOW, tools } from '../support/scenario.ts';

const requests = { total: 0, list: 0, get: 0, review: 0, retried: 0, refused: 0, throttledMs: 0 };

/** As `doctor -f` reads it. */
function doctor(text: string, complete: Completeness, defaultNamespace?: string): Report {
  const { objects, problems } = readObjects(text, 'rendered.yaml');
  expect(problems).toEqual([]);
  const where = defaultNamespace === undefined ? {} : { defaultNamespace };
  const snapshot = snapshotOfManifests(
    { objects, problems, files: ['rendered.yaml'] },
    { now: NOW, complete, tools, ...where },
  );
  const found = detectPlatforms(
    snapshot,
    defaultNamespace === undefined ? {} : { platformNamespace: defaultNamespace },
  );
  if ('several' in found) throw new Error('several');
  return audit({
    snapshot,
    platforms: 'platforms' in found ? found.platforms : found,
    checks: CHECKS,
    catalogue: CHECKS,
    version: '0.0.0',
    run: { id: 'test', startedAt: new Date(NOW).toISOString(), durationMs: 0, writes: 0, requests },
    failOn: 'high',
    allowIncomplete: false,
  });
}

const OWN = /^(?:opencrane|crd)-/;

/** Of OpenCrane's own checks. */
const found = ({ findings }: Report): readonly string[] =>
  findings
    .filter(({ check }) => OWN.test(check))
    .map(({ check, object, path = '' }) => `${check} ${object.kind}/${object.name} ${path}`)
    .sort();

const issuer = (release: string): string => `apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata:
  name: ${release}-letsencrypt
  labels: {app.kubernetes.io/part-of: opencrane, app.kubernetes.io/managed-by: Helm, app.kubernetes.io/instance: ${release}}
spec: {}
`;

const ISSUER =
  'opencrane-singleton-owned ClusterIssuer/oc-acme-letsencrypt /metadata/labels/app.kubernetes.io~1instance';
const watch = (release: string): string =>
  `opencrane-watch-scope-open Deployment/${release}-operator /spec/template/spec/containers`;
const globex = renderedOpencrane('oc-globex', { component: 'clustertenant-manager' });

describe('what helm template prints', () => {
  it.each(['none', 'kinds-present'] as const)('of two instances that conform, complete: %s', (complete) => {
    const report = doctor(renderedOpencrane('oc-acme') + globex, complete);
    expect(report.target.platforms.map(({ id }) => id)).toEqual(['opencrane']);
    expect(found(report)).toEqual([]);
    // It holds neither status nor what controllers make: nothing that needs these has passed.
    const passed = report.checks.filter(({ id, outcome }) => OWN.test(id) && outcome === 'passed').map(({ id }) => id);
    expect(passed).toEqual(complete === 'none' ? [] : ['opencrane-operators-overlap', 'opencrane-watch-scope-open']);
  });

  it('of two instances that conform, when it is said to be everything there is', () => {
    const report = doctor(renderedOpencrane('oc-acme') + globex, 'all');
    // Which is true of the CRDs, that helm template prints only if it is told to.
    expect(found(report).filter((line) => !line.startsWith('crd-missing '))).toEqual([]);
  });

  it('of one instance whose objects leave their namespace to --namespace', () => {
    const report = doctor(renderedOpencrane('oc-acme', { namespaced: false }), 'kinds-present', 'oc-acme');
    expect(found(report)).toEqual([]);
    expect(report.target.platforms.map(({ platformNamespace }) => platformNamespace)).toEqual(['oc-acme']);
  });

  it.each([
    ['no namespace to watch', { env: '[]' }, [watch('oc-acme')]],
    ['one that it does not insist on', { env: '[{name: WATCH_NAMESPACE, value: oc-acme}]' }, [watch('oc-acme')]],
    [
      'two namespaces, which are one name to it',
      { env: '[{name: WATCH_NAMESPACE, value: "oc-acme,oc-globex"}, {name: REQUIRE_WATCH_NAMESPACE, value: "true"}]' },
      [watch('oc-acme')],
    ],
    ['an issuer for the whole cluster', { more: issuer('oc-acme') }, [ISSUER]],
  ])('of one instance with a fault: %s', (_name, rendered, expected) => {
    expect(found(doctor(renderedOpencrane('oc-acme', rendered), 'kinds-present'))).toEqual(expected);
    expect(found(doctor(renderedOpencrane('oc-acme', { ...rendered, namespaced: false }), 'none', 'oc-acme'))).toEqual(
      expected,
    );
  });

  it('of one that watches the namespace of another', () => {
    const env = '[{name: WATCH_NAMESPACE, value: oc-globex}, {name: REQUIRE_WATCH_NAMESPACE, value: "true"}]';
    expect(found(doctor(renderedOpencrane('oc-acme', { env }) + globex, 'kinds-present'))).toEqual([
      'opencrane-operators-overlap Deployment/oc-acme-operator /spec/template/spec/containers',
    ]);
  });

  it('of a single install, which may watch everything and have an issuer', () => {
    const single = renderedOpencrane('oc-acme', { env: '[]', isolated: false, more: issuer('oc-acme') });
    expect(found(doctor(single, 'kinds-present'))).toEqual([]);
  });

  it('says where in the file', () => {
    const report = doctor(renderedOpencrane('oc-acme', { env: '[]' }), 'kinds-present');
    const place = report.findings.find(({ check }) => check === 'opencrane-watch-scope-open')?.location;
    expect(place).toMatchObject({ file: 'rendered.yaml' });
  });
});
