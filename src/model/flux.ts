import type { AccountRef } from './access.ts';
import type { Workload } from './kinds.ts';
import type { FoundPlatform } from './platform.ts';

/** Flux's controllers, by the names of their images. */
export const FLUX_CONTROLLERS = [
  'kustomize-controller',
  'helm-controller',
  'source-controller',
  'notification-controller',
  'image-reflector-controller',
  'image-automation-controller',
] as const;
export type FluxControllerKind = (typeof FLUX_CONTROLLERS)[number];

/** A flag's value as the controller parses it, or why it cannot be told. */
export type FlagValue = { readonly value: string } | { readonly unknown: string };

/** One Deployment of a controller; with sharding there are several of a kind, each for some of the objects. */
export interface FluxController {
  readonly kind: FluxControllerKind;
  readonly deployment: Workload;
  readonly account: AccountRef;
  /** Flags that are set. */
  readonly flags: ReadonlyMap<string, FlagValue>;
  /** Why flags that do not seem to be set may be. */
  readonly opaque?: string;
}

/**
 * Flux. All controllers of a cluster are one platform, whichever namespaces they run in: each of them watches all
 * namespaces, so that the weakest decides what tenants may do.
 */
export interface FluxPlatform extends FoundPlatform<'flux'> {
  readonly controllers: readonly FluxController[];
}
