import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type CrewaiView } from '../model/check.ts';
import type { RegistryEntry, RegistrySecret } from '../model/derived.ts';
import type { FindingDraft } from '../model/finding.ts';
import { ageOf, HOUR, manual } from './drafting.ts';
import { liveOwner } from './owned.ts';
import {
  contentEvidence,
  hostsInUse,
  isExpired,
  readSecrets,
  usableEntries,
  wellKnownUser,
} from './registry-secrets.ts';
import { refreshSteps } from './registry-steps.ts';

/** How long the passwords of these users live: tokens of Amazon ECR, Google Artifact Registry, Azure Container Registry. */
const LIFETIMES: Readonly<Record<string, number>> = {
  AWS: 12 * HOUR,
  oauth2accesstoken: HOUR,
  '00000000-0000-0000-0000-000000000000': 3 * HOUR,
};

export default defineCheck({
  id: 'registry-token-expired',
  title: 'Registry credentials have not expired',
  severity: 'high',
  area: 'registry',
  platforms: ['crewai'],
  reads: ['namespaces', 'registry-secrets'],
  evidence: ['pods', 'secrets'],
  causes: [{ check: 'registry-source-secret-broken', by: ['secret'] }],
  *run(view) {
    for (const { namespace, secret, judgedAsSource } of readSecrets(view)) {
      // A source whose tokens have all expired is registry-source-secret-broken.
      if (judgedAsSource) continue;
      for (const entry of usableEntries(secret)) {
        const draft = isExpired(entry, view.now) ? expired(entry) : outlived(view, secret, entry);
        if (draft)
          yield {
            ...common(view, secret, entry),
            ...draft,
            message: `Secret ${namespace}/${secret.metadata.name}: ${draft.message}`,
          };
      }
    }
  },
});

type Judgement = Pick<FindingDraft, 'message' | 'confidence' | 'severity' | 'since'>;

function expired({ host, expiresAt = '' }: RegistryEntry): Judgement {
  return {
    message: `the token for ${host} expired at ${expiresAt}`,
    severity: 'high',
    confidence: 'certain',
    since: expiresAt,
  };
}

/** By age alone, where the user says what kind of token it is; whoever refreshes the Secret keeps it young. */
function outlived(view: CrewaiView<'secrets'>, secret: RegistrySecret, entry: RegistryEntry): Judgement | undefined {
  const user = wellKnownUser(entry) ?? '';
  const lifetime = Object.hasOwn(LIFETIMES, user) ? LIFETIMES[user] : undefined;
  const age = ageOf(secret.writtenAt, view.now);
  if (lifetime === undefined || age === undefined || age <= lifetime || entry.expiresAt !== undefined) return undefined;
  if (liveOwner(view, secret) !== undefined) return undefined;
  // Without managedFields the creation stands in for the last write, which may be later.
  const written = secret.writtenAt !== secret.metadata.creationTimestamp;
  const hours = String(Math.floor(age / HOUR));
  return {
    message: `the token for ${entry.host} is ${hours} hours old; those of user ${user} live for ${String(lifetime / HOUR)}`,
    severity: 'medium',
    confidence: written ? 'likely' : 'hint',
  };
}

function common(
  view: CrewaiView<'registry-secrets' | 'pods'>,
  secret: RegistrySecret,
  entry: RegistryEntry,
): Omit<FindingDraft, 'message' | 'confidence'> {
  const { name, sourceNamespace } = view.platform.registrySecret;
  const namespace = secret.metadata.namespace ?? '';
  const source = { namespace: sourceNamespace, name };
  return {
    object: refOf('registry-secrets', secret),
    discriminator: entry.host,
    evidence: [contentEvidence(secret)],
    remediation: manual(
      'Renew the credentials in the source, better with some that last, then its copies',
      `# renew the credentials for ${entry.host} in Secret ${sourceNamespace}/${name}`,
      ...(namespace === sourceNamespace ? [] : refreshSteps(source, namespace, secret)),
    ),
    keys: { secret: name, host: hostsInUse(view, namespace, [entry]) },
  };
}
