// Writes what is derived from the sources: oclif.manifest.json. With --check it writes nothing and fails when the
// committed file differs: a stale manifest hides commands and flags.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Plugin } from '@oclif/core';

const root = fileURLToPath(new URL('..', import.meta.url));
const file = `${root}oclif.manifest.json`;

const plugin = new Plugin({ root, ignoreManifest: true, errorOnManifestCreate: true });
await plugin.load();
// Files come in the order of the file system, which is another one in another checkout.
const commands = Object.entries(plugin.manifest.commands).sort(([a], [b]) => (a < b ? -1 : 1));
const fresh = `${JSON.stringify({ ...plugin.manifest, commands: Object.fromEntries(commands) }, null, 2)}\n`;

if (process.argv.includes('--check')) {
  let committed = '';
  try {
    committed = readFileSync(file, 'utf8');
  } catch {
    // Missing is stale.
  }
  if (committed !== fresh) {
    process.stderr.write('oclif.manifest.json is stale: run npm run generate and commit it\n');
    process.exitCode = 1;
  }
} else {
  writeFileSync(file, fresh);
}
