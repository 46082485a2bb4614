import type { Platform } from '../model/platform.ts';
import type { Target } from '../model/report.ts';
import type { Snapshot } from '../model/snapshot.ts';
import { clean } from '../model/text.ts';

/** Where a snapshot comes from, as documents say it. */
export function originOf({ origin, now }: Snapshot): Target['origin'] {
  const takenAt = new Date(now).toISOString();
  switch (origin.from) {
    case 'cluster': {
      const { from, context, server, clusterUid, kubernetes } = origin;
      return {
        from,
        takenAt,
        ...(context === undefined ? {} : { context }),
        ...(server === undefined ? {} : { server }),
        ...(clusterUid === undefined ? {} : { clusterUid }),
        ...(kubernetes === undefined ? {} : { kubernetes }),
      };
    }
    case 'manifests':
      return { from: 'manifests', takenAt, file: clean(origin.files.join(' ')) };
    case 'bundle': {
      const { from, file, context, server, clusterUid, kubernetes } = origin;
      return {
        from,
        takenAt,
        file: clean(file),
        ...(context === undefined ? {} : { context: clean(context) }),
        ...(server === undefined ? {} : { server: clean(server) }),
        ...(clusterUid === undefined ? {} : { clusterUid: clean(clusterUid) }),
        ...(kubernetes === undefined ? {} : { kubernetes: clean(kubernetes) }),
      };
    }
  }
}

/** A platform, as documents say it. */
export function describePlatform(platform: Platform): Target['platforms'][number] {
  return {
    id: platform.id,
    ...(platform.version === undefined ? {} : { version: platform.version }),
    ...(platform.platformNamespace === undefined ? {} : { platformNamespace: platform.platformNamespace }),
    ...(platform.id === 'crewai' ? { sharedNamespace: platform.sharedNamespace } : {}),
    ...(platform.account ? { account: `${platform.account.namespace}/${platform.account.name}` } : {}),
    detectedBy: platform.detectedBy,
    overridden: platform.overridden,
  };
}
