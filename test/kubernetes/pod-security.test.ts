import { describe, expect, it } from 'vitest';
import {
  compareLevels,
  levelText,
  securityPolicyOf,
  serverMinor,
  type LevelVersion,
} from '../../src/kubernetes/pod-security-labels.ts';
import { securityViolations, violationsText } from '../../src/kubernetes/pod-security.ts';
import type { PodTemplate } from '../../src/model/pods.ts';

type Spec = Readonly<Record<string, unknown>>;

const safe = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ['ALL'] },
  runAsNonRoot: true,
  seccompProfile: { type: 'RuntimeDefault' },
};
const one = (context: object = {}, more: object = {}, name = 'c'): Spec => ({
  name,
  securityContext: { ...safe, ...context },
  ...more,
});
const pod = (spec: Spec, annotations?: Readonly<Record<string, string>>): PodTemplate => ({
  ...(annotations ? { metadata: { annotations } } : {}),
  spec,
});
const containers = (...items: readonly Spec[]): PodTemplate => pod({ containers: items });

const BASELINE: LevelVersion = { level: 'baseline' };
const RESTRICTED: LevelVersion = { level: 'restricted' };

function textOf(subject: PodTemplate, standard: LevelVersion, server?: number): string {
  return violationsText(securityViolations(subject, standard, server));
}

