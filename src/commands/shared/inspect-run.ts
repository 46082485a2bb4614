import { readBundle, type ReadBundle } from '../../bundle/bundle-reader.ts';
import { openSource } from '../../bundle/archive-source.ts';
import { isGap, type Plan } from '../../bundle/format.ts';
import { LIMITS } from '../../bundle/limits.ts';
import { isOurs, openBundle } from '../../bundle/open-bundle.ts';
import { parseYaml } from '../../manifests/yaml.ts';
import { clean, compareText, count } from '../../model/text.ts';
import { wrap } from '../../reporters/layout.ts';
import { secretTools } from './reading.ts';
import { chosenLine, gapLines, orgsLine, redactionLine, totalsLine } from './bundle-text.ts';

export interface InspectOptions {
  readonly gaps: boolean;
  readonly redactions: boolean;
  readonly width: number;
}

/** What is in a bundle. */
export interface Inventory {
  readonly complete: boolean;
  text(options: InspectOptions): string;
  document(version: string): object;
}

/** @throws CrewisoError (4) for what is no bundle */
export async function inspectFile(file: string): Promise<Inventory> {
  const source = await openSource(file, LIMITS);
  if (!(await isOurs(source))) {
    const { foreignInventory } = await import('./inspect-foreign.ts');
    return foreignInventory(file, await openBundle(file, secretTools(parseYaml)));
  }
  const read = await readBundle(file, () => Promise.resolve());
  return {
    complete: !read.manifest.items.some(isGap),
    text: (options) => inventoryText(file, read, options),
    document: (version) => inventoryDocument(file, read, version),
  };
}

function inventoryText(file: string, { plan, manifest }: ReadBundle, options: InspectOptions): string {
  const { width } = options;
  const { cluster, collector, createdAt, tool } = manifest;
  const row = (name: string, text: string): readonly string[] =>
    text === '' ? [] : wrap(clean(text), width, name.padEnd(10), ' '.repeat(10));
  const gaps = manifest.items.filter(isGap).length;
  const lines = [
    `${manifest.state === 'complete' ? 'COMPLETE' : 'PARTIAL '}  ${clean(file)}`,
    ...row('made', `${createdAt} by ${tool.name} ${tool.version} (${manifest.format}), ${manifest.ended}`),
    ...row(
      'cluster',
      [
        cluster.context && `context ${cluster.context}`,
        cluster.server,
        cluster.kubernetes && `Kubernetes ${cluster.kubernetes}`,
      ]
        .filter(Boolean)
        .join(', '),
    ),
    ...row('as', collector ? `${collector.user} (${collector.groups.join(', ')})` : ''),
    ...row('platform', platformLine(plan)),
    ...row('about', manifest.only ? manifest.only.map((org) => `organization ${org}`).join(', ') : ''),
    ...row('chosen', chosenLine(plan.selection, manifest)),
    ...row('items', totalsLine(manifest)),
    ...row('orgs', orgsLine(manifest)),
    ...row('redacted', redactionLine(manifest)),
    ...(gaps > 0 ? ['missing', ...gapLines(manifest, width, options.gaps ? Number.POSITIVE_INFINITY : undefined)] : []),
    ...(options.redactions ? redactionLines({ plan, manifest }, width) : []),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

function platformLine({ platform, platforms = [], namespaces }: Plan): string {
  const places = [
    ...(platform ? [`${platform.profile} in ${platform.platformNamespace}, crews in ${platform.sharedNamespace}`] : []),
    ...platforms
      .filter(({ id }) => id !== platform?.profile)
      .map(({ id, namespaces: own }) => (own.length > 0 ? `${id} in ${own.join(', ')}` : id)),
  ];
  return places.length === 0 ? '' : `${places.join('; ')} and ${count(namespaces.length, 'namespace')} in all`;
}

function redactionLines({ manifest }: ReadBundle, width: number): readonly string[] {
  const rules = Object.entries(manifest.redaction.counts).sort(([a], [b]) => compareText(a, b));
  return rules.flatMap(([rule, total]) => {
    const files = manifest.items.filter(
      ({ redactions }) => redactions !== undefined && Object.hasOwn(redactions, rule),
    );
    const [first] = files;
    const where = first
      ? ` in ${first.path ?? first.id}${files.length > 1 ? ` and ${count(files.length - 1, 'other file')}` : ''}`
      : '';
    return wrap(clean(`${rule}: ${String(total)}${where}`), width, '  ', '    ');
  });
}

function inventoryDocument(file: string, { manifest }: ReadBundle, version: string): object {
  return {
    ...manifest,
    apiVersion: 'crewiso/v1',
    kind: 'Inventory',
    tool: { name: 'kubectl-crewiso', version },
    file: clean(file),
    madeBy: manifest.tool,
  };
}
