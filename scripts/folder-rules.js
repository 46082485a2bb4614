// The one rule of the house (docs/architecture.md): every folder imports itself, model and kubernetes; only commands
// imports the others; every npm package is used in exactly one folder; folders that compute do no I/O.

const FOLDERS = [
  'model',
  'kubernetes',
  'checks',
  'platforms',
  'audit',
  'remediation',
  'cluster',
  'manifests',
  'bundle',
  'apiserver',
  'reporters',
  'commands',
];

/** npm package → the one folder that may import it. */
const PACKAGES = {
  '@kubernetes/client-node': 'cluster',
  hpagent: 'cluster',
  'p-limit': 'cluster',
  'socks-proxy-agent': 'cluster',
  'age-encryption': 'bundle',
  yaml: 'manifests',
  'cli-table3': 'reporters',
  ansis: 'reporters',
  'string-width': 'reporters',
  '@oclif/core': 'commands',
};

const PURE = new Set(['model', 'kubernetes', 'checks', 'platforms', 'audit', 'remediation', 'reporters']);

/** Computation only, no I/O, but for the journal of remediation: allowed where everything else of node: is not. */
const PURE_NODE = new Set([
  'audit:node:crypto',
  'kubernetes:node:zlib',
  'remediation:node:buffer',
  'remediation:node:crypto',
  'remediation:node:fs',
  'remediation:node:path',
]);

const NODE_MODULES = [
  'buffer',
  'child_process',
  'crypto',
  'dns',
  'events',
  'fs',
  'fs/promises',
  'http',
  'http2',
  'https',
  'net',
  'os',
  'path',
  'process',
  'readline',
  'stream',
  'timers',
  'timers/promises',
  'tls',
  'url',
  'util',
  'worker_threads',
  'zlib',
];

function patternsFor(folder) {
  const may = folder === 'commands' ? FOLDERS : ['model', 'kubernetes', folder];
  const forbidden = FOLDERS.filter(
    (other) =>
      !may.includes(other) ||
      (folder === 'model' && other !== 'model') ||
      (folder === 'kubernetes' && !['model', 'kubernetes'].includes(other)),
  );
  const patterns = [];
  if (forbidden.length > 0) {
    patterns.push({
      regex: `^\\.\\./(\\.\\./)*(src/)?(${forbidden.join('|')})/`,
      message: `src/${folder} imports only itself, model and kubernetes: folders meet in commands, so that each can be understood and tested alone.`,
    });
  }
  for (const [name, owner] of Object.entries(PACKAGES)) {
    if (owner !== folder)
      patterns.push({
        regex: `^${name.replace('/', '\\/')}(/|$)`,
        message: `${name} belongs to src/${owner}: one folder owns each package.`,
      });
  }
  patterns.push({
    regex: 'redaction/redacted\\.ts$',
    importNames: ['seal'],
    message: 'Only the redactor (src/bundle/redaction) says what is redacted.',
  });
  return patterns;
}

function pathsFor(folder) {
  if (!PURE.has(folder)) return [];
  return NODE_MODULES.flatMap((name) => [name, `node:${name}`])
    .filter((name) => !PURE_NODE.has(`${folder}:${name}`))
    .map((name) => ({ name, message: `src/${folder} computes and does no I/O: whatever it needs is handed in.` }));
}

export const folderRules = FOLDERS.map((folder) => ({
  files: [`src/${folder}/**/*.ts`],
  rules: { 'no-restricted-imports': ['error', { paths: pathsFor(folder), patterns: patternsFor(folder) }] },
}));
