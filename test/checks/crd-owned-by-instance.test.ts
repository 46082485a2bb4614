import check from '../../src/checks/crd-owned-by-instance.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { describeCheck } from '../support/check-table.ts';
import { mcpServers } from '../support/opencrane-yaml.ts';

const base = opencranePlatform();

describeCheck(check, {
  passes: {
    healthy: { base },
    'a release of CRDs alone': {
      base,
      with: mcpServers({
        metadata:
          ', labels: {app.kubernetes.io/managed-by: Helm}, annotations: {meta.helm.sh/release-name: crds, meta.helm.sh/release-namespace: oc-acme}',
      }),
    },
    'kept by Helm': {
      base,
      with: mcpServers({
        metadata:
          ', annotations: {helm.sh/resource-policy: keep, meta.helm.sh/release-name: oc-acme, meta.helm.sh/release-namespace: oc-acme}',
      }),
    },
  },
  fails: {
    'the release of an instance': {
      base,
      with: mcpServers({
        metadata:
          ', labels: {app.kubernetes.io/managed-by: Helm}, annotations: {meta.helm.sh/release-name: oc-acme, meta.helm.sh/release-namespace: oc-acme}',
      }),
      findings: [
        {
          object: 'CustomResourceDefinition/mcpservers.opencrane.io',
          path: '/metadata/annotations/meta.helm.sh~1release-name',
        },
      ],
    },
    'the label of Helm alone': {
      base,
      with: mcpServers({ metadata: ', labels: {app.kubernetes.io/managed-by: Helm}' }),
      findings: [
        {
          object: 'CustomResourceDefinition/mcpservers.opencrane.io',
          path: '/metadata/labels/app.kubernetes.io~1managed-by',
        },
      ],
    },
    'an owner reference': {
      base,
      with: mcpServers({ metadata: ', ownerReferences: [{apiVersion: v1, kind: ConfigMap, name: a, uid: u}]' }),
      findings: [{ object: 'CustomResourceDefinition/mcpservers.opencrane.io', path: '/metadata/ownerReferences' }],
    },
  },
  notEvaluated: {
    'CRDs refused': { base, faults: [{ resource: 'customresourcedefinitions.apiextensions.k8s.io' }] },
    'Deployments refused': { base, faults: [{ resource: 'deployments.apps' }] },
  },
  notApplicable: {
    'a single install': { base: opencranePlatform({ instances: ['oc'] }) },
  },
});
