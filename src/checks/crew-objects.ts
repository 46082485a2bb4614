import { podTemplateOf } from '../kubernetes/owners.ts';
import { crewOfName, orgOfBuildPod, orgOfLabel } from '../kubernetes/tenant-names.ts';
import type { Confidence, Severity } from '../model/finding.ts';
import type { KubeObject } from '../model/object.ts';
import type { CrewaiPlatform, Platform } from '../model/platform.ts';
import type { RootWorkload } from './root-workloads.ts';

/** What an object says about the organization that it belongs to; ids without leading zeros. */
export interface CrewClaims {
  readonly name?: string;
  readonly label?: string;
  /** The label on its pod template. */
  readonly template?: string;
  /** The label on a pod of it, where that is not the template's. */
  readonly pods?: string;
}

/** The organization of a crew's object: the name's, else a label's; undefined for what belongs to no crew. */
export function orgOfClaims({ name, label, template, pods }: CrewClaims): string | undefined {
  return name ?? label ?? template ?? pods;
}

/** Reads name and label `org-id` of one object. */
export function claimsOf({ metadata }: KubeObject, readLabel: typeof orgOfLabel = orgOfLabel): CrewClaims {
  return defined({
    name: crewOfName(metadata.name)?.org ?? orgOfBuildPod(metadata.name),
    label: readLabel(metadata.labels?.['org-id']),
  });
}

/** As claimsOf, for a workload together with its pod template and its pods. */
export function claimsOfWorkload(root: RootWorkload, readLabel: typeof orgOfLabel = orgOfLabel): CrewClaims {
  const { ref, resource, object, pods } = root;
  const own = claimsOf(object ?? { metadata: { name: ref.name } }, readLabel);
  // A pod is its own template: its label is said once.
  if (resource === 'pods') return own;
  const labels = object && resource ? podTemplateOf(resource, object)?.metadata?.labels : undefined;
  const template = readLabel(labels?.['org-id']);
  const onPods = pods.map(({ metadata }) => readLabel(metadata.labels?.['org-id']));
  return defined({ ...own, template, pods: onPods.find((org) => org !== undefined && org !== template) });
}

function defined({ name, label, template, pods }: { [K in keyof CrewClaims]?: string | undefined }): CrewClaims {
  const said: { -readonly [K in keyof CrewClaims]: CrewClaims[K] } = {};
  if (name !== undefined) said.name = name;
  if (label !== undefined) said.label = label;
  if (template !== undefined) said.template = template;
  if (pods !== undefined) said.pods = pods;
  return said;
}

/** Name and label say the same organization: what one of them says alone may be a coincidence. */
export function agreeing({ name, ...marks }: CrewClaims): Confidence {
  const labels = Object.values(marks);
  return name !== undefined && labels.length > 0 && labels.every((value) => value === name) ? 'certain' : 'likely';
}

/** Whether findings about this organization are asked for. */
export function isSelected({ selection }: Platform, org: string): boolean {
  if (!selection) return true;
  return !selection.except.includes(org) && (selection.only?.includes(org) ?? true);
}

/** Objects of the platform's own Helm release are never a crew's, whatever label they carry. */
export function isOfRelease({ release, platformNamespace }: CrewaiPlatform, { metadata }: KubeObject): boolean {
  const { labels, annotations, name } = metadata;
  if (release === undefined) return false;
  const helm =
    labels?.['app.kubernetes.io/managed-by'] === 'Helm' &&
    annotations?.['meta.helm.sh/release-name'] === release &&
    annotations['meta.helm.sh/release-namespace'] === platformNamespace;
  return helm || (labels?.['app.kubernetes.io/instance'] === release && crewOfName(name) === undefined);
}

const CONFIDENCES: readonly Confidence[] = ['certain', 'likely', 'hint'];

/** A finding is only as certain as the weakest of what it rests on. */
export function weakest(...parts: readonly Confidence[]): Confidence {
  return CONFIDENCES[Math.max(0, ...parts.map((part) => CONFIDENCES.indexOf(part)))] ?? 'hint';
}

/** What is only a hint is at most medium. */
export function atMost(severity: Severity, confidence: Confidence): Severity {
  return confidence === 'hint' && (severity === 'high' || severity === 'critical') ? 'medium' : severity;
}

/** Asks the platform itself for the isolation flag, which stands in its database only. */
export function flagQuestion({ platformNamespace, components }: CrewaiPlatform): readonly string[] {
  const web = components.find(({ name }) => name === 'web') ?? components.find(({ name }) => name === 'worker');
  if (!web) return [];
  return [
    '# ask the platform whether isolation is on:',
    `kubectl -n ${platformNamespace} exec deploy/${web.deployment.metadata.name} -- bin/rails runner 'puts Flipper.enabled?(:k8s_namespace_isolation)'`,
    '# only if it prints true; otherwise the copy in the shared namespace is the one that is used:',
  ];
}
