import check from '../../src/checks/coreweave-namespace-limit.ts';
import { coreweaveNamespaces } from '../fixtures/coreweave.ts';
import { describeCheck } from '../support/check-table.ts';

const settings = { handle: 'acme' };
const numbered = (count: number): string[] => Array.from({ length: count - 1 }, (_, index) => `n${String(index)}`);
const base = (count: number): ReturnType<typeof coreweaveNamespaces> => coreweaveNamespaces({ ids: numbered(count) });
const object = 'Namespace/tenant-acme';

describeCheck(check, {
  passes: {
    'eight namespaces': { base: base(8), settings },
    'the handle as the namespace is called': { base: base(8), settings: { handle: 'tenant-acme' } },
    'those of an organization whose handle begins alike': {
      base: [...base(8), ...coreweaveNamespaces({ handle: 'acmecorp' })],
      settings,
    },
    'a guessed handle': { base: base(4) },
  },
  fails: {
    nine: { base: base(9), settings, findings: [{ object, severity: 'medium', confidence: 'certain' }] },
    ten: { base: base(10), settings, findings: [{ object, severity: 'high', confidence: 'certain' }] },
    'ten of a guessed handle': { base: base(10), findings: [{ object, severity: 'medium', confidence: 'hint' }] },
    'a handle with hyphens': {
      base: coreweaveNamespaces({ handle: 'sta-vfx1', ids: numbered(10) }),
      settings: { handle: 'sta-vfx1' },
      findings: [{ object: 'Namespace/tenant-sta-vfx1', severity: 'high' }],
    },
  },
  notEvaluated: {
    'namespaces may not be listed': {
      base: base(10),
      settings: { ...settings, namespaces: ['tenant-acme'] },
      faults: [{ resource: 'namespaces' }],
    },
  },
});
