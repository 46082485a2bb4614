import { resolveVariable, type EnvironmentContext } from '../kubernetes/environment.ts';
import { accountName } from '../kubernetes/owners.ts';
import {
  componentOf,
  namesVariable,
  PLATFORM_COMPONENTS,
  releaseOf,
  saysCrewai,
  SHARED_NAMESPACE_VARIABLE,
} from '../kubernetes/platform-component.ts';
import type { Workload } from '../model/kinds.ts';
import type { ObjectRef } from '../model/object.ts';
import type { Component, Settings } from '../model/platform.ts';
import type { Container } from '../model/pods.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** One installation of CrewAI Platform: the Deployments of one Helm release in one namespace. */
export interface Installation {
  readonly namespace: string;
  readonly release?: string;
  readonly components: readonly Component[];
}

/**
 * Finds CrewAI's own Deployments: components web and worker that carry the variable K8S_NAMESPACE, or that say crewai
 * in name or image; else a web or worker beside a buildkit of the same name. Names and labels are the chart's
 * (platform namespace and K8S_NAMESPACE often differ, so a namespace's name proves nothing).
 */
export function findInstallations(snapshot: Snapshot, settings: Settings): readonly Installation[] {
  const groups = new Map<string, Component[]>();
  for (const deployment of snapshot.list('deployments.apps', settings.platformNamespace)) {
    const name = componentOf(deployment);
    if (name === undefined) continue;
    const key = JSON.stringify([deployment.metadata.namespace ?? '', releaseOf(deployment, name) ?? '']);
    groups.set(key, [
      ...(groups.get(key) ?? []),
      { name, deployment, account: accountName(deployment.spec?.template?.spec) },
    ]);
  }
  return [...groups]
    .map(([key, components]) => toInstallation(JSON.parse(key) as [string, string], components))
    .filter((installation) => isCrewai(snapshot, installation))
    .filter(({ release }) => settings.release === undefined || release === settings.release);
}

function toInstallation([namespace, release]: [string, string], components: readonly Component[]): Installation {
  const order: readonly string[] = PLATFORM_COMPONENTS;
  const sorted = [...components].sort((a, b) => order.indexOf(a.name) - order.indexOf(b.name));
  return { namespace, components: sorted, ...(release === '' ? {} : { release }) };
}

function isCrewai(snapshot: Snapshot, { namespace, components }: Installation): boolean {
  const main = components.filter(({ name }) => name !== 'buildkit');
  if (main.some((component) => hasVariable(snapshot, namespace, component))) return true;
  if (main.some(({ deployment }) => containersOf(deployment).some(saysCrewai))) return true;
  return main.length > 0 && main.length < components.length;
}

/** Whether the variable is named, or comes with a whole ConfigMap. */
function hasVariable(snapshot: Snapshot, namespace: string, { deployment }: Component): boolean {
  return containersOf(deployment).some((container) => {
    if (namesVariable(container, SHARED_NAMESPACE_VARIABLE)) return true;
    if ((container.envFrom ?? []).length === 0) return false;
    const context = { namespace, configMap: configMapsOf(snapshot, namespace) };
    return 'value' in resolveVariable(container, SHARED_NAMESPACE_VARIABLE, context);
  });
}

/** Data of the ConfigMaps of one namespace, as resolving a container's environment asks for it. */
export function configMapsOf(snapshot: Snapshot, namespace: string): EnvironmentContext['configMap'] {
  return (name) => {
    const found = snapshot.find('configmaps', name, namespace);
    if (found) return found.data ?? {};
    return snapshot.completeness('configmaps', namespace) === 'complete' ? 'absent' : 'unknown';
  };
}

function containersOf(deployment: Workload): readonly Container[] {
  return deployment.spec?.template?.spec?.containers ?? [];
}

/** What the installation was recognised by, for the report. */
export function detectedBy(installation: Installation): readonly ObjectRef[] {
  return installation.components.map(({ deployment }) => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    namespace: installation.namespace,
    name: deployment.metadata.name,
  }));
}

/** Version from the web image's tag, where the tag is one. */
export function versionOf(installation: Installation): string | undefined {
  const image = installation.components.flatMap(({ deployment }) => containersOf(deployment))[0]?.image;
  return /:v?(\d+\.\d+[\w.+-]*)(?:@|$)/.exec(image ?? '')?.[1];
}
