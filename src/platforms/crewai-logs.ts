import { mainContainers } from '../kubernetes/platform-component.ts';
import { rootOwner } from '../kubernetes/owners.ts';
import { compareNames } from '../model/object.ts';
import type { Component, CrewaiPlatform } from '../model/platform.ts';
import type { Pod } from '../model/pods.ts';
import type { LogSource } from '../model/reading.ts';
import type { Snapshot } from '../model/snapshot.ts';

/**
 * The logs in which the platform's own refusals are: those of its components' main containers, newest pods first, and
 * of what ran before a restart. Crews write logs too, but what they are refused they ask for themselves.
 */
export function crewaiLogs(snapshot: Snapshot, platform: CrewaiPlatform): readonly LogSource[] {
  const namespace = platform.platformNamespace;
  const components = new Map(platform.components.map((component) => [component.deployment.metadata.name, component]));
  return [...snapshot.list('pods', namespace)]
    .sort((a, b) => compareNames(bornAt(b), bornAt(a)) || compareNames(a.metadata.name, b.metadata.name))
    .flatMap((pod) => {
      const { ref } = rootOwner('pods', pod, (resource, name, where) => snapshot.find(resource, name, where));
      const component = ref.kind === 'Deployment' ? components.get(ref.name) : undefined;
      return component && pod.spec?.nodeName ? logsOf(pod, component, namespace) : [];
    });
}

const bornAt = ({ metadata }: Pod): string => metadata.creationTimestamp ?? '';

function logsOf(pod: Pod, { name, deployment }: Component, namespace: string): readonly LogSource[] {
  const main = new Set(mainContainers(deployment.spec?.template, name).map((container) => container.name));
  const own = (pod.spec?.containers ?? []).filter((container) => main.has(container.name));
  return own.flatMap((container) => {
    const source = { namespace, pod: pod.metadata.name, container: container.name };
    const status = pod.status?.containerStatuses?.find((found) => found.name === container.name);
    const restarted = Boolean(status?.lastState?.terminated);
    return [{ ...source, previous: false }, ...(restarted ? [{ ...source, previous: true }] : [])];
  });
}
