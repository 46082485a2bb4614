import type { Workload } from '../model/kinds.ts';
import type { KubeObject } from '../model/object.ts';
import type { Container, PodTemplate } from '../model/pods.ts';
import { crewOfName, orgOfLabel } from './tenant-names.ts';

/** Components of the chart crewai-platform that have a Deployment, in the order in which they speak for the platform. */
export const PLATFORM_COMPONENTS = ['web', 'worker', 'buildkit'] as const;

/** The variable that names the shared namespace. */
export const SHARED_NAMESPACE_VARIABLE = 'K8S_NAMESPACE';

/**
 * `web`, `worker` or `buildkit`, by the chart's label, else by the name's last part; undefined for everything else and
 * for crews, whose own workloads end in -web and -worker too.
 */
export function componentOf(workload: Workload): string | undefined {
  if (orgOfWorkload(workload) !== undefined) return undefined;
  const { labels, name } = workload.metadata;
  const label = labels?.['app.kubernetes.io/component'];
  if (label !== undefined) return PLATFORM_COMPONENTS.find((component) => component === label);
  return PLATFORM_COMPONENTS.find((component) => name.endsWith(`-${component}`));
}

/** The Helm release that a component belongs to, by the chart's label, else by the name before the component. */
export function releaseOf({ metadata }: KubeObject, component: string): string | undefined {
  const label = metadata.labels?.['app.kubernetes.io/instance'];
  if (label !== undefined && label !== '') return label;
  const prefix = metadata.name.endsWith(`-${component}`) ? metadata.name.slice(0, -component.length - 1) : '';
  return prefix === '' ? undefined : prefix;
}

/** The organization whose crew this is, by the name, else by the label on it or on its pods; undefined for no crew. */
export function orgOfWorkload({ metadata, spec }: Workload): string | undefined {
  return (
    crewOfName(metadata.name)?.org ??
    orgOfLabel(metadata.labels?.['org-id']) ??
    orgOfLabel(spec?.template?.metadata?.labels?.['org-id'])
  );
}

/**
 * The containers that are the component itself, not a sidecar that something injected: the one that kubectl would take
 * by default, else those that are named like it or say crewai, else all of them.
 */
export function mainContainers(template: PodTemplate | undefined, component: string): readonly Container[] {
  const containers = template?.spec?.containers ?? [];
  const preferred = template?.metadata?.annotations?.['kubectl.kubernetes.io/default-container'];
  const chosen = containers.filter(({ name }) => name === preferred);
  if (chosen.length > 0) return chosen;
  const own = containers.filter(
    (container) => container.name === component || container.name.endsWith(`-${component}`) || saysCrewai(container),
  );
  return own.length > 0 ? own : containers;
}

/** Whether name or image say crewai; mirrored images usually keep the path. */
export function saysCrewai({ name, image }: Container): boolean {
  return /crewai/i.test(name) || /crewai/i.test(image ?? '');
}

/** Whether the container names the variable itself; it may still get it from a whole ConfigMap or Secret. */
export function namesVariable({ env }: Container, variable: string): boolean {
  return (env ?? []).some(({ name }) => name === variable);
}
