import type { AccessRun } from '../../audit/access-document.ts';
import type { AccessDocument } from '../../model/access-document.ts';
import type { Platform } from '../../model/platform.ts';
import type { AccessQuestion } from '../../model/reading.ts';
import { RBAC, type Resource } from '../../model/resource.ts';
import type { Settings } from '../../model/platform.ts';
import type { Gap, Snapshot } from '../../model/snapshot.ts';
import { readConfig } from './config-file.ts';
import type { planOf } from './read-cluster.ts';
import { readSource, type SourceInput } from './read-source.ts';
import type { Reading } from './reading.ts';
import { renderOptions, type DisplayFlags } from './terminal.ts';

/** What access questions are answered from; accounts tell whether a subject exists and who is in a group. */
const READS: readonly Resource[] = [...RBAC, 'namespaces', 'serviceaccounts'];

/** Listings from which a platform and its namespaces are recognised. */
const PLATFORM_READS: readonly Resource[] = ['configmaps', 'helm-releases'];

export interface AccessInput {
  readonly flags: SourceInput['flags'] & { readonly config?: string | undefined };
  readonly settings: Settings;
  /** A namespace that is asked about, whosever it is. */
  readonly namespace?: string | undefined;
  readonly version: string;
  readonly signal: () => AbortSignal;
  readonly questions: (snapshot: Snapshot, settings: Settings) => readonly AccessQuestion[];
}

/** Reads RBAC of the whole cluster, where that may be read, and what tells a platform; nothing that runs. */
export async function readAccess(input: AccessInput): Promise<Reading> {
  const { flags, settings, namespace, version, signal, questions } = input;
  const { parseYaml } = await import('../../manifests/yaml.ts');
  const config = readConfig(flags.config, process.env, parseYaml);
  const offline = flags.filename !== undefined || flags.from !== undefined;
  const { planOf: plan } = offline ? { planOf: undefined } : await import('./read-cluster.ts');
  const reading = await readSource({
    flags,
    settings,
    config,
    reads: () => READS,
    version,
    signal,
    questions,
    ...(plan ? { plan: accessPlan(plan, namespace) } : {}),
  });
  for (const note of reading.notes) process.stderr.write(`warning: ${note}\n`);
  return reading;
}

/** Bindings in foreign namespaces count here: they say who else may, and what an account may elsewhere. */
function accessPlan(plan: typeof planOf, namespace: string | undefined): typeof planOf {
  return (input, contextNamespaces) => {
    const usual = plan(input, contextNamespaces);
    const asked = namespace === undefined ? [] : [namespace];
    return {
      ...usual,
      second: () => PLATFORM_READS,
      reads: () => [...READS, 'deployments.apps', 'access-reviews', ...PLATFORM_READS],
      namedNamespaces: [...new Set([...usual.namedNamespaces, ...asked])],
      scope: (first) => {
        const scope = usual.scope(first);
        return {
          ...scope,
          namespaces: [...new Set([...scope.namespaces, ...asked])],
          narrow: false,
          keeps: (resource, object) => READS.includes(resource) || scope.keeps(resource, object),
        };
      },
    };
  };
}

export interface RunInput {
  readonly reading: Reading;
  readonly platform: Platform | undefined;
  readonly version: string;
  readonly startedAt: number;
}

/** What every answer says about the run. */
export function accessRun({ reading, platform, version, startedAt }: RunInput, gaps: readonly Gap[]): AccessRun {
  return {
    snapshot: reading.snapshot,
    platform,
    ...(reading.identity ? { identity: reading.identity } : {}),
    version,
    run: {
      startedAt: new Date(startedAt).toISOString(),
      durationMs: Math.max(0, Date.now() - startedAt),
      ...(reading.interrupted ? { interrupted: true } : {}),
      requests: reading.requests,
    },
    gaps,
  };
}

export interface AnswerFlags extends Omit<DisplayFlags, 'show' | 'min-severity'> {
  readonly output: 'table' | 'json' | 'yaml';
}

/** Writes the answer to stdout and leaves its exit code. */
export async function writeAnswer(document: AccessDocument, flags: AnswerFlags): Promise<void> {
  const { createAccessReporter } = await import('../../reporters/access.ts');
  const reporter =
    flags.output === 'yaml'
      ? createAccessReporter('yaml', (await import('../../manifests/yaml.ts')).stringifyYaml)
      : createAccessReporter(flags.output);
  const options = renderOptions({ ...flags, 'min-severity': 'info' }, process.stdout, process.env);
  process.stdout.write(reporter(document, options));
  process.exitCode = document.exit.code;
}
