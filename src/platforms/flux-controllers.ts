import { commandFlags } from '../kubernetes/command-flags.ts';
import { accountName } from '../kubernetes/owners.ts';
import { FLUX_CONTROLLERS, type FluxController, type FluxControllerKind } from '../model/flux.ts';
import type { Workload } from '../model/kinds.ts';
import type { Container } from '../model/pods.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** What the flags that checks look at take; the controllers' main.go and fluxcd/pkg/runtime. */
const FLAGS: ReadonlyMap<string, 'switch' | 'text'> = new Map([
  ['no-cross-namespace-refs', 'switch'],
  ['no-remote-bases', 'switch'],
  ['watch-all-namespaces', 'switch'],
  ['enable-leader-election', 'switch'],
  ['default-service-account', 'text'],
  ['watch-label-selector', 'text'],
]);

/**
 * Flux's controllers by what their Deployments run: the image, however it is mirrored, or name and label where it was
 * renamed. The label `app.kubernetes.io/part-of: flux` is on what `flux install` and the community's chart make; without
 * it the image must be one of fluxcd's, for k3s has a helm-controller as well.
 */
export function fluxControllers(snapshot: Pick<Snapshot, 'list'>): readonly FluxController[] {
  return snapshot.list('deployments.apps').flatMap((deployment) => {
    const kind = controllerKind(deployment);
    return kind === undefined ? [] : [describe(kind, deployment)];
  });
}

/** Which of Flux's controllers a Deployment runs. */
export function controllerKind(deployment: Workload): FluxControllerKind | undefined {
  const { labels, name } = deployment.metadata;
  const image = main(deployment)?.image ?? '';
  const isFlux = labels?.['app.kubernetes.io/part-of'] === 'flux';
  const repository = image.replace(/@.*$/, '').replace(/:[^/]*$/, '');
  const component = labels?.['app.kubernetes.io/component'] ?? labels?.app ?? name;
  return FLUX_CONTROLLERS.find(
    (kind) =>
      (repository.endsWith(`/${kind}`) && (isFlux || repository.includes('fluxcd/'))) ||
      (isFlux && (component === kind || name === kind || name.startsWith(`${kind}-`))),
  );
}

/** Sidecars that are injected may stand before or behind it. */
const main = ({ spec }: Workload): Container | undefined => {
  const containers = spec?.template?.spec?.containers ?? [];
  return containers.find(({ name }) => name === 'manager') ?? containers[0];
};

function describe(kind: FluxControllerKind, deployment: Workload): FluxController {
  const namespace = deployment.metadata.namespace ?? '';
  const template = deployment.spec?.template;
  const container = main(deployment);
  const context = { namespace, ...(template ? { template } : {}), configMap: () => 'unknown' as const };
  const none = { flags: new Map<string, never>() };
  return {
    kind,
    deployment,
    account: { namespace, name: accountName(template?.spec) },
    ...(container ? commandFlags(container, context, FLAGS) : none),
  };
}

/** Flux's release: a label of what `flux install` makes. Controllers have versions of their own. */
export function fluxVersion(controllers: readonly FluxController[]): string | undefined {
  return controllers
    .map(({ deployment }) => deployment.metadata.labels?.['app.kubernetes.io/version'])
    .find((version) => version !== undefined)
    ?.replace(/^v/, '');
}
