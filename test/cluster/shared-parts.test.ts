import { expect, test } from 'vitest';
import { SharedParts } from '../../src/cluster/shared-parts.ts';
import type { KubeObject } from '../../src/model/object.ts';

const container = (value: string): object => ({ name: 'main', env: [{ name: 'A', value }] });
const pod = (value: string): KubeObject & { spec: { containers: { env: unknown }[] } } =>
  JSON.parse(
    JSON.stringify({ metadata: { name: 'p' }, spec: { containers: [container(value)], initContainers: null } }),
  ) as ReturnType<typeof pod>;

test('equal environments are kept once, and nothing changes in what they say', () => {
  const parts = new SharedParts();
  const deployment = { metadata: { name: 'd' }, spec: { template: { spec: { containers: [container('x')] } } } };
  const before = JSON.stringify(deployment);
  expect(JSON.stringify(parts.share('deployments.apps', deployment))).toBe(before);
  const [same, other] = [parts.share('pods', pod('x')), parts.share('pods', pod('y'))];
  expect(same).toEqual(pod('x'));
  expect(other).toEqual(pod('y'));
  expect(same.spec.containers[0]!.env).toBe((deployment.spec.template.spec.containers[0] as { env: unknown }).env);
});

test.each([{}, { spec: null }, { spec: { containers: 'x' } }, { spec: { containers: [1, { env: null }] } }])(
  'what is no pod is left alone: %j',
  (fields) => {
    const object = { metadata: { name: 'p' }, ...fields };
    expect(new SharedParts().share('pods', object)).toEqual(object);
  },
);
