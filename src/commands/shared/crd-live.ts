import { createClusterReader } from '../../cluster/cluster-reader.ts';
import { ObjectJudge, type JudgedObjects } from '../../kubernetes/crd-diff.ts';
import { storageVersion, type Crd } from '../../kubernetes/crd.ts';
import { parseYaml } from '../../manifests/yaml.ts';
import type { ClusterReader, ListTarget, ReadTrouble } from '../../model/cluster-reader.ts';
import { CrewisoError, EXIT } from '../../model/error.ts';
import type { KubeObject } from '../../model/object.ts';
import { readConfig } from './config-file.ts';
import type { CrdPair } from './crd-sources.ts';
import { withCluster, type ConnectionFlags } from './open-cluster.ts';

/** What it takes to look into the cluster that the flags name. */
export interface CrdLive {
  readonly flags: ConnectionFlags & { readonly config?: string | undefined };
  readonly version: string;
  readonly signal: () => AbortSignal;
}

function open<T>(
  { flags, version, signal }: CrdLive,
  use: (reader: ClusterReader, context: string) => Promise<T>,
): Promise<T> {
  const config = readConfig(flags.config, process.env, parseYaml);
  return withCluster({ flags, version, config, settings: {}, signal: signal() }, {}, (cluster) =>
    use(createClusterReader(cluster.transport, cluster.signal), cluster.access.context ?? 'the cluster'),
  );
}

const DEFINITIONS: ListTarget = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
};

/** Every definition in the cluster. @throws CrewisoError (4) where they cannot be listed */
export function liveCrds(live: CrdLive): Promise<{ readonly name: string; readonly objects: readonly KubeObject[] }> {
  return open(live, async (reader, context) => {
    const objects: KubeObject[] = [];
    const trouble = await each(
      reader,
      DEFINITIONS,
      {},
      (object) => objects.push(object),
      () => (objects.length = 0),
    );
    if (trouble) throw unlisted(trouble);
    return { name: `cluster ${context}`, objects };
  });
}

function unlisted({ message, reason }: ReadTrouble): CrewisoError {
  return new CrewisoError(`the definitions cannot be listed: ${message}`, {
    code: 'crd-list',
    exitCode: reason === 'interrupted' ? EXIT.interrupted : EXIT.unreachable,
    suggestions:
      reason === 'forbidden'
        ? ['it takes list customresourcedefinitions.apiextensions.k8s.io in the whole cluster']
        : [],
  });
}

/** Lists the objects of every pair once, in the whole cluster, page by page. */
export function liveObjects(live: CrdLive, pairs: readonly CrdPair[]): Promise<ReadonlyMap<string, JudgedObjects>> {
  return open(live, async (reader) => {
    const judged = new Map<string, JudgedObjects>();
    for (const pair of pairs) judged.set(pair.old.name, await judgeLive(reader, pair));
    return judged;
  });
}

async function judgeLive(reader: ClusterReader, pair: CrdPair): Promise<JudgedObjects> {
  const target = targetOf(pair.old);
  let judge = new ObjectJudge(pair.old, pair.new);
  if (!target) return judge.result('none', 'no version of it is served');
  const trouble = await each(
    reader,
    target,
    {},
    (object) => {
      judge.add(object);
    },
    () => (judge = new ObjectJudge(pair.old, pair.new)),
  );
  if (!trouble) return judge.result('all');
  const lack = trouble.reason === 'forbidden' ? `it takes list ${pair.old.name} in the whole cluster` : trouble.message;
  return judge.result('none', lack);
}

/** In the version that is stored, where that is served: nothing is converted. */
function targetOf({ group, kind, plural, ...crd }: Crd): ListTarget | undefined {
  const storage = storageVersion({ group, kind, plural, ...crd });
  const version = storage?.served ? storage : crd.versions.find(({ served }) => served);
  return version && { apiVersion: `${group}/${version.name}`, kind, plural };
}

async function each(
  reader: ClusterReader,
  target: ListTarget,
  options: { readonly labelSelector?: string },
  take: (object: KubeObject) => void,
  again: () => void,
): Promise<ReadTrouble | undefined> {
  const pages = reader.list(target, options);
  for (;;) {
    const step = await pages.next();
    if (step.done) return step.value;
    if (step.value.restarted) again();
    for (const object of step.value.items) take(object);
  }
}

/** The Deployments of OpenCrane, by the label that its charts give them. */
export function liveDeployments(live: CrdLive): Promise<readonly KubeObject[]> {
  return open(live, async (reader) => {
    const objects: KubeObject[] = [];
    const deployments = { apiVersion: 'apps/v1', kind: 'Deployment', plural: 'deployments' };
    const options = { labelSelector: 'app.kubernetes.io/part-of=opencrane' };
    await each(
      reader,
      deployments,
      options,
      (object) => objects.push(object),
      () => (objects.length = 0),
    );
    return objects;
  });
}
