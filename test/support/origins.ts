import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createApiServer, type ApiServer } from '../../src/apiserver/server.ts';
import type { ApiServerOptions } from '../../src/apiserver/options.ts';
import { snapshotOfBundle } from '../../src/bundle/bundle-snapshot.ts';
import { CHECKS } from '../../src/checks/index.ts';
import { readSnapshot } from '../../src/cluster/snapshot-reader.ts';
import { createTransport } from '../../src/cluster/transport.ts';
import { collectScope, headPlatforms, planForScope } from '../../src/commands/shared/bundle-scope.ts';
import { judge } from '../../src/commands/shared/judge.ts';
import { planOf } from '../../src/commands/shared/read-cluster.ts';
import { readsOf } from '../../src/commands/shared/read-source.ts';
import { NO_REQUESTS, type Reading } from '../../src/commands/shared/reading.ts';
import { readManifests } from '../../src/manifests/read.ts';
import { snapshotOfManifests } from '../../src/manifests/snapshot-of-manifests.ts';
import type { KubeObject } from '../../src/model/object.ts';
import type { Settings } from '../../src/model/platform.ts';
import type { Report } from '../../src/model/report.ts';
import { accessTo } from '../cluster/loopback-server.ts';
import { collectInto, withTemporary } from './bundles.ts';
import { NOW, tools } from './scenario.ts';

/** A user who may do everything, without a credential. */
export const ADMINISTRATOR: ApiServerOptions['anonymous'] = {
  user: 'administrator',
  groups: ['system:masters', 'system:authenticated'],
};

/** Serves the objects on loopback while `use` runs. Objects without a birth date are a day old. */
export async function whileServed<T>(
  objects: Iterable<KubeObject>,
  use: (server: ApiServer) => Promise<T>,
  options: Omit<ApiServerOptions, 'objects'> = {},
): Promise<T> {
  const server = createApiServer({
    objects,
    anonymous: ADMINISTRATOR!,
    now: () => new Date(NOW),
    ...options,
  });
  await server.listen();
  try {
    return await use(server);
  } finally {
    await server.close();
  }
}

/** What doctor reads from this server: its own plan, through its own transport, at the time of the scenarios. */
export async function readServed(url: string, settings: Settings = {}): Promise<Reading> {
  const transport = createTransport(accessTo(url), { version: '0.0.0' });
  try {
    const plan = planOf({ settings, reads: readsOf(CHECKS), flags: { 'all-namespaces': false } }, []);
    const read = await readSnapshot(transport, plan, { now: NOW, tools });
    return {
      snapshot: read.snapshot,
      ...(read.identity && { identity: read.identity }),
      requests: transport.counts(),
      interrupted: read.interrupted,
      notes: transport.warnings(),
      settings,
    };
  } finally {
    transport.close();
  }
}

/** What `bundle collect` makes of this server, in a file. */
export async function collectFrom(url: string, settings: Settings, file: string): Promise<void> {
  const transport = createTransport(accessTo(url), { version: '0.0.0' });
  const found = planForScope({ settings, flags: { 'all-namespaces': false }, secrets: true }, []);
  const { snapshot } = await readSnapshot(transport, found.plan, { now: NOW, tools });
  transport.close();
  const { scope, platforms } = collectScope(snapshot, settings, found.scope());
  await collectInto(file, url, { scope, head: headPlatforms(platforms) });
}

/** What doctor reads from a bundle that was collected from this server, redacted as always. */
export async function readCollected(url: string, settings: Settings = {}): Promise<Reading> {
  return withTemporary(async (folder) => {
    const file = join(folder, 'bundle.tar.gz');
    await collectFrom(url, settings, file);
    const read = await snapshotOfBundle(file);
    return { ...read, requests: NO_REQUESTS, interrupted: false, settings, identity: undefined } as unknown as Reading;
  });
}

/** What doctor reads from a file with this text, as a file that leaves nothing out. */
export async function readWritten(text: string, extension: 'yaml' | 'json'): Promise<Reading> {
  const folder = await mkdtemp(join(tmpdir(), 'crewiso-'));
  try {
    const file = join(folder, `cluster.${extension}`);
    await writeFile(file, text);
    const read = await readManifests([file]);
    const snapshot = snapshotOfManifests(read, { now: NOW, complete: 'all', tools });
    const notes = read.problems.map(({ message }) => message);
    return { snapshot, requests: NO_REQUESTS, interrupted: false, notes, settings: {} };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** The report of all checks on what was read, as the command builds it. */
export function reportOn(reading: Reading, settings: Settings = {}): Report {
  return judge(
    { ...reading, settings },
    {
      // Those about bundles alone say nothing of a cluster.
      checks: CHECKS.filter(({ origins }) => origins === undefined),
      policy: { waivers: [] },
      failOn: 'high',
      allowIncomplete: false,
      version: '0.0.0',
      startedAt: NOW,
    },
  );
}
