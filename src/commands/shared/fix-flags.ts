import { Flags } from '@oclif/core';

export const planFlags = {
  'plan-out': Flags.string({
    helpGroup: 'FIX',
    helpValue: 'FILE',
    description: 'only write the plan, to be reviewed and applied with fix apply FILE',
  }),
  'plan-ttl': Flags.string({
    helpGroup: 'FIX',
    helpValue: 'DURATION',
    default: '15m',
    description: 'how long the plan may be applied (at most 24h)',
  }),
  yes: Flags.boolean({
    helpGroup: 'FIX',
    default: false,
    description: 'agree to everything that is safe, without questions',
  }),
  'max-writes': Flags.integer({
    helpGroup: 'FIX',
    helpValue: 'N',
    default: 50,
    min: 1,
    description: 'refuse a plan with more writes',
  }),
};

export const fixFlags = {
  fix: Flags.boolean({
    helpGroup: 'FIX',
    default: false,
    description: 'repair what can be repaired: a plan is shown and agreed to first',
  }),
  ...planFlags,
  canary: Flags.string({
    helpGroup: 'FIX',
    helpValue: 'ORG',
    description:
      'organization (id or namespace) that is repaired and verified first (default: the one with the fewest workloads)',
  }),
  live: Flags.boolean({
    helpGroup: 'FIX',
    default: false,
    description: 'also change objects that Helm, Flux or Argo CD own and will change back',
  }),
  soak: Flags.string({
    helpGroup: 'FIX',
    helpValue: 'DURATION',
    default: '24h',
    description: 'how long an orphaned workload must have been stopped before it may be deleted',
  }),
};
