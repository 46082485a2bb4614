import type { CollectOptions } from '../../bundle/collect.ts';
import type { BundleHead, Plan } from '../../bundle/format.ts';
import { selectionOf } from '../../bundle/survey.ts';
import { CrewisoError, EXIT } from '../../model/error.ts';
import { shellQuote } from '../../model/text.ts';

/**
 * What was begun can only be gone on with as it was begun: its plan stands, and what is read must be what it names.
 * @throws CrewisoError (4) where an unfinished bundle is of another cluster or platform, (2) where it chose something else
 */
export function requireSame(plan: Plan, head: BundleHead, options: CollectOptions): void {
  const about = ({ cluster, platform, platforms }: BundleHead): string =>
    JSON.stringify([cluster.id, platform, platforms]);
  if (about(plan) !== about(head))
    throw new CrewisoError('the unfinished bundle is of another cluster or platform', {
      code: 'resume',
      exitCode: EXIT.unreachable,
      suggestions: ['name the same --context and flags as when it was begun', 'or collect anew without --resume'],
    });
  const now = selectionOf(options);
  const different = FLAGS.filter(({ of }) => JSON.stringify(plan.selection[of]) !== JSON.stringify(now[of]));
  if (different.length === 0) return;
  const given = different.flatMap(({ of, as }) => {
    const value = plan.selection[of];
    return value === undefined ? [] : [as(String(value))];
  });
  const without = different.filter(({ of }) => plan.selection[of] === undefined).map(({ flag }) => flag);
  throw new CrewisoError(
    `the unfinished bundle was begun with another choice of ${different.map(({ flag }) => flag).join(', ')}`,
    {
      code: 'resume',
      exitCode: EXIT.usage,
      suggestions: [
        ...(given.length > 0 ? [`it goes on with ${given.join(' ')}`] : []),
        ...(without.length > 0 ? [`it goes on without ${without.join(', ')}`] : []),
        'or collect anew without --resume',
      ],
    },
  );
}

interface Chosen {
  readonly of: keyof Plan['selection'];
  readonly flag: string;
  /** As it stands on a command line. */
  readonly as: (value: string) => string;
}

const FLAGS: readonly Chosen[] = [
  ...(
    [
      ['orgs', '--org'],
      ['namespaces', '--orgs'],
      ['since', '--since'],
      ['tail', '--tail'],
      ['selector', '--selector'],
      ['include', '--include'],
      ['exclude', '--exclude'],
    ] as const
  ).map(([of, flag]) => ({ of, flag, as: (value: string) => `${flag} ${shellQuote(value)}` })),
  { of: 'logs', flag: '--logs-of', as: (value) => (value === 'none' ? '--logs none' : `--logs-of ${value}`) },
];
