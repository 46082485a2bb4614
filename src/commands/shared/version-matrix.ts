import { readFile } from 'node:fs/promises';
import { isRecord } from '../../kubernetes/json-value.ts';
import { CrewisoError, EXIT } from '../../model/error.ts';
import { compareNames } from '../../model/object.ts';
import type { MatrixRow } from '../../model/opencrane.ts';
import { clean } from '../../model/text.ts';

const KEYS = ['bundle', 'served', 'versions'];

/**
 * Reads `--version-matrix`: rows besides the built-in one.
 * @throws CrewisoError (2) for a file that cannot be read, or does not hold what it should
 */
export async function readVersionMatrix(
  file: string,
  parseYaml: (text: string) => unknown,
): Promise<readonly MatrixRow[]> {
  let document: unknown;
  try {
    document = parseYaml(await readFile(file, 'utf8'));
  } catch (cause) {
    throw wrong(file, `cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
  if (!isRecord(document) || document.apiVersion !== 'crewiso/v1' || document.kind !== 'VersionMatrix')
    throw wrong(file, 'is not of apiVersion crewiso/v1 and kind VersionMatrix');
  const stranger = Object.keys(document).find((key) => !['apiVersion', 'kind', 'rows'].includes(key));
  if (stranger !== undefined) throw wrong(file, `has a key ${stranger}; there is rows`);
  const { rows } = document;
  if (!Array.isArray(rows) || rows.length === 0) throw wrong(file, 'rows is not a list of at least one row');
  return rows.map((row: unknown, index) => rowOf(file, `rows[${String(index)}]`, row));
}

function rowOf(file: string, where: string, row: unknown): MatrixRow {
  if (!isRecord(row)) throw wrong(file, `${where} is not a mapping`);
  const stranger = Object.keys(row).find((key) => !KEYS.includes(key));
  if (stranger !== undefined) throw wrong(file, `${where} has a key ${stranger}; there are ${KEYS.join(', ')}`);
  const { bundle } = row;
  if (typeof bundle !== 'string' || bundle.trim() === '') throw wrong(file, `${where}.bundle is not a text`);
  const served = textsOf(file, `${where}.served`, row.served, /^v[1-9]\d*(?:(?:alpha|beta)[1-9]\d*)?$/, 'v1alpha1');
  const versions = textsOf(file, `${where}.versions`, row.versions, /^\d+\.\d+\.x$/, '0.2.x');
  return { bundle: clean(bundle), served, versions: versions.map((version) => version.replace(/\.x$/, '')) };
}

/** Sorted, each once. */
function textsOf(file: string, where: string, value: unknown, form: RegExp, example: string): readonly string[] {
  if (!Array.isArray(value) || value.length === 0) throw wrong(file, `${where} is not a list of at least one version`);
  const strange = value.findIndex((item) => typeof item !== 'string' || !form.test(item));
  if (strange >= 0) throw wrong(file, `${where}[${String(strange)}] is not a version such as ${example}`);
  return [...new Set(value as readonly string[])].sort(compareNames);
}

const wrong = (file: string, what: string, cause?: unknown): CrewisoError =>
  new CrewisoError(`--version-matrix ${clean(file)}: ${clean(what)}`, {
    code: 'version-matrix',
    exitCode: EXIT.usage,
    suggestions: ['kubectl crewiso explain --schema version-matrix shows what such a file holds'],
    ...(cause === undefined ? {} : { cause }),
  });
