import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CrdDiffDocument, CrdPlanDocument } from '../../src/kubernetes/crd-document.ts';
import type { Report } from '../../src/model/report.ts';
import type { RawObject } from '../fixtures/crewai.ts';
import { opencranePlatform } from '../fixtures/opencrane.ts';
import { waitFor } from './control-plane.ts';
import { adminClient, crewiso, describeCluster, kubectl } from './harness.ts';
import { NODE } from './kubelet.ts';
import { createObjects, objectPath, removeObjects, waitForDeployments } from './platform.ts';

interface Schema {
  type?: string;
  properties: Record<string, Schema>;
  required?: string[];
}
interface Spec {
  readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Schema } }[];
}

const isDefinition = ({ kind }: RawObject): boolean => kind === 'CustomResourceDefinition';

/** Definitions as a chart holds them, each as `change` leaves the schema of its spec. */
function chart(objects: readonly RawObject[], change: Readonly<Record<string, (spec: Schema) => void>>): string {
  const definitions = objects.filter(isDefinition).map((found) => {
    const { apiVersion, kind, metadata, spec } = structuredClone(found) as RawObject & { spec: Spec };
    const schema = spec.versions[0]?.schema.openAPIV3Schema.properties.spec;
    if (schema) change[metadata.name.split('.')[0] ?? '']?.(schema);
    return JSON.stringify({ apiVersion, kind, metadata: { name: metadata.name }, spec });
  });
  // kubectl takes a text that begins with a brace for JSON alone.
  return definitions.map((text) => `---\n${text}\n`).join('');
}

