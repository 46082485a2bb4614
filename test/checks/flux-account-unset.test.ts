import { expect, it } from 'vitest';
import lockdown from '../../src/checks/flux-lockdown-missing.ts';
import check from '../../src/checks/flux-account-unset.ts';
import { describeCheck } from '../support/check-table.ts';
import { apps, both, flags, onFlux, unlocked } from '../support/flux.ts';
import { reportOf } from '../support/scenario.ts';

const OBJECT = 'Kustomization/frontend/apps';
const noAccount = apps('frontend', { targetNamespace: 'frontend' });
const release = (spec: string): string => `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: cache, namespace: frontend}
spec: ${spec}`;
const hidden = { env: [{ name: 'HIDDEN', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] };

describeCheck(check, {
  passes: {
    'every object names one': unlocked(),
    'a default account': onFlux(noAccount),
    "Flux's own objects": unlocked({ without: ['Kustomization/frontend/*'] }),
    'another cluster': unlocked(apps('frontend', { kubeConfig: { secretRef: { name: 'k' } } })),
    'another controller has no default account': onFlux(both(noAccount, flags('helm-controller', /^--default/))),
    'another shard has none': onFlux(
      both(noAccount, {
        change: (objects) => {
          const found = objects.find(
            (object) => object.kind === 'Deployment' && object.metadata.name.startsWith('kust'),
          );
          if (!found) return objects;
          const text = JSON.stringify(found)
            .replaceAll('"kustomize-controller"', '"kustomize-controller-shard1"')
            .replace('--default-service-account=default', '--watch-label-selector=sharding.fluxcd.io/key=shard1');
          return [...objects, JSON.parse(text) as (typeof objects)[number]];
        },
      }),
    ),
  },
  fails: {
    'a Kustomization, targetNamespace or not': {
      ...unlocked(noAccount),
      findings: [{ object: OBJECT, severity: 'critical', confidence: 'certain', path: '/spec/serviceAccountName' }],
    },
    'a HelmRelease': {
      ...unlocked({ with: release('{chart: {spec: {chart: x}}}') }),
      findings: [{ object: 'HelmRelease/frontend/cache', severity: 'critical' }],
    },
    suspended: { ...unlocked(apps('frontend', { suspend: true })), findings: [{ object: OBJECT, severity: 'low' }] },
    'the controller is no cluster-admin': {
      ...unlocked({ ...noAccount, without: ['ClusterRoleBinding/cluster-reconciler-flux-system'] }),
      findings: [{ object: OBJECT, severity: 'high' }],
    },
    'its rights are out of sight': {
      ...unlocked({ ...noAccount, faults: [{ resource: 'clusterrolebindings.rbac.authorization.k8s.io' }] }),
      findings: [{ object: OBJECT, severity: 'critical' }],
    },
    'no controller is in the files': {
      ...unlocked({ ...noAccount, without: ['Deployment/*'] }),
      findings: [{ object: OBJECT, confidence: 'likely' }],
    },
    'an empty name': {
      ...unlocked(apps('frontend', { serviceAccountName: '' })),
      findings: [{ object: OBJECT }],
    },
  },
  notEvaluated: {
    'Kustomizations refused': unlocked({ faults: [{ resource: 'kustomizations.kustomize.toolkit.fluxcd.io' }] }),
    'Deployments refused': onFlux({ ...noAccount, faults: [{ resource: 'deployments.apps' }] }),
    'a default account out of sight': onFlux(
      both(noAccount, flags('kustomize-controller', /^--default/, ['--default-service-account=$(HIDDEN)'], hidden)),
    ),
  },
  notApplicable: { 'no tenants': onFlux({}, { tenants: {} }) },
});

it('follows from the missing lockdown', () => {
  const { findings } = reportOf([lockdown, check], unlocked(noAccount));
  const found = findings.find((finding) => finding.check === check.id);
  const root = findings.find(({ id }) => id === found?.cause);
  expect(root?.object.name).toBe('kustomize-controller');
});
