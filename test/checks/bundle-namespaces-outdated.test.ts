import check from '../../src/checks/bundle-namespaces-outdated.ts';
import { helmReleaseSecret, type RawObject } from '../fixtures/crewai.ts';
import { describeCheck } from '../support/check-table.ts';
import { put } from '../support/scenario.ts';

const listing =
  (...names: string[]) =>
  (objects: readonly RawObject[]): readonly RawObject[] =>
    put(objects, helmReleaseSecret('crewai', 'crewai', { values: { supportBundle: { crewLogNamespaces: names } } }));
const spec = (kind: 'Secret' | 'ConfigMap', ...names: string[]): string => {
  const collectors = names.map((namespace) => ({ logs: { namespace } }));
  const text = JSON.stringify(JSON.stringify({ spec: { collectors } }));
  return `{apiVersion: v1, kind: ${kind}, metadata: {name: bundle, namespace: crewai, labels: {troubleshoot.sh/kind: support-bundle}}, ${kind === 'Secret' ? 'stringData' : 'data'}: {support-bundle-spec: ${text}}}`;
};
const crew =
  '{apiVersion: apps/v1, kind: Deployment, metadata: {name: org-1-crew-1-a-web, namespace: crewai}, spec: {replicas: 1}}';

describeCheck(check, {
  passes: {
    'every organization listed': {},
    'entries that are no organization’s but exist': { change: listing('crewai', 'crewai-org-1', 'crewai-org-2') },
    'an installed spec that says the same': { with: spec('Secret', 'crewai', 'crewai-org-1', 'crewai-org-2') },
    'a spec that collects everywhere': { with: spec('ConfigMap') },
    'orphans in a shared namespace that is listed': {
      with: crew,
      change: listing('crewai', 'crewai-org-1', 'crewai-org-2'),
    },
  },
  fails: {
    'an organization is missing': {
      change: listing('crewai-org-1', 'crewai-org-2'),
      base: { orgs: [1, 2, 3] },
      findings: [{ object: 'Namespace/crewai-org-3', severity: 'high', confidence: 'likely' }],
    },
    'nothing is listed': {
      change: listing(),
      findings: [{ object: 'Namespace/crewai-org-1' }, { object: 'Namespace/crewai-org-2' }],
    },
    'an entry that does not exist': {
      change: listing('crewai-org-1', 'crewai-org-2', 'crewai-org-9'),
      findings: [{ object: 'Namespace/crewai-org-9', absent: true, severity: 'low', confidence: 'certain' }],
    },
    'a stale entry although isolation is off': {
      base: { isolation: 'off' },
      settings: { isolation: 'off' },
      change: listing('crewai-org-9'),
      findings: [{ object: 'Namespace/crewai-org-9', severity: 'low' }],
    },
    'orphans in the shared namespace, which is not listed': {
      with: crew,
      findings: [{ object: 'Namespace/crewai', severity: 'medium' }],
    },
    'values that were never applied, in a Secret': {
      with: spec('Secret', 'crewai-org-1'),
      findings: [{ object: 'Secret/crewai/bundle', severity: 'medium', confidence: 'certain' }],
    },
    'a spec that collects too much, in a ConfigMap': {
      with: spec('ConfigMap', 'crewai-org-1', 'crewai-org-2', 'crewai-org-8'),
      findings: [{ object: 'ConfigMap/crewai/bundle', severity: 'medium' }],
    },
  },
  notEvaluated: {
    'releases refused': { faults: [{ resource: 'helm-releases', namespace: 'crewai' }] },
    'namespaces refused': { faults: [{ resource: 'namespaces' }] },
    'specs refused': { faults: [{ resource: 'support-bundle-specs', namespace: 'crewai' }] },
    'a spec that is not rendered': {
      with: spec('Secret', 'x').replace(/support-bundle-spec: .*\}\}$/, 'support-bundle-spec: "{{ if }}"}}'),
    },
  },
  notApplicable: {
    'isolation is off and nothing is listed': { base: { isolation: 'off' }, settings: { isolation: 'off' } },
    'no Helm release': { without: ['Secret/crewai/sh.helm.release.v1.crewai.v1'] },
  },
});
