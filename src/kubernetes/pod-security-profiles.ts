import type { SecurityContext } from '../model/pods.ts';
import {
  plural,
  quoted,
  settersText,
  sortedSet,
  type Forbidden,
  type Judge,
  type SecuredContainer,
  type SecuredPod,
} from './pod-security-controls.ts';

const PROFILES = new Set(['RuntimeDefault', 'Localhost']);
const isProfile = (type: string | undefined): boolean => PROFILES.has(type ?? '');

const APP_ARMOR = 'container.apparmor.security.beta.kubernetes.io/';

export const appArmorProfile: Judge = (pod) => {
  const { context, containers, annotations } = pod;
  const types = containers.map((container) => [container, appArmorOf(container, pod)] as const);
  const bad = types.filter(([, type]) => type !== undefined && !isProfile(type));
  const own = context.appArmorProfile;
  const podBad = own != null && !isProfile(own.type);
  const texts = Object.entries(annotations)
    .filter(([key, value]) => key.startsWith(APP_ARMOR) && !isAppArmorText(value))
    .map(([key, value]) => `${key}="${value}"`)
    .sort();
  if (!podBad && bad.length === 0 && texts.length === 0) return undefined;
  const values = [...sortedSet([...(podBad ? [own.type ?? ''] : []), ...bad.map(([, type]) => type ?? '')]), ...texts];
  const setters = settersText(
    podBad,
    bad.map(([container]) => container),
    ...(texts.length > 0 ? [plural('annotation', texts)] : []),
  );
  return {
    reason: plural('forbidden AppArmor profile', values),
    detail: `${setters} must not set AppArmor profile type to ${quoted(values)}`,
  };
};

const isAppArmorText = (value: string): boolean =>
  value === '' || value === 'runtime/default' || value.startsWith('localhost/');

/** The API server makes a field of an annotation, unless the pod says the same (pod strategy `applyAppArmorVersionSkew`). */
function appArmorOf({ name, context }: SecuredContainer, pod: SecuredPod): string | undefined {
  if (context.appArmorProfile != null) return context.appArmorProfile.type ?? '';
  const unconfined = pod.annotations[`${APP_ARMOR}${name}`] === 'unconfined' && !pod.windows;
  return unconfined && pod.context.appArmorProfile?.type !== 'Unconfined' ? 'Unconfined' : undefined;
}

const SECCOMP_POD = 'seccomp.security.alpha.kubernetes.io/pod';
const SECCOMP_CONTAINER = 'container.seccomp.security.alpha.kubernetes.io/';

/** Before 1.19 there was no field. */
export const seccompAnnotations: Judge = ({ annotations, containers }) => {
  const keys = [SECCOMP_POD, ...containers.map(({ name }) => `${SECCOMP_CONTAINER}${name}`)];
  const bad = keys.filter((key) => Object.hasOwn(annotations, key) && !isSeccompText(annotations[key] ?? ''));
  if (bad.length === 0) return undefined;
  const texts = sortedSet(bad.map((key) => `${key}="${annotations[key] ?? ''}"`));
  return { reason: 'seccompProfile', detail: `forbidden ${plural('annotation', texts)} ${texts.join(', ')}` };
};

const isSeccompText = (value: string): boolean =>
  value === 'runtime/default' || value === 'docker/default' || value.startsWith('localhost/');

export const seccompProfile: Judge = ({ context, containers }) => {
  const isBad = ({ seccompProfile: profile }: SecurityContext): boolean => profile != null && !isProfile(profile.type);
  const bad = containers.filter((container) => isBad(container.context));
  const pod = isBad(context);
  if (!pod && bad.length === 0) return undefined;
  const all = [...(pod ? [context] : []), ...bad.map((container) => container.context)];
  const values = sortedSet(all.map((item) => item.seccompProfile?.type ?? ''));
  return {
    reason: 'seccompProfile',
    detail: `${settersText(pod, bad)} must not set securityContext.seccompProfile.type to ${quoted(values)}`,
  };
};

/** As seccompProfile, and one must be set: on the pod, or on each container. */
export const seccompProfileSet: Judge = (pod): Forbidden | undefined => {
  const bad = seccompProfile(pod);
  if (bad) return bad;
  const unset = pod.containers.filter(({ context }) => context.seccompProfile == null);
  if (pod.context.seccompProfile != null || unset.length === 0) return undefined;
  return {
    reason: 'seccompProfile',
    detail: `pod or ${settersText(false, unset)} must set securityContext.seccompProfile.type to "RuntimeDefault" or "Localhost"`,
  };
};
