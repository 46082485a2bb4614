// Measures how fast a log is redacted that holds no secret, one with a secret now and then, and one with two in every
// line, against 20,000 forms of known values; beside `gzip -1` over the same bytes (node:zlib where there is none).
// Ends with 1 where redacting takes more than the budgeted multiple of that. Usage: node bench/redaction.js [<MiB>]
import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { gzipSync } from 'node:zlib';
import { Redactor } from '../dist/bundle/redaction/redactor.js';

/** Of the time of gzip -1; the last log is as bad as a log can be. */
const BUDGET = { 'no secret': 8, 'one line in 100': 8, 'two in every line': 25 };
const ROUNDS = 3;

const mebibytes = Number(process.argv[2] ?? 32);
const digest = (text) => createHash('sha256').update(text).digest('hex');
const stamp = (line) => `2026-11-20T10:06:33.${String(line).padStart(9, '0')}Z`;
const plain = (line) =>
  line % 2 === 0
    ? `${stamp(line)} {"level":"info","msg":"request done","path":"/api/v1/crews/${line}/kickoff","status":200,"trace_id":"${digest(`${line}`).slice(0, 32)}"}`
    : `${stamp(line)} I, [2026-11-20T10:06:33.1 #1]  INFO -- : Completed 200 OK in ${line % 99}ms (Views: 0.3ms | Allocations: ${line}) tokens: ${line}`;
const secret = (line) =>
  `${stamp(line)} WARN connect postgres://app:${digest(`a${line}`).slice(0, 12)}@db:5432/app password=${digest(`b${line}`).slice(0, 12)}`;
const LOGS = {
  'no secret': plain,
  'one line in 100': (line) => (line % 100 === 0 ? secret(line) : plain(line)),
  'two in every line': secret,
};

function logOf(make) {
  const lines = [];
  for (let line = 0, size = 0; size < mebibytes * 1024 * 1024; line += 1) {
    lines.push(make(line));
    size += lines[line].length + 1;
  }
  return Buffer.from(`${lines.join('\n')}\n`);
}

function knowing(forms) {
  const redactor = new Redactor({ key: Buffer.alloc(32, 1) });
  // A value of this shape is looked for in about ten forms.
  for (let index = 0; index < forms / 10; index += 1) {
    const value = createHash('sha256').update(`value ${index}`).digest('base64');
    redactor.learnSecret({ kind: 'Secret', metadata: { name: `s${index}` }, stringData: { value } });
  }
  return redactor;
}

function redact(redactor, log) {
  const stream = redactor.log();
  let written = 0;
  for (let at = 0; at < log.length; at += 65_536) {
    for (const part of stream.write(log.subarray(at, at + 65_536))) written += part.length;
  }
  return written + stream.end().chunks.reduce((sum, { length }) => sum + length, 0);
}

const hasGzip = spawnSync('gzip', ['--version']).status === 0;

function compress(log) {
  if (!hasGzip) return gzipSync(log, { level: 1 });
  const { status, stdout } = spawnSync('gzip', ['-1', '-c'], { input: log, maxBuffer: Infinity });
  if (status !== 0) throw new Error(`gzip ended with ${status}`);
  return stdout;
}

/** Milliseconds of the fastest round: the machine has other work. */
function timed(work) {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const startedAt = performance.now();
    work();
    return performance.now() - startedAt;
  });
  return Math.min(...rounds);
}

const redactor = knowing(20_000);
console.log(`redacting ${mebibytes} MiB of log with ${redactor.known().values} known values, beside gzip -1`);
for (const [name, make] of Object.entries(LOGS)) {
  const log = logOf(make);
  const own = timed(() => redact(redactor, log));
  const other = timed(() => compress(log));
  const rate = (log.length / 1e6 / (own / 1000)).toFixed(0);
  const ratio = own / other;
  console.log(`  ${name.padEnd(18)} ${rate.padStart(3)} MB/s, ratio ${ratio.toFixed(2)} (budget ${BUDGET[name]})`);
  if (ratio > BUDGET[name]) process.exitCode = 1;
}
