import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArchiveWriter } from '../../src/bundle/archive-writer.ts';
import { BundleWriter } from '../../src/bundle/bundle-writer.ts';
import { collectPlanned, prepare, type CollectInput, type CollectOptions } from '../../src/bundle/collect.ts';
import type { CollectScope } from '../../src/bundle/collect-scope.ts';
import { FORMAT, type BundleHead } from '../../src/bundle/format.ts';
import { PartialFile } from '../../src/bundle/partial-file.ts';
import { Redactor } from '../../src/bundle/redaction/redactor.ts';
import { createClusterReader } from '../../src/cluster/cluster-reader.ts';
import { createTransport } from '../../src/cluster/transport.ts';
import { accessTo } from '../cluster/loopback-server.ts';
import { NOW, tools } from './scenario.ts';

export const BUDGETS = { newest: 2048, oldest: 512, bytesPerOrg: 1024 ** 2, bytes: 64 * 1024 ** 2 };

export const OPTIONS: CollectOptions = { knownValues: 'auto', logs: 'all', tail: 1000, budgets: BUDGETS };

export const HEAD: BundleHead = {
  format: FORMAT,
  tool: { name: 'kubectl-crewiso', version: '0.0.0' },
  createdAt: new Date(NOW).toISOString(),
  cluster: { id: 'uid--kube-system', server: 'https://cluster.example', context: 'test' },
  collector: { user: 'jane', groups: ['system:authenticated'] },
};

/** A folder that exists while `use` runs. */
export async function withTemporary<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'crewiso-'));
  try {
    return await use(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export interface Collecting {
  readonly scope: CollectScope;
  readonly options?: Partial<CollectOptions>;
  readonly head?: Partial<BundleHead>;
  readonly signal?: AbortSignal;
  readonly redaction?: CollectInput['redaction'];
  readonly key?: Buffer;
  /** Requests at the same time. */
  readonly concurrency?: number;
}

/** Collects from a served cluster into a file. */
export async function collectInto(file: string, url: string, collecting: Collecting): Promise<BundleWriter> {
  const { scope, options, head, signal = new AbortController().signal } = collecting;
  const { concurrency } = collecting;
  const transport = createTransport(accessTo(url), { version: '0.0.0', ...(concurrency && { concurrency }) });
  try {
    const input: CollectInput = {
      reader: createClusterReader(transport, signal),
      redaction: collecting.redaction ?? new Redactor({ key: collecting.key ?? randomBytes(32) }),
      scope,
      tools,
      head: { ...HEAD, ...head },
      options: { ...OPTIONS, ...options },
      signal,
    };
    const prepared = await prepare(input);
    const output = await PartialFile.open(file);
    const archive = new ArchiveWriter(output, 'bundle', input.head.createdAt);
    const writer = await BundleWriter.start(archive, input.redaction, prepared.plan);
    await writer.seal(await collectPlanned(input, prepared, writer), prepared.knownValues);
    await output.close();
    await output.rename('');
    return writer;
  } finally {
    transport.close();
  }
}
