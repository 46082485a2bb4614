import { expect, it } from 'vitest';
import check from '../../src/checks/flux-lockdown-missing.ts';
import { describeCheck } from '../support/check-table.ts';
import { flags, onFlux, unlocked } from '../support/flux.ts';
import { put, reportOf } from '../support/scenario.ts';
import type { RawObject } from '../fixtures/crewai.ts';

const K = 'kustomize-controller';
const OF_K = { object: `Deployment/flux-system/${K}`, path: '/spec/template/spec/containers/0/args' } as const;
const hidden = { env: [{ name: 'HIDDEN', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } }] };
const shard = (args: readonly string[]) => ({
  change: (objects: readonly RawObject[]) => {
    const copy = structuredClone(objects.find(({ kind, metadata }) => kind === 'Deployment' && metadata.name === K));
    if (!copy) return objects;
    const { spec } = copy as unknown as { spec: { template: { spec: { containers: { args: readonly string[] }[] } } } };
    const [manager] = spec.template.spec.containers;
    if (manager) manager.args = args;
    return put(objects, { ...copy, metadata: { ...copy.metadata, name: `${K}-shard1` } });
  },
});

describeCheck(check, {
  passes: {
    'all flags': onFlux(),
    'flags as two words, and bare switches': onFlux(
      flags(K, /^--(no-|default)/, [
        '--no-remote-bases',
        '--no-cross-namespace-refs',
        '--default-service-account',
        'default',
      ]),
    ),
    'the last one wins': onFlux(flags(K, undefined, ['--no-remote-bases=false', '--no-remote-bases=T'])),
    'an account from the environment': onFlux(
      flags(K, /^--default/, ['--default-service-account=$(ROBOT)'], { env: [{ name: 'ROBOT', value: 'nobody' }] }),
    ),
  },
  fails: {
    'no lockdown at all: one finding per Deployment that heeds the flags': {
      ...unlocked(),
      findings: [
        'helm-controller',
        'image-automation-controller',
        'image-reflector-controller',
        K,
        'notification-controller',
      ].map((name) => ({ object: `Deployment/flux-system/${name}`, severity: 'high', confidence: 'certain' })),
    },
    'one flag of one controller': { ...onFlux(flags(K, /^--no-remote-bases/)), findings: [OF_K] },
    'switched off': { ...onFlux(flags(K, undefined, ['--no-cross-namespace-refs=false'])), findings: [OF_K] },
    'a word after a switch is not its value, but the value of a text is the next word': {
      ...onFlux(flags(K, /^--no-cross/, ['--default-service-account', '--no-cross-namespace-refs=true'])),
      findings: [OF_K],
    },
    'an empty account': { ...onFlux(flags(K, undefined, ['--default-service-account='])), findings: [OF_K] },
    'a variable that is not set': {
      ...onFlux(flags(K, /^--no-remote/, ['--no-remote-bases=$(NOWHERE)'])),
      findings: [OF_K],
    },
    'a shard': {
      ...onFlux(shard(['--watch-label-selector=sharding.fluxcd.io/key=shard1'])),
      findings: [{ object: `Deployment/flux-system/${K}-shard1` }],
    },
  },
  notEvaluated: {
    'Deployments refused': onFlux({ faults: [{ resource: 'deployments.apps' }] }),
    'namespaces refused': onFlux({ faults: [{ resource: 'namespaces' }] }),
    'a flag from a Secret': onFlux(flags(K, /^--default/, ['--default-service-account=$(HIDDEN)'], hidden)),
    'flags from a Secret': onFlux(flags(K, /^--default/, ['$(HIDDEN)'], hidden)),
  },
  notApplicable: { 'no tenants': onFlux({}, { tenants: {}, lockdown: false }), 'no Flux': {} },
});

it('prints patches for Git, and the account of flux-system before the flags', () => {
  const { findings } = reportOf([check], unlocked());
  const { steps } = findings.find(({ object }) => object.name === K)?.remediation ?? { steps: [] as string[] };
  const account = steps.indexOf('#         value: "kustomize-controller"');
  const flag = steps.indexOf('#         value: "--default-service-account=default"');
  expect(steps[account - 1]).toBe('#         path: /spec/serviceAccountName');
  expect(steps[flag - 1]).toBe('#         path: /spec/template/spec/containers/0/args/-');
  expect(account).toBeGreaterThan(-1);
  expect(flag).toBeGreaterThan(account);
});
