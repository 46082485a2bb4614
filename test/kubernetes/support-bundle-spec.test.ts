import { expect, it } from 'vitest';
import { isSupportBundleSpec, reduceSupportBundleSpec } from '../../src/kubernetes/support-bundle-spec.ts';
import type { KubeObject } from '../../src/model/object.ts';
import { secret, TOOLS } from './secret-tools.ts';

const SPEC = `
apiVersion: troubleshoot.sh/v1beta2
kind: SupportBundle
metadata: { name: crewai }
spec:
  collectors:
    - clusterResources: { namespaces: [crewai, crewai-org-2] }
    - logs: { namespace: crewai-org-1, selector: [app=web] }
    - logs: { namespace: crewai-org-2 }
    - logs: { selector: [app=x] }
    - run: { name: x, args: [hunter2] }
`;
const of = (text: string): KubeObject => secret({ 'support-bundle-spec': text }, { type: 'Opaque' });
const configMap = (data: unknown): KubeObject =>
  ({ kind: 'ConfigMap', metadata: { name: 'spec' }, data }) as KubeObject;

it.each<[string, KubeObject, 'ok' | 'unreadable', string[]]>([
  ['a Secret', of(SPEC), 'ok', ['crewai', 'crewai-org-1', 'crewai-org-2']],
  ['a ConfigMap', configMap({ 'support-bundle-spec': SPEC }), 'ok', ['crewai', 'crewai-org-1', 'crewai-org-2']],
  ['no collectors: everywhere', of('spec: {}'), 'ok', []],
  ['no YAML', of('spec: {hunter2'), 'unreadable', []],
  ['no spec', of('kind: SupportBundle'), 'unreadable', []],
  ['a template', of("spec: {collectors: [{logs: {namespace: 'repl{{ Namespace }}'}}]}"), 'unreadable', []],
  ['another key', secret({ 'redactor-spec': 'hunter2' }), 'unreadable', []],
  ['a redacted value', of('***HIDDEN***'), 'unreadable', []],
  ['a redacted ConfigMap', configMap({ 'support-bundle-spec': 'REDACTED' }), 'unreadable', []],
  ['an empty ConfigMap', configMap(null), 'unreadable', []],
])('%s', (_, object, parse, namespaces) => {
  const reduced = reduceSupportBundleSpec(object, TOOLS);
  expect(reduced).toMatchObject({ kind: object.kind, parse, namespaces });
  expect(JSON.stringify(reduced)).not.toContain('hunter2');
});

it.each([
  [{ 'troubleshoot.sh/kind': 'support-bundle' }, true],
  [{ 'troubleshoot.io/kind': 'support-bundle' }, true],
  [{ 'troubleshoot.sh/kind': 'redactor' }, false],
  [undefined, false],
])('labels %j: %s', (labels, is) => {
  expect(isSupportBundleSpec({ metadata: { name: 's', ...(labels ? { labels } : {}) } })).toBe(is);
});
