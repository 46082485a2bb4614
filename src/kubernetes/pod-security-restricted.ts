import type { Volume } from '../model/pods.ts';
import { isRecord } from './json-value.ts';
import { procMount } from './pod-security-baseline.ts';
import { seccompProfileSet } from './pod-security-profiles.ts';
import {
  listOf,
  namedContainers,
  plural,
  quoted,
  settersText,
  sortedSet,
  type Control,
  type Judge,
} from './pod-security-controls.ts';

const allowPrivilegeEscalation: Judge = ({ containers }) => {
  const bad = containers.filter(({ context }) => context.allowPrivilegeEscalation !== false);
  if (bad.length === 0) return undefined;
  return {
    reason: 'allowPrivilegeEscalation != false',
    detail: `${namedContainers(bad)} must set securityContext.allowPrivilegeEscalation=false`,
  };
};

const capabilities: Judge = ({ containers }) => {
  const foreign = (add: readonly string[] | null | undefined): readonly string[] =>
    listOf(add).filter((capability) => capability !== 'NET_BIND_SERVICE');
  const keeping = containers.filter(({ context }) => !listOf(context.capabilities?.drop).includes('ALL'));
  const adding = containers.filter(({ context }) => foreign(context.capabilities?.add).length > 0);
  const added = sortedSet(adding.flatMap(({ context }) => foreign(context.capabilities?.add)));
  const details = [
    ...(keeping.length > 0 ? [`${namedContainers(keeping)} must set securityContext.capabilities.drop=["ALL"]`] : []),
    ...(adding.length > 0
      ? [`${namedContainers(adding)} must not include ${quoted(added)} in securityContext.capabilities.add`]
      : []),
  ];
  return details.length === 0 ? undefined : { reason: 'unrestricted capabilities', detail: details.join('; ') };
};

/** Kinds of volumes in the order in which the API server names them; all that it does not know it drops. */
const RESTRICTED_VOLUMES = [
  'hostPath',
  'gcePersistentDisk',
  'awsElasticBlockStore',
  'gitRepo',
  'nfs',
  'iscsi',
  'glusterfs',
  'rbd',
  'flexVolume',
  'cinder',
  'cephfs',
  'flocker',
  'fc',
  'azureFile',
  'vsphereVolume',
  'quobyte',
  'azureDisk',
  'photonPersistentDisk',
  'portworxVolume',
  'scaleIO',
  'storageos',
];

const restrictedVolumes: Judge = ({ spec }) => {
  const bad = listOf(spec.volumes).flatMap((volume) => {
    const type = RESTRICTED_VOLUMES.find((candidate) => hasSource(volume, candidate));
    return type === undefined ? [] : [{ name: volume.name, type }];
  });
  if (bad.length === 0) return undefined;
  const types = sortedSet(bad.map(({ type }) => type));
  const names = quoted(bad.map(({ name }) => name));
  return {
    reason: 'restricted volume types',
    detail: `${plural('volume', bad)} ${names} ${plural('uses', bad, 'use')} ${plural('restricted volume type', types)} ${quoted(types)}`,
  };
};

const hasSource = (volume: Volume, type: string): boolean =>
  Object.hasOwn(volume, type) && isRecord((volume as unknown as Readonly<Record<string, unknown>>)[type]);

const runAsNonRoot: Judge = ({ context, containers }) => {
  const bad = containers.filter((container) => container.context.runAsNonRoot === false);
  const pod = context.runAsNonRoot === false;
  const reason = 'runAsNonRoot != true';
  if (pod || bad.length > 0) {
    return { reason, detail: `${settersText(pod, bad)} must not set securityContext.runAsNonRoot=false` };
  }
  const unset = containers.filter((container) => container.context.runAsNonRoot == null);
  if (context.runAsNonRoot === true || unset.length === 0) return undefined;
  return { reason, detail: `pod or ${namedContainers(unset)} must set securityContext.runAsNonRoot=true` };
};

const runAsUser: Judge = ({ context, containers }) => {
  const bad = containers.filter((container) => container.context.runAsUser === 0);
  const pod = context.runAsUser === 0;
  if (!pod && bad.length === 0) return undefined;
  return { reason: 'runAsUser=0', detail: `${settersText(pod, bad)} must not set runAsUser=0` };
};

/** Windows has none of it (`spec.os.name`, since 1.25). */
const onLinux =
  (judge: Judge): Judge =>
  (pod) =>
    pod.windows ? undefined : judge(pod);

/** Root of a user namespace is nobody on the host (KEP-127, since 1.35). */
const forHostUsers =
  (judge: Judge): Judge =>
  (pod) =>
    pod.userNamespace ? undefined : judge(pod);

/** What the restricted standard adds to baseline, or puts in its place, sorted by id. */
export const RESTRICTED: readonly Control[] = [
  {
    id: 'allowPrivilegeEscalation',
    revisions: [
      { since: 8, judge: allowPrivilegeEscalation },
      { since: 25, judge: onLinux(allowPrivilegeEscalation) },
    ],
  },
  {
    id: 'capabilities_restricted',
    revisions: [
      { since: 22, judge: capabilities, overrides: 'capabilities_baseline' },
      { since: 25, judge: onLinux(capabilities), overrides: 'capabilities_baseline' },
    ],
  },
  { id: 'procMount_restricted', revisions: [{ since: 35, judge: procMount, overrides: 'procMount' }] },
  { id: 'restrictedVolumes', revisions: [{ since: 0, judge: restrictedVolumes, overrides: 'hostPathVolumes' }] },
  {
    id: 'runAsNonRoot',
    revisions: [
      { since: 0, judge: runAsNonRoot },
      { since: 35, judge: forHostUsers(runAsNonRoot) },
    ],
  },
  {
    id: 'runAsUser',
    revisions: [
      { since: 23, judge: runAsUser },
      { since: 35, judge: forHostUsers(runAsUser) },
    ],
  },
  {
    id: 'seccompProfile_restricted',
    revisions: [
      { since: 19, judge: seccompProfileSet, overrides: 'seccompProfile_baseline' },
      { since: 25, judge: onLinux(seccompProfileSet), overrides: 'seccompProfile_baseline' },
    ],
  },
];
