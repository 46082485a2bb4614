import { collectToFile, type Collected, type FileInput } from '../../src/bundle/collect-file.ts';
import { Redactor } from '../../src/bundle/redaction/redactor.ts';
import { createClusterReader } from '../../src/cluster/cluster-reader.ts';
import { createTransport } from '../../src/cluster/transport.ts';
import { startApi, type FakeApi, type RunningApi } from '../cluster/fake-api.ts';
import { accessTo } from '../cluster/loopback-server.ts';
import { HEAD, OPTIONS, withTemporary } from './bundles.ts';
import { tools } from './scenario.ts';
import { intercept, LISTS, SCOPE } from './small-cluster.ts';

export const KEY = Buffer.alloc(32, 7);

/** A small cluster, served, and an empty folder. */
export async function withApi<T>(api: FakeApi, use: (server: RunningApi, folder: string) => Promise<T>): Promise<T> {
  const server = await startApi({ lists: LISTS, ...api, intercept: intercept(api.intercept) });
  try {
    return await withTemporary((folder) => use(server, folder));
  } finally {
    await server.close();
  }
}

/** Collects it into a file. */
export async function collect(url: string, file: string, more: Partial<FileInput> = {}): Promise<Collected> {
  const signal = more.signal ?? new AbortController().signal;
  const transport = createTransport(accessTo(url), { version: '0.0.0' });
  try {
    return await collectToFile({
      reader: createClusterReader(transport, signal),
      redaction: new Redactor({ key: KEY }),
      scope: SCOPE,
      tools,
      head: HEAD,
      options: OPTIONS,
      signal,
      file,
      top: 'bundle',
      key: KEY,
      strict: false,
      ...more,
    });
  } finally {
    transport.close();
  }
}
