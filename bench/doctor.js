// Measures doctor on a platform of 1,000 organizations and 6,000 pods against an API server on loopback: time beside
// curl fetching the same lists, peak memory, requests; and how long the program takes to start beside Node alone.
// Ends with 1 when a budget is exceeded. Usage: npm run bench [-- <orgs> <crews per org>]
import { fork, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BUDGET = { requests: 60, peakMegabytes: 250, startRatio: 2.5 };
const RUNS = { doctor: 3, start: 15 };

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));
const program = path('../bin/kubectl-crewiso');
const folder = mkdtempSync(join(tmpdir(), 'crewiso-bench-'));

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)];

async function timed(command, args, environment = {}) {
  const startedAt = performance.now();
  const child = spawn(command, args, { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'inherit'] });
  const chunks = [];
  child.stdout.on('data', (chunk) => chunks.push(chunk));
  const [code] = await once(child, 'close');
  return { code, ms: performance.now() - startedAt, output: Buffer.concat(chunks) };
}

async function ask(server, message) {
  const answer = once(server, 'message');
  server.send(message);
  return (await answer)[0];
}

async function runDoctor(url) {
  const usage = join(folder, 'usage.json');
  const args = ['--import', new URL('peak.js', import.meta.url).href, program, 'doctor', '--server', url];
  const run = await timed(process.execPath, [...args, '--kubeconfig', devNull, '-o', 'json'], {
    CREWISO_BENCH_USAGE: usage,
  });
  const report = JSON.parse(run.output.toString('utf8'));
  const { maxRSS, cpuMs } = JSON.parse(readFileSync(usage, 'utf8'));
  return { ...run, report, peakMegabytes: maxRSS / 1024, cpuMs };
}

/** The same GETs, continue tokens included, all at once: curl need not wait for one page to ask for the next. */
async function runCurl(url, requests) {
  const gets = requests.filter(({ method, path }) => method === 'GET' && path.includes('limit='));
  const lines = gets.flatMap(({ path, accept }, index) => [
    ...(index > 0 ? ['next'] : []),
    `url = "${url}${path}"`,
    `header = "Accept: ${accept}"`,
    'output = "/dev/null"',
    'compressed',
    'globoff',
    'fail',
  ]);
  const config = join(folder, 'curl.config');
  writeFileSync(config, `${lines.join('\n')}\n`);
  return timed('curl', ['--no-progress-meter', '--parallel', '--parallel-max', '16', '--config', config]);
}

/** Where there is no curl: the same GETs by fetch, in this process. */
async function runFetch(url, requests) {
  const startedAt = performance.now();
  const gets = requests.filter(({ method, path }) => method === 'GET' && path.includes('limit='));
  await Promise.all(
    gets.map(async ({ path, accept }) => (await fetch(url + path, { headers: { accept } })).arrayBuffer()),
  );
  return { code: 0, ms: performance.now() - startedAt };
}

async function measureDoctor(orgs, crewsPerOrg) {
  const server = fork(path('server.js'), [String(orgs), String(crewsPerOrg)]);
  const [{ url }] = await once(server, 'message');
  const fetcher =
    spawnSync('curl', ['--version']).status === 0 ? { name: 'curl', run: runCurl } : { name: 'fetch', run: runFetch };
  const runs = [];
  const fetches = [];
  for (let round = 0; round < RUNS.doctor; round += 1) {
    const run = await runDoctor(url);
    const { requests } = await ask(server, 'requests');
    runs.push({ ...run, requests });
    const fetched = await fetcher.run(url, requests);
    if (fetched.code !== 0) throw new Error(`${fetcher.name} ended with ${fetched.code}`);
    fetches.push(fetched);
    await ask(server, 'requests');
  }
  server.send('close');
  const [{ report, requests }] = runs;
  return {
    tenants: report.target.tenants.length,
    outcomes: Object.entries(report.coverage).filter(([, value]) => typeof value === 'number'),
    findings: report.findings.length,
    requests: requests.length,
    fetcher: fetcher.name,
    doctorMs: median(runs.map(({ ms }) => ms)),
    cpuMs: median(runs.map(({ cpuMs }) => cpuMs)),
    fetchMs: median(fetches.map(({ ms }) => ms)),
    peakMegabytes: Math.max(...runs.map(({ peakMegabytes }) => peakMegabytes)),
  };
}

async function measureStart() {
  const own = [];
  const node = [];
  for (let round = 0; round < RUNS.start; round += 1) {
    node.push((await timed(process.execPath, ['-e', '0'])).ms);
    own.push((await timed(process.execPath, [program, '--version'])).ms);
  }
  return { ownMs: median(own), nodeMs: median(node) };
}

const [orgs = 1000, crewsPerOrg = 2] = process.argv.slice(2).map(Number);
const round = (number, digits = 0) => number.toFixed(digits);
try {
  const start = await measureStart();
  const doctor = await measureDoctor(orgs, crewsPerOrg);
  const startRatio = start.ownMs / start.nodeMs;
  const lines = [
    `doctor on ${orgs} organizations, ${orgs * crewsPerOrg * 3} pods (${doctor.tenants} tenants judged, ${doctor.findings} findings; ${doctor.outcomes.map(([name, value]) => `${name} ${value}`).join(', ')})`,
    `  requests      ${doctor.requests} (budget ${BUDGET.requests})`,
    `  peak memory   ${round(doctor.peakMegabytes)} MB (budget ${BUDGET.peakMegabytes} MB)`,
    `  wall time     ${round(doctor.doctorMs)} ms, of which processor ${round(doctor.cpuMs)} ms; ${doctor.fetcher} fetches the same lists in ${round(doctor.fetchMs)} ms: ratio ${round(doctor.doctorMs / doctor.fetchMs, 2)}`,
    `--version       ${round(start.ownMs)} ms, node -e 0 ${round(start.nodeMs)} ms: ratio ${round(startRatio, 2)} (budget ${BUDGET.startRatio})`,
  ];
  console.log(lines.join('\n'));
  const exceeded =
    doctor.requests > BUDGET.requests || doctor.peakMegabytes >= BUDGET.peakMegabytes || startRatio > BUDGET.startRatio;
  if (exceeded) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true });
}
