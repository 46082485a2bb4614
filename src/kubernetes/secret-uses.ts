import type { Container, PodSpec, Volume } from '../model/pods.ts';
import type { Resource } from '../model/resource.ts';

/** One place of a pod template that names a Secret of the pod's namespace. */
export interface SecretUse {
  readonly secret: string;
  /** The entries of it that must be there; none where the whole Secret is meant. */
  readonly keys: readonly string[];
  readonly optional: boolean;
  readonly via: 'pull' | 'volume' | 'environment';
  /** JSON Pointer within the object that holds the template. */
  readonly path: string;
}

/** JSON Pointer of the pod spec within an object of a resource that makes pods (or is one). */
export function podSpecPath(resource: Resource): string {
  if (resource === 'pods') return '/spec';
  return resource === 'cronjobs.batch' ? '/spec/jobTemplate/spec/template/spec' : '/spec/template/spec';
}

/**
 * Every Secret that a pod names (api/v1/pod `VisitPodSecretNames`, as far as the model knows the fields), in the order of
 * the spec. The kubelet mounts a volume and starts a container only when all that is not optional exists; a missing pull
 * Secret only leaves its credentials out.
 *
 * @param base JSON Pointer of the spec within its object (see podSpecPath)
 */
export function secretUses(spec: PodSpec, base: string): readonly SecretUse[] {
  return [
    ...(spec.imagePullSecrets ?? []).flatMap(({ name }, index) =>
      use(name, 'pull', `${base}/imagePullSecrets/${String(index)}`),
    ),
    ...(spec.volumes ?? []).flatMap((volume, index) => usesOfVolume(volume, `${base}/volumes/${String(index)}`)),
    ...(['initContainers', 'containers'] as const).flatMap((field) =>
      (spec[field] ?? []).flatMap((container, index) =>
        usesOfContainer(container, `${base}/${field}/${String(index)}`),
      ),
    ),
  ];
}

interface More {
  readonly keys?: readonly string[];
  readonly optional?: boolean | undefined;
}

function use(name: string | undefined, via: SecretUse['via'], path: string, more: More = {}): readonly SecretUse[] {
  // An empty name names nothing, for the kubelet as well (pkg/kubelet `getPullSecretsForPod`).
  if (name === undefined || name === '') return [];
  return [{ secret: name, keys: more.keys ?? [], optional: more.optional ?? false, via, path }];
}

function usesOfVolume({ secret, projected }: Volume, path: string): readonly SecretUse[] {
  const plain = use(secret?.secretName, 'volume', `${path}/secret`, {
    keys: (secret?.items ?? []).map(({ key }) => key),
    optional: secret?.optional,
  });
  const sources = (projected?.sources ?? []).flatMap(({ secret: source }, index) =>
    use(source?.name, 'volume', `${path}/projected/sources/${String(index)}/secret`, {
      keys: (source?.items ?? []).map(({ key }) => key),
      optional: source?.optional,
    }),
  );
  return [...plain, ...sources];
}

function usesOfContainer({ env, envFrom }: Container, path: string): readonly SecretUse[] {
  const variables = (env ?? []).flatMap(({ valueFrom }, index) => {
    const selector = valueFrom?.secretKeyRef;
    if (!selector) return [];
    const at = `${path}/env/${String(index)}/valueFrom/secretKeyRef`;
    return use(selector.name, 'environment', at, { keys: [selector.key], optional: selector.optional });
  });
  const sources = (envFrom ?? []).flatMap(({ secretRef }, index) =>
    use(secretRef?.name, 'environment', `${path}/envFrom/${String(index)}/secretRef`, {
      optional: secretRef?.optional,
    }),
  );
  return [...variables, ...sources];
}
