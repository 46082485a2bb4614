// Collects bundles of 1,000 organizations whose containers hold 1 GB and 10 GB of logs: peak memory, temporary disk,
// throughput, and the time beside `kubectl cluster-info dump` of the same namespaces where there is a kubectl (KUBECTL
// names another one). All lines of all logs are read, and of each is kept what --logs says by default; flags of
// `bundle collect` behind a second `--` say otherwise: what was read and kept is printed.
// Ends with 1 when a budget is exceeded. Usage: npm run bench:bundle [-- <orgs> <GB> <GB> … [-- <flags>]]
import { fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { fileURLToPath } from 'node:url';

const BUDGET = { peakMegabytes: 200, temporaryMebibytes: 64, spread: 0.1, ratio: 10 };
/** More than any log has, and than all have together. */
const ALL_OF_IT = ['--tail', '100000000', '--max-bytes', '64Gi', '--max-bytes-per-org', '64Gi', '--timeout', '5h'];
const DUMPED_GB = 1;
const SAMPLE_MS = 250;

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const program = path('../bin/kubectl-crewiso');
const kubectl = process.env.KUBECTL ?? 'kubectl';
const hasKubectl = spawnSync(kubectl, ['version', '--client']).status === 0;
const folder = mkdtempSync(join(tmpdir(), 'crewiso-bench-'));

async function ended(command, args, environment, sample = () => undefined) {
  const startedAt = performance.now();
  const child = spawn(command, args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'inherit'] });
  const timer = setInterval(() => sample(child.pid), SAMPLE_MS);
  const chunks = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  const [code] = await once(child, 'close');
  clearInterval(timer);
  return { code, seconds: (performance.now() - startedAt) / 1000, output: Buffer.concat(chunks).toString('utf8') };
}

/** Bytes that a process has on the disk besides the archive: in files, also in those that have no name any more. */
function temporaryBytes(pid, folders, archives) {
  const sizes = new Map();
  const add = (file) => {
    try {
      const { ino, blocks } = statSync(file);
      sizes.set(ino, blocks * 512);
    } catch {
      // Gone in the meantime.
    }
  };
  for (const name of folders) for (const file of readdirSync(name)) if (!archives.includes(file)) add(join(name, file));
  try {
    for (const descriptor of readdirSync(`/proc/${pid}/fd`)) {
      const link = `/proc/${pid}/fd/${descriptor}`;
      if (readlinkSync(link).endsWith('(deleted)')) add(link);
    }
  } catch {
    // It has just ended, or the system has no /proc.
  }
  return [...sizes.values()].reduce((sum, size) => sum + size, 0);
}

async function servedBy(server) {
  const answer = once(server, 'message');
  server.send('served');
  return (await answer)[0].served;
}

/** What the manifest says of logs. */
async function keptIn(file) {
  const { output } = await ended(process.execPath, [program, 'bundle', 'inspect', file, '-o', 'json'], {});
  const { state, items, redaction } = JSON.parse(output);
  const logs = items.filter(({ id }) => id.startsWith('log:'));
  return {
    state,
    logs: logs.length,
    bytes: logs.reduce((sum, { size = 0 }) => sum + size, 0),
    redactions: Object.values(redaction.counts).reduce((sum, n) => sum + n, 0),
  };
}

