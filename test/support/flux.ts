import type { RawObject } from '../fixtures/crewai.ts';
import { fluxPlatform, kustomization, type FluxOptions } from '../fixtures/flux.ts';
import { keyOf, put, type Scenario } from './scenario.ts';

/** A healthy Flux and what differs from it. */
export const onFlux = (scenario: Omit<Scenario, 'base'> = {}, options: FluxOptions = {}): Scenario => ({
  ...scenario,
  base: fluxPlatform(options),
});

/** Without the flags that keep tenants apart. */
export const unlocked = (scenario: Omit<Scenario, 'base'> = {}): Scenario => onFlux(scenario, { lockdown: false });

/** Kustomization `apps` of a namespace, with this spec instead. */
export const apps = (
  namespace: string,
  spec: Record<string, unknown>,
  inventory: readonly string[] = [],
): Pick<Scenario, 'change'> => ({
  change: (objects) => put(objects, kustomization(namespace, 'apps', spec, inventory)),
});

/** The manager of a controller, with flags taken away and others added. */
export const flags = (
  deployment: string,
  drop: RegExp | undefined,
  add: readonly string[] = [],
  more: object = {},
): Pick<Scenario, 'change'> => ({
  change: (objects) =>
    objects.map((object) => {
      if (keyOf(object) !== `Deployment/flux-system/${deployment}`) return object;
      const copy = structuredClone(object) as unknown as {
        spec: { template: { spec: { containers: { args: string[] }[] } } };
      };
      const [manager] = copy.spec.template.spec.containers;
      if (manager) {
        manager.args = [...manager.args.filter((arg) => !drop?.test(arg)), ...add];
        Object.assign(manager, more);
      }
      return copy as unknown as RawObject;
    }),
});

/** Several changes, one after the other. */
export const both = (...changes: readonly Pick<Scenario, 'change'>[]): Pick<Scenario, 'change'> => ({
  change: (objects) => changes.reduce((changed, { change }) => change?.(changed) ?? changed, objects),
});
