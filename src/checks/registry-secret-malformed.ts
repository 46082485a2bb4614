import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type CrewaiView } from '../model/check.ts';
import type { RegistryEntry, RegistrySecret } from '../model/derived.ts';
import type { FindingDraft } from '../model/finding.ts';
import { manual } from './drafting.ts';
import { ownedBy } from './owned.ts';
import {
  contentEvidence,
  contentFault,
  dataPath,
  hostsInUse,
  isPullType,
  readSecrets,
  usableEntries,
} from './registry-secrets.ts';
import { refreshFix } from './registry-fix.ts';
import { createSteps, refreshSteps } from './registry-steps.ts';

export default defineCheck({
  id: 'registry-secret-malformed',
  title: 'The registry secret holds usable credentials',
  severity: 'high',
  area: 'registry',
  platforms: ['crewai'],
  reads: ['namespaces', 'registry-secrets'],
  evidence: ['pods', 'secrets'],
  causes: [{ check: 'registry-source-secret-broken', by: ['secret'] }],
  *run(view) {
    for (const { namespace, secret, judgedAsSource } of readSecrets(view)) {
      // Another type is registry-secret-type-wrong, a source that serves no pull registry-source-secret-broken.
      if (!isPullType(secret.type) || judgedAsSource) continue;
      const faults = faultsOf(secret);
      if (faults.length > 0) yield finding(view, secret, namespace, faults);
    }
  },
});

function faultsOf(secret: RegistrySecret): readonly string[] {
  const whole = contentFault(secret);
  return whole === undefined ? secret.entries.flatMap((entry) => faultOf(entry) ?? []) : [whole];
}

function faultOf({ host, credentials, position }: RegistryEntry): string | undefined {
  switch (credentials) {
    case 'usable':
      return undefined;
    case 'absent':
      return `has no user and password for ${host}`;
    case 'helper-only':
      return `has only a credential helper or identity token for ${host}, which the kubelet does not use`;
    case 'undecodable':
      return `cannot be decoded for ${host}${position === undefined ? '' : ` from byte ${String(position)} of auth on`}`;
  }
}

function finding(
  view: CrewaiView<'registry-secrets' | 'pods' | 'secrets'>,
  secret: RegistrySecret,
  namespace: string,
  faults: readonly string[],
): FindingDraft {
  const { name, sourceNamespace } = view.platform.registrySecret;
  const classes = new Set(secret.entries.map(({ credentials }) => credentials));
  const others = [...classes].filter((credentials) => credentials !== 'usable');
  const helperOnly = others.length === 1 && others[0] === 'helper-only';
  const source = { namespace: sourceNamespace, name };
  const steps =
    namespace === sourceNamespace
      ? createSteps(
          source,
          secret.entries.map(({ host }) => host),
          true,
        )
      : refreshSteps(source, namespace, secret);
  return {
    object: refOf('registry-secrets', secret),
    path: dataPath(secret),
    message: `Secret ${namespace}/${name} ${faults.join('; ')}`,
    severity: classes.has('undecodable') || !servesHostsInUse(view, secret, namespace) ? 'high' : 'medium',
    // A helper may be what somebody wants: BuildKit uses it, and nodes may have credentials of their own.
    confidence: helperOnly ? 'likely' : 'certain',
    evidence: [contentEvidence(secret)],
    ...(namespace === sourceNamespace || helperOnly ? {} : copyFix(view, secret)),
    remediation: ownedBy(
      view,
      secret,
      manual('Replace the data of the registry secret by that of its source', ...steps),
    ),
    keys: { secret: name, host: hostsInUse(view, namespace) },
  };
}

function copyFix(view: CrewaiView<'registry-secrets'>, copy: RegistrySecret): Pick<FindingDraft, 'fix'> {
  const { name, sourceNamespace } = view.platform.registrySecret;
  const source = view.evidence('registry-secrets', sourceNamespace).find(({ metadata }) => metadata.name === name);
  return source ? refreshFix(view, source, copy) : {};
}

/** Whether every registry that pods pull from with an entry that is of no use has another entry that serves it. */
function servesHostsInUse(view: CrewaiView<'pods'>, secret: RegistrySecret, namespace: string): boolean {
  const usable = usableEntries(secret);
  if (usable.length === 0) return false;
  const served = hostsInUse(view, namespace, usable);
  const bad = secret.entries.filter((entry) => !usable.includes(entry));
  return hostsInUse(view, namespace, bad).every((host) => served.includes(host));
}