describe('securityViolations', () => {
  it('says what the API server said of a privileged pod', () => {
    const privileged = containers({ name: 'c', image: 'i', securityContext: { privileged: true } });
    // The recorded answer of a 1.36 API server.
    expect(textOf(privileged, RESTRICTED)).toBe(
      'privileged (container "c" must not set securityContext.privileged=true), allowPrivilegeEscalation != false (container "c" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]), runAsNonRoot != true (pod or container "c" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container "c" must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost")',
    );
  });

  it('knows the controls by the names of the API server', () => {
    const bare = containers({ name: 'c' });
    expect(securityViolations(bare, RESTRICTED).map(({ control }) => control)).toEqual([
      'allowPrivilegeEscalation',
      'capabilities_restricted',
      'runAsNonRoot',
      'seccompProfile_restricted',
    ]);
  });

  it.each<[string, PodTemplate, LevelVersion, string]>([
    ['nothing set', containers({ name: 'c' }), BASELINE, ''],
    ['all that restricted asks for', containers(one()), RESTRICTED, ''],
    [
      'anything, privileged',
      containers({ name: 'c', securityContext: { privileged: true } }),
      { level: 'privileged' },
      '',
    ],
    [
      'init and ephemeral containers',
      pod({
        containers: [one({}, {}, 'main')],
        initContainers: [one({ privileged: true }, {}, 'first')],
        ephemeralContainers: [one({ privileged: true }, {}, 'debug')],
      }),
      BASELINE,
      'privileged (containers "first", "debug" must not set securityContext.privileged=true)',
    ],
    [
      'host namespaces',
      pod({ hostNetwork: true, hostIPC: true, containers: [one()] }),
      BASELINE,
      'host namespaces (hostNetwork=true, hostIPC=true)',
    ],
    [
      'ports of the host, sorted as text',
      containers(one({}, { ports: [{ hostPort: 9 }, { hostPort: 80 }, { containerPort: 5 }] })),
      BASELINE,
      'hostPort (container "c" uses hostPorts 80, 9)',
    ],
    [
      'every port on the network of the host',
      pod({ hostNetwork: true, containers: [one({}, { ports: [{ containerPort: 80 }] })] }),
      BASELINE,
      'host namespaces (hostNetwork=true), hostPort (container "c" uses hostPort 80)',
    ],
    [
      'capabilities in baseline',
      containers(one({ capabilities: { add: ['SYS_TIME', 'CHOWN', 'NET_RAW'] } })),
      BASELINE,
      'non-default capabilities (container "c" must not include "NET_RAW", "SYS_TIME" in securityContext.capabilities.add)',
    ],
    [
      'capabilities in restricted',
      containers(one({ capabilities: { add: ['CHOWN', 'NET_BIND_SERVICE'], drop: ['all'] } })),
      RESTRICTED,
      'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"]; container "c" must not include "CHOWN" in securityContext.capabilities.add)',
    ],
    [
      'hostPath in baseline',
      pod({ containers: [one()], volumes: [{ name: 'v', hostPath: { path: '/' } }, { name: 'w' }] }),
      BASELINE,
      'hostPath volumes (volume "v")',
    ],
    [
      'volumes in restricted; a volume of no kind is an emptyDir',
      pod({
        containers: [one()],
        volumes: [
          { name: 'v', hostPath: { path: '/' } },
          { name: 'n', nfs: {} },
          { name: 'none' },
          { name: 'null', hostPath: null },
          { name: 'p', persistentVolumeClaim: { claimName: 'p' } },
        ],
      }),
      RESTRICTED,
      'restricted volume types (volumes "v", "n" use restricted volume types "hostPath", "nfs")',
    ],
    [
      'SELinux',
      pod({
        securityContext: { seLinuxOptions: { type: 'spc_t', role: 'r' } },
        containers: [one({ seLinuxOptions: { type: 'container_engine_t', user: 'u' } })],
      }),
      BASELINE,
      'seLinuxOptions (pod and container "c" set forbidden securityContext.seLinuxOptions: type "spc_t"; user may not be set; role may not be set)',
    ],
    [
      'sysctls',
      pod({
        securityContext: { sysctls: [{ name: 'net.core.somaxconn' }, { name: 'net.ipv4.tcp_rmem' }] },
        containers: [one()],
      }),
      BASELINE,
      'forbidden sysctls (net.core.somaxconn)',
    ],
    [
      'hosts of probes and handlers',
      containers(
        one({}, { livenessProbe: { httpGet: { host: 'b' } }, readinessProbe: { tcpSocket: { host: '' } } }),
        one({}, { lifecycle: { preStop: { tcpSocket: { host: 'a' } } } }, 'a'),
      ),
      BASELINE,
      'probe or lifecycle host (containers "a", "c" use probe or lifecycle hosts "a", "b")',
    ],
    [
      'seccomp on pod and container',
      pod({ securityContext: { seccompProfile: { type: 'Unconfined' } }, containers: [one()] }),
      BASELINE,
      'seccompProfile (pod must not set securityContext.seccompProfile.type to "Unconfined")',
    ],
    [
      'a profile of the pod for all its containers',
      pod({
        securityContext: { seccompProfile: { type: 'Localhost' }, runAsNonRoot: true },
        containers: [one({ seccompProfile: undefined, runAsNonRoot: undefined })],
      }),
      RESTRICTED,
      '',
    ],
    [
      'runAsNonRoot: false on the pod, whatever its containers say',
      pod({ securityContext: { runAsNonRoot: false }, containers: [one()] }),
      RESTRICTED,
      'runAsNonRoot != true (pod must not set securityContext.runAsNonRoot=false)',
    ],
    [
      'root by number',
      pod({ securityContext: { runAsUser: 0 }, containers: [one({ runAsUser: 0 }), one({ runAsUser: 1 }, {}, 'd')] }),
      RESTRICTED,
      'runAsUser=0 (pod and container "c" must not set runAsUser=0)',
    ],
    [
      'AppArmor, of fields and of the older annotation',
      pod(
        { containers: [one(), one({ appArmorProfile: { type: 'Unconfined' } }, {}, 'd')] },
        {
          'container.apparmor.security.beta.kubernetes.io/c': 'unconfined',
          'container.apparmor.security.beta.kubernetes.io/d': 'localhost/x',
        },
      ),
      BASELINE,
      'forbidden AppArmor profiles (containers "c", "d" and annotation must not set AppArmor profile type to "Unconfined", "container.apparmor.security.beta.kubernetes.io/c="unconfined"")',
    ],
    [
      'processes of a Windows host',
      pod({
        securityContext: { windowsOptions: { hostProcess: true } },
        containers: [one({ windowsOptions: { hostProcess: true } })],
      }),
      BASELINE,
      'hostProcess (pod and container "c" must not set securityContext.windowsOptions.hostProcess=true)',
    ],
    [
      'fields that are no lists',
      pod({ containers: [one({ capabilities: { add: 'X', drop: 'ALL' } })], volumes: 'none', initContainers: {} }),
      RESTRICTED,
      'unrestricted capabilities (container "c" must set securityContext.capabilities.drop=["ALL"])',
    ],
  ])('%s', (_, subject, standard, expected) => {
    expect(textOf(subject, standard)).toBe(expected);
  });

  it.each<[string, PodTemplate, 'baseline' | 'restricted', last: number]>([
    ['probe hosts, since 1.34', containers(one({}, { startupProbe: { httpGet: { host: 'h' } } })), 'baseline', 33],
    ['the seccomp field, since 1.19', containers(one({ seccompProfile: { type: 'Unconfined' } })), 'baseline', 18],
    ['root by number, since 1.23', containers(one({ runAsUser: 0 })), 'restricted', 22],
    ['capabilities kept, since 1.22', containers(one({ capabilities: {} })), 'restricted', 21],
    ['escalation, since 1.8', containers(one({ allowPrivilegeEscalation: true })), 'restricted', 7],
  ])('forbids later: %s', (_, subject, level, last) => {
    expect(textOf(subject, { level, minor: last })).toBe('');
    expect(textOf(subject, { level, minor: last + 1 })).not.toBe('');
    expect(textOf(subject, { level })).not.toBe('');
  });

  const sysctl = (name: string): PodTemplate => pod({ securityContext: { sysctls: [{ name }] }, containers: [one()] });
  const windows = (context: object): PodTemplate =>
    pod({ os: { name: 'windows' }, containers: [{ name: 'c', securityContext: context }] });
  const inUserNamespace = (context: object): PodTemplate => pod({ hostUsers: false, containers: [one(context)] });
  it.each<[string, PodTemplate, 'baseline' | 'restricted', first: number]>([
    ['reserved ports, since 1.27', sysctl('net.ipv4.ip_local_reserved_ports'), 'baseline', 27],
    ['keepalive, since 1.29', sysctl('net.ipv4.tcp_keepalive_time'), 'baseline', 29],
    ['buffers, since 1.32', sysctl('net.ipv4.tcp_wmem'), 'baseline', 32],
    [
      'SELinux for engines, since 1.31',
      containers(one({ seLinuxOptions: { type: 'container_engine_t' } })),
      'baseline',
      31,
    ],
    ['Windows, since 1.25', windows({ runAsNonRoot: true }), 'restricted', 25],
    ['procMount of a user namespace, since 1.35', inUserNamespace({ procMount: 'Unmasked' }), 'baseline', 35],
    ['root of a user namespace, since 1.35', inUserNamespace({ runAsUser: 0 }), 'restricted', 35],
    [
      'nobody in particular in a user namespace, since 1.35',
      inUserNamespace({ runAsNonRoot: false }),
      'restricted',
      35,
    ],
  ])('allows later: %s', (_, subject, level, first) => {
    expect(textOf(subject, { level, minor: first - 1 })).not.toBe('');
    expect(textOf(subject, { level, minor: first })).toBe('');
    expect(textOf(subject, { level })).toBe('');
    // An older server has no later rules, whatever version is asked for.
    expect(textOf(subject, { level, minor: 99 }, first - 1)).not.toBe('');
  });

  it('never relaxes procMount in restricted', () => {
    const subject = inUserNamespace({ procMount: 'Unmasked' });
    const text = 'procMount (container "c" must not set securityContext.procMount to "Unmasked")';
    expect(
      [34, 35, undefined].map((minor) => textOf(subject, { level: 'restricted', ...(minor && { minor }) })),
    ).toEqual([text, text, text]);
  });

  it('reads seccomp annotations where the version is from before the field', () => {
    const subject = pod(
      { containers: [one({ seccompProfile: undefined })] },
      {
        'seccomp.security.alpha.kubernetes.io/pod': 'unconfined',
        'container.seccomp.security.alpha.kubernetes.io/c': 'localhost/x',
      },
    );
    expect(textOf(subject, { level: 'baseline', minor: 18 })).toBe(
      'seccompProfile (forbidden annotation seccomp.security.alpha.kubernetes.io/pod="unconfined")',
    );
    expect(textOf(subject, BASELINE)).toBe('');
  });
});

