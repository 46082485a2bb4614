import { spawnSync } from 'node:child_process';
import { dirname } from 'node:path';
import { describe, it } from 'vitest';
import { brokenPlatform } from '../fixtures/broken.ts';
import { environment, EXECUTABLE, run, withServer, type Ended } from './program.ts';

const found = spawnSync('kubectl', ['version', '--client'], { encoding: 'utf8' }).status === 0;

/** The program first on PATH, as a package manager would put it there, and the Node that runs the tests. */
const PATH = [dirname(EXECUTABLE), dirname(process.execPath), process.env.PATH ?? ''].join(':');

const kubectl = (argv: readonly string[], env: Record<string, string> = {}): Promise<Ended> =>
  run('kubectl', argv, { env: { PATH, ...env } });

describe.skipIf(!found)('through kubectl (skipped where kubectl is not on PATH)', { concurrent: true }, () => {
  it('kubectl plugin list knows it and has nothing to warn of', async ({ expect }) => {
    const { stdout, stderr } = await kubectl(['plugin', 'list'], {
      PATH: [dirname(EXECUTABLE), dirname(process.execPath), ...kubectlFolder()].join(':'),
    });
    expect(stdout).toContain(EXECUTABLE);
    expect(stdout + stderr).not.toMatch(/warning|not executable|overshadowed|overwrites/);
  });

  it.for<[string[], number]>([
    [['doctor', '-f', 'examples/clean', '--complete=all'], 0],
    [['doctor', '-f', 'examples/broken'], 1],
    [['doctor', '--no-such-flag'], 2],
    [['doctor', '-f', 'examples/clean'], 3],
    [['doctor'], 4],
    [['--help'], 0],
    [['-h'], 0],
    [['--version'], 0],
  ])('kubectl crewiso %j ends with %d', async ([argv, expected], { expect }) => {
    const { code, stdout } = await kubectl(['crewiso', ...argv]);
    expect(code).toBe(expected);
    if (argv.includes('-h')) expect(stdout).toContain('$ kubectl crewiso [COMMAND]');
  });

  it('a live run', async ({ expect }) => {
    await withServer({ objects: brokenPlatform() }, async (_, flags) => {
      const { code, stdout } = await kubectl(['crewiso', 'doctor', ...flags, '-o', 'json']);
      expect({ code, inside: (JSON.parse(stdout) as { exit: { code: number } }).exit.code }).toEqual({
        code: 1,
        inside: 1,
      });
    });
  });

  it('an interrupt reaches it', async ({ expect }) => {
    const ended = await withServer(
      { faults: ({ path }) => (path.includes('/pods') ? { hang: true } : undefined) },
      (server, flags) =>
        run('kubectl', ['crewiso', 'doctor', ...flags, '-o', 'json'], {
          env: { PATH },
          started: (child) => {
            const timer = setInterval(() => {
              if (!server.requests.some(({ path }) => path.includes('/pods'))) return;
              clearInterval(timer);
              child.kill('SIGINT');
            }, 50);
          },
        }),
    );
    expect({ code: ended.code, inside: (JSON.parse(ended.stdout) as { exit: { code: number } }).exit.code }).toEqual({
      code: 130,
      inside: 130,
    });
  });

  it('flags before the name are refused by kubectl itself, as our help says', async ({ expect }) => {
    const { code, stderr } = await kubectl(['--context', 'x', 'crewiso', 'doctor']);
    expect(code).toBe(1);
    expect(stderr).toContain('flags cannot be placed before plugin name');
  });
});

function kubectlFolder(): readonly string[] {
  const { stdout } = spawnSync('bash', ['-c', 'command -v kubectl'], { encoding: 'utf8', env: environment() });
  return [dirname(stdout.trim()), '/usr/bin', '/bin'];
}
