import type { PodTemplate } from '../../src/model/pods.ts';
import type { Random } from '../support/random.ts';

type Fields = Record<string, unknown>;

/** A pod as it is sent, and as our judge takes it. */
export interface GeneratedPod extends PodTemplate {
  readonly apiVersion: 'v1';
  readonly kind: 'Pod';
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
}

const CAPABILITIES = ['CHOWN', 'NET_BIND_SERVICE', 'NET_RAW', 'SYS_ADMIN', 'all', 'AUDIT_WRITE'];
const PROFILES = ['RuntimeDefault', 'RuntimeDefault', 'Unconfined', 'Localhost'];
const SELINUX_TYPES = ['container_t', 'container_engine_t', 'spc_t', ''];
const SYSCTLS = [
  'kernel.shm_rmid_forced',
  'net.ipv4.tcp_rmem',
  'net.ipv4.tcp_keepalive_time',
  'net.ipv4.ip_local_reserved_ports',
  'net.core.somaxconn',
];
const VOLUMES: readonly Fields[] = [
  {},
  { emptyDir: {} },
  { configMap: { name: 'x' } },
  { secret: { secretName: 'x' } },
  { persistentVolumeClaim: { claimName: 'x' } },
  { projected: { sources: [{ configMap: { name: 'x' } }] } },
  { downwardAPI: {} },
  { csi: { driver: 'example.com' } },
  { image: { reference: 'example.com/x:1' } },
  { ephemeral: { volumeClaimTemplate: { spec: claim() } } },
  { hostPath: { path: '/var' } },
  { nfs: { server: 'x', path: '/' } },
  { iscsi: { targetPortal: '10.0.0.1:3260', iqn: 'iqn.2026-01.com.example:x', lun: 0 } },
  { rbd: { monitors: ['x'], image: 'x' } },
  { cephfs: { monitors: ['x'] } },
  { fc: { targetWWNs: ['x'], lun: 1 } },
  { azureFile: { secretName: 'x', shareName: 'x' } },
  { gitRepo: { repository: 'https://example.com/x' } },
  { flexVolume: { driver: 'example.com/x' } },
  { glusterfs: { endpoints: 'x', path: 'x' } },
];

function claim(): Fields {
  return { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } };
}

/**
 * A pod with some of what the standards look at. `strict` ones start from all that restricted asks for, so that single
 * faults are seen alone; each part is drawn on its own, so that all of them meet.
 */
export function generatePod(random: Random, index: number): GeneratedPod {
  const strict = random.chance(0.5);
  const windows = random.chance(0.06);
  const hostUsers = random.chance(0.12) ? random.chance(0.3) : undefined;
  const faults = strict ? 0.06 : 0.2;
  const maybe = (): boolean => random.chance(faults);
  const names = ['main', ...(maybe() ? ['side'] : []), ...(maybe() ? ['zeta'] : [])];
  const container = (name: string): Fields => ({
    name,
    image: 'example.com/image:1',
    ...(windows && !maybe() ? {} : { securityContext: contextOf(random, strict, maybe, hostUsers) }),
    ...partsOf(random, maybe, hostUsers === false),
  });
  const spec: Fields = {
    automountServiceAccountToken: random.chance(0.5),
    containers: names.map(container),
    ...(maybe() ? { initContainers: [initContainer(container('init'), random)] } : {}),
    ...(windows ? { os: { name: 'windows' } } : {}),
    ...(hostUsers === undefined ? {} : { hostUsers }),
    ...podContext(random, strict, maybe, windows),
    ...(maybe() && hostUsers !== false && !windows ? hostNamespaces(random) : {}),
    ...(maybe() ? { volumes: volumesOf(random) } : {}),
  };
  const annotations = maybe() ? annotationsOf(random, names) : undefined;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: `pod-${index}`, ...(annotations ? { annotations } : {}) },
    spec: spec,
  };
}

/** One that runs to its end has no probes and no handlers; one that goes on is a sidecar. */
function initContainer(container: Fields, random: Random): Fields {
  if (random.chance(0.3)) return { ...container, restartPolicy: 'Always' };
  const running = ['lifecycle', 'livenessProbe', 'readinessProbe', 'startupProbe'];
  return Object.fromEntries(Object.entries(container).filter(([field]) => !running.includes(field)));
}

