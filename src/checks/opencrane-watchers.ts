import { isPartOfOpencrane } from '../kubernetes/opencrane-names.ts';
import type { OpencraneView } from '../model/check.ts';
import type { OpencraneComponent, OpencraneInstance } from '../model/opencrane.ts';
import { wantedReplicas } from '../kubernetes/workload-status.ts';
import type { Variable } from '../model/opencrane.ts';

/** An operator that runs, or clustertenant-manager, and whose it is. */
export interface Watcher {
  readonly instance: OpencraneInstance;
  readonly component: OpencraneComponent;
  readonly watch: Variable;
  readonly requireWatch: Variable;
}

/** What watches Tenants; one that is scaled to nothing does not. */
export function watchersOf(view: OpencraneView): readonly Watcher[] {
  return view.platform.instances.flatMap((instance) =>
    instance.components.flatMap((component) => {
      const { watch, requireWatch, deployment } = component;
      const runs = watch !== undefined && requireWatch !== undefined && wantedReplicas(deployment) > 0;
      return runs ? [{ instance, component, watch, requireWatch }] : [];
    }),
  );
}

/** Values of the charts, with the release's own names. */
export function watchValues({ instance: { namespace, release = namespace } }: Watcher): readonly string[] {
  return [
    `# values of release ${release}: operator.watchNamespace ${namespace} (charts up to 0.5; later ones take their own namespace), multiInstance.requireWatchNamespace true`,
    `helm get values ${release} -n ${namespace}`,
    `# helm upgrade ${release} CHART -n ${namespace} --skip-crds -f VALUES`,
  ];
}

/** Several instances, or a policy that is only made for such. */
export function isMultiInstance(view: OpencraneView<'networkpolicies.networking.k8s.io'>): boolean {
  const { instances } = view.platform;
  if (instances.length > 1) return true;
  return instances.some(({ namespace }) =>
    view
      .list('networkpolicies.networking.k8s.io', namespace)
      .some(
        (policy) =>
          isPartOfOpencrane(policy) &&
          policy.metadata.labels?.['app.kubernetes.io/component'] === 'cross-instance-isolation',
      ),
  );
}
