import { CHECKS } from '../../checks/index.ts';
import { createWriter } from '../../cluster/writer.ts';
import { CrewisoError, EXIT } from '../../model/error.ts';
import type { Check } from '../../model/check.ts';
import type { Binding } from '../../model/fix.ts';
import type { ReadPlan } from '../../model/reading.ts';
import type { Finding } from '../../model/finding.ts';
import type { Platform, Settings } from '../../model/platform.ts';
import type { Requests } from '../../model/report.ts';
import type { Policy } from '../../model/policy.ts';
import type { ClusterWriter } from '../../model/writing.ts';
import { findingKey } from '../../remediation/verify.ts';
import { connect, type ConnectInput, type Connection, type LiveFlags } from './connect.ts';
import { judgeWithFixes, type Judged, type JudgeOptions } from './judge.ts';
import { readConnected } from './read-cluster.ts';
import { readsOf } from './read-source.ts';
import type { Reading } from './reading.ts';
import { withReferences } from './references.ts';

export interface RepairsInput extends Omit<ConnectInput, 'flags'> {
  readonly flags: LiveFlags;
  readonly run: string;
  /** For advice. */
  readonly command: string;
  readonly policy: Policy;
  readonly failOn: JudgeOptions['failOn'];
  readonly allowIncomplete: boolean;
  readonly startedAt: number;
  readonly signal: AbortSignal;
}

export interface JudgedReading extends Judged {
  readonly reading: Reading;
}

/** One cluster as a run of fixes needs it: read and judged as often as it takes, and written to. */
export class Repairs {
  readonly writer: ClusterWriter;
  readonly #connection: Connection;
  readonly #input: RepairsInput;

  /** @throws CrewisoError (2) or (4) for a kubeconfig that cannot be used */
  constructor(input: RepairsInput) {
    this.#input = input;
    this.#connection = connect(input);
    this.writer = createWriter(this.#connection.transport, input.signal);
  }

  /** Reads what all checks read: a repair must not break anything that nobody asked about. */
  async read(settings: Settings): Promise<Reading> {
    const { flags, version, signal } = this.#input;
    const input = { flags, settings, reads: readsOf(CHECKS), version, signal };
    return withReferences(await readConnected(this.#connection, input));
  }

  judge(reading: Reading, checks: readonly Check[] = CHECKS): Judged {
    const { command, policy, failOn, allowIncomplete, version, startedAt } = this.#input;
    return judgeWithFixes(reading, { command, checks, policy, failOn, allowIncomplete, version, startedAt });
  }

  async readAndJudge(settings: Settings): Promise<JudgedReading> {
    const reading = await this.read(settings);
    return { ...this.judge(reading), reading };
  }

  /** The cluster and who we are to it, and nothing else. */
  async whereAndWho(): Promise<Pick<Binding, 'clusterUid' | 'server' | 'username' | 'groups'>> {
    const { flags, version, signal } = this.#input;
    const input = { flags, settings: {}, reads: () => [], version, signal, plan: () => NOTHING };
    const { snapshot, identity } = await readConnected(this.#connection, input);
    const { clusterUid, server } = snapshot.origin.from === 'cluster' ? snapshot.origin : {};
    return {
      ...(clusterUid === undefined ? {} : { clusterUid }),
      ...(server === undefined ? {} : { server }),
      ...(identity ? { username: identity.user, groups: identity.groups } : {}),
    };
  }

  requests(): Requests {
    return this.#connection.transport.counts();
  }

  close(): void {
    this.#connection.transport.close();
  }
}

const NOTHING: ReadPlan = {
  ...{ first: [], namedNamespaces: [] },
  second: () => [],
  reads: () => [],
  scope: () => ({ platformNamespaces: [], namespaces: [], narrow: false, keeps: () => false }),
  questions: () => [],
};

/** These organizations' namespaces only, whatever was asked for before. */
export function narrowed(settings: Settings, namespaces: readonly string[]): Settings {
  return { ...unscoped(settings), namespaces };
}

/** All organizations. */
export function unscoped(settings: Settings): Settings {
  return Object.fromEntries(Object.entries(settings).filter(([key]) => key !== 'orgs' && key !== 'namespaces'));
}

/** Keys of everything that is wrong, by which what is new afterwards is told. */
export function keysOf({
  findings,
  waived,
}: {
  findings: readonly Finding[];
  waived: readonly Finding[];
}): ReadonlySet<string> {
  return new Set([...findings, ...waived].map(({ check, object }) => findingKey(check, object)));
}

/** @throws CrewisoError (3) where no platform was recognised: nothing can be repaired then */
export function platformsOf({ platforms, report }: Judged): readonly Platform[] {
  if (platforms.length > 0) return platforms;
  const reasons = report.exit.reasons.join('; ');
  throw new CrewisoError(`there is nothing to repair: ${reasons}`, {
    code: 'no-platform',
    exitCode: EXIT.incomplete,
    suggestions: ['name it: --platform-namespace NAMESPACE'],
  });
}
