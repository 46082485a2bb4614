import check from '../../src/checks/coreweave-context-mismatch.ts';
import { coreweaveNamespaces } from '../fixtures/coreweave.ts';
import { describeCheck } from '../support/check-table.ts';

const base = coreweaveNamespaces();
const settings = { handle: 'acme' };
const context = (namespace?: string): { name: string; namespace?: string } => ({
  name: 'portal',
  ...(namespace === undefined ? {} : { namespace }),
});
const findings = [{ object: 'Config/portal', severity: 'medium' as const, confidence: 'certain' as const }];

describeCheck(check, {
  passes: {
    'the original': { base, settings, context: context('tenant-acme') },
    'a sibling': { base, settings, context: context('tenant-acme-dev') },
    'the one that is asked for': {
      base,
      settings: { ...settings, namespaces: ['tenant-acme-dev'] },
      context: context('tenant-acme-dev'),
    },
  },
  fails: {
    'no namespace': { base, settings, context: context(), findings },
    "somebody else's": { base, settings, context: context('tenant-acmecorp'), findings },
    'one that is not there': { base, settings, context: context('tenant-acme-gone'), findings },
    'another one than is asked for': {
      base,
      settings: { ...settings, namespaces: ['tenant-acme-prod'] },
      context: context('tenant-acme-dev'),
      findings,
    },
  },
  notEvaluated: {
    'namespaces may not be listed': {
      base,
      settings: { ...settings, namespaces: ['tenant-acme'] },
      context: context('tenant-acme-dev'),
      without: ['Namespace/tenant-acme-dev'],
      faults: [{ resource: 'namespaces' }],
    },
  },
  notApplicable: { 'a file has no context': { base, settings } },
});
