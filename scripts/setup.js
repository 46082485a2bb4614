// Installs the locked dependencies unless node_modules already holds exactly them, so that `npm test` and
// `npm run demo` work on a fresh clone and cost nothing afterwards.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

const root = new URL('..', import.meta.url);

/** path → integrity or version of every package that a lock file lists. */
function locked(file) {
  const { packages } = JSON.parse(readFileSync(new URL(file, root), 'utf8'));
  return new Map(
    Object.entries(packages)
      .filter(([path]) => path)
      .map(([path, entry]) => [path, entry]),
  );
}

function isInstalled() {
  try {
    const installed = locked('node_modules/.package-lock.json');
    return [...locked('package-lock.json')].every(
      ([path, entry]) => entry.optional || installed.get(path)?.version === entry.version,
    );
  } catch {
    return false;
  }
}

if (!isInstalled()) {
  const result = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  });
  process.exitCode = result.status ?? 1;
}
