import { randomBytes } from 'node:crypto';
import { realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import { CrewisoError, EXIT } from '../../model/error.ts';
import type { Report, Reporter, RenderOptions } from '../../model/report.ts';
import { OUTPUT_FORMATS, type OutputFormat } from './flags.ts';

export interface OutputFile {
  readonly format: OutputFormat;
  readonly file: string;
}

/** `--out json=report.json`; checked before anything is read, so that a typo costs no run. */
export function parseOut(values: readonly string[]): readonly OutputFile[] {
  return values.map((value) => {
    const at = value.indexOf('=');
    const format = OUTPUT_FORMATS.find((name) => name === value.slice(0, at));
    if (at < 0 || !format || at === value.length - 1) {
      throw new CrewisoError(`--out ${value} is not FORMAT=FILE`, {
        code: 'usage',
        exitCode: EXIT.usage,
        suggestions: [`write it like --out json=report.json; formats: ${OUTPUT_FORMATS.join(', ')}`],
      });
    }
    const file = value.slice(at + 1);
    if (file === '-') {
      throw new CrewisoError(`--out ${value}: standard output is what -o is for`, {
        code: 'usage',
        exitCode: EXIT.usage,
        suggestions: [`-o ${format}`],
      });
    }
    return { format, file };
  });
}

/** The reporter of a format, loaded only when it is used. */
export async function loadReporter(format: OutputFormat): Promise<Reporter> {
  const { createReporter } = await import('../../reporters/create-reporter.ts');
  if (format !== 'yaml') return createReporter(format);
  const { stringifyYaml } = await import('../../manifests/yaml.ts');
  return createReporter(format, stringifyYaml);
}

/** Writes a report. @throws CrewisoError (4) where that is not possible */
export async function writeReportFile(target: OutputFile, report: Report, options: RenderOptions): Promise<void> {
  const reporter = await loadReporter(target.format);
  await writeTextFile(target.file, reporter(report, { ...options, color: false, tty: false }));
}

/**
 * Writes beside the file and renames, so that nobody ever reads half of it. What a symbolic link points to is
 * replaced, not the link; a device or a pipe is written to.
 * @throws CrewisoError (4) where that is not possible
 */
export async function writeTextFile(path: string, text: string): Promise<void> {
  try {
    const file = await realpath(path).catch(() => path);
    const present = await stat(file).catch(() => undefined);
    if (present && !present.isFile()) await writeFile(file, text);
    else await replaceFile(file, text);
  } catch (cause) {
    throw new CrewisoError(`cannot write ${path}: ${cause instanceof Error ? cause.message : String(cause)}`, {
      code: 'output',
      exitCode: EXIT.unreachable,
      cause,
    });
  }
}

async function replaceFile(file: string, text: string): Promise<void> {
  const beside = `${file}.${randomBytes(4).toString('hex')}.tmp`;
  try {
    await writeFile(beside, text, { mode: 0o600, flag: 'wx' });
    await rename(beside, file);
  } catch (error) {
    await rm(beside, { force: true });
    throw error;
  }
}
