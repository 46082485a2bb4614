import check from '../../src/checks/flux-reference-foreign.ts';
import { describeCheck } from '../support/check-table.ts';
import { apps, both, flags, onFlux, unlocked } from '../support/flux.ts';

const from = (namespace: string, more: object = {}) =>
  apps('frontend', {
    serviceAccountName: 'frontend',
    sourceRef: { kind: 'GitRepository', name: 'apps', namespace },
    ...more,
  });
const OBJECT = 'Kustomization/frontend/apps';
const release = (spec: string): string => `
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: cache, namespace: frontend}
spec: ${spec}`;
const other = (apiVersion: string, kind: string, spec: string): string => `
apiVersion: ${apiVersion}
kind: ${kind}
metadata: {name: x, namespace: frontend}
spec: ${spec}`;

describeCheck(check, {
  passes: {
    'sources of their own': onFlux(),
    'their own namespace, written out': onFlux(from('frontend')),
    'dependsOn, which the flag does not concern': unlocked(
      apps('frontend', { dependsOn: [{ name: 'apps', namespace: 'backend' }] }),
    ),
    "Flux's own objects": unlocked({
      with: other(
        'kustomize.toolkit.fluxcd.io/v1',
        'Kustomization',
        '{sourceRef: {kind: GitRepository, name: apps, namespace: backend}}',
      ).replace('namespace: frontend', 'namespace: flux-system'),
    }),
  },
  fails: {
    "another tenant's, and nothing blocks it": {
      ...unlocked(from('backend')),
      findings: [{ object: OBJECT, severity: 'high', confidence: 'certain', path: '/spec/sourceRef/namespace' }],
    },
    "another tenant's, blocked": { ...onFlux(from('backend')), findings: [{ object: OBJECT, severity: 'high' }] },
    "Flux's own, which it offers": {
      ...unlocked(from('flux-system')),
      findings: [{ object: OBJECT, severity: 'low' }],
    },
    "Flux's own, blocked": { ...onFlux(from('flux-system')), findings: [{ object: OBJECT, severity: 'high' }] },
    'whether it is blocked is out of sight': {
      ...onFlux({ ...from('backend'), faults: [{ resource: 'deployments.apps' }] }),
      findings: [{ object: OBJECT, severity: 'high' }],
    },
    'one controller alone does not block': {
      ...onFlux(
        both(from('flux-system'), flags('kustomize-controller', undefined, ['--no-cross-namespace-refs=false'])),
      ),
      findings: [{ object: OBJECT, severity: 'low' }],
    },
    "a chart's source and a chart": {
      ...unlocked({
        with: release(
          '{chart: {spec: {sourceRef: {kind: HelmRepository, name: c, namespace: backend}}}, chartRef: {kind: OCIRepository, name: c, namespace: backend}}',
        ),
      }),
      findings: [
        { object: 'HelmRelease/frontend/cache', path: '/spec/chart/spec/sourceRef/namespace' },
        { object: 'HelmRelease/frontend/cache', path: '/spec/chartRef/namespace' },
      ],
    },
    'what a Receiver triggers and an Alert tells of': {
      ...unlocked({
        with: [
          other(
            'notification.toolkit.fluxcd.io/v1',
            'Receiver',
            '{resources: [{kind: GitRepository, name: a}, {kind: GitRepository, name: b, namespace: backend}]}',
          ),
          other(
            'notification.toolkit.fluxcd.io/v1beta3',
            'Alert',
            '{eventSources: [{kind: Kustomization, name: "*", namespace: backend}]}',
          ),
        ].join('\n---'),
      }),
      findings: [
        { object: 'Alert/frontend/x', path: '/spec/eventSources/0/namespace' },
        { object: 'Receiver/frontend/x', path: '/spec/resources/1/namespace' },
      ],
    },
    'images, in an older version of the API': {
      ...unlocked({
        with: [
          other(
            'image.toolkit.fluxcd.io/v1beta2',
            'ImagePolicy',
            '{imageRepositoryRef: {name: a, namespace: backend}}',
          ),
          other(
            'image.toolkit.fluxcd.io/v1beta2',
            'ImageUpdateAutomation',
            '{sourceRef: {kind: GitRepository, name: a, namespace: backend}}',
          ),
        ].join('\n---'),
      }),
      findings: [{ object: 'ImagePolicy/frontend/x' }, { object: 'ImageUpdateAutomation/frontend/x' }],
    },
  },
  notEvaluated: {
    'Alerts refused': onFlux({ faults: [{ resource: 'alerts.notification.toolkit.fluxcd.io' }] }),
    'Kustomizations of one tenant refused': onFlux({
      faults: [{ resource: 'kustomizations.kustomize.toolkit.fluxcd.io', namespace: 'frontend' }],
    }),
  },
});
