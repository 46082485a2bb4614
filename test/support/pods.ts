import { CREATED, CREW_IMAGE } from '../fixtures/crewai.ts';
import { document } from './registry.ts';

export interface PodOptions {
  readonly name?: string;
  readonly image?: string;
  readonly pullSecrets?: readonly string[];
  /** Secrets mounted as volumes. */
  readonly volumes?: readonly string[];
  readonly account?: string;
  readonly created?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly spec?: Readonly<Record<string, unknown>>;
  readonly container?: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>>;
}

/** A pod on its own, as a YAML document for a scenario's `with`. */
export function crewPod(namespace: string, options: PodOptions = {}): string {
  const { name = 'org-2-crew-9-lone', image = CREW_IMAGE, account = 'default', created = CREATED } = options;
  return document({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, namespace, uid: `uid-${namespace}-${name}`, creationTimestamp: created, ...options.metadata },
    spec: {
      serviceAccountName: account,
      imagePullSecrets: (options.pullSecrets ?? ['docker-registry']).map((secret) => ({ name: secret })),
      containers: [{ name: 'main', image, ...options.container }],
      volumes: (options.volumes ?? []).map((secret) => ({ name: secret, secret: { secretName: secret } })),
      ...options.spec,
    },
    status: options.status ?? { phase: 'Pending' },
  });
}

/** Status of a pod whose container waits. */
export function waiting(reason: string, message?: string): Readonly<Record<string, unknown>> {
  const state = { waiting: { reason, ...(message === undefined ? {} : { message }) } };
  return { phase: 'Pending', containerStatuses: [{ name: 'main', image: '', ready: false, restartCount: 0, state }] };
}
