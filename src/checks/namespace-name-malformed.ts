import { orgOfNamespace } from '../kubernetes/tenant-names.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck } from '../model/check.ts';
import { manual } from './drafting.ts';

/** Digits that somebody may have meant as the organization's id: `04`, `4-old`. */
const MEANT = /^0*([1-9]\d*)/;

export default defineCheck({
  id: 'namespace-name-malformed',
  title: "Namespaces that look like an organization's are exactly named",
  severity: 'medium',
  area: 'namespace',
  platforms: ['crewai'],
  reads: ['namespaces'],
  *run(view) {
    const { sharedNamespace } = view.platform;
    const prefix = `${sharedNamespace}-org-`;
    for (const namespace of view.list('namespaces')) {
      const { name } = namespace.metadata;
      if (!name.startsWith(prefix)) continue;
      view.examined();
      if (orgOfNamespace(sharedNamespace, name) !== undefined) continue;
      const meant = MEANT.exec(name.slice(prefix.length))?.[1];
      const right = meant === undefined ? undefined : prefix + meant;
      const exists = right === undefined ? 'absent' : view.find('namespaces', right);
      yield {
        object: refOf('namespaces', namespace),
        message: `Namespace ${name} looks like an organization's, but CrewAI only uses ${prefix}<id> with a plain number`,
        confidence: 'certain',
        evidence: [
          {
            type: 'object',
            object: refOf('namespaces', namespace),
            path: '/metadata/name',
            observed: name,
            expected: right ?? `${prefix}<id>`,
          },
          ...(right === undefined
            ? []
            : [
                {
                  type: 'comparison' as const,
                  message: `${right} ${exists === 'absent' ? 'does not exist' : 'exists'}: that is where the platform works`,
                },
              ]),
        ],
        remediation: manual(
          'Move what is in it to the organization whose namespace it should be, then delete it by hand',
          `kubectl -n ${name} get deployments,statefulsets,jobs,cronjobs,services,secrets,configmaps,persistentvolumeclaims`,
          '# redeploy the crews it holds from the CrewAI UI; when nothing is needed any more:',
          `# kubectl delete namespace ${name}`,
        ),
      };
    }
  },
});
