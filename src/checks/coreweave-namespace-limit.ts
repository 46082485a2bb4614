import { defineCheck } from '../model/check.ts';
import { asSureAsHandle, MAX_NAMESPACES, namespaceRef } from './coreweave-siblings.ts';
import { manual } from './drafting.ts';

export default defineCheck({
  id: 'coreweave-namespace-limit',
  title: 'The organization may still create namespaces',
  severity: 'high',
  area: 'namespace',
  platforms: ['coreweave'],
  reads: ['namespaces'],
  *run(view) {
    const { allTenants, original } = view.platform;
    view.complete('namespaces');
    view.examined();
    const names = allTenants.filter(({ exists }) => exists === true).map(({ namespace }) => namespace);
    const left = MAX_NAMESPACES - names.length;
    if (left > 1) return;
    yield {
      object: namespaceRef(original),
      message: `the organization has ${String(names.length)} of ${String(MAX_NAMESPACES)} namespaces${left === 1 ? ': one more can be made' : ', and none can be deleted'}`,
      ...asSureAsHandle(view, 'certain', left > 0 ? 'medium' : 'high'),
      evidence: [{ type: 'comparison', observed: names.length, expected: MAX_NAMESPACES, message: names.join(', ') }],
      remediation: manual(
        'Plan with the namespaces that are there, or ask CoreWeave for more',
        '# namespaces are made in the portal alone (Namespaces, Create New Namespace), and deleted by nobody',
        '# https://cloud.coreweave.com/contact',
      ),
    };
  },
});
