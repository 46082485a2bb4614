// Preloaded into the measured program: writes its peak memory and processor time when it ends.
import { readFileSync, writeFileSync } from 'node:fs';

/** Of this program alone; `maxRSS` may be that of the process that it was forked from. */
function peakKilobytes(maxRSS) {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]);
  } catch {
    return maxRSS;
  }
}

process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  writeFileSync(
    process.env.CREWISO_BENCH_USAGE,
    JSON.stringify({ maxRSS, peak: peakKilobytes(maxRSS), cpuMs: (userCPUTime + systemCPUTime) / 1000 }),
  );
});
