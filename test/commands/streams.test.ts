import { existsSync, openSync, closeSync } from 'node:fs';
import { spawn } from 'node:child_process';
import { describe, it } from 'vitest';
import type { ApiServerOptions } from '../../src/apiserver/options.ts';
import type { ApiServer } from '../../src/apiserver/server.ts';
import { brokenPlatform } from '../fixtures/broken.ts';
import { crewaiPlatform, namespaceObject } from '../fixtures/crewai.ts';
import { crewiso, environment, EXECUTABLE, inShell, reportOf, ROOT, run, withServer, type Ended } from './program.ts';

/** Makes a report that no pipe holds: 300 organizations, of which the namespaces alone exist. */
const large = [
  ...crewaiPlatform({ orgs: [1] }),
  ...Array.from({ length: 300 }, (_, index) => namespaceObject(`crewai-org-${String(index + 2)}`)),
];

async function until(met: () => boolean): Promise<void> {
  for (let waited = 0; !met(); waited += 20) {
    if (waited > 20_000) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const asked = (server: ApiServer, path: string) => (): boolean =>
  server.requests.some((request) => request.path.includes(path));

describe.concurrent('readers', () => {
  it('a reader that goes away: the exit code stays, nobody complains', async ({ expect }) => {
    await withServer({ objects: large }, async (_, flags) => {
      const line = '"$@" | head -1; echo "code ${PIPESTATUS[0]}" >&2';
      const json = await inShell(line, ['doctor', ...flags, '-o', 'json']);
      const whole = await crewiso(['doctor', ...flags, '-o', 'json']);
      expect(Buffer.byteLength(whole.stdout)).toBeGreaterThan(200_000);
      expect(json.stdout).toBe('{\n');
      expect(json.stderr).toBe(`code ${String(whole.code)}\n`);
    });
  });

  it('both streams into a reader that goes away', async ({ expect }) => {
    const { stderr, stdout } = await inShell(
      '{ "$@" -v 6; echo "code $?" >&3; } 3>&2 2>&1 | head -1',
      ['demo', '-o', 'json'],
      {},
    );
    expect(stdout.split('\n')).toHaveLength(2);
    expect(stderr).toBe('code 1\n');
  });

  it('a slow reader gets the whole document', async ({ expect }) => {
    await withServer({ objects: large }, async (_, flags) => {
      const ended = await inShell('"$@" | (sleep 3; cat)', ['doctor', ...flags, '-o', 'json']);
      expect(reportOf(ended).target.tenants).toHaveLength(301);
    });
  });

  it.skipIf(!existsSync('/dev/full'))('a full disk is exit 4 and one line (needs /dev/full)', async ({ expect }) => {
    const full = openSync('/dev/full', 'w');
    const child = spawn(process.execPath, [EXECUTABLE, 'doctor', '-f', 'examples/clean', '-o', 'json'], {
      cwd: ROOT,
      env: environment(),
      stdio: ['ignore', full, 'pipe'],
    });
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const code = await new Promise((resolve) => child.on('close', resolve));
    closeSync(full);
    expect(code).toBe(4);
    expect(stderr).toMatch(/^error: cannot write the output: ENOSPC[^\n]*\n$/);
  });

  it.skipIf(!existsSync('/dev/full'))('stderr on a full disk changes nothing (needs /dev/full)', async ({ expect }) => {
    const ended = await inShell('"$@" 2>/dev/full; echo "code $?"', ['doctor', '--no-such-flag']);
    expect(ended.stdout).toBe('code 2\n');
  });

  it('stdout that is closed from the start', async ({ expect }) => {
    const ended = await inShell('"$@" >&-; echo "code $?" >&2', ['doctor', '-f', 'examples/broken', '-o', 'short']);
    expect(ended.stderr).toMatch(/code 1\n$/);
    expect(ended.stderr).not.toMatch(/\n\s+at /);
  });
});

/** Starts a run, sends a signal once the server was asked for a path that it does not answer, and waits for the end. */
function interrupted(
  options: ApiServerOptions,
  hanging: string,
  signal: NodeJS.Signals,
  argv: readonly string[],
): Promise<Ended & { readonly afterSignal: number }> {
  const faults: ApiServerOptions['faults'] = ({ path }) => (path.includes(hanging) ? { hang: true } : undefined);
  return withServer({ ...options, faults }, async (server, flags) => {
    let at = 0;
    const ended = await crewiso(['doctor', ...flags, ...argv], {
      started: (child) => {
        void until(asked(server, hanging)).then(() => {
          // Time for the lists that are answered.
          setTimeout(() => {
            at = performance.now();
            child.kill(signal);
          }, 500);
        });
      },
    });
    return { ...ended, afterSignal: performance.now() - at };
  });
}

describe.concurrent('interrupted', () => {
  it.for(['SIGINT', 'SIGTERM'] as const)(
    '%s during a list: one whole document, exit 130, at once',
    async (signal, { expect }) => {
      const ended = await interrupted({ objects: brokenPlatform() }, '/pods', signal, ['-o', 'json']);
      const report = reportOf(ended);
      expect({ code: ended.code, signal: ended.signal, inside: report.exit.code }).toEqual({
        code: 130,
        signal: null,
        inside: 130,
      });
      expect(report.run.interrupted).toBe(true);
      expect(report.coverage.gaps).toContainEqual(
        expect.objectContaining({ resource: 'pods', reason: 'failed', detail: 'interrupted' }),
      );
      expect(report.checks.some(({ outcome }) => outcome === 'failed')).toBe(true);
      expect(ended.afterSignal).toBeLessThan(5000);
    },
  );

  it('as a table', async ({ expect }) => {
    const ended = await interrupted({ objects: brokenPlatform() }, '/pods', 'SIGINT', []);
    expect(ended.code).toBe(130);
    expect(ended.stdout).toMatch(/interrupted/i);
    expect(ended.stdout).toMatch(/^exit 130 /m);
  });

  it('before the first answer: nothing was seen, so there is no report', async ({ expect }) => {
    const ended = await interrupted({}, '/version', 'SIGINT', ['-o', 'json']);
    expect({ code: ended.code, stdout: ended.stdout }).toEqual({ code: 130, stdout: '' });
    expect(ended.stderr).toBe('error: interrupted before anything could be read\n');
    expect(ended.afterSignal).toBeLessThan(5000);
  });

  it('during the very first list', async ({ expect }) => {
    const ended = await interrupted({}, '/api', 'SIGINT', ['-o', 'json']);
    const report = reportOf(ended);
    expect({ code: ended.code, inside: report.exit.code }).toEqual({ code: 130, inside: 130 });
    expect(report.checks.filter(({ outcome }) => outcome === 'passed')).toEqual([]);
  });

  it('a second time: ends even while nobody reads', async ({ expect }) => {
    const faults: ApiServerOptions['faults'] = ({ path }) => (path.includes('/pods') ? { hang: true } : undefined);
    await withServer({ objects: large, faults }, async (server, flags) => {
      // The reader sleeps, so after the first signal the program blocks on writing its report.
      const line = '{ "$@" & echo $! >&2; wait $!; echo "code $?" >&2; } | sleep 12';
      let pid = 0;
      let said = '';
      const ended = await inShell(line, ['doctor', ...flags, '-o', 'json'], {
        started: (child) => {
          child.stderr.on('data', (chunk: Buffer) => {
            said += chunk.toString();
            pid ||= Number.parseInt(said, 10);
          });
          void until(() => pid > 0 && asked(server, '/pods')()).then(() => {
            for (const after of [500, 3500]) setTimeout(() => process.kill(pid, 'SIGTERM'), after);
          });
        },
      });
      // 128 + SIGTERM: the system ended it, not the program.
      expect(ended.stderr).toMatch(/code 143\n$/);
    });
  });

  it('demo --serve serves until it is stopped', async ({ expect }) => {
    const answers: string[] = [];
    const ended = await crewiso(['demo', '--serve'], {
      started: (child) => {
        let said = '';
        child.stdout.on('data', (chunk: Buffer) => {
          said += chunk.toString();
          const url = /served at (\S+)\. /.exec(said)?.[1];
          if (url === undefined || answers.length > 0) return;
          answers.push(url);
          void fetch(`${url}/api/v1/namespaces/crewai`).then(async (response) => {
            answers.push(await response.text());
            child.kill('SIGINT');
          });
        });
      },
    });
    expect(ended.code).toBe(130);
    expect(JSON.parse(answers[1] ?? '')).toMatchObject({ kind: 'Namespace', metadata: { name: 'crewai' } });
  });
});

it('a bug of ours that nothing catches is exit 70, not "findings"', async ({ expect }) => {
  const bug = 'data:text/javascript,setTimeout(() => { throw new Error("nobody catches this") }, 1500)';
  const { code, stdout } = await withServer({ faults: () => ({ hang: true }) }, (_, flags) =>
    run(process.execPath, ['--import', bug, EXECUTABLE, 'doctor', ...flags, '-o', 'json']),
  );
  expect({ code, stdout }).toEqual({ code: 70, stdout: '' });
});
