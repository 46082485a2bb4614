import type { Handler, SecurityContext } from '../model/pods.ts';
import {
  namedContainers,
  plural,
  quoted,
  settersText,
  sortedSet,
  type Judge,
  type SecuredContainer,
} from './pod-security-controls.ts';

const SELINUX_TYPES = ['', 'container_t', 'container_init_t', 'container_kvm_t'];

/** @param engine whether `container_engine_t` is allowed, for engines that run inside of a container (1.31) */
export const seLinuxOptions = (engine: boolean): Judge => {
  const allowed = new Set([...SELINUX_TYPES, ...(engine ? ['container_engine_t'] : [])]);
  const isBad = ({ seLinuxOptions: options }: SecurityContext): boolean =>
    options != null && (!allowed.has(options.type ?? '') || Boolean(options.user) || Boolean(options.role));
  return ({ context, containers }) => {
    const bad = containers.filter((container) => isBad(container.context));
    const pod = isBad(context);
    if (!pod && bad.length === 0) return undefined;
    const options = [...(pod ? [context] : []), ...bad.map((container) => container.context)].map(
      (item) => item.seLinuxOptions ?? {},
    );
    const types = sortedSet(options.map(({ type = '' }) => type).filter((type) => !allowed.has(type)));
    const faults = [
      ...(types.length > 0 ? [`${plural('type', types)} ${quoted(types)}`] : []),
      ...(options.some(({ user }) => user) ? ['user may not be set'] : []),
      ...(options.some(({ role }) => role) ? ['role may not be set'] : []),
    ];
    return {
      reason: 'seLinuxOptions',
      detail: `${settersText(pod, bad)} set forbidden securityContext.seLinuxOptions: ${faults.join('; ')}`,
    };
  };
};

/** Hosts of probes and lifecycle handlers: the kubelet would ask them in the name of the node. */
export const hostProbes: Judge = ({ containers }) => {
  const bad = containers.filter((container) => hostsOf(container).length > 0);
  if (bad.length === 0) return undefined;
  const hosts = sortedSet(bad.flatMap(hostsOf));
  const sorted = [...bad].sort((a, b) => (a.name < b.name ? -1 : 1));
  return {
    reason: 'probe or lifecycle host',
    detail: `${namedContainers(sorted)} ${plural('uses', bad, 'use')} ${plural('probe or lifecycle host', hosts)} ${quoted(hosts)}`,
  };
};

function hostsOf({ container }: SecuredContainer): readonly string[] {
  const { livenessProbe, readinessProbe, startupProbe, lifecycle } = container;
  const handlers: readonly (Handler | null | undefined)[] = [
    livenessProbe,
    readinessProbe,
    startupProbe,
    lifecycle?.postStart,
    lifecycle?.preStop,
  ];
  return handlers
    .flatMap((handler) => [handler?.httpGet?.host, handler?.tcpSocket?.host])
    .filter((host): host is string => host !== undefined && host !== '');
}
