import { resolveVariable, type EnvironmentContext } from '../kubernetes/environment.ts';
import { opencraneComponent } from '../kubernetes/opencrane-names.ts';
import { accountName } from '../kubernetes/owners.ts';
import type { Workload } from '../model/kinds.ts';
import { compareNames } from '../model/object.ts';
import {
  OPENCRANE_COMPONENTS,
  type OpencraneComponent,
  type OpencraneComponentName,
  type OpencraneInstance,
  type Variable,
} from '../model/opencrane.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** Which of them watch Tenants: of a fleet manager nothing is narrowed to a namespace. */
const WATCHING: ReadonlySet<OpencraneComponentName> = new Set(['operator', 'clustertenant-manager']);

/** OpenCrane's Deployments, by Helm release and namespace. */
export function findInstances(snapshot: Snapshot): readonly OpencraneInstance[] {
  const groups = new Map<string, OpencraneComponent[]>();
  for (const deployment of snapshot.list('deployments.apps')) {
    const name = opencraneComponent(deployment);
    if (name === undefined) continue;
    const release = deployment.metadata.labels?.['app.kubernetes.io/instance'] ?? '';
    const key = JSON.stringify([deployment.metadata.namespace ?? '', release]);
    groups.set(key, [...(groups.get(key) ?? []), componentOf(snapshot, name, deployment)]);
  }
  return [...groups]
    .map(([key, components]) => {
      const [namespace, release] = JSON.parse(key) as [string, string];
      return { namespace, ...(release === '' ? {} : { release }), components: inOrder(components) };
    })
    .sort((a, b) => compareNames(a.namespace, b.namespace) || compareNames(a.release ?? '', b.release ?? ''));
}

const inOrder = (components: readonly OpencraneComponent[]): readonly OpencraneComponent[] =>
  OPENCRANE_COMPONENTS.flatMap((name) =>
    components
      .filter((component) => component.name === name)
      .sort((a, b) => compareNames(a.deployment.metadata.name, b.deployment.metadata.name)),
  );

function componentOf(snapshot: Snapshot, name: OpencraneComponentName, deployment: Workload): OpencraneComponent {
  const account = accountName(deployment.spec?.template?.spec);
  if (!WATCHING.has(name)) return { name, deployment, account };
  const variable = (key: string): Variable => variableOf(snapshot, deployment, key);
  return {
    name,
    deployment,
    account,
    watch: variable('WATCH_NAMESPACE'),
    requireWatch: variable('REQUIRE_WATCH_NAMESPACE'),
  };
}

/** As the kubelet sets it in whichever container has it: the charts have one, sidecars do not have these variables. */
function variableOf(snapshot: Snapshot, { metadata, spec }: Workload, name: string): Variable {
  const namespace = metadata.namespace ?? '';
  const template = spec?.template;
  const context: EnvironmentContext = {
    namespace,
    ...(template ? { template } : {}),
    configMap: (wanted) => {
      const found = snapshot.find('configmaps', wanted, namespace);
      if (found) return found.data ?? {};
      return snapshot.completeness('configmaps', namespace) === 'complete' ? 'absent' : 'unknown';
    },
  };
  const resolved = (template?.spec?.containers ?? []).map((container) => resolveVariable(container, name, context));
  const value = resolved.find((one) => 'value' in one);
  if (value && 'value' in value) return value;
  const unknown = resolved.find((one) => 'unknown' in one);
  return unknown && 'unknown' in unknown ? unknown : { value: '', source: 'not set' };
}
