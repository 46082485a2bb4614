import { canonicalRegistryKey } from '../kubernetes/registry-match.ts';
import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type CrewaiView } from '../model/check.ts';
import type { RegistryEntry, RegistrySecret } from '../model/derived.ts';
import type { FindingDraft } from '../model/finding.ts';
import { manual } from './drafting.ts';
import { liveOwner, ownedBy } from './owned.ts';
import {
  contentFault,
  copyNamespaces,
  findSecret,
  hostsInUse,
  isPullType,
  sourceFault,
  usableEntries,
} from './registry-secrets.ts';
import { refreshFix } from './registry-fix.ts';
import { refreshSteps } from './registry-steps.ts';

type StaleView = CrewaiView<'namespaces' | 'secrets' | 'registry-secrets' | 'pods'>;

export default defineCheck({
  id: 'registry-secret-stale',
  title: 'Copies of the registry secret equal their source',
  severity: 'high',
  area: 'registry',
  platforms: ['crewai'],
  reads: ['namespaces', 'secrets', 'registry-secrets'],
  evidence: ['pods'],
  *run(view) {
    const { name, sourceNamespace } = view.platform.registrySecret;
    const source = findSecret(view, name, sourceNamespace);
    const namespaces = copyNamespaces(view);
    if (typeof source !== 'object' || !source.content) return;
    // What is broken itself is no measure for its copies.
    if (sourceFault(source, view.now) !== undefined) return;
    for (const namespace of namespaces) {
      const copy = findSecret(view, name, namespace);
      if (typeof copy !== 'object' || !copy.content) continue;
      view.examined();
      if (!isPullType(copy.content.type) || contentFault(copy.content) !== undefined) continue;
      // A synchronizer may bring another source; that one is compared where it is repaired.
      if (SYNCHRONIZING.has(liveOwner(view, copy.entry)?.kind)) continue;
      const changes = changesOf(source.content, copy.content);
      if (changes.length > 0) yield finding(view, source.content, copy.content, changes);
    }
  },
});

const SYNCHRONIZING: ReadonlySet<string | undefined> = new Set(['synchronizer', 'controller']);

interface Change {
  readonly entry: RegistryEntry;
  readonly kind: 'removed' | 'user' | 'password';
}

/**
 * What the copy lacks of its source, registry by registry, however the keys are spelled and the credentials written.
 * Entries that only the copy has are its own matter, and those that cannot be read are registry-secret-malformed.
 */
function changesOf(source: RegistrySecret, copy: RegistrySecret): readonly Change[] {
  const copied = new Map(copy.entries.map((entry) => [canonicalRegistryKey(entry.host), entry]));
  return usableEntries(source).flatMap((entry): Change[] => {
    const other = copied.get(canonicalRegistryKey(entry.host));
    if (!other) return [{ entry, kind: 'removed' }];
    if (other.credentials !== 'usable' || other.fingerprint === entry.fingerprint) return [];
    return [{ entry, kind: other.user === entry.user ? 'password' : 'user' }];
  });
}

const SAID: Readonly<Record<Change['kind'], string>> = {
  removed: 'no entry',
  user: 'another user',
  password: 'another password',
};

function finding(
  view: StaleView,
  source: RegistrySecret,
  copy: RegistrySecret,
  changes: readonly Change[],
): FindingDraft {
  const { name, sourceNamespace } = view.platform.registrySecret;
  const namespace = copy.metadata.namespace ?? '';
  const said = changes.map(({ entry, kind }) => `${SAID[kind]} for ${entry.host}`).join(', ');
  return {
    object: refOf('registry-secrets', copy),
    message: `Secret ${namespace}/${name} has ${said}, unlike its source in ${sourceNamespace}`,
    confidence: 'certain',
    evidence: [
      {
        type: 'comparison',
        object: refOf('registry-secrets', copy),
        observed: changes.map(({ entry, kind }) => ({ host: entry.host, difference: SAID[kind] })),
        message: `written ${copy.writtenAt ?? 'at an unknown time'}; the source ${source.writtenAt ?? 'at an unknown time'}`,
      },
    ],
    ...refreshFix(view, source, copy),
    remediation: ownedBy(
      view,
      copy,
      manual(
        'Replace the data of the copies by that of their source',
        ...refreshSteps({ namespace: sourceNamespace, name }, namespace, copy),
      ),
    ),
    keys: {
      secret: name,
      host: hostsInUse(
        view,
        namespace,
        changes.map(({ entry }) => entry),
      ),
    },
    ...(source.writtenAt === undefined ? {} : { since: source.writtenAt }),
  };
}
