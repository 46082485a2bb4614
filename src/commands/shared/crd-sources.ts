import { existsSync, statSync } from 'node:fs';
import { openSource } from '../../bundle/archive-source.ts';
import { objectsInBundle } from '../../bundle/held-customs.ts';
import { LIMITS } from '../../bundle/limits.ts';
import { isOurs } from '../../bundle/open-bundle.ts';
import { isCrd, readCrd, type Crd } from '../../kubernetes/crd.ts';
import type { Instance, NewDefinitions } from '../../kubernetes/crd-plan.ts';
import { ObjectJudge, type JudgedObjects } from '../../kubernetes/crd-diff.ts';
import { isOfCrd } from '../../kubernetes/crd-stored.ts';
import { opencraneComponent } from '../../kubernetes/opencrane-names.ts';
import { isGitSource, partsOfGitSource, readGitTree } from '../../manifests/git-tree.ts';
import { readManifests, readObjects, type Problem } from '../../manifests/read.ts';
import { CrewisoError, EXIT } from '../../model/error.ts';
import { compareNames, type KubeObject } from '../../model/object.ts';
import { clean, shellQuote } from '../../model/text.ts';
import { isChartFile } from './references.ts';
import { liveCrds, liveDeployments, liveObjects, type CrdLive } from './crd-live.ts';

/** Something that the answer depends on. */
export interface Note {
  readonly missing: boolean;
  readonly message: string;
}

/** Two definitions of one kind. */
export interface CrdPair {
  readonly old: Crd;
  readonly new: Crd;
}

/** A set of definitions, wherever it comes from. */
export interface CrdSource {
  readonly name: string;
  /** `whole`: what is not in it is not there. A cluster and a bundle hold much that is of no concern. */
  readonly extent: 'set' | 'cluster';
  readonly crds: readonly Crd[];
  readonly notes: readonly Note[];
  /** Files of a chart beside the definitions, which are no manifests. */
  readonly charts: readonly string[];
  /** What becomes of the objects in it. */
  judge(pairs: readonly CrdPair[]): Promise<ReadonlyMap<string, JudgedObjects>>;
  /** Helm releases of OpenCrane in it, whose Deployments say so; those of every other platform are named by hand. */
  instances(): Promise<readonly Instance[]>;
}

const CRDS = 'customresourcedefinitions.apiextensions.k8s.io';

/**
 * Reads `cluster:`, a file or folder, a bundle of ours, or a folder of a git revision.
 * @throws CrewisoError (2) for a source that is none, (4) for one that cannot be read
 */
export async function readCrdSource(source: string, live: CrdLive): Promise<CrdSource> {
  if (source === 'cluster:') return clusterSource(live);
  if (existsSync(source) || source === '-') return (await isBundle(source)) ? bundleSource(source) : fileSource(source);
  if (isGitSource(source)) return gitSource(source);
  throw new CrewisoError(`${clean(source)}: no such file or folder`, {
    code: 'crd-source',
    exitCode: EXIT.unreachable,
    suggestions: ['give a file, a folder, a bundle, cluster:, or REVISION:PATH from the top of the repository'],
  });
}

async function isBundle(source: string): Promise<boolean> {
  if (source === '-' || statSync(source).isDirectory() || /\.(?:ya?ml|json)$/.test(source)) return false;
  try {
    return await isOurs(await openSource(source, LIMITS));
  } catch (error) {
    if (error instanceof CrewisoError) return false;
    throw error;
  }
}

async function clusterSource(live: CrdLive): Promise<CrdSource> {
  const { name, objects } = await liveCrds(live);
  return {
    name,
    extent: 'cluster',
    ...definitionsOf(objects),
    charts: [],
    judge: (pairs) => liveObjects(live, pairs),
    instances: async () => instancesOf(await liveDeployments(live)),
  };
}

async function fileSource(source: string): Promise<CrdSource> {
  const { objects, problems } = await readManifests([source]);
  return setSource(
    source,
    objects.map(({ object }) => object),
    problems,
  );
}

async function gitSource(source: string): Promise<CrdSource> {
  const files = await readGitTree(source);
  const read = files.map(({ name, text }) => readObjects(text, clean(name)));
  return setSource(
    source,
    read.flatMap(({ objects }) => objects.map(({ object }) => object)),
    read.flatMap(({ problems }) => problems),
  );
}

function setSource(source: string, objects: readonly KubeObject[], problems: readonly Problem[]): CrdSource {
  const { crds, notes } = definitionsOf(objects);
  if (crds.length === 0) throw nothingIn(source, problems.find(({ level }) => level === 'error')?.message);
  const said = problems
    .filter(({ file }) => !isChartFile(file))
    .map(({ level, file, message }): Note => ({ missing: level === 'error', message: `${file}: ${message}` }));
  const rest = objects.filter((object) => !isCrd(object));
  return {
    name: clean(source),
    extent: 'set',
    crds,
    notes: [...said, ...notes],
    charts: problems.filter(({ file }) => isChartFile(file)).map(({ file }) => file),
    judge: (pairs) =>
      Promise.resolve(judgeAll(pairs, rest, () => ({ read: 'some', why: 'files hold only some of the objects' }))),
    instances: () => Promise.resolve(instancesOf(rest.filter(({ kind }) => kind === 'Deployment'))),
  };
}

