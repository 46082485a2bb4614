import { crewOfName } from '../kubernetes/tenant-names.ts';
import type { Remediation } from '../model/finding.ts';
import type { CrewaiPlatform } from '../model/platform.ts';
import { shellQuote } from '../model/text.ts';
import { flagQuestion, type CrewClaims } from './crew-objects.ts';
import type { Routes } from './crew-routes.ts';
import { manual } from './drafting.ts';
import type { RootWorkload } from './root-workloads.ts';

/** A crew's workload in the shared namespace. */
export interface Orphan {
  readonly root: RootWorkload;
  readonly org: string;
  readonly claims: CrewClaims;
  /** The organization's own namespace. */
  readonly home: string;
}

/** The workload of the same kind and name in the organization's namespace. */
export type Twin = 'ready' | 'not ready' | 'absent' | 'unknown';

interface Situation {
  readonly twin: Twin;
  readonly stopped: boolean;
  readonly routes: Routes;
}

/**
 * How a crew leaves the shared namespace: the replacement first, then nothing of the old one runs, deletion much later.
 * Both copies answer requests and take from queues until then, and what is scaled to 0 can be scaled back.
 */
export function retireCrew(
  platform: CrewaiPlatform,
  orphan: Orphan,
  { twin, stopped, routes }: Situation,
): Remediation {
  const { root, home, org } = orphan;
  const { namespace = '', name, kind } = root.ref;
  const what = `${kind.toLowerCase()} ${shellQuote(name)}`;
  if (stopped) {
    return manual(
      'Delete what is stopped once its replacement has proven itself for a day; volumes and Secrets stay',
      ...(twin === 'ready' ? [] : [`# keep it until its replacement is ready in ${home}`]),
      ...(twin === 'ready' ? [`kubectl -n ${namespace} delete ${what}`] : []),
    );
  }
  const crew = crewOfName(name)?.crew;
  const sure = platform.isolation.confidence === 'certain' ? [] : flagQuestion(platform);
  const prove =
    twin === 'ready'
      ? []
      : [
          `# deploy crew ${crew ?? 'by crew'} of organization ${org} again from the CrewAI UI, which puts it into ${home}, then:`,
          ...(ROLLED.has(kind)
            ? [`kubectl -n ${home} rollout status ${what} --timeout=5m`]
            : [`kubectl -n ${home} get pods`]),
        ];
  const routed = routes.ingresses.map(
    ({ metadata }) =>
      `# Ingress ${metadata.name} in ${namespace} still leads requests to it: lead them to ${home} first`,
  );
  return manual(
    twin === 'ready'
      ? 'Stop the copy in the shared namespace; its replacement is ready'
      : 'Deploy each crew again into its own namespace, then stop the copy in the shared one',
    ...sure,
    ...prove,
    ...routed,
    ...stopSteps(namespace, kind, what),
  );
}

const ROLLED = new Set(['Deployment', 'StatefulSet', 'DaemonSet']);

function stopSteps(namespace: string, kind: string, what: string): readonly string[] {
  switch (kind) {
    case 'Deployment':
    case 'StatefulSet':
    case 'ReplicaSet':
      return [`kubectl -n ${namespace} scale ${what} --replicas=0`];
    case 'CronJob':
    case 'Job':
      return [`kubectl -n ${namespace} patch ${what} --type=merge -p '{"spec":{"suspend":true}}'`];
    default:
      return [`# it cannot be scaled to 0; this stops it for good: kubectl -n ${namespace} delete ${what}`];
  }
}
