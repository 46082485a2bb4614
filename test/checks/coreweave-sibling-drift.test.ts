import check from '../../src/checks/coreweave-sibling-drift.ts';
import { coreweaveNamespaces, people, quota } from '../fixtures/coreweave.ts';
import { describeCheck } from '../support/check-table.ts';
import { put, type Scenario } from '../support/scenario.ts';

const settings = { handle: 'acme' };
const base = coreweaveNamespaces();
const changed = (object: Parameters<typeof put>[1]): Scenario => ({
  base,
  settings,
  change: (all) => put(all, object),
});
const broken = changed(quota('tenant-acme-dev', { 'requests.cpu': '32', pods: '200' }));
const findings = [{ object: 'Namespace/tenant-acme-dev', severity: 'medium' as const, confidence: 'likely' as const }];

describeCheck(check, {
  passes: {
    alike: { base, settings },
    'the same amount': changed(quota('tenant-acme-dev', { 'requests.cpu': '64000m', pods: '200' })),
    'the same people by a binding of another name': changed({
      ...people('tenant-acme-dev'),
      metadata: { name: 'other', namespace: 'tenant-acme-dev' },
    }),
  },
  fails: {
    'less of something': { ...broken, findings },
    'no limit on something': { ...changed(quota('tenant-acme-dev', { pods: '200' })), findings },
    'no quota at all': { base, settings, without: ['ResourceQuota/tenant-acme-dev/quota'], findings },
    'other people': { ...changed(people('tenant-acme-dev', 'strangers')), findings },
    'with a guessed handle': { ...broken, settings: {}, findings: [{ ...findings[0]!, confidence: 'hint' }] },
  },
  notEvaluated: {
    'quotas refused': { ...broken, faults: [{ resource: 'resourcequotas' }] },
    'RoleBindings of the original refused': {
      ...broken,
      faults: [{ resource: 'rolebindings.rbac.authorization.k8s.io', namespace: 'tenant-acme' }],
    },
  },
  notApplicable: { 'the original alone': { base: coreweaveNamespaces({ ids: [] }), settings } },
});
