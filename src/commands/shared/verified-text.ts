import type { Verified } from '../../bundle/verify.ts';
import { clean, count } from '../../model/text.ts';
import { wrap } from '../../reporters/layout.ts';
import { totalsLine } from './bundle-text.ts';

const WORDS: Readonly<Record<Verified['outcome'], string>> = {
  intact: 'INTACT',
  changed: 'CHANGED',
  cut: 'CUT',
  unreadable: 'UNREADABLE',
};

const SHOWN = 20;

/** What verifying found, for people. */
export function verifiedText(file: string, verified: Verified, width: number): string {
  const { outcome, problems, manifest, sha256, tarDigest, files } = verified;
  const rest = problems.length - SHOWN;
  const lines = [
    `${WORDS[outcome]}  ${clean(file)}`,
    ...problems
      .slice(0, SHOWN)
      .flatMap(({ path, what }) => wrap(clean(path === undefined ? what : `${path}: ${what}`), width, '  ', '    ')),
    ...(rest > 0 ? [`  and ${count(rest, 'more problem')}`] : []),
    `files   ${count(files, 'file')} as the manifest says`,
    ...(manifest ? wrap(totalsLine(manifest), width, 'holds   ', '        ') : []),
    `file    sha256:${sha256}`,
    ...(tarDigest === undefined ? [] : [`tar     sha256:${tarDigest}`]),
  ];
  return lines.map((line) => `${line}\n`).join('');
}

/** The same for machines. */
export function verifiedDocument(file: string, verified: Verified, version: string): object {
  const { outcome, problems, sha256, size, tarDigest, files, manifest } = verified;
  return {
    apiVersion: 'crewiso/v1',
    kind: 'Verification',
    tool: { name: 'kubectl-crewiso', version },
    file: clean(file),
    outcome,
    problems: problems.map(({ path, what }) => ({
      ...(path !== undefined && { path: clean(path) }),
      what: clean(what),
    })),
    size,
    sha256,
    ...(tarDigest !== undefined && { tarDigest }),
    files,
    ...(manifest && { state: manifest.state, totals: manifest.totals }),
  };
}

/** Writes a document to standard output. */
export async function writeDocument(document: object, format: 'json' | 'yaml'): Promise<void> {
  if (format === 'json') {
    process.stdout.write(`${JSON.stringify(document, undefined, 2)}\n`);
    return;
  }
  const { stringifyYaml } = await import('../../manifests/yaml.ts');
  process.stdout.write(stringifyYaml(document));
}