async function collect(url, server) {
  const out = join(folder, 'out');
  const temporary = join(folder, 'temporary');
  for (const name of [out, temporary]) mkdirSync(name);
  const file = join(out, 'bundle.tar.gz');
  const usage = join(folder, 'usage.json');
  const args = ['--import', new URL('peak.js', import.meta.url).href, program, 'bundle', 'collect', '--server', url];
  let mostTemporary = 0;
  const { code, seconds } = await ended(
    process.execPath,
    [...args, '--kubeconfig', devNull, '-O', file, '-q', ...flags],
    { CREWISO_BENCH_USAGE: usage, TMPDIR: temporary },
    (pid) => {
      // It has its name at the end.
      const now = temporaryBytes(pid, [out, temporary], ['bundle.tar.gz.partial', 'bundle.tar.gz']);
      mostTemporary = Math.max(mostTemporary, now);
    },
  );
  // 3: a budget left logs out, which the bundle says.
  if (code !== 0 && code !== 3) throw new Error(`collecting ended with ${code}`);
  const { peak, cpuMs } = JSON.parse(readFileSync(usage, 'utf8'));
  const read = await servedBy(server);
  const kept = await keptIn(file);
  const archive = statSync(file).size;
  for (const name of [out, temporary]) rmSync(name, { recursive: true });
  return { seconds, cpuSeconds: cpuMs / 1000, peakMegabytes: (peak * 1024) / 1e6, mostTemporary, read, kept, archive };
}

async function dump(url, namespaces) {
  const target = join(folder, 'dump');
  const args = ['cluster-info', 'dump', '--namespaces', namespaces.join(','), '--output-directory', target];
  const run = await ended(kubectl, ['--server', url, '--kubeconfig', devNull, ...args], { HOME: folder });
  rmSync(target, { recursive: true, force: true });
  return run;
}

const number = (value, digits = 0) => value.toFixed(digits);
const gigabytes = (bytes) => `${number(bytes / 1e9, 2)} GB`;

async function measure(orgs, size) {
  const bytesPerLog = (size * 1e9) / (3 * orgs + 3);
  const server = fork(path('log-server.js'), [orgs, 1, bytesPerLog].map(String));
  const [{ url, namespaces, logs, bytes }] = await once(server, 'message');
  const run = await collect(url, server);
  const { seconds, cpuSeconds, read, kept } = run;
  console.log(
    [
      `${size} GB: ${orgs} organizations, ${logs} containers with ${gigabytes(bytes)} of logs`,
      `  read          ${gigabytes(read)}; kept ${gigabytes(kept.bytes)} of ${kept.logs} logs (${kept.state}, ${kept.redactions} values taken out), archive ${gigabytes(run.archive)}`,
      `  peak memory   ${number(run.peakMegabytes)} MB (budget ${BUDGET.peakMegabytes} MB)`,
      `  temporary     ${number(run.mostTemporary / 1024 ** 2)} MiB of disk beside the archive (budget ${BUDGET.temporaryMebibytes} MiB)`,
      `  time          ${number(seconds)} s, of which processor ${number(cpuSeconds)} s: ${number(read / 1e6 / seconds, 1)} MB/s`,
    ].join('\n'),
  );
  let ratio = Infinity;
  if (size === DUMPED_GB && hasKubectl) {
    const dumped = await dump(url, namespaces);
    ratio = dumped.code === 0 ? dumped.seconds / seconds : Infinity;
    console.log(
      `  kubectl       cluster-info dump ends with ${dumped.code} after ${number(dumped.seconds)} s: ${number(ratio, 2)} times as long (aim ${BUDGET.ratio})`,
    );
  }
  server.send('close');
  await once(server, 'exit');
  return { ...run, ratio };
}

const words = process.argv.slice(2);
const end = words.indexOf('--');
const [orgs = 1000, ...sizes] = (end < 0 ? words : words.slice(0, end)).map(Number);
const flags = end < 0 ? ALL_OF_IT : words.slice(end + 1);
try {
  const runs = [];
  for (const size of sizes.length > 0 ? sizes : [1, 10]) runs.push(await measure(orgs, size));
  const peaks = runs.map(({ peakMegabytes }) => peakMegabytes);
  const spread = Math.max(...peaks) / Math.min(...peaks) - 1;
  if (runs.length > 1) console.log(`peaks differ by ${number(spread * 100, 1)} % (budget ${BUDGET.spread * 100} %)`);
  const exceeded = runs.some(
    ({ peakMegabytes, mostTemporary }) =>
      peakMegabytes >= BUDGET.peakMegabytes || mostTemporary > BUDGET.temporaryMebibytes * 1024 ** 2,
  );
  if (exceeded || spread > BUDGET.spread) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
