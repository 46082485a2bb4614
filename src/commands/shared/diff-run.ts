import { diffBundles, type BundleDifference, type ObjectDifference } from '../../bundle/diff.ts';
import { readPlan } from '../../bundle/bundle-reader.ts';
import { CHECKS } from '../../checks/index.ts';
import { parseYaml } from '../../manifests/yaml.ts';
import type { Finding } from '../../model/finding.ts';
import { qualifiedName } from '../../model/object.ts';
import { clean, count } from '../../model/text.ts';
import { wrap } from '../../reporters/layout.ts';
import { readConfig, type Config } from './config-file.ts';
import { judge } from './judge.ts';
import { readBundleFile } from './read-bundle.ts';
import { withReferences } from './references.ts';
import { settingsOf } from './settings.ts';

export interface FindingDifference {
  readonly change: 'new' | 'gone';
  readonly finding: Finding;
}

export interface FileDifference extends Pick<BundleDifference, 'objects' | 'uncompared'> {
  readonly files: readonly [string, string];
  readonly takenAt: readonly [string, string];
  readonly findings: readonly FindingDifference[];
}

export interface DiffOptions {
  readonly orgs: readonly string[] | undefined;
  readonly config: string | undefined;
  readonly version: string;
}

/**
 * What differs between two bundles, as doctor sees them and object by object.
 * @throws CrewisoError (2) for organizations that are none, (4) for what is no bundle of ours
 */
export async function diffFiles(a: string, b: string, options: DiffOptions): Promise<FileDifference> {
  const { orgs } = options;
  const settings = settingsOf({ 'all-namespaces': false, ...(orgs && { org: orgs }) });
  const config = readConfig(options.config, process.env, parseYaml);
  const namespaces = orgs && new Set([...(await namespacesOf(a, orgs)), ...(await namespacesOf(b, orgs))]);
  const difference = await diffBundles(a, b, namespaces);
  const before = await findingsOf(a, settings, config, options.version);
  const after = await findingsOf(b, settings, config, options.version);
  const findings: FindingDifference[] = [
    ...missingFrom(before, after).map((finding) => ({ change: 'new' as const, finding })),
    ...missingFrom(after, before).map((finding) => ({ change: 'gone' as const, finding })),
  ];
  const { objects, uncompared } = difference;
  const takenAt = [difference.a.plan.createdAt, difference.b.plan.createdAt] as const;
  return { files: [a, b], takenAt, findings, objects, uncompared };
}

async function namespacesOf(file: string, orgs: readonly string[]): Promise<readonly string[]> {
  const { namespaces } = await readPlan(file);
  return namespaces.filter(({ org }) => org !== undefined && orgs.includes(org)).map(({ name }) => name);
}

async function findingsOf(
  file: string,
  settings: ReturnType<typeof settingsOf>,
  config: Config,
  version: string,
): Promise<readonly Finding[]> {
  const reading = await withReferences(await readBundleFile(file, { settings, config }));
  const policy = { waivers: [] };
  return judge(reading, {
    checks: CHECKS,
    policy,
    failOn: 'never',
    allowIncomplete: true,
    version,
    startedAt: Date.now(),
  }).findings;
}

/** Findings of the second list that the first one does not have. */
function missingFrom(known: readonly Finding[], all: readonly Finding[]): readonly Finding[] {
  const ids = new Set(known.map(({ id }) => id));
  return all.filter(({ id }) => !ids.has(id));
}

const SHOWN = 200;
const SIGNS = { added: '+', removed: '-', changed: '~', new: '+', gone: '-' };

/** For people. */
export function diffText({ files, takenAt, findings, objects, uncompared }: FileDifference, width: number): string {
  const row = (text: string): readonly string[] => wrap(clean(text), width, '  ', '      ');
  const rest = objects.length - SHOWN;
  const lines = [
    ...files.map((file, index) => `${index === 0 ? 'A' : 'B'}  ${clean(file)}  ${takenAt[index] ?? ''}`),
    findings.length === 0 ? 'findings  the same' : `findings  ${count(findings.length, 'difference')}`,
    ...findings.flatMap(({ change, finding }) => row(`${SIGNS[change]} ${findingText(finding)}`)),
    objects.length === 0 ? 'objects   the same' : `objects   ${count(objects.length, 'difference')}`,
    ...objects.slice(0, SHOWN).flatMap((difference) => row(objectText(difference))),
    ...(rest > 0 ? [`  and ${count(rest, 'more difference')}: -o json`] : []),
    ...(uncompared.length > 0
      ? [`not compared, since it is not whole in both  ${count(uncompared.length, 'list')}`]
      : []),
    ...uncompared.slice(0, 10).flatMap(({ id, a, b }) => row(`${id}: A ${a}, B ${b}`)),
    ...(uncompared.length > 10 ? [`  and ${String(uncompared.length - 10)} more: -o json`] : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function findingText({ severity, check, object, message }: Finding): string {
  return `${severity.charAt(0).toUpperCase()} ${check} ${object.kind}/${qualifiedName(object)}: ${message}`;
}

function objectText({ change, object, fields = [] }: ObjectDifference): string {
  return `${SIGNS[change]} ${object.kind} ${qualifiedName(object)}${fields.length > 0 ? `  ${fields.join(' ')}` : ''}`;
}

/** For machines. */
export function diffDocument(difference: FileDifference, version: string): object {
  const { files, takenAt, findings, objects, uncompared } = difference;
  return {
    apiVersion: 'crewiso/v1',
    kind: 'BundleDiff',
    tool: { name: 'kubectl-crewiso', version },
    a: { file: clean(files[0]), takenAt: takenAt[0] },
    b: { file: clean(files[1]), takenAt: takenAt[1] },
    findings: findings.map(({ change, finding: { id, check, severity, object, message, tenant } }) => ({
      change,
      id,
      check,
      severity,
      object,
      message: clean(message),
      ...(tenant && { tenant }),
    })),
    objects,
    uncompared,
  };
}