describeCluster('CRDs of a cluster and of a bundle', () => {
  const client = adminClient();
  const folder = mkdtempSync(join(tmpdir(), 'crewiso-'));
  const bundle = join(folder, 'b.tar.gz');
  const crds = join(folder, 'crds.yaml');
  const objects = opencranePlatform({
    controllers: true,
    nodeName: NODE,
    instances: ['oc-live'],
    tenants: ['hooli', 'umbrella'],
  });
  const isCustom = ({ kind = '' }: RawObject): boolean => kind === 'ClusterTenant' || kind === 'Tenant';

  /** The one document that a command prints. */
  async function ask<T>(args: readonly string[], code: number): Promise<T> {
    const { stdout, stderr, status } = await crewiso([...args, '-o', 'json']);
    expect([status, stderr]).toEqual([code, '']);
    return JSON.parse(stdout) as T;
  }

  beforeAll(async () => {
    await createObjects(client, objects.filter(isDefinition));
    await waitFor('the CRDs are served', async () => {
      const answers = await Promise.all(
        objects.filter(isCustom).map((one) => client.send('GET', objectPath(one).replace(/\/[^/]+$/, ''))),
      );
      return answers.every(({ status }) => status === 200);
    });
    await createObjects(
      client,
      objects.filter((one) => !isDefinition(one) && !isCustom(one)),
    );
    await createObjects(client, objects.filter(isCustom));
    await waitForDeployments(
      client,
      objects.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name),
    );
    const changed = chart(objects, {
      tenants: (spec) => delete spec.properties.email,
      clustertenants: (spec) => (spec.required = [...(spec.required ?? []), 'owner']),
      mcpservers: (spec) => (spec.properties.timeout = { type: 'string' } as Schema),
    });
    writeFileSync(crds, changed);
    expect((await crewiso(['bundle', 'collect', '-q', '-O', bundle])).status).toBe(0);
  });

  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true });
    await removeObjects(client, [...objects.filter((one) => !isDefinition(one)), ...objects.filter(isDefinition)]);
  });

  test('crd diff says of both what breaks, and which objects', async () => {
    const live = await ask<CrdDiffDocument>(['crd', 'diff', 'cluster:', crds], 1);
    const told = live.crds
      .filter(({ state }) => state !== 'same')
      .map(({ name, changes, objects: { read, total, affected } }) => ({
        name,
        changes: changes.map(({ path, rule, objects: touched }) => `${path} ${rule} ${String(touched)}`),
        read: `${read} ${String(total)}`,
        affected: affected.map(({ name: own, dropped, violations }) => [
          own,
          ...dropped,
          ...violations.map(({ path }) => path),
        ]),
      }));
    expect(told).toEqual([
      {
        name: 'clustertenants.opencrane.io',
        changes: ['spec.owner required-added 2'],
        read: 'all 2',
        affected: [
          ['hooli', 'spec.owner'],
          ['umbrella', 'spec.owner'],
        ],
      },
      { name: 'mcpservers.opencrane.io', changes: ['spec.timeout property-added 0'], read: 'all 0', affected: [] },
      {
        name: 'tenants.opencrane.io',
        changes: ['spec.email property-removed 2'],
        read: 'all 2',
        affected: [
          ['user-hooli', 'spec.email'],
          ['user-umbrella', 'spec.email'],
        ],
      },
    ]);
    const held = await ask<CrdDiffDocument>(['crd', 'diff', bundle, crds], 1);
    expect({ ...held, old: live.old }).toEqual(live);
  });

  test('crd plan is blocked by the same objects, and both find the instance', async () => {
    const live = await ask<CrdPlanDocument>(['crd', 'plan', '--to', crds], 1);
    expect(live.steps.map(({ phase, state, objects: named }) => [phase, state, ...named])).toEqual([
      ['export', 'ready'],
      ['export', 'ready'],
      ['repair', 'blocked', 'hooli', 'umbrella'],
      ['repair', 'blocked', 'oc-live/user-hooli', 'oc-live/user-umbrella'],
      ['definitions', 'blocked'],
      ['instances', 'blocked'],
    ]);
    expect(live.rollBack).toContain('helm rollback oc-live -n oc-live --wait');
    const held = await ask<CrdPlanDocument>(['crd', 'plan', '--from', bundle, '--to', crds], 1);
    expect({ ...held, from: live.from }).toEqual(live);
  });

  test('doctor judges them alike', async () => {
    const args = ['doctor', '--check', 'crd-breaking-change', '--crd-baseline', crds];
    const live = await ask<Report>(args, 1);
    expect(live.target.platforms.map(({ overridden }) => overridden)).toEqual([['crdBaseline']]);
    const held = await ask<Report>([...args, '--from', bundle], 1);
    expect(held.findings).toEqual(live.findings);
    const { stdout } = await kubectl([
      'get',
      'crd,tenants.opencrane.io,clustertenants.opencrane.io,deployments,namespaces',
      '-A',
      '-o',
      'yaml',
    ]);
    writeFileSync(join(folder, 'all.yaml'), stdout);
    const files = await ask<Report>([...args, '-f', join(folder, 'all.yaml'), '--complete=all'], 1);
    expect(files.findings.map(({ id, message, severity }) => [id, message, severity])).toEqual(
      live.findings.map(({ id, message, severity }) => [id, message, severity]),
    );
  });

  test('once the objects are corrected the commands of the plan do what it says', async () => {
    const correct = (kind: string, name: string, patch: object): Promise<unknown> => {
      const object = objects.find((one) => one.kind === kind && one.metadata.name === name);
      if (!object) throw new Error(`no ${kind} ${name}`);
      return client.demand(
        'PATCH',
        objectPath(object),
        { spec: patch },
        { contentType: 'application/merge-patch+json' },
      );
    };
    for (const tenant of ['hooli', 'umbrella']) {
      await correct('ClusterTenant', tenant, { owner: 'somebody' });
      await correct('Tenant', `user-${tenant}`, { email: null });
    }
    const plan = await ask<CrdPlanDocument>(['crd', 'plan', '--to', crds], 0);
    expect(plan.steps.map(({ phase, state }) => [phase, state])).toEqual([
      ['export', 'ready'],
      ['export', 'ready'],
      ['definitions', 'ready'],
      ['instances', 'ready'],
    ]);
    // Whoever created them owns their fields, as Helm does: this is what --force-conflicts is for.
    const unforced = await kubectl(['apply', '--server-side', '--dry-run=server', '-f', crds]);
    expect([unforced.status, unforced.stderr]).toEqual([1, expect.stringContaining('conflict')]);
    for (const command of plan.steps.find(({ phase }) => phase === 'definitions')?.commands ?? []) {
      const [program, ...words] = command.split(' ');
      expect(program).toBe('kubectl');
      const { status, stderr } = await kubectl(words);
      expect([command, status, stderr]).toEqual([command, 0, '']);
    }
    expect((await ask<CrdDiffDocument>(['crd', 'diff', 'cluster:', crds], 0)).summary).toMatchObject({ changed: 0 });
    expect((await ask<CrdPlanDocument>(['crd', 'plan', '--to', crds], 0)).state).toBe('nothing');
  });
});
