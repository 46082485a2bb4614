import { readFile } from 'node:fs/promises';
import { baselineOf } from '../../audit/policy.ts';
import { isRecord } from '../../kubernetes/json-value.ts';
import { parseYaml, stringifyYaml } from '../../manifests/yaml.ts';
import type { Check } from '../../model/check.ts';
import { CrewisoError, EXIT } from '../../model/error.ts';
import type { BaselineEntry, Policy, Waiver } from '../../model/policy.ts';
import type { Report } from '../../model/report.ts';
import { unknownCheck } from './selection.ts';
import { writeTextFile } from './outputs.ts';

/** A waiver may not reach further than this: whoever still wants it then decides again. */
const MAX_DAYS = 366;
const DAY = 86_400_000;
const KEYS = new Set(['check', 'object', 'orgs', 'namespaces', 'reason', 'owner', 'expires']);

export interface PolicyFlags {
  readonly waivers?: string | undefined;
  readonly baseline?: string | undefined;
}

/**
 * Reads `--waivers` and `--baseline`, before anything else is read, so that a mistake in them costs no run.
 * @throws CrewisoError (2) for an unknown check, a missing reason, owner or end, or an end too far away
 */
export async function readPolicy(flags: PolicyFlags, checks: readonly Check[], now: number): Promise<Policy> {
  const waiverFile = flags.waivers === undefined ? undefined : await readDocument(flags.waivers);
  const baselineFile = flags.baseline === undefined ? undefined : await readDocument(flags.baseline);
  const waivers = waiverFile === undefined ? [] : waiversOf(waiverFile, flags.waivers ?? '', checks, now);
  return baselineFile === undefined
    ? { waivers }
    : { waivers, baseline: entriesOf(baselineFile, flags.baseline ?? '') };
}

/** Writes what was found as a baseline: a Waivers document, whose baseline only this command writes. */
export async function writeBaseline(file: string, report: Report, now: number): Promise<void> {
  const document = {
    apiVersion: 'crewiso/v1',
    kind: 'Waivers',
    waivers: [],
    baseline: baselineOf(report.findings, now),
  };
  await writeTextFile(file, stringifyYaml(document));
}

const wrong = (file: string, what: string): CrewisoError =>
  new CrewisoError(`${file}: ${what}`, {
    code: 'policy',
    exitCode: EXIT.usage,
    suggestions: ['kubectl crewiso explain --schema waivers shows what such a file holds'],
  });

async function readDocument(file: string): Promise<Record<string, unknown>> {
  let value: unknown;
  try {
    value = parseYaml(await readFile(file, 'utf8'));
  } catch (cause) {
    throw wrong(file, `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
  if (!isRecord(value)) throw wrong(file, 'is not a document of kind Waivers');
  return { ...value };
}

function waiversOf(
  document: Record<string, unknown>,
  file: string,
  checks: readonly Check[],
  now: number,
): readonly Waiver[] {
  if (document.apiVersion !== 'crewiso/v1' || document.kind !== 'Waivers') {
    throw wrong(file, 'is not of apiVersion crewiso/v1 and kind Waivers');
  }
  const list = document.waivers ?? [];
  if (!Array.isArray(list)) throw wrong(file, 'waivers is not a list');
  return list.map((entry: unknown, index) =>
    waiverOf(entry, `${file}: waiver ${String(index + 1)}`, file, checks, now),
  );
}

function waiverOf(entry: unknown, where: string, source: string, checks: readonly Check[], now: number): Waiver {
  if (!isRecord(entry)) throw wrong(where, 'is not a mapping');
  const stranger = Object.keys(entry).find((key) => !KEYS.has(key));
  if (stranger !== undefined) throw wrong(where, `has a key ${stranger} that no waiver has`);
  const text = (key: string): string => {
    const value = entry[key];
    if (typeof value !== 'string' || value.trim() === '') throw wrong(where, `needs ${key}`);
    return value;
  };
  const check = text('check');
  if (!checks.some(({ id }) => id === check)) throw unknownCheck(checks, check, `${where}: ${check}`);
  const orgs = listOf('orgs', entry.orgs, where);
  const namespaces = listOf('namespaces', entry.namespaces, where);
  return {
    check,
    ...objectOf(entry.object, where),
    ...(orgs ? { orgs } : {}),
    ...(namespaces ? { namespaces } : {}),
    reason: text('reason'),
    owner: text('owner'),
    expires: endOf(text('expires'), where, now),
    source,
  };
}

function objectOf(value: unknown, where: string): { object?: string } {
  if (value === undefined) return {};
  if (typeof value === 'string' && /^[A-Za-z][\w.-]*\/.+$/.test(value)) return { object: value };
  throw wrong(where, 'object is not Kind/name');
}

/** Organization ids may be written as numbers. */
function listOf(key: string, value: unknown, where: string): readonly string[] | undefined {
  if (value === undefined) return undefined;
  if (Array.isArray(value) && value.every((item) => typeof item === 'string' || typeof item === 'number')) {
    return value.map(String);
  }
  throw wrong(where, `${key} is not a list of names`);
}

function endOf(expires: string, where: string, now: number): string {
  const at = /^\d{4}-\d\d-\d\d$/.test(expires) ? Date.parse(expires) : Number.NaN;
  if (Number.isNaN(at)) throw wrong(where, `expires ${expires} is not a date such as 2027-03-31`);
  if (at > now + MAX_DAYS * DAY) throw wrong(where, `expires ${expires} is more than ${String(MAX_DAYS)} days away`);
  return expires;
}

/** A file of --write-baseline, or an older report in JSON or YAML. */
function entriesOf(document: Record<string, unknown>, file: string): readonly BaselineEntry[] {
  const list = document.kind === 'Report' ? document.findings : document.baseline;
  if (document.apiVersion !== 'crewiso/v1' || !Array.isArray(list)) {
    throw wrong(file, 'is neither a report nor written by --write-baseline');
  }
  return list.map((entry: unknown) => {
    const { id, check } = isRecord(entry) ? entry : {};
    if (typeof id !== 'string' || typeof check !== 'string')
      throw wrong(file, 'has a baseline entry without id or check');
    return { id, check };
  });
}
