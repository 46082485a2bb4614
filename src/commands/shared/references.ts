import { resolve } from 'node:path';
import { isCrd } from '../../kubernetes/crd.ts';
import { readManifests, type Problem } from '../../manifests/read.ts';
import { parseYaml } from '../../manifests/yaml.ts';
import { CrewisoError, EXIT } from '../../model/error.ts';
import type { CustomResourceDefinition } from '../../model/kinds.ts';
import type { CrdBaseline, References, Settings } from '../../model/platform.ts';
import type { Report } from '../../model/report.ts';
import { clean } from '../../model/text.ts';
import type { Reading } from './reading.ts';
import { readVersionMatrix } from './version-matrix.ts';

/** A chart's own files lie beside its CRDs, and are no manifests. */
export const isChartFile = (file: string): boolean => /(?:^|[\\/])(?:Chart|values)\.yaml$/.test(file);

/**
 * What stands in the files that the settings name.
 * @throws CrewisoError (2) for a file that cannot be read, or does not hold what it should
 */
export async function readReferences({ crdBaseline, versionMatrix }: Settings): Promise<References> {
  return {
    ...(crdBaseline === undefined ? {} : { crdBaseline: await readBaseline(crdBaseline) }),
    ...(versionMatrix === undefined ? {} : { versionMatrix: await readVersionMatrix(versionMatrix, parseYaml) }),
  };
}

/**
 * What was read, with what its settings refer to: flags, and the configuration file's section for this context. The
 * settings then hold whole paths: a plan is applied in whichever folder one happens to be.
 */
export async function withReferences(reading: Reading): Promise<Reading> {
  const { settings } = reading;
  const { crdBaseline, versionMatrix } = settings;
  return {
    ...reading,
    settings: {
      ...settings,
      ...(crdBaseline === undefined ? {} : { crdBaseline: resolve(crdBaseline) }),
      ...(versionMatrix === undefined ? {} : { versionMatrix: resolve(versionMatrix) }),
    },
    references: await readReferences(settings),
  };
}

/** A folder that has nothing to do with what was found must not look like one that breaks nothing. */
export function idleReferences({ references }: Reading, { checks }: Report): readonly string[] {
  const place = references?.crdBaseline?.place;
  const judged = checks.find(({ id }) => id === 'crd-breaking-change');
  if (place === undefined || judged?.outcome !== 'not-applicable') return [];
  return [`--crd-baseline ${clean(place)}: no CRD in it is of a platform that was found, and nothing was compared`];
}

async function readBaseline(place: string): Promise<CrdBaseline> {
  const { objects, problems } = await readManifests([place]).catch((cause: unknown) => {
    throw cause instanceof CrewisoError ? wrong(cause.message, cause) : cause;
  });
  const broken = problems.find(({ level, file }) => level === 'error' && !isChartFile(file));
  // What is missing from it would pass for something that does not change.
  if (broken) throw wrong(lineOf(broken));
  const definitions = objects.map(({ object }) => object).filter(isCrd) as readonly CustomResourceDefinition[];
  if (definitions.length === 0) throw wrong(`${clean(place)}: no CustomResourceDefinition in it`);
  return { place, definitions };
}

const lineOf = ({ file, line, message }: Problem): string =>
  line === undefined ? `${file}: ${message}` : `${file}:${String(line)}: ${message}`;

const wrong = (what: string, cause?: unknown): CrewisoError =>
  new CrewisoError(`--crd-baseline ${what}`, {
    code: 'crd-baseline',
    exitCode: EXIT.usage,
    suggestions: ['it takes the folder or file of the CRDs that are to be applied, such as the crds folder of a chart'],
    ...(cause === undefined ? {} : { cause }),
  });
