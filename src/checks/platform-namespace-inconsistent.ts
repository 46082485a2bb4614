import { resolveVariable, type Resolved } from '../kubernetes/environment.ts';
import { mainContainers, SHARED_NAMESPACE_VARIABLE } from '../kubernetes/platform-component.ts';
import { podTemplateOf } from '../kubernetes/owners.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type CrewaiView } from '../model/check.ts';
import type { Evidence } from '../model/finding.ts';
import type { Job } from '../model/kinds.ts';
import { compareNames, type KubeObject, type ObjectRef } from '../model/object.ts';
import type { PodTemplate } from '../model/pods.ts';
import { shellQuote } from '../model/text.ts';
import { absent, commented, manual } from './drafting.ts';
import { mainComponents, platformOwner, upgradeSteps } from './platform-release.ts';

type Eyes = CrewaiView<'deployments.apps' | 'cronjobs.batch' | 'jobs.batch' | 'configmaps' | 'namespaces'>;

/** What one of the platform's objects says; `value` is undefined where it says nothing, or nothing that works. */
interface Saying {
  readonly ref: ObjectRef;
  readonly value: string | undefined;
  readonly source: string;
  /** Deployments must say it; Jobs may do without. */
  readonly required: boolean;
}

export default defineCheck({
  id: 'platform-namespace-inconsistent',
  title: 'Every platform component uses the same, existing K8S_NAMESPACE',
  severity: 'high',
  area: 'platform',
  platforms: ['crewai'],
  reads: ['deployments.apps', 'cronjobs.batch', 'jobs.batch', 'configmaps', 'namespaces'],
  causes: [{ check: 'platform-release-unhealthy', by: ['release'] }],
  *run(view) {
    const { platform } = view;
    view.complete('deployments.apps', platform.platformNamespace);
    const sayings = [...ofComponents(view), ...ofJobs(view)];
    const said = sayings.flatMap(({ value }) => value ?? []);
    const evidence = sayings.map(toEvidence);
    const [reference = platform.sharedNamespace] = said;
    const remediation = {
      ...manual(
        'Set envVars.K8S_NAMESPACE once, in the values of the Helm release, and upgrade it',
        ...upgradeSteps(platform, `envVars: {K8S_NAMESPACE: ${reference}}`),
      ),
      ...platformOwner(platform),
    };
    for (const { ref, value, source, required } of sayings) {
      view.examined();
      if (value === undefined ? !required : value === reference) continue;
      yield {
        object: ref,
        path:
          ref.kind === 'CronJob' ? '/spec/jobTemplate/spec/template/spec/containers' : '/spec/template/spec/containers',
        message:
          value === undefined
            ? `${ref.kind} ${ref.name} has no K8S_NAMESPACE: ${source}`
            : `${ref.kind} ${ref.name} works in namespace ${value}, the rest of the platform in ${reference}`,
        confidence: 'certain',
        evidence,
        remediation,
      };
    }
    for (const name of [...new Set(said)].sort(compareNames)) {
      if (view.find('namespaces', name) !== 'absent') continue;
      yield {
        object: absent('namespaces', name),
        message: `K8S_NAMESPACE is ${name}, and there is no such namespace`,
        confidence: 'certain',
        evidence,
        remediation: manual(
          'Create the namespace that K8S_NAMESPACE names, or correct envVars.K8S_NAMESPACE and upgrade the release',
          `kubectl create namespace ${shellQuote(name)}`,
          '# or, if the name is wrong:',
          ...commented(upgradeSteps(platform, 'envVars.K8S_NAMESPACE')),
        ),
      };
    }
  },
});

function ofComponents(view: Eyes): readonly Saying[] {
  return mainComponents(view.platform).flatMap(({ name, deployment }) =>
    saying(view, refOf('deployments.apps', deployment), deployment.spec?.template, name, true),
  );
}

/** Jobs and CronJobs of the same release; a finished Job says what was true when it was made. */
function ofJobs(view: Eyes): readonly Saying[] {
  const { platformNamespace, release } = view.platform;
  const ours = ({ metadata }: KubeObject): boolean =>
    release !== undefined && metadata.labels?.['app.kubernetes.io/instance'] === release;
  const jobs = view.list('jobs.batch', platformNamespace).filter((job) => ours(job) && !isFinished(job));
  const cronJobs = view.list('cronjobs.batch', platformNamespace).filter(ours);
  return [
    ...cronJobs.flatMap((job) =>
      saying(view, refOf('cronjobs.batch', job), podTemplateOf('cronjobs.batch', job), '', false),
    ),
    ...jobs.flatMap((job) => saying(view, refOf('jobs.batch', job), podTemplateOf('jobs.batch', job), '', false)),
  ];
}

function isFinished({ status }: Job): boolean {
  return (status?.conditions ?? []).some(
    ({ type, status: state }) => (type === 'Complete' || type === 'Failed') && state === 'True',
  );
}

/** Nothing where the value is out of sight, which is remembered; a reference to an absent ConfigMap says nothing to the container. */
function saying(
  view: Eyes,
  ref: ObjectRef,
  template: PodTemplate | undefined,
  component: string,
  required: boolean,
): readonly Saying[] {
  const namespace = ref.namespace ?? '';
  let missing: string | undefined;
  const resolve = (container: Parameters<typeof resolveVariable>[0]): Resolved =>
    resolveVariable(container, SHARED_NAMESPACE_VARIABLE, {
      namespace,
      ...(template ? { template } : {}),
      configMap: (name) => {
        const found = view.find('configmaps', name, namespace);
        if (found === 'absent') missing ??= `ConfigMap ${name} does not exist`;
        return typeof found === 'string' ? found : (found.data ?? {});
      },
    });
  const all = mainContainers(template, component).map(resolve);
  const known = all.flatMap((item) => ('value' in item && item.value !== '' ? [item] : []));
  if (known.length > 0) return known.map(({ value, source }) => ({ ref, value, source, required }));
  const unknown = all.flatMap((item) => ('unknown' in item ? [item.unknown] : []))[0];
  if (unknown !== undefined && missing === undefined) {
    view.unknown('deployments.apps', `K8S_NAMESPACE of ${ref.kind} ${ref.name}: ${unknown}`, namespace);
    return [];
  }
  const empty = all.some((item) => 'value' in item);
  return [{ ref, value: undefined, source: missing ?? (empty ? 'it is empty' : 'it is not set'), required }];
}

function toEvidence({ ref, value, source }: Saying): Evidence {
  return {
    type: 'object',
    object: ref,
    ...(value === undefined ? {} : { observed: value }),
    message: `K8S_NAMESPACE of ${ref.kind} ${ref.name}: ${value === undefined ? source : `${value}, from ${source}`}`,
  };
}
