import { OPENCRANE_GROUP } from '../kubernetes/opencrane-names.ts';
import type { View } from '../model/check.ts';
import type { CustomResourceDefinition } from '../model/kinds.ts';
import type { PlatformId } from '../model/platform.ts';

export const DEFINITIONS = 'customresourcedefinitions.apiextensions.k8s.io';
export type Definitions = typeof DEFINITIONS;

/** The CRDs of the platform's own API groups. */
export function definitionsOf(view: Pick<View<Definitions>, 'list' | 'platform'>): readonly CustomResourceDefinition[] {
  return view.list(DEFINITIONS).filter(({ spec }) => isOwnGroup(view.platform.id, spec?.group ?? ''));
}

function isOwnGroup(id: PlatformId, group: string): boolean {
  if (id === 'flux') return group.endsWith('.toolkit.fluxcd.io');
  return id === 'opencrane' && group === OPENCRANE_GROUP;
}

/** The versions in which its objects can be read and written. */
export const servedVersions = ({ spec }: CustomResourceDefinition): readonly string[] =>
  (spec?.versions ?? []).filter(({ served }) => served).map(({ name }) => name);

/** What has to be there before any instance, and moves as a whole. */
export const APPLY_BUNDLE =
  '# apply the CRDs of the release that runs, all of them (CRDs lead, instances follow): kubectl apply --server-side -f CRDS/';
