import { describe, expect, it } from 'vitest';
import { resolveVariable, type EnvironmentContext, type Resolved } from '../../src/kubernetes/environment.ts';
import type { Container } from '../../src/model/pods.ts';

const CONFIG: Readonly<Record<string, Readonly<Record<string, string>> | 'unknown'>> = {
  web: { K8S_NAMESPACE: 'from-config', EMPTY: '', HIDDEN: '***HIDDEN***' },
  other: { K8S_NAMESPACE: 'from-other', REF: '$(A)' },
  refused: 'unknown',
};
const SECRETS: Readonly<Record<string, readonly string[] | 'unknown'>> = { keys: ['PASSWORD'], refused: 'unknown' };
const context: EnvironmentContext = {
  namespace: 'crewai',
  template: { metadata: { labels: { 'org-id': 'org-2' } }, spec: { serviceAccountName: 'crewai-sa' } },
  configMap: (name) => CONFIG[name] ?? 'absent',
  secretKeys: (name) => SECRETS[name] ?? 'absent',
};
const resolve = (container: Partial<Container>, name = 'K8S_NAMESPACE', within = context): Resolved =>
  resolveVariable({ name: 'c', ...container }, name, within);
const value = (resolved: Resolved): string => {
  if ('value' in resolved) return resolved.value;
  return 'unset' in resolved ? 'UNSET' : 'UNKNOWN';
};
const K = 'K8S_NAMESPACE';
const fromConfig = (name: string, key: string, optional?: boolean) => ({
  configMapKeyRef: { name, key, ...(optional === undefined ? {} : { optional }) },
});
const fromSecret = (name: string, key: string, optional?: boolean) => ({
  secretKeyRef: { name, key, ...(optional === undefined ? {} : { optional }) },
});

