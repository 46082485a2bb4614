import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { EXECUTABLE, run, withFolder, withServer, type Ended } from './program.ts';

/**
 * Runs the program and writes down every module that it loads: ES modules as they are resolved, in the thread of the
 * loader hooks, and CommonJS modules as they are in the cache at the end.
 */
async function loadedBy(
  argv: readonly string[],
): Promise<{ readonly ended: Ended; readonly modules: readonly string[] }> {
  return withFolder(async (folder) => {
    const file = join(folder, 'modules');
    const append = `import { appendFileSync } from 'node:fs'; const note = (url) => appendFileSync(${JSON.stringify(file)}, url + '\\n');`;
    const hooks = `${append} export async function resolve(specifier, context, next) { const found = await next(specifier, context); note(found.url); return found; }`;
    const register = [
      append,
      `import { createRequire, register } from 'node:module';`,
      `const { cache } = createRequire(${JSON.stringify(EXECUTABLE)});`,
      `process.on('exit', () => Object.keys(cache).forEach(note));`,
      `register(${JSON.stringify(`data:text/javascript,${encodeURIComponent(hooks)}`)});`,
    ].join('\n');
    const ended = await run(process.execPath, [
      '--import',
      `data:text/javascript,${encodeURIComponent(register)}`,
      EXECUTABLE,
      ...argv,
    ]);
    return { ended, modules: readFileSync(file, 'utf8').split('\n') };
  });
}

/** What only a live run needs. */
const LIVE = ['/dist/cluster/', '/@kubernetes/client-node/', '/hpagent/', '/p-limit/', '/socks-proxy-agent/'];
const OCLIF = '/@oclif/core/';

const packagesIn = (modules: readonly string[], parts: readonly string[]): readonly string[] =>
  parts.filter((part) => modules.some((module) => module.includes(part)));

describe.concurrent('what is loaded', () => {
  it('is seen by the test', async ({ expect }) => {
    const { ended, modules } = await withServer({}, (_, flags) => loadedBy(['doctor', ...flags]));
    expect(ended.code).toBe(3);
    expect(packagesIn(modules, [...LIVE, OCLIF])).toEqual(
      expect.arrayContaining(['/dist/cluster/', '/p-limit/', OCLIF]),
    );
  });

  it.for<[string[], string[]]>([
    [['--version'], ['/dist/cluster/', '/dist/checks/', '/dist/reporters/', OCLIF]],
    [['--help'], ['/dist/checks/', '/dist/reporters/', '/dist/manifests/']],
    [
      ['doctor', '--help'],
      ['/dist/checks/', '/dist/reporters/', '/dist/manifests/'],
    ],
    [['explain'], ['/dist/manifests/', '/dist/apiserver/']],
    [
      ['explain', 'registry-secret-missing'],
      ['/dist/manifests/', '/dist/apiserver/'],
    ],
    [
      ['explain', '--schema', 'report'],
      ['/dist/checks/', '/dist/manifests/'],
    ],
    [
      ['rbac', '--subject', 'User:bo'],
      ['/dist/apiserver/', '/dist/audit/'],
    ],
    [['doctor', '-f', 'examples/clean', '--complete=all'], ['/dist/apiserver/']],
    [['doctor', '-f', 'examples/clean', '--complete=all', '-o', 'json'], ['/dist/apiserver/']],
  ])('by %j: nothing of the live path', async ([argv, more], { expect }) => {
    const { ended, modules } = await loadedBy(argv);
    expect(ended.code).toBe(0);
    expect(modules.some((module) => module.includes('/dist/commands/'))).toBe(true);
    expect(packagesIn(modules, [...LIVE, ...more])).toEqual([]);
  });
});