describe('securityPolicyOf', () => {
  const policy = (labels: Readonly<Record<string, string>>) =>
    securityPolicyOf({
      metadata: {
        name: 'n',
        labels: Object.fromEntries(
          Object.entries(labels).map(([key, value]) => [`pod-security.kubernetes.io/${key}`, value]),
        ),
      },
    });

  it.each<[string, Readonly<Record<string, string>>, Partial<ReturnType<typeof policy>>]>([
    ['nothing', {}, { invalid: [] }],
    ['a level', { enforce: 'baseline' }, { enforce: { level: 'baseline' }, warn: { level: 'baseline' }, invalid: [] }],
    [
      'a version',
      { enforce: 'restricted', 'enforce-version': 'v1.30' },
      { enforce: { level: 'restricted', minor: 30 }, warn: { level: 'restricted', minor: 30 }, invalid: [] },
    ],
    [
      'latest',
      { enforce: 'privileged', 'enforce-version': 'latest' },
      { enforce: { level: 'privileged' }, invalid: [] },
    ],
    [
      'all modes',
      { enforce: 'baseline', audit: 'restricted', warn: 'privileged', 'warn-version': 'v1.0' },
      {
        enforce: { level: 'baseline' },
        audit: { level: 'restricted' },
        warn: { level: 'privileged', minor: 0 },
        invalid: [],
      },
    ],
    [
      'a word that is no level: closed where it enforces, open elsewhere',
      { enforce: 'strict', audit: 'strict', warn: 'strict' },
      {
        enforce: { level: 'restricted' },
        audit: { level: 'privileged' },
        warn: { level: 'privileged' },
        invalid: ['enforce', 'audit', 'warn'].map((mode) => `pod-security.kubernetes.io/${mode}`),
      },
    ],
    [
      'a version that is none',
      { enforce: 'baseline', 'enforce-version': '1.30' },
      {
        enforce: { level: 'baseline' },
        warn: { level: 'baseline' },
        invalid: ['pod-security.kubernetes.io/enforce-version'],
      },
    ],
    ['a version alone sets no level', { 'enforce-version': 'v1.30' }, { invalid: [] }],
    [
      'warn follows, with a version of its own',
      { enforce: 'restricted', 'warn-version': 'v1.24' },
      { enforce: { level: 'restricted' }, warn: { level: 'restricted', minor: 24 }, invalid: [] },
    ],
  ])('%s', (_, labels, expected) => {
    expect(policy(labels)).toEqual(expected);
  });

  it('orders and writes levels', () => {
    expect(compareLevels('privileged', 'baseline')).toBeLessThan(0);
    expect(compareLevels('restricted', 'baseline')).toBeGreaterThan(0);
    expect(compareLevels('restricted', 'restricted')).toBe(0);
    expect([levelText({ level: 'baseline' }), levelText({ level: 'restricted', minor: 30 })]).toEqual([
      'baseline:latest',
      'restricted:v1.30',
    ]);
  });

  it.each([
    ['v1.36.2', 36],
    ['v1.30.1-eks-123', 30],
    ['1.29', 29],
    ['v2.0.0', undefined],
    [undefined, undefined],
  ])('reads the version of a server: %s', (text, minor) => {
    expect(serverMinor(text)).toBe(minor);
  });
});
