import type { Container, PodTemplate, SecurityContext } from '../model/pods.ts';

/** A pod, or the template of one, as the controls of the Pod Security Standards look at it. */
export interface SecuredPod {
  readonly annotations: Readonly<Record<string, string>>;
  readonly spec: NonNullable<PodTemplate['spec']>;
  /** The pod's own security context. */
  readonly context: SecurityContext;
  /** Init containers, containers and ephemeral containers, in the order in which the API server looks at them. */
  readonly containers: readonly SecuredContainer[];
  /** `hostUsers: false`: root inside of it is nobody outside. */
  readonly userNamespace: boolean;
  readonly windows: boolean;
}

export interface SecuredContainer {
  readonly name: string;
  readonly container: Container;
  readonly context: SecurityContext;
}

/** What a control forbids, in the API server's words; undefined where the pod is allowed. */
export interface Forbidden {
  readonly reason: string;
  readonly detail: string;
}
export type Judge = (pod: SecuredPod) => Forbidden | undefined;

/** One revision of a control, from a minor version of the standards on. */
export interface Revision {
  readonly since: number;
  readonly judge: Judge;
  /** Of a restricted control: the baseline control that it replaces. */
  readonly overrides?: string;
}

/** One control of the standards; its id is the API server's, whose order of messages is that of the ids. */
export interface Control {
  readonly id: string;
  readonly revisions: readonly Revision[];
}

export function securedPod({ metadata, spec = {} }: PodTemplate): SecuredPod {
  const groups = [spec.initContainers, spec.containers, spec.ephemeralContainers];
  return {
    annotations: metadata?.annotations ?? {},
    spec,
    context: spec.securityContext ?? {},
    containers: groups
      .flatMap((group) => listOf(group))
      .map((container) => ({ name: container.name, container, context: container.securityContext ?? {} })),
    userNamespace: spec.hostUsers === false,
    windows: spec.os?.name === 'windows',
  };
}

/** Fields that should be lists, of files that no API server has looked at. */
export function listOf<T>(value: readonly T[] | null | undefined): readonly T[] {
  return Array.isArray(value) ? (value as readonly T[]) : [];
}

/** `"a", "b"`. */
export const quoted = (items: readonly string[]): string => items.map((item) => `"${item}"`).join(', ');

/** Every text once, in the order of Go's sort.Strings. */
export const sortedSet = (items: readonly string[]): readonly string[] => [...new Set(items)].sort();

export const plural = (singular: string, items: readonly unknown[], many = `${singular}s`): string =>
  items.length === 1 ? singular : many;

/** `container "a"`, `containers "a", "b"`. */
export const namedContainers = (containers: readonly SecuredContainer[]): string =>
  `${plural('container', containers)} ${quoted(containers.map(({ name }) => name))}`;

/** `pod and containers "a", "b"`, and whatever else set a forbidden value. */
export function settersText(pod: boolean, containers: readonly SecuredContainer[], ...more: readonly string[]): string {
  return [...(pod ? ['pod'] : []), ...(containers.length > 0 ? [namedContainers(containers)] : []), ...more].join(
    ' and ',
  );
}
