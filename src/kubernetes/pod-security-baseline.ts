import type { ContainerPort } from '../model/pods.ts';
import { hostProbes, seLinuxOptions } from './pod-security-fields.ts';
import { appArmorProfile, seccompAnnotations, seccompProfile } from './pod-security-profiles.ts';
import {
  listOf,
  namedContainers,
  plural,
  quoted,
  settersText,
  sortedSet,
  type Control,
  type Judge,
  type SecuredContainer,
} from './pod-security-controls.ts';

const CAPABILITIES = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

const capabilities: Judge = ({ containers }) => {
  const foreign = (add: readonly string[] | null | undefined): readonly string[] =>
    listOf(add).filter((capability) => !CAPABILITIES.has(capability));
  const bad = containers.filter(({ context }) => foreign(context.capabilities?.add).length > 0);
  if (bad.length === 0) return undefined;
  const added = sortedSet(bad.flatMap(({ context }) => foreign(context.capabilities?.add)));
  return {
    reason: 'non-default capabilities',
    detail: `${namedContainers(bad)} must not include ${quoted(added)} in securityContext.capabilities.add`,
  };
};

const hostNamespaces: Judge = ({ spec }) => {
  const used = (['hostNetwork', 'hostPID', 'hostIPC'] as const).filter((field) => spec[field] === true);
  if (used.length === 0) return undefined;
  return { reason: 'host namespaces', detail: used.map((field) => `${field}=true`).join(', ') };
};

const hostPathVolumes: Judge = ({ spec }) => {
  const bad = listOf(spec.volumes).filter(({ hostPath }) => hostPath);
  if (bad.length === 0) return undefined;
  return { reason: 'hostPath volumes', detail: `${plural('volume', bad)} ${quoted(bad.map(({ name }) => name))}` };
};

const hostPorts: Judge = ({ spec, containers }) => {
  const portsOf = ({ container }: SecuredContainer): readonly string[] =>
    listOf(container.ports)
      .map((port) => hostPortOf(port, spec.hostNetwork === true))
      .filter((port) => port !== 0)
      .map(String);
  const bad = containers.filter((container) => portsOf(container).length > 0);
  if (bad.length === 0) return undefined;
  const ports = sortedSet(bad.flatMap(portsOf));
  return {
    reason: 'hostPort',
    detail: `${namedContainers(bad)} ${plural('uses', bad, 'use')} ${plural('hostPort', ports)} ${ports.join(', ')}`,
  };
};

/** On the host's network every port is one of the host's (core/v1 defaults `defaultHostNetworkPorts`). */
function hostPortOf({ hostPort = 0, containerPort = 0 }: ContainerPort, hostNetwork: boolean): number {
  return hostPort === 0 && hostNetwork ? containerPort : hostPort;
}

const privileged: Judge = ({ containers }) => {
  const bad = containers.filter(({ context }) => context.privileged === true);
  if (bad.length === 0) return undefined;
  return { reason: 'privileged', detail: `${namedContainers(bad)} must not set securityContext.privileged=true` };
};

export const procMount: Judge = ({ containers }) => {
  const bad = containers.filter(({ context }) => (context.procMount ?? 'Default') !== 'Default');
  if (bad.length === 0) return undefined;
  const values = sortedSet(bad.map(({ context }) => context.procMount ?? ''));
  return {
    reason: 'procMount',
    detail: `${namedContainers(bad)} must not set securityContext.procMount to ${quoted(values)}`,
  };
};

const SYSCTLS: readonly (readonly [since: number, names: readonly string[]])[] = [
  [
    0,
    [
      'kernel.shm_rmid_forced',
      'net.ipv4.ip_local_port_range',
      'net.ipv4.tcp_syncookies',
      'net.ipv4.ping_group_range',
      'net.ipv4.ip_unprivileged_port_start',
    ],
  ],
  [27, ['net.ipv4.ip_local_reserved_ports']],
  [
    29,
    [
      'net.ipv4.tcp_keepalive_time',
      'net.ipv4.tcp_fin_timeout',
      'net.ipv4.tcp_keepalive_intvl',
      'net.ipv4.tcp_keepalive_probes',
    ],
  ],
  [32, ['net.ipv4.tcp_rmem', 'net.ipv4.tcp_wmem']],
];

const sysctls =
  (minor: number): Judge =>
  ({ context }) => {
    const allowed = new Set(SYSCTLS.flatMap(([since, names]) => (since <= minor ? names : [])));
    const bad = listOf(context.sysctls).filter(({ name }) => !allowed.has(name));
    if (bad.length === 0) return undefined;
    return { reason: 'forbidden sysctls', detail: bad.map(({ name }) => name).join(', ') };
  };

const windowsHostProcess: Judge = ({ context, containers }) => {
  const pod = context.windowsOptions?.hostProcess === true;
  const bad = containers.filter((container) => container.context.windowsOptions?.hostProcess === true);
  if (!pod && bad.length === 0) return undefined;
  return {
    reason: 'hostProcess',
    detail: `${settersText(pod, bad)} must not set securityContext.windowsOptions.hostProcess=true`,
  };
};

/** A pod with users of its own cannot see the host's through what procMount shows (KEP-127). */
const procMountOfHostUsers: Judge = (pod) => (pod.userNamespace ? undefined : procMount(pod));

/** The baseline standard, as pod-security-admission 0.36 has it (policy/check_*.go), sorted by id. */
export const BASELINE: readonly Control[] = [
  { id: 'appArmorProfile', revisions: [{ since: 0, judge: appArmorProfile }] },
  { id: 'capabilities_baseline', revisions: [{ since: 0, judge: capabilities }] },
  { id: 'hostNamespaces', revisions: [{ since: 0, judge: hostNamespaces }] },
  { id: 'hostPathVolumes', revisions: [{ since: 0, judge: hostPathVolumes }] },
  { id: 'hostPorts', revisions: [{ since: 0, judge: hostPorts }] },
  { id: 'hostProbesAndHostLifecycle', revisions: [{ since: 34, judge: hostProbes }] },
  { id: 'privileged', revisions: [{ since: 0, judge: privileged }] },
  {
    id: 'procMount',
    revisions: [
      { since: 0, judge: procMount },
      { since: 35, judge: procMountOfHostUsers },
    ],
  },
  {
    id: 'seLinuxOptions',
    revisions: [
      { since: 0, judge: seLinuxOptions(false) },
      { since: 31, judge: seLinuxOptions(true) },
    ],
  },
  {
    id: 'seccompProfile_baseline',
    revisions: [
      { since: 0, judge: seccompAnnotations },
      { since: 19, judge: seccompProfile },
    ],
  },
  { id: 'sysctls', revisions: SYSCTLS.map(([since]) => ({ since, judge: sysctls(since) })) },
  { id: 'windowsHostProcess', revisions: [{ since: 0, judge: windowsHostProcess }] },
];
