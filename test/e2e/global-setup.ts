import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { startControlPlane, type Connection } from './control-plane.ts';

declare module 'vitest' {
  export interface ProvidedContext {
    controlPlane: Connection | { readonly available: false; readonly reason: string };
  }
}

/** Exit code of scripts/control-plane.js where there is neither a control plane nor a Go to build one. */
const UNAVAILABLE = 3;

const script = fileURLToPath(new URL('../../scripts/control-plane.js', import.meta.url));

async function findAssets(): Promise<{ code: number | null; folder: string; said: string }> {
  const child = spawn(process.execPath, [script, '--print'], { stdio: ['ignore', 'pipe', 'pipe'] });
  let folder = '';
  let said = '';
  child.stdout.on('data', (chunk: Buffer) => (folder += chunk.toString('utf8')));
  child.stderr.on('data', (chunk: Buffer) => {
    said += chunk.toString('utf8');
    process.stderr.write(chunk);
  });
  const code = await new Promise<number | null>((resolve) => child.on('close', resolve));
  return { code, folder: folder.trim(), said: said.trim() };
}

/** One control plane for the whole end-to-end run. With CREWISO_E2E=required a missing one is an error, not a skip. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const { code, folder, said } = await findAssets();
  if (code === UNAVAILABLE && process.env.CREWISO_E2E !== 'required') {
    project.provide('controlPlane', { available: false, reason: said });
    return undefined;
  }
  if (code !== 0) throw new Error(`no control plane to test against: ${said}`);
  const running = await startControlPlane(folder);
  project.provide('controlPlane', running.connection);
  return running.stop;
}
