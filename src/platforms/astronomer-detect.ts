import { releaseOfHouston } from '../kubernetes/houston-config.ts';
import type { HoustonConfig } from '../model/astronomer.ts';
import type { Subject, Workload } from '../model/kinds.ts';
import type { KubeObject } from '../model/object.ts';
import type { Settings } from '../model/platform.ts';
import type { Snapshot } from '../model/snapshot.ts';

/** Commander, or Houston's configuration, or what a Role was made for: the parts of one release in one namespace. */
export interface AstronomerParts {
  readonly namespace: string;
  readonly release: string;
  readonly commander?: Workload;
  readonly houston?: HoustonConfig;
  /** Files that grant rights to a Commander which is not in them: where they do. */
  readonly granted?: readonly string[];
}

/** The chart's labels; a name that ends in -commander proves nothing. */
export function isCommander({ metadata: { labels } }: KubeObject): boolean {
  return labels?.component === 'commander' && labels.tier === 'astronomer';
}

export function findAstronomer(snapshot: Snapshot, settings: Settings): readonly AstronomerParts[] {
  const found = new Map<string, AstronomerParts>();
  const add = (parts: AstronomerParts): void => {
    const key = JSON.stringify([parts.namespace, parts.release]);
    found.set(key, { ...found.get(key), ...parts });
  };
  for (const commander of snapshot.list('deployments.apps', settings.platformNamespace)) {
    if (!isCommander(commander)) continue;
    const { namespace = '', name, labels } = commander.metadata;
    add({ namespace, release: labels?.release ?? name.replace(/-commander$/, ''), commander });
  }
  for (const houston of snapshot.list('houston-configs', settings.platformNamespace))
    add({ namespace: houston.metadata.namespace ?? '', release: releaseOfHouston(houston), houston });
  if (found.size === 0) for (const parts of grantedIn(snapshot, settings)) add(parts);
  return [...found.values()].filter(
    ({ namespace, release }) =>
      (settings.release === undefined || settings.release === release) &&
      (settings.platformNamespace === undefined || settings.platformNamespace === namespace),
  );
}

const COMMANDER = /^(.+)-commander$/;

/**
 * The platform's documentation has people write RoleBindings for Commander: in files that leave Deployments out they are
 * worth judging.
 */
function grantedIn(snapshot: Snapshot, { platforms = [] }: Settings): readonly AstronomerParts[] {
  if (snapshot.origin.from !== 'manifests') return [];
  const asked = platforms.includes('astronomer');
  const granted = new Map<string, AstronomerParts>();
  for (const { metadata, subjects } of snapshot.list('rolebindings.rbac.authorization.k8s.io')) {
    const { namespace = '' } = metadata;
    for (const parts of (subjects ?? []).flatMap((subject) => commanderOf(subject, namespace) ?? [])) {
      if (!asked && snapshot.completeness('deployments.apps', parts.namespace) === 'complete') continue;
      const key = JSON.stringify(parts);
      granted.set(key, { ...parts, granted: [...new Set([...(granted.get(key)?.granted ?? []), namespace])] });
    }
  }
  return [...granted.values()];
}

/** The release whose Commander is meant, by the name that the chart gives its account. */
function commanderOf({ kind, name, namespace }: Subject, bindingNamespace: string): AstronomerParts | undefined {
  const release = kind === 'ServiceAccount' ? COMMANDER.exec(name)?.[1] : undefined;
  return release === undefined ? undefined : { namespace: namespace ?? bindingNamespace, release };
}
