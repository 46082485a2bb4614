import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { beforeAll, describe, expect, it } from 'vitest';
import { readConfig } from '../../../src/commands/shared/config-file.ts';
import { readReferences } from '../../../src/commands/shared/references.ts';
import { parseYaml } from '../../../src/manifests/yaml.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'crewiso-references-'));
});

async function file(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

const schemaOf = async (name: string) =>
  new Ajv2020({ strict: false }).compile(
    JSON.parse(await readFile(new URL(`../../../schemas/${name}.schema.json`, import.meta.url), 'utf8')) as object,
  );

const HEAD = 'apiVersion: crewiso/v1\nkind: VersionMatrix\n';
const ROWS = `${HEAD}rows:
  - {bundle: v1alpha1 (2), served: [v1alpha1], versions: [0.2.x, 0.10.x]}
  - {bundle: both, served: [v1beta1, v1alpha1], versions: [0.7.x]}
`;

describe('--version-matrix', () => {
  it('reads rows, as the schema describes them', async () => {
    const versionMatrix = await file('matrix.yaml', ROWS);
    expect(await readReferences({ versionMatrix })).toEqual({
      versionMatrix: [
        { bundle: 'v1alpha1 (2)', served: ['v1alpha1'], versions: ['0.2', '0.10'] },
        { bundle: 'both', served: ['v1alpha1', 'v1beta1'], versions: ['0.7'] },
      ],
    });
    expect((await schemaOf('version-matrix'))(parseYaml(ROWS))).toBe(true);
  });

  it.each([
    ['no YAML', '{', 'cannot be read'],
    ['another document', 'apiVersion: crewiso/v1\nkind: Waivers\n', 'kind VersionMatrix'],
    ['another key', `${HEAD}row: []\n`, 'has a key row'],
    ['no rows', HEAD, 'rows is not a list'],
    ['an empty list', `${HEAD}rows: []\n`, 'rows is not a list'],
    ['a row that is none', `${HEAD}rows: [v1alpha1]\n`, 'rows[0] is not a mapping'],
    ['a key too many', `${HEAD}rows: [{bundle: a, serves: [v1]}]\n`, 'has a key serves'],
    ['no name', `${HEAD}rows: [{served: [v1], versions: [0.2.x]}]\n`, 'rows[0].bundle'],
    ['no versions', `${HEAD}rows: [{bundle: a, served: [v1]}]\n`, 'rows[0].versions is not a list'],
    ['a patch', `${HEAD}rows: [{bundle: a, served: [v1], versions: [0.2.x, 0.2.1]}]\n`, 'rows[0].versions[1]'],
    ['a number', `${HEAD}rows: [{bundle: a, served: [v1], versions: [0.2]}]\n`, 'such as 0.2.x'],
    ['no version of an API', `${HEAD}rows: [{bundle: a, served: [1], versions: [0.2.x]}]\n`, 'rows[0].served[0]'],
  ])('refuses %s in one line', async (_name, text, reason) => {
    const versionMatrix = await file('bad.yaml', text);
    const read = readReferences({ versionMatrix });
    await expect(read).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining(reason) as string });
    await expect(read).rejects.toMatchObject({
      message: expect.stringMatching(/^--version-matrix \S+bad\.yaml: .+$/) as string,
    });
  });

  it('refuses a file that is not there', async () => {
    const read = readReferences({ versionMatrix: join(folder, 'absent.yaml') });
    await expect(read).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('cannot be read') as string,
    });
  });
});

const CRD = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: tenants.opencrane.io}
spec: {group: opencrane.io}
`;

describe('--crd-baseline', () => {
  it('reads the CRDs of a folder, beside the files of a chart', async () => {
    const crdBaseline = join(folder, 'crds');
    await mkdir(crdBaseline, { recursive: true });
    await file('crds/tenants.yaml', `${CRD}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n`);
    await file('crds/Chart.yaml', 'name: opencrane\nversion: 0.1.0\n');
    const read = await readReferences({ crdBaseline });
    expect(read.crdBaseline?.place).toBe(crdBaseline);
    expect(read.crdBaseline?.definitions.map(({ metadata }) => metadata.name)).toEqual(['tenants.opencrane.io']);
  });

  it.each([
    ['a file that cannot be read', `${CRD}---\n{\n`, 'broken.yaml:6'],
    ['a file without CRDs', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n', 'no CustomResourceDefinition'],
  ])('refuses %s', async (_name, text, reason) => {
    const read = readReferences({ crdBaseline: await file('broken.yaml', text) });
    await expect(read).rejects.toMatchObject({ exitCode: 2, message: expect.stringContaining(reason) as string });
  });

  it('refuses a folder that is not there', async () => {
    const read = readReferences({ crdBaseline: join(folder, 'absent') });
    await expect(read).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('no such file') as string,
    });
  });
});

it('finds what a configuration file names from its own folder', async () => {
  const text =
    'apiVersion: crewiso/v1\nkind: Config\nsettings: {crd-baseline: crds, version-matrix: /etc/matrix.yaml}\n';
  expect((await schemaOf('config'))(parseYaml(text))).toBe(true);
  const config = readConfig(await file('config.yaml', text), {}, parseYaml);
  expect(config.for('prod')).toEqual({ crdBaseline: join(folder, 'crds'), versionMatrix: '/etc/matrix.yaml' });
});
