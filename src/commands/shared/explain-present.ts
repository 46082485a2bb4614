import { CHECKS } from '../../checks/index.ts';
import { namespaceOf } from '../../kubernetes/denial-advice.ts';
import { explanationDocument, type ExplanationDocument } from '../../kubernetes/denial-document.ts';
import type { DenialLog } from '../../kubernetes/denial-log.ts';
import { questionsAbout, standingOf } from '../../kubernetes/denial-standing.ts';
import { authorizerOf } from '../../kubernetes/rbac-snapshot.ts';
import { CrewisoError } from '../../model/error.ts';
import type { Finding } from '../../model/finding.ts';
import { RBAC } from '../../model/resource.ts';
import { parseYaml } from '../../manifests/yaml.ts';
import { readConfig } from './config-file.ts';
import { judge, type JudgeOptions } from './judge.ts';
import type { Reading } from './reading.ts';
import { readSource, readsOf, type SourceInput } from './read-source.ts';
import { relatedFindings } from './related-findings.ts';
import { settingsOf, type SettingFlags } from './settings.ts';

/** What is read besides the roles and bindings: what decides whether a refusal still stands. */
const READS = [...RBAC, 'namespaces', 'serviceaccounts', 'resourcequotas'] as const;
const AREAS: readonly string[] = ['rbac', 'forbidden', 'namespace', 'quota'];

export interface ExplainInput {
  readonly log: DenialLog;
  readonly version: string;
  readonly namespace?: string;
}

type LookFlags = Omit<SourceInput['flags'], 'all-namespaces'> &
  Omit<SettingFlags, 'all-namespaces' | 'namespace' | 'org'> & { readonly config?: string | undefined };

export interface Looked {
  readonly document: ExplanationDocument;
  readonly reading: Reading;
  /** One line each, for stderr. */
  readonly notes: readonly string[];
}

/**
 * Explains, and looks whether it would still be refused: in the cluster or in files, as the flags say.
 * @throws CrewisoError (2) for flags that contradict, (4) where nothing can be read
 */
export async function explainWithLook(
  { log, version, namespace }: ExplainInput,
  flags: LookFlags,
  signal: () => AbortSignal,
): Promise<Looked> {
  const startedAt = Date.now();
  const checks = CHECKS.filter(({ area }) => AREAS.includes(area));
  const named = log.denials.flatMap(({ denial }) => namespaceOf(denial) ?? []);
  const reading = await readSource({
    flags: { ...flags, 'all-namespaces': false },
    settings: settingsOf({ ...flags, 'all-namespaces': false }),
    config: readConfig(flags.config, process.env, parseYaml),
    reads: (...of) => [...new Set([...READS, ...readsOf(checks)(...of)])],
    questions: () => questionsAbout(log.denials),
    alsoNamespaces: [...new Set([...named, ...(namespace === undefined ? [] : [namespace])])],
    version,
    signal,
  });
  const { snapshot, identity } = reading;
  const { findings, notes } = findingsOf(reading, { checks, version, startedAt });
  const present = { snapshot, authorizer: authorizerOf(snapshot), ...(identity ? { caller: identity } : {}) };
  const document = explanationDocument(log, {
    version,
    ...(namespace === undefined ? {} : { namespace }),
    look: (logged) => ({
      now: standingOf(logged, present, namespace),
      findings: relatedFindings(logged.denial, findings, namespace),
    }),
  });
  return { document, reading, notes: [...reading.notes, ...notes] };
}

type JudgeInput = Pick<JudgeOptions, 'checks' | 'version' | 'startedAt'>;

/** What doctor would find. Which of several platforms is meant only matters for that, so it is no reason to stop. */
function findingsOf(
  reading: Reading,
  input: JudgeInput,
): { readonly findings: readonly Finding[]; readonly notes: readonly string[] } {
  try {
    const policy = { waivers: [] };
    const report = judge(reading, { ...input, policy, failOn: 'never', allowIncomplete: true });
    return { findings: report.findings, notes: [] };
  } catch (error) {
    if (!(error instanceof CrewisoError) || error.code !== 'several-platforms') throw error;
    return { findings: [], notes: [`${error.message}: name one with --platform-namespace to see what doctor finds`] };
  }
}
