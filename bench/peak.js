// Preloaded into the measured program: writes its peak memory and processor time when it ends.
import { writeFileSync } from 'node:fs';

process.on('exit', () => {
  const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
  writeFileSync(
    process.env.CREWISO_BENCH_USAGE,
    JSON.stringify({ maxRSS, cpuMs: (userCPUTime + systemCPUTime) / 1000 }),
  );
});
