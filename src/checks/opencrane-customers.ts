import type { OpencraneView } from '../model/check.ts';
import type { ClusterTenant } from '../model/opencrane-kinds.ts';

/** Whether a ClusterTenant is one of those that the user chose. */
export function isChosen({ platform }: OpencraneView, name: string): boolean {
  const { only, except = [] } = platform.selection ?? {};
  return (only?.includes(name) ?? true) && !except.includes(name);
}

/** The customers that are judged. */
export const customersOf = (view: OpencraneView<'clustertenants.opencrane.io'>): readonly ClusterTenant[] =>
  view.list('clustertenants.opencrane.io').filter(({ metadata }) => isChosen(view, metadata.name));
