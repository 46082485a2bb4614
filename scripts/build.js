// Compiles src/ to dist/. Skipped when dist/ is newer than every source, so that repeated test runs start at once.
import { spawnSync } from 'node:child_process';
import { readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const stamp = join(root, 'dist', '.built');

function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

function isFresh() {
  try {
    const built = statSync(stamp).mtimeMs;
    return ['src', 'tsconfig.json', 'scripts', 'package.json'].every((path) => newest(join(root, path)) < built);
  } catch {
    return false;
  }
}

if (!isFresh()) {
  rmSync(join(root, 'dist'), { recursive: true, force: true });
  const started = new Date();
  const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc');
  const result = spawnSync(process.execPath, [tsc, '-p', join(root, 'scripts/tsconfig.build.json')], {
    stdio: 'inherit',
  });
  if (result.status === 0) {
    writeFileSync(stamp, '');
    utimesSync(stamp, started, started);
  }
  process.exitCode = result.status ?? 1;
}
