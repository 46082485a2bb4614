// Finds, or builds, the control plane that the end-to-end tests talk to: etcd, kube-apiserver, kube-controller-manager.
//
//   node scripts/control-plane.js --print      prints the directory that holds them
//
// Looked for in this order: $KUBEBUILDER_ASSETS, the cache ($XDG_CACHE_HOME or ~/.cache), a build from their Go modules
// into that cache. Exit codes: 0 found or built, 1 the build failed, 3 neither there nor buildable (no Go on PATH).
import { spawn, spawnSync } from 'node:child_process';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { basename, delimiter, dirname, join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';

const KUBERNETES = '1.36.3';
const ETCD = '3.6.8';
const REQUIRED = ['etcd', 'kube-apiserver', 'kube-controller-manager'];
const UNAVAILABLE = 3;

class Unavailable extends Error {}

const say = (text) => process.stderr.write(`control plane: ${text}\n`);

function isProgram(file) {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}

const onPath = (name) =>
  (process.env.PATH ?? '').split(delimiter).some((folder) => folder && isProgram(join(folder, name)));
const missingFrom = (folder, names) => names.filter((name) => !isProgram(join(folder, name)));

/** kubectl belongs to the assets only where the machine has none. */
const wanted = () => (onPath('kubectl') ? REQUIRED : [...REQUIRED, 'kubectl']);

function cacheFolder() {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(cache, 'kubectl-crewiso', 'control-plane', KUBERNETES);
}

/** Runs Go in `folder`, its output on our stderr; a sign of life every half minute, because compiling says nothing. */
async function go(folder, args, doing) {
  const started = performance.now();
  const child = spawn('go', args, {
    cwd: folder,
    // The caller's GOFLAGS and go.work must not reach into this build.
    env: { ...process.env, GOFLAGS: '', GOWORK: 'off', CGO_ENABLED: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  const alive = setInterval(
    () => say(`${doing}, ${Math.round((performance.now() - started) / 1000)} s so far`),
    30_000,
  );
  try {
    const code = await new Promise((resolve, reject) => {
      child.on('error', reject);
      child.on('close', resolve);
    });
    if (code !== 0) throw new Error(`go ${args[0]} ended with ${code}: ${doing}\n${output}`);
    return output;
  } finally {
    clearInterval(alive);
  }
}

/**
 * The published k8s.io/kubernetes module names its staging modules at v0.0.0 and replaces them by folders of its own
 * tree; outside of that tree they are the modules of the same release, v0.<minor>.<patch>.
 */
function kubernetesModule(published) {
  const staging = [...published.matchAll(/^\s*(?:replace\s+)?(k8s\.io\/\S+) => \.\/staging\//gm)].map(
    (match) => match[1],
  );
  const names =
    staging.length > 0
      ? staging
      : [...published.matchAll(/^\s*(k8s\.io\/\S+) v0\.0\.0(?:\s|$)/gm)].map((match) => match[1]);
  if (names.length === 0) throw new Error('the published go.mod of k8s.io/kubernetes names no staging modules');
  const goVersion = /^go (\S+)$/m.exec(published)?.[1] ?? '1.26.0';
  const version = `v0.${KUBERNETES.split('.').slice(1).join('.')}`;
  return [
    'module controlplane',
    `go ${goVersion}`,
    `require k8s.io/kubernetes v${KUBERNETES}`,
    ...[...new Set(names)].sort().map((name) => `replace ${name} => ${name} ${version}`),
    '',
  ].join('\n');
}

function linkerFlags() {
  const [major, minor] = KUBERNETES.split('.');
  const values = { gitVersion: `v${KUBERNETES}`, gitMajor: major, gitMinor: minor, gitTreeState: 'clean' };
  const stamps = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((path) =>
    Object.entries(values).map(([name, value]) => `-X ${path}.${name}=${value}`),
  );
  return ['-s', '-w', ...stamps].join(' ');
}

const BUILD = ['build', '-mod=mod', '-trimpath', '-buildvcs=false'];

async function buildKubernetes(work, target, programs) {
  const folder = join(work, 'kubernetes');
  mkdirSync(folder);
  writeFileSync(join(folder, 'go.mod'), 'module probe\n');
  const answer = await go(
    folder,
    ['mod', 'download', '-json', `k8s.io/kubernetes@v${KUBERNETES}`],
    'downloading k8s.io/kubernetes',
  );
  writeFileSync(join(folder, 'go.mod'), kubernetesModule(readFileSync(JSON.parse(answer).GoMod, 'utf8')));
  const packages = programs.map((name) => `k8s.io/kubernetes/cmd/${name}`);
  say(`building ${programs.join(', ')} ${KUBERNETES} (eight minutes the first time, seconds with a warm Go cache)`);
  await go(
    folder,
    [...BUILD, '-ldflags', linkerFlags(), '-o', `${target}/`, ...packages],
    `building ${programs.join(', ')}`,
  );
}

async function buildEtcd(work, target) {
  const folder = join(work, 'etcd');
  mkdirSync(folder);
  writeFileSync(join(folder, 'go.mod'), `module controlplane\ngo 1.24.0\nrequire go.etcd.io/etcd/server/v3 v${ETCD}\n`);
  say(`building etcd ${ETCD} (a minute the first time)`);
  await go(
    folder,
    [...BUILD, '-ldflags', '-s -w', '-o', join(target, 'etcd'), 'go.etcd.io/etcd/server/v3'],
    'building etcd',
  );
}

/** What interrupted builds left behind; the caller holds the lock, so none is running. */
function removeAbandoned(folder) {
  for (const name of readdirSync(dirname(folder))) {
    if (name.startsWith(`${basename(folder)}.build-`))
      rmSync(join(dirname(folder), name), { recursive: true, force: true });
  }
}

/** Builds what `folder` lacks beside it, then moves it there whole, so that no reader ever sees half a program. */
async function build(folder) {
  removeAbandoned(folder);
  const work = mkdtempSync(`${folder}.build-`);
  try {
    const target = join(work, 'bin');
    mkdirSync(target);
    const missing = missingFrom(folder, wanted());
    if (missing.includes('etcd')) await buildEtcd(work, target);
    const programs = missing.filter((name) => name !== 'etcd');
    if (programs.length > 0) await buildKubernetes(work, target, programs);
    mkdirSync(folder, { recursive: true });
    for (const name of missing) renameSync(join(target, name), join(folder, name));
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const isRunning = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
};

const age = (file) => Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());

/** One build at a time: the others wait for it. A lock whose owner is gone is taken over. */
async function locked(file, work) {
  for (let told = false; ;) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
      const owner = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
      // A lock without a number is being written this instant, unless its writer died in between.
      if (owner > 0 ? !isRunning(owner) : age(file) > 10_000) rmSync(file, { force: true });
      if (!told) say(`waiting for the build of process ${owner}`);
      told = true;
      await sleep(500);
    }
  }
  try {
    return await work();
  } finally {
    rmSync(file, { force: true });
  }
}

async function ensure() {
  const given = process.env.KUBEBUILDER_ASSETS;
  if (given) {
    const missing = missingFrom(given, REQUIRED);
    if (missing.length > 0) throw new Error(`KUBEBUILDER_ASSETS=${given} lacks ${missing.join(', ')}`);
    return given;
  }
  const folder = cacheFolder();
  if (missingFrom(folder, wanted()).length === 0) return folder;
  if (spawnSync('go', ['version']).status !== 0) {
    throw new Unavailable(
      `there is no Go on PATH to build ${missingFrom(folder, wanted()).join(', ')} with; install Go, or set KUBEBUILDER_ASSETS to a folder that holds ${REQUIRED.join(', ')}`,
    );
  }
  mkdirSync(dirname(folder), { recursive: true });
  await locked(`${folder}.lock`, async () => {
    if (missingFrom(folder, wanted()).length > 0) await build(folder);
  });
  return folder;
}

try {
  const folder = await ensure();
  if (process.argv.includes('--print')) process.stdout.write(`${folder}\n`);
  else say(`ready in ${folder}`);
} catch (error) {
  say(error.message);
  process.exitCode = error instanceof Unavailable ? UNAVAILABLE : 1;
}
