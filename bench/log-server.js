// Serves the large platform with logs of any size, in a process of its own: the API server of the tests, and before it
// logs that are made while they are sent. Usage: fork(…, [orgs, crews per org, bytes of each log, ms before an answer])
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, request as ask } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { createApiServer } from '../dist/apiserver/server.js';
import { largePlatform } from './platform.js';

const [orgs, crewsPerOrg, bytesPerLog, latency = 0] = process.argv.slice(2).map(Number);

const hex = (text, length) => createHash('sha256').update(text).digest('hex').slice(0, length);
const secretOf = (org, key) => createHash('sha256').update(`${key} of ${org}`).digest('base64url');
const KEYS = ['OPENAI_API_KEY', 'DATABASE_PASSWORD', 'CREWAI_PLUS_TOKEN'];

/** What crews are started with; its values turn up in logs. */
const environmentOf = (org) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'crew-environment', namespace: `crewai-org-${org}`, creationTimestamp: '2026-11-20T08:12:45Z' },
  type: 'Opaque',
  data: Object.fromEntries(KEYS.map((key) => [key, Buffer.from(secretOf(org, key)).toString('base64')])),
});

const PLAIN = [
  (n) =>
    `{"level":"info","logger":"crewai.kickoff","msg":"request done","path":"/api/v1/crews/${n}/kickoff","status":200,"ms":${n % 977},"trace_id":"${hex(`t${n}`, 32)}"}`,
  (n) => `I, [2026-11-20T10:06:33.1 #1]  INFO -- : Completed 200 OK in ${n % 99}ms (Views: 0.3ms | Allocations: ${n})`,
  (n) =>
    `[2026-11-20 10:06:33,412: INFO/ForkPoolWorker-${n % 8}] Task crews.run[${hex(`c${n}`, 32)}] succeeded in ${n % 60}.2s: None`,
  (n) => `10.20.31.${n % 250} - - "GET /health HTTP/1.1" 200 2 "-" "kube-probe/1.36" rt=0.00${n % 10}`,
  (n) => `# Agent: researcher ## Task: summarize document ${n}; used 1834 tokens (prompt 1611, completion 223)`,
];
const SECRET = [
  (n) => `WARN connect postgres://app:${hex(`a${n}`, 12)}@db:5432/app failed, password=${hex(`b${n}`, 12)}`,
  (n) => `DEBUG openai request with key ${secretOf(1 + (n % orgs), KEYS[n % 3])} took ${n % 60}.1s`,
  (n) => `ERROR upstream answered 401 to Authorization: Bearer ${hex(`d${n}`, 40)}`,
];

const LINES = 20_000;
const STAMP = '2026-11-20T10:06:33.000000000Z ';
const textOf = (n) => (n % 100 === 50 ? SECRET[((n / 50) % 3) | 0] : PLAIN[n % PLAIN.length])(n);

/** All lines twice, so that any of them may come first, and where each begins. */
function poolOf(prefix) {
  const lines = Array.from({ length: 2 * LINES }, (_, n) => Buffer.from(`${prefix}${textOf(n % LINES)}\n`));
  const starts = [0];
  for (const line of lines) starts.push(starts.at(-1) + line.length);
  return { bytes: Buffer.concat(lines), starts };
}

const stamped = poolOf(STAMP);
const plain = poolOf('');
const LINES_PER_LOG = Math.max(1, Math.round((bytesPerLog * LINES) / stamped.starts[LINES]));
const BLOCK = 400;
const MS_PER_LINE = 100;
const END = Date.parse('2026-11-20T10:06:33Z');
const START = END - LINES_PER_LOG * MS_PER_LINE;

/** Some lines of a log, each with its own time. */
function block(pool, shift, from, count) {
  const first = (shift + from) % LINES;
  const base = pool.starts[first];
  const bytes = Buffer.from(pool.bytes.subarray(base, pool.starts[first + count]));
  if (pool === plain) return bytes;
  for (let n = 0; n < count; n += 1) {
    const time = new Date(START + (from + n) * MS_PER_LINE).toISOString();
    bytes.latin1Write(time.slice(0, -1), pool.starts[first + n] - base);
  }
  return bytes;
}

/** Until a client takes more, or has gone. */
function writable(response) {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done);
      response.off('close', done);
      resolve();
    };
    response.on('drain', done);
    response.on('close', done);
  });
}

let served = 0;

/** As the kubelet: the last lines of those, without older ones, and of the rest the first bytes. */
async function sendLog(path, query, response) {
  const shift = Number.parseInt(hex(path, 8), 16) % LINES;
  const pool = query.get('timestamps') === 'true' ? stamped : plain;
  const since = query.has('sinceSeconds') ? END - Number(query.get('sinceSeconds')) * 1000 : START;
  const tail = Number(query.get('tailLines') ?? LINES_PER_LOG);
  let left = Number(query.get('limitBytes') ?? Infinity);
  let line = Math.max(0, LINES_PER_LOG - tail, Math.ceil((since - START) / MS_PER_LINE));
  response.writeHead(200, { 'content-type': 'text/plain' });
  while (line < LINES_PER_LOG && left > 0 && !response.destroyed) {
    const count = Math.min(BLOCK, LINES_PER_LOG - line);
    const bytes = block(pool, shift, line, count).subarray(0, left);
    left -= bytes.length;
    served += bytes.length;
    line += count;
    if (!response.write(bytes)) await writable(response);
  }
  response.end();
}

const platform = await largePlatform({ orgs, crewsPerOrg });
const objects = [...platform, ...Array.from({ length: orgs }, (_, index) => environmentOf(index + 1))];
const api = createApiServer({
  objects,
  anonymous: { user: 'bench', groups: ['system:masters', 'system:authenticated'] },
});
const behind = new URL(await api.listen());

const server = createServer(async (incoming, response) => {
  const { pathname, searchParams } = new URL(incoming.url, 'http://127.0.0.1');
  if (latency > 0) await sleep(latency);
  if (pathname.endsWith('/log')) return sendLog(pathname, searchParams, response);
  const { method, url, headers } = incoming;
  const passed = ask({ host: behind.hostname, port: behind.port, method, path: url, headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
  });
  passed.on('error', () => response.destroy());
  incoming.pipe(passed);
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');

process.on('message', (message) => {
  if (message === 'served') process.send({ served });
  if (message !== 'close') return;
  server.closeAllConnections();
  server.close();
  void api.close().then(() => process.disconnect());
});
const pods = objects.filter(({ kind }) => kind === 'Pod');
process.send({
  url: `http://127.0.0.1:${server.address().port}`,
  namespaces: objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name),
  logs: pods.reduce((sum, { spec }) => sum + spec.containers.length, 0),
  bytes:
    Math.round((LINES_PER_LOG * stamped.starts[LINES]) / LINES) *
    pods.reduce((sum, { spec }) => sum + spec.containers.length, 0),
});
