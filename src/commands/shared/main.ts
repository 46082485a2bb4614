import { readFileSync } from 'node:fs';
import { EXIT } from '../../model/error.ts';
import { describeFailure } from './failure.ts';

/**
 * The whole program: runs the command that `argv` names and leaves the exit code in process.exitCode. Loads oclif only
 * when there is a command to run.
 * @param argv words after the program's name
 * @param root URL of the executable, from which oclif finds package.json
 */
export async function main(argv: readonly string[], root: string): Promise<void> {
  watchForBugs();
  if (argv.length === 1 && argv[0] === '--version') {
    watchStreams();
    process.stdout.write(`${versionOf(root)}\n`);
    return;
  }
  if (process.env.NO_COLOR && process.env.FORCE_COLOR) delete process.env.FORCE_COLOR;
  const { run } = await import('@oclif/core');
  // Afterwards: oclif listens as well when it is loaded, and throws what it hears.
  watchStreams();
  try {
    await run(joinColor(argv), root);
  } catch (error) {
    const { code, lines } = describeFailure(error, argv);
    if (code !== EXIT.ok) process.exitCode = code;
    if (lines.length > 0) process.stderr.write(`${lines.join('\n')}\n`);
  }
}

function versionOf(root: string): string {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', root), 'utf8')) as {
    name: string;
    version: string;
  };
  return `${manifest.name}/${manifest.version} ${process.platform}-${process.arch} node-${process.versions.node}`;
}

/** The colour library reads argv itself and takes `--color never` for `--color`. */
function joinColor(argv: readonly string[]): string[] {
  const at = argv.indexOf('--color');
  const value = argv[at + 1];
  if (at < 0 || value === undefined) return [...argv];
  const joined = [...argv.slice(0, at), `--color=${value}`, ...argv.slice(at + 2)];
  const inProcess = process.argv.indexOf('--color');
  if (inProcess > 0) process.argv.splice(inProcess, 2, `--color=${value}`);
  return joined;
}

/** A reader that went away (`| head`) is no error; a full disk is one. Of trouble with stderr nobody can be told. */
function watchStreams(): void {
  let broken: NodeJS.ErrnoException | undefined;
  process.stdout.removeAllListeners('error');
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') broken ??= error;
  });
  process.stderr.on('error', () => undefined);
  process.on('exit', () => {
    if (!broken) return;
    process.exitCode = EXIT.unreachable;
    process.stderr.write(`error: cannot write the output: ${broken.message}\n`);
  });
}

/** What nothing caught is our bug. Node would end with 1, and that means findings. */
function watchForBugs(): void {
  let crashed = false;
  process.on('uncaughtExceptionMonitor', () => {
    crashed = true;
  });
  process.on('exit', () => {
    if (crashed) process.exitCode = EXIT.bug;
  });
}
