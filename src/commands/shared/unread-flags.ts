import { CrewisoError, EXIT } from '../../model/error.ts';
import { clusterFlags } from './source-flags.ts';

/** Flags that only make sense where the cluster is read. */
const UNREAD = [
  'namespace',
  'org',
  'config',
  'platform-namespace',
  'shared-namespace',
  'release',
  'handle',
  'exclude-org',
  ...Object.keys(clusterFlags),
];

/** @throws CrewisoError (2) for flags that a role for the whole cluster has no use for: ignoring them would mislead */
export function refuseUnread(flags: object): void {
  const values = flags as Readonly<Record<string, unknown>>;
  const given = UNREAD.find((name) => values[name] !== undefined && values[name] !== false);
  if (given === undefined) return;
  throw new CrewisoError(`--${given} says where to look, and a role for the whole cluster needs no look`, {
    code: 'usage',
    exitCode: EXIT.usage,
    suggestions: [`leave out --${given}`, 'or add --scope namespaced: roles in the namespaces of the platform'],
  });
}
