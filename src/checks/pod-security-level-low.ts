import { compareLevels, levelText, securityLabel, securityLabels, securityPolicyOf } from '../kubernetes/pod-security-labels.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck } from '../model/check.ts';
import type { FindingDraft } from '../model/finding.ts';
import type { Namespace } from '../model/kinds.ts';
import type { ExpectedSecurity } from '../model/platform.ts';
import { livingTenants, manual } from './drafting.ts';

export default defineCheck({
  id: 'pod-security-level-low',
  title: 'Every tenant namespace enforces the Pod Security level that is expected',
  severity: 'high',
  area: 'security',
  platforms: ['crewai', 'opencrane', 'flux', 'astronomer', 'coreweave'],
  reads: ['namespaces'],
  *run(view) {
    const expected = view.platform.podSecurity;
    // No platform but OpenCrane labels namespaces; elsewhere the level is a decision, which somebody has to tell.
    if (!expected) return;
    for (const { namespace } of livingTenants(view.platform)) {
      const found = view.find('namespaces', namespace);
      if (typeof found === 'string') continue;
      view.examined();
      const { enforce } = securityPolicyOf(found);
      if (compareLevels(enforce?.level ?? 'privileged', expected.level) < 0) yield finding(found, expected);
    }
  },
});

function finding(namespace: Namespace, { level, why }: ExpectedSecurity): FindingDraft {
  const { name } = namespace.metadata;
  const { enforce } = securityPolicyOf(namespace);
  const label = securityLabel('enforce');
  const labels = securityLabels(namespace);
  const set = `${label}=${level}`;
  return {
    object: refOf('namespaces', namespace),
    path: `/metadata/labels/${label.replace('/', '~1')}`,
    message: enforce
      ? `Namespace ${name} enforces Pod Security ${levelText(enforce)}, less than ${level}`
      : `Namespace ${name} enforces no Pod Security level, where ${level} is expected`,
    // What the server does without a label is its own configuration, which no object shows.
    confidence: enforce ? 'certain' : 'likely',
    evidence: [
      {
        type: 'comparison',
        object: refOf('namespaces', namespace),
        path: '/metadata/labels',
        observed: labels,
        expected: set,
        message: `${labels.length === 0 ? 'no label of Pod Security' : labels.join(', ')}; ${why}`,
      },
      ...(enforce
        ? []
        : [{ type: 'object' as const, message: 'a default of the API server may apply, which cannot be seen here' }]),
    ],
    remediation: manual(
      'Raise the level, after a rehearsal that names the pods that violate it',
      `kubectl label --dry-run=server --overwrite namespace ${name} ${set}`,
      '# pods that are there go on; only new ones are refused. When the warnings are dealt with:',
      `kubectl label --overwrite namespace ${name} ${set}`,
    ),
  };
}