async function bundleSource(source: string): Promise<CrdSource> {
  const { objects, kinds } = await objectsInBundle(source, (kind) => kind === CRDS);
  const { crds, notes } = definitionsOf(objects);
  if (!kinds.has(CRDS)) throw nothingIn(source);
  const gap: readonly Note[] =
    kinds.get(CRDS) === 'whole' ? [] : [{ missing: true, message: 'the bundle does not hold every definition' }];
  return {
    name: clean(source),
    extent: 'cluster',
    crds,
    notes: [...gap, ...notes],
    charts: [],
    judge: async (pairs) => {
      const names = new Set(pairs.map(({ old }) => old.name));
      const held = await objectsInBundle(source, (kind) => names.has(kind));
      return judgeAll(pairs, held.objects, (name) => {
        const state = held.kinds.get(name);
        if (state === 'whole') return { read: 'all' };
        return state === undefined
          ? { read: 'none', why: 'the bundle holds no objects of this kind' }
          : { read: 'some', why: 'the bundle does not hold all of them' };
      });
    },
    instances: async () => instancesOf((await objectsInBundle(source, (kind) => kind === 'deployments.apps')).objects),
  };
}

const nothingIn = (source: string, why?: string): CrewisoError =>
  new CrewisoError(`${clean(source)}: ${why ?? 'no CustomResourceDefinition in it'}`, {
    code: 'crd-source',
    exitCode: EXIT.unreachable,
    suggestions: ['give what holds the definitions: a crds folder of a chart, helm template --include-crds, cluster:'],
  });

/** Objects by their kinds; of kinds without any nothing is said unless all were seen. */
function judgeAll(
  pairs: readonly CrdPair[],
  objects: readonly KubeObject[],
  extent: (name: string) => Pick<JudgedObjects, 'read' | 'why'>,
): ReadonlyMap<string, JudgedObjects> {
  const judged = pairs.map((pair) => {
    const judge = new ObjectJudge(pair.old, pair.new);
    const own = objects.filter((object) => isOfCrd(object, pair.old));
    for (const object of own) judge.add(object);
    const { read, why } = extent(pair.old.name);
    const seen = read === 'some' && own.length === 0 ? 'none' : read;
    return [
      pair.old.name,
      judge.result(
        seen,
        seen === 'none' && read === 'some' ? 'none here to look at: those in a cluster are not judged' : why,
      ),
    ] as const;
  });
  return new Map(judged);
}

function instancesOf(objects: readonly KubeObject[]): readonly Instance[] {
  const found = new Map<string, Instance>();
  for (const object of objects) {
    const { labels, namespace } = object.metadata;
    const release = labels?.['app.kubernetes.io/instance'];
    if (opencraneComponent(object) !== undefined && release !== undefined && namespace !== undefined)
      found.set(`${namespace}/${release}`, { namespace, release });
  }
  return [...found].sort(([a], [b]) => compareNames(a, b)).map(([, instance]) => instance);
}

export function definitionsOf(objects: readonly KubeObject[]): {
  readonly crds: readonly Crd[];
  readonly notes: readonly Note[];
} {
  const read = objects.filter(isCrd).map(readCrd);
  return {
    crds: read.flatMap((crd) => ('fault' in crd ? [] : [crd])),
    notes: read.flatMap((crd) => ('fault' in crd ? [{ missing: true, message: clean(crd.fault) }] : [])),
  };
}

/**
 * How kubectl comes by these definitions: what is in git has to be taken out of it first, and `kubectl apply -f` stops at
 * the files of a chart that lie beside them.
 */
export function definitionsAt(source: string, charts: readonly string[]): NewDefinitions {
  const without = (place: string): readonly string[] =>
    charts.length === 0 ? [] : [`rm -f ${charts.map((file) => shellQuote(`${place}/${nameOf(file)}`)).join(' ')}`];
  if (existsSync(source) || !isGitSource(source)) {
    if (charts.length === 0) return { place: source, fetch: [] };
    const copy = `mkdir -p ${FETCHED} && cp -R ${shellQuote(`${source}/.`)} ${FETCHED}`;
    return { place: FETCHED, fetch: [copy, ...without(FETCHED)] };
  }
  const { revision, path } = partsOfGitSource(source);
  const archive = `git archive ${shellQuote(revision)} ${shellQuote(path)}`;
  const place = `${FETCHED}/${path}`;
  return { place, fetch: [`mkdir -p ${FETCHED} && ${archive} | tar -x -C ${FETCHED}`, ...without(place)] };
}

const FETCHED = 'new-definitions';
const nameOf = (file: string): string => file.slice(Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\')) + 1);
