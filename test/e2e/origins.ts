import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect } from 'vitest';
import type { Report } from '../../src/model/report.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import type { ApiClient } from './api-client.ts';
import { crewiso, kubectl, type RunOptions } from './harness.ts';
import { createObjects, removeObjects } from './platform.ts';

/** How a platform is judged: flags that doctor and `bundle collect` take, and those of doctor alone. */
export interface Judging {
  readonly platform?: readonly string[];
  readonly doctor?: readonly string[];
  /** What doctor reads of files, as kubectl takes it. */
  readonly kinds: readonly string[];
  readonly run?: RunOptions;
}

const AS_JSON = ['-o', 'json', '--fail-on', 'info', '--allow-incomplete'];

/** The report of one run; fails with stderr when there is none. */
export async function doctor(
  { platform = [], doctor: own = [], run }: Judging,
  args: readonly string[] = [],
  more: RunOptions = {},
): Promise<Report> {
  const ran = await crewiso(['doctor', ...AS_JSON, ...platform, ...own, ...args], { ...run, ...more });
  expect(ran.stdout, ran.stderr).toMatch(/^\{/);
  return JSON.parse(ran.stdout) as Report;
}

/** Of the cluster as kubectl prints it, without a cluster. */
export async function doctorOnFiles(judging: Judging): Promise<Report> {
  const { status, stdout, stderr } = await kubectl(['get', judging.kinds.join(','), '-A', '-o', 'yaml']);
  expect(status, stderr).toBe(0);
  return doctor(judging, ['-f', '-', '--complete=all'], { input: stdout });
}

/** Of a support bundle of the cluster. */
export async function doctorOnBundle(judging: Judging): Promise<Report> {
  const folder = mkdtempSync(join(tmpdir(), 'crewiso-'));
  try {
    const file = join(folder, 'b.tar.gz');
    const { platform = [], run } = judging;
    // No kubelet serves logs of all pods here, and no check reads them.
    const ran = await crewiso(['bundle', 'collect', '--logs', 'none', '-O', file, ...platform], run);
    expect([ran.status, ran.stderr]).toEqual([0, '']);
    return await doctor(judging, ['--from', file]);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Files and a bundle are judged as the cluster is, word for word. */
export async function expectSameOffline(judging: Judging, live: Report): Promise<void> {
  const said = ({ findings }: Report): readonly string[] =>
    findings.map(({ id, severity, message }) => `${severity} ${id} ${message}`).sort();
  for (const report of [await doctorOnFiles(judging), await doctorOnBundle(judging)]) {
    expect(said(report)).toEqual(said(live));
    expect(report.target.platforms).toEqual(live.target.platforms);
    expect(report.target.tenants).toEqual(live.target.tenants);
  }
}

/** `check Kind/namespace/name` of each, sorted. */
export const found = ({ findings }: Report): readonly string[] =>
  findings
    .map(({ check, object }) => `${check} ${[object.kind, object.namespace, object.name].filter(Boolean).join('/')}`)
    .sort();

/** Installs objects; they are removed after each test. */
export function installer(client: ApiClient): (objects: readonly RawObject[]) => Promise<void> {
  let installed: readonly RawObject[] = [];
  afterEach(() => removeObjects(client, installed));
  return async (objects) => {
    installed = objects;
    await createObjects(client, objects);
  };
}
