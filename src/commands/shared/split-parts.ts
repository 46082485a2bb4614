import { createHmac } from 'node:crypto';
import { basename } from 'node:path';
import type { FileInput } from '../../bundle/collect-file.ts';
import { orgsOf, partOf } from '../../bundle/collect-scope.ts';
import { Redactor } from '../../bundle/redaction/redactor.ts';
import { parseYaml } from '../../manifests/yaml.ts';
import { usage } from './collect-arguments.ts';
import { secretTools } from './reading.ts';

/** The archives that one is split into: the platform's own, then one of each organization. */
export function partsOf(whole: FileInput & { readonly redaction: Redactor }): readonly FileInput[] {
  requireNameless(whole);
  return [partInput(whole, undefined), ...orgsOf(whole.scope).map((org) => partInput(whole, org))];
}

function partInput(whole: FileInput & { readonly redaction: Redactor }, org: string | undefined): FileInput {
  const file = partName(whole.file, org === undefined ? 'platform' : `org-${org}`);
  // Fingerprints of their own: what two organizations have in common is nobody's business.
  const key = createHmac('sha256', whole.key)
    .update(`part:${org ?? ''}`)
    .digest();
  // Who else was asked for is nobody's business either.
  const options = { ...whole.options, orgs: [], namespaces: [] };
  return {
    ...whole,
    options,
    file,
    key,
    top: topOf(file),
    scope: partOf(whole.scope, org),
    redaction: new Redactor({ key, like: whole.redaction }),
    tools: secretTools(parseYaml, key),
    head: { ...whole.head, fingerprints: idOf(key), ...(org !== undefined && { only: [org] }) },
  };
}

/**
 * Every archive tells how its logs were chosen.
 * @throws CrewisoError (2) where that would tell one organization of another
 */
function requireNameless({ scope, options: { selector } }: FileInput): void {
  const names = new Set(scope.namespaces.flatMap(({ name, org }) => (org === undefined ? [] : namesOf(org, name))));
  if (!selector?.requirements.some(({ values }) => values.some((value) => names.has(value)))) return;
  throw usage(
    `--selector ${selector.text} names an organization, and --split-by-org would tell all of them`,
    'choose organizations with --org or --orgs',
  );
}

/** A number alone may be anything. */
const namesOf = (org: string, namespace: string): readonly string[] => [
  namespace,
  `org-${org}`,
  ...(/^\d+$/.test(org) ? [] : [org]),
];

const partName = (file: string, part: string): string =>
  file.replace(/(?:\.tar\.gz|\.tgz)?(?:\.age)?$/, (ending) => `-${part.replaceAll(/[^\w.-]/g, '_')}${ending}`);

/** Says which key it is, and nothing of it. */
export const idOf = (key: Buffer): string =>
  createHmac('sha256', key).update('fingerprints').digest('hex').slice(0, 12);

/** The folder that everything in a bundle is in. */
export const topOf = (file: string): string =>
  basename(file)
    .replace(/(?:\.tar)?(?:\.gz|\.tgz)?(?:\.age)?$/, '')
    .replaceAll(/[^A-Za-z0-9._-]/g, '_')
    .replace(/^\.*$/, 'bundle')
    .slice(0, 80);
