import {
  compareLevels,
  levelText,
  securityLabel,
  securityLabels,
  securityPolicyOf,
} from '../kubernetes/pod-security-labels.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck } from '../model/check.ts';
import type { FindingDraft } from '../model/finding.ts';
import type { Namespace } from '../model/kinds.ts';
import { PLATFORM_IDS, type Platform } from '../model/platform.ts';
import type { SecurityLevel } from '../model/pods.ts';
import { livingTenants, manual } from './drafting.ts';

export default defineCheck({
  id: 'pod-security-level-low',
  title: 'Every tenant namespace enforces the Pod Security level that is expected',
  severity: 'high',
  area: 'security',
  platforms: PLATFORM_IDS,
  reads: ['namespaces'],
  *run(view) {
    const expected = expectedOf(view.platform);
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

interface Expected {
  readonly level: SecurityLevel;
  readonly why: string;
}

/** No platform but OpenCrane labels namespaces; elsewhere the level is a decision, which somebody has to tell. */
function expectedOf({ id, version, podSecurity }: Platform): Expected | undefined {
  if (podSecurity !== undefined) return { level: podSecurity, why: `${podSecurity} is what --pod-security asks for` };
  if (id !== 'opencrane') return undefined;
  // Its operator labels namespaces when it makes them: restricted from 0.5.0 to 0.6.0, baseline since 0.6.1.
  const restricted = /^v?0\.(5\.\d+|6\.0)$/.test(version ?? '');
  const release = version === undefined ? 'every release' : `release ${version}`;
  return restricted
    ? { level: 'restricted', why: `OpenCrane labels them restricted in release ${version ?? ''}` }
    : { level: 'baseline', why: `OpenCrane labels them at least baseline in ${release}` };
}

function finding(namespace: Namespace, { level, why }: Expected): FindingDraft {
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
