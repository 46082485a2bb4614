import type { AccessRule } from '../model/access.ts';
import type { Needs } from '../model/platform.ts';

const rules = (group: string, resources: readonly string[], verbs: readonly string[]): AccessRule[] =>
  resources.flatMap((resource) => verbs.map((verb) => ({ verb, group, resource })));

const WRITE = ['get', 'list', 'create', 'patch', 'update', 'delete'];

/**
 * What CrewAI's provisioner does in an organization's namespace. The chart's own rules are not public: the core set is
 * what its documentation and its error messages name; the full set is inferred from the objects that crews consist of.
 */
export const CREWAI_NEEDS: Needs = {
  core: [
    ...rules('', ['secrets'], ['get']),
    ...rules('apps', ['deployments'], ['create', 'get', 'patch', 'delete']),
    ...rules('', ['services', 'secrets', 'configmaps'], ['create', 'get', 'patch', 'delete']),
    ...rules('', ['pods'], ['list']),
  ].filter(
    (rule, index, all) =>
      all.findIndex(
        (other) => other.verb === rule.verb && other.group === rule.group && other.resource === rule.resource,
      ) === index,
  ),
  full: [
    ...rules('', ['configmaps', 'secrets', 'services', 'persistentvolumeclaims', 'pods'], WRITE),
    ...rules('apps', ['deployments', 'statefulsets'], WRITE),
    ...rules('batch', ['jobs', 'cronjobs'], WRITE),
    ...rules('networking.k8s.io', ['ingresses'], WRITE),
    ...rules('autoscaling', ['horizontalpodautoscalers'], WRITE),
    ...rules('', ['pods/log'], ['get']),
    ...rules('', ['events'], ['list']),
  ],
};
