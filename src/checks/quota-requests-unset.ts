import { containerDefaults, demandedBy, unmetDemands, unmetText, type Unmet } from '../kubernetes/quota-demands.ts';
import { scopeText } from '../kubernetes/quota-scope.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { podSpecPath } from '../kubernetes/secret-uses.ts';
import { defineCheck } from '../model/check.ts';
import type { FindingDraft, Remediation } from '../model/finding.ts';
import type { ResourceQuota } from '../model/kinds.ts';
import { WORKLOADS } from '../model/resource.ts';
import { PLATFORM_IDS } from '../model/platform.ts';
import { count } from '../model/text.ts';
import { applyStep, judgedNamespaces, manual } from './drafting.ts';
import { subjectsIn, type Subject } from './workload-subjects.ts';

export default defineCheck({
  id: 'quota-requests-unset',
  title: 'Pods under a compute quota state the requests and limits that it demands',
  severity: 'high',
  area: 'quota',
  platforms: PLATFORM_IDS,
  reads: ['resourcequotas', 'limitranges', ...WORKLOADS],
  evidence: ['replicasets.apps'],
  *run(view) {
    for (const namespace of judgedNamespaces(view.platform)) {
      const quotas = view.list('resourcequotas', namespace).filter((quota) => demandedBy(quota).length > 0);
      if (quotas.length === 0) continue;
      const subjects = subjectsIn(view, namespace);
      const ranges = view.list('limitranges', namespace);
      for (const subject of subjects) {
        view.examined();
        for (const quota of quotas) {
          const unmet = unmetDemands(quota, subject.spec, containerDefaults(ranges));
          // Where LimitRanges could not be listed, one may supply what is missing.
          if (unmet.length > 0 && view.complete('limitranges', namespace))
            yield finding(namespace, subject, quota, unmet);
        }
      }
    }
  },
});

function finding(namespace: string, subject: Subject, quota: ResourceQuota, unmet: readonly Unmet[]): FindingDraft {
  const { ref, resource, pods } = subject;
  const { name } = quota.metadata;
  const running =
    pods.length > 0 ? `; ${count(pods.length, 'pod')} of it ${pods.length === 1 ? 'is' : 'are'} from before` : '';
  return {
    object: ref,
    path: podSpecPath(resource),
    discriminator: name,
    message: `${ref.kind} ${ref.name} in ${namespace} does not state what ResourceQuota ${name}${scopeText(quota)} demands: ${unmetText(unmet)}${running}`,
    confidence: 'certain',
    evidence: [
      {
        type: 'comparison',
        object: refOf('resourcequotas', quota),
        path: '/spec/hard',
        expected: unmet.map(({ dimension }) => dimension),
        message: 'no LimitRange of the namespace supplies it',
      },
    ],
    keys: { namespace, object: `${ref.kind}/${namespace}/${ref.name}` },
    remediation: remediationOf(namespace, unmet),
  };
}

/** Amounts to adapt: those that OpenCrane gives its tenants. */
const USUAL = {
  default: { cpu: '1', memory: '1Gi' },
  defaultRequest: { cpu: '100m', memory: '128Mi' },
};

function remediationOf(namespace: string, unmet: readonly Unmet[]): Remediation {
  const range = {
    apiVersion: 'v1',
    kind: 'LimitRange',
    metadata: { name: 'container-defaults', namespace },
    spec: { limits: [{ type: 'Container', ...USUAL }] },
  };
  return manual(
    'State requests and limits, or let a LimitRange supply them',
    `# in the pod template: resources with ${unmet.map(({ dimension }) => dimension).join(', ')} for each container; or, with amounts to adapt:`,
    applyStep(range),
    '# pods that are there stay as they are; a workload whose pods were refused tries again by itself',
  );
}