function contextOf(
  random: Random,
  strict: boolean,
  maybe: () => boolean,
  hostUsers: boolean | undefined,
): Fields | undefined {
  if (!strict && random.chance(0.2)) return undefined;
  const escalation = maybe() ? random.pick([true, undefined]) : strict ? false : undefined;
  return {
    ...(escalation === undefined ? {} : { allowPrivilegeEscalation: escalation }),
    ...(strict && !maybe() ? { capabilities: { drop: ['ALL'] } } : {}),
    ...(maybe() ? { capabilities: capabilitiesOf(random) } : {}),
    ...(strict && !maybe() ? { runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } } : {}),
    ...(maybe() ? { runAsNonRoot: random.chance(0.4) } : {}),
    ...(maybe() ? { runAsUser: random.pick([0, 0, 1000]) } : {}),
    ...(maybe() ? { seccompProfile: profileOf(random) } : {}),
    ...(maybe() ? { appArmorProfile: profileOf(random) } : {}),
    ...(maybe() ? { seLinuxOptions: seLinuxOf(random) } : {}),
    ...(maybe() && escalation !== false ? { privileged: random.chance(0.7) } : {}),
    ...(maybe() || (hostUsers === false && random.chance(0.4))
      ? { procMount: random.pick(['Default', hostUsers === false ? 'Unmasked' : 'Default']) }
      : {}),
  };
}

function podContext(random: Random, strict: boolean, maybe: () => boolean, windows: boolean): Fields {
  if (windows) return random.chance(0.5) ? { securityContext: { runAsNonRoot: random.chance(0.7) } } : hostProcess();
  const context: Fields = {
    ...(maybe() || (strict && random.chance(0.4)) ? { runAsNonRoot: random.chance(0.8) } : {}),
    ...(maybe() || (strict && random.chance(0.4)) ? { seccompProfile: profileOf(random) } : {}),
    ...(maybe() ? { appArmorProfile: profileOf(random) } : {}),
    ...(maybe() ? { runAsUser: random.pick([0, 0, 1000]) } : {}),
    ...(maybe() ? { seLinuxOptions: seLinuxOf(random) } : {}),
    ...(maybe() ? { sysctls: random.some(SYSCTLS, 3).map((name) => ({ name, value: '1' })) } : {}),
  };
  return Object.keys(context).length === 0 ? {} : { securityContext: context };
}

/** All of its containers run as processes of the Windows host, on its network. */
const hostProcess = (): Fields => ({
  hostNetwork: true,
  securityContext: { windowsOptions: { hostProcess: true, runAsUserName: 'NT AUTHORITY\\SYSTEM' } },
});

const profileOf = (random: Random): Fields => {
  const type = random.pick(PROFILES);
  return type === 'Localhost' ? { type, localhostProfile: 'x' } : { type };
};

const capabilitiesOf = (random: Random): Fields => ({
  ...(random.chance(0.7) ? { add: random.some(CAPABILITIES, 3) } : {}),
  ...(random.chance(0.6) ? { drop: [random.pick(['ALL', 'ALL', 'all', 'NET_RAW'])] } : {}),
});

const seLinuxOf = (random: Random): Fields => ({
  type: random.pick(SELINUX_TYPES),
  ...(random.chance(0.3) ? { user: 'u' } : {}),
  ...(random.chance(0.3) ? { role: 'r' } : {}),
  level: 's0:c1',
});

const hostNamespaces = (random: Random): Fields =>
  Object.fromEntries(random.some(['hostNetwork', 'hostPID', 'hostIPC'], 2).map((field) => [field, random.chance(0.8)]));

const volumesOf = (random: Random): readonly Fields[] =>
  random.some(VOLUMES, 4).map((source, index) => ({ name: `v${index}`, ...source }));

/** Ports, probes and handlers. */
function partsOf(random: Random, maybe: () => boolean, userNamespace: boolean): Fields {
  const handler = (): Fields => {
    const host = random.chance(0.5) ? { host: random.pick(['b.example.com', 'a.example.com', '']) } : {};
    return random.chance(0.5) ? { httpGet: { path: '/', port: 80, ...host } } : { tcpSocket: { port: 80, ...host } };
  };
  const port = random.pick([80, 9, 8080]);
  return {
    ...(maybe()
      ? {
          ports: [
            { containerPort: port, ...(random.chance(0.5) && !userNamespace ? { hostPort: port } : {}) },
            { containerPort: 1234 },
          ],
        }
      : {}),
    ...(maybe() ? { livenessProbe: handler() } : {}),
    ...(maybe() ? { readinessProbe: handler() } : {}),
    ...(maybe() ? { lifecycle: { [random.pick(['preStop', 'postStart'])]: handler() } } : {}),
  };
}

function annotationsOf(random: Random, names: readonly string[]): Readonly<Record<string, string>> {
  const keys = random.some(names, 2).map((name) => `container.apparmor.security.beta.kubernetes.io/${name}`);
  const profiles = keys.map((key) => [
    key,
    random.pick(['unconfined', 'unconfined', 'runtime/default', 'localhost/x']),
  ]);
  const seccomp = random.chance(0.5)
    ? [['seccomp.security.alpha.kubernetes.io/pod', random.pick(['unconfined', 'runtime/default'])]]
    : [];
  return Object.fromEntries([...profiles, ...seccomp]) as Readonly<Record<string, string>>;
}