describe('resolveVariable', () => {
  it.each<[string, Partial<Container>, string]>([
    ['nothing', {}, 'UNSET'],
    ['null lists', { env: null, envFrom: null }, 'UNSET'],
    ['a value', { env: [{ name: K, value: 'crewai' }] }, 'crewai'],
    ['an empty value', { env: [{ name: K, value: '' }] }, ''],
    ['no value at all', { env: [{ name: K }] }, ''],
    [
      'the last of two',
      {
        env: [
          { name: K, value: 'a' },
          { name: K, value: 'b' },
        ],
      },
      'b',
    ],
    ['a value beats valueFrom', { env: [{ name: K, value: 'a', valueFrom: fromConfig('web', K) }] }, 'a'],
    ['an empty value does not', { env: [{ name: K, value: '', valueFrom: fromConfig('web', K) }] }, 'from-config'],
    ['env beats envFrom', { env: [{ name: K, value: 'a' }], envFrom: [{ configMapRef: { name: 'web' } }] }, 'a'],
    ['envFrom', { envFrom: [{ configMapRef: { name: 'web' } }] }, 'from-config'],
    [
      'the last envFrom',
      { envFrom: [{ configMapRef: { name: 'web' } }, { configMapRef: { name: 'other' } }] },
      'from-other',
    ],
    ['a prefix that fits', { envFrom: [{ prefix: 'K8S_', configMapRef: { name: 'short' } }] }, 'UNKNOWN'],
    ['a prefix that does not fit', { envFrom: [{ prefix: 'X_', configMapRef: { name: 'web' } }] }, 'UNSET'],
    [
      'a prefix that does not fit, of a Secret',
      { envFrom: [{ prefix: 'X_', secretRef: { name: 'refused' } }] },
      'UNSET',
    ],
    ['a missing ConfigMap', { envFrom: [{ configMapRef: { name: 'gone' } }] }, 'UNKNOWN'],
    ['a missing optional ConfigMap', { envFrom: [{ configMapRef: { name: 'gone', optional: true } }] }, 'UNSET'],
    ['an unreadable ConfigMap', { envFrom: [{ configMapRef: { name: 'refused' } }] }, 'UNKNOWN'],
    [
      'an unreadable ConfigMap before a readable one',
      { envFrom: [{ configMapRef: { name: 'refused' } }, { configMapRef: { name: 'web' } }] },
      'from-config',
    ],
    [
      'an unreadable ConfigMap after a readable one',
      { envFrom: [{ configMapRef: { name: 'web' } }, { configMapRef: { name: 'refused' } }] },
      'UNKNOWN',
    ],
    ['a Secret whose keys are known', { envFrom: [{ secretRef: { name: 'keys' } }] }, 'UNSET'],
    ['a Secret whose keys are not', { envFrom: [{ secretRef: { name: 'refused' } }] }, 'UNKNOWN'],
    ['a missing Secret', { envFrom: [{ secretRef: { name: 'gone' } }] }, 'UNKNOWN'],
    ['a missing optional Secret', { envFrom: [{ secretRef: { name: 'gone', optional: true } }] }, 'UNSET'],
    ['an envFrom of a later kind', { envFrom: [{}] }, 'UNSET'],
    ['a ConfigMap key', { env: [{ name: K, valueFrom: fromConfig('web', K) }] }, 'from-config'],
    ['an empty ConfigMap value', { env: [{ name: K, valueFrom: fromConfig('web', 'EMPTY') }] }, ''],
    ['a redacted ConfigMap value', { env: [{ name: K, valueFrom: fromConfig('web', 'HIDDEN') }] }, 'UNKNOWN'],
    ['a missing key', { env: [{ name: K, valueFrom: fromConfig('web', 'gone') }] }, 'UNKNOWN'],
    ['an inherited key', { env: [{ name: K, valueFrom: fromConfig('web', 'constructor') }] }, 'UNKNOWN'],
    ['a missing optional key', { env: [{ name: K, valueFrom: fromConfig('web', 'gone', true) }] }, 'UNSET'],
    [
      'a missing optional key leaves an earlier value',
      {
        env: [
          { name: K, value: 'a' },
          { name: K, valueFrom: fromConfig('web', 'gone', true) },
        ],
      },
      'a',
    ],
    ['an unreadable key', { env: [{ name: K, valueFrom: fromConfig('refused', K) }] }, 'UNKNOWN'],
    ['a Secret key', { env: [{ name: K, valueFrom: fromSecret('keys', 'PASSWORD') }] }, 'UNKNOWN'],
    ['a missing optional Secret key', { env: [{ name: K, valueFrom: fromSecret('keys', 'gone', true) }] }, 'UNSET'],
    ['a missing Secret key', { env: [{ name: K, valueFrom: fromSecret('gone', 'x') }] }, 'UNKNOWN'],
    ['a redacted value', { env: [{ name: K, value: '***HIDDEN***' }] }, 'UNKNOWN'],
    ['a boolean', { env: [{ name: K, value: true as unknown as string }] }, 'UNKNOWN'],
    ['the namespace', { env: [{ name: K, valueFrom: { fieldRef: { fieldPath: 'metadata.namespace' } } }] }, 'crewai'],
    ['a label', { env: [{ name: K, valueFrom: { fieldRef: { fieldPath: "metadata.labels['org-id']" } } }] }, 'org-2'],
    ['a missing label', { env: [{ name: K, valueFrom: { fieldRef: { fieldPath: "metadata.labels['gone']" } } }] }, ''],
    [
      'a missing annotation',
      { env: [{ name: K, valueFrom: { fieldRef: { fieldPath: "metadata.annotations['constructor']" } } }] },
      '',
    ],
    [
      'the account',
      { env: [{ name: K, valueFrom: { fieldRef: { fieldPath: 'spec.serviceAccountName' } } }] },
      'crewai-sa',
    ],
    ['the node', { env: [{ name: K, valueFrom: { fieldRef: { fieldPath: 'spec.nodeName' } } }] }, 'UNKNOWN'],
    ['a resource', { env: [{ name: K, valueFrom: { resourceFieldRef: {} } }] }, 'UNKNOWN'],
    ['a source of a later kind', { env: [{ name: K, valueFrom: {} }] }, ''],
  ])('%s', (_, container, expected) => {
    expect(value(resolve(container))).toBe(expected);
  });

  it.each<[string, string]>([
    ['$(A)-x', 'a-x'],
    ['$(A)$(A)', 'aa'],
    ['$(FROM)', 'from-config'],
    ['$$(A)', '$(A)'],
    ['$$$(A)', '$a'],
    ['$$$$(A)', '$$(A)'],
    ['$(GONE)', '$(GONE)'],
    ['$(LATER)', '$(LATER)'],
    ['$(K8S_NAMESPACE)', 'from-config'],
    ['$A', '$A'],
    ['$(A', '$(A'],
    ['$', '$'],
    ['$()', '$()'],
    ['$(LITERAL)', '$(A)'],
    ['$(SECRET)', 'UNKNOWN'],
    ['$$(SECRET)', '$(SECRET)'],
    ['$(WEB_SERVICE_HOST)', 'UNKNOWN'],
  ])('expands %s to %s', (text, expected) => {
    const container: Partial<Container> = {
      envFrom: [{ configMapRef: { name: 'web' } }],
      env: [
        { name: 'A', value: 'a' },
        { name: 'FROM', valueFrom: fromConfig('web', K) },
        { name: 'LITERAL', value: '$$(A)' },
        { name: 'SECRET', valueFrom: fromSecret('keys', 'PASSWORD') },
        { name: K, value: text },
        { name: 'LATER', value: 'later' },
      ],
    };
    expect(value(resolve(container))).toBe(expected);
  });

  it('does not expand what comes from a ConfigMap', () => {
    expect(
      resolve({ env: [{ name: 'A', value: 'a' }], envFrom: [{ configMapRef: { name: 'other' } }] }, 'REF'),
    ).toEqual({
      value: '$(A)',
      source: 'ConfigMap other key REF',
    });
  });

  it('says where a value stands, or why there is none', () => {
    expect(resolve({ env: [{ name: K, value: 'crewai' }] })).toEqual({ value: 'crewai', source: 'env' });
    expect(resolve({ env: [{ name: K, valueFrom: fromSecret('keys', 'PASSWORD') }] })).toEqual({
      unknown: 'it is in Secret keys key PASSWORD',
    });
  });

  it('knows less without a context', () => {
    const bare: EnvironmentContext = { configMap: () => 'unknown' };
    const field = (fieldPath: string): Partial<Container> => ({
      env: [{ name: K, valueFrom: { fieldRef: { fieldPath } } }],
    });
    expect(value(resolve(field('metadata.namespace'), K, bare))).toBe('UNKNOWN');
    expect(value(resolve(field("metadata.labels['a']"), K, bare))).toBe('UNKNOWN');
    expect(value(resolve({ envFrom: [{ secretRef: { name: 'keys' } }] }, K, bare))).toBe('UNKNOWN');
  });

  it('does not follow values that double without end, nor long chains', () => {
    const chain = (text: (name: string) => string): Partial<Container> => ({
      env: Array.from({ length: 5_000 }, (_, index) => ({
        name: `V${String(index)}`,
        value: index === 0 ? 'x' : text(`V${String(index - 1)}`),
      })),
    });
    expect(
      value(
        resolve(
          chain((name) => `$(${name})$(${name})`),
          'V4999',
        ),
      ),
    ).toBe('UNKNOWN');
    expect(
      value(
        resolve(
          chain((name) => `$(${name})`),
          'V4999',
        ),
      ),
    ).toBe('x');
  });
});
