import { refOf } from '../kubernetes/resource-of.ts';
import { defineCheck, type View } from '../model/check.ts';
import type { ExposedSecrets } from '../model/derived.ts';
import type { FindingDraft, Remediation } from '../model/finding.ts';
import { PLATFORM_IDS } from '../model/platform.ts';
import { compareText, count, shellQuote } from '../model/text.ts';
import { manual } from './drafting.ts';

type Eyes = View<'exposed-secrets'>;

export default defineCheck({
  id: 'bundle-secret-exposed',
  title: 'The support bundle holds no secret value',
  severity: 'critical',
  area: 'bundle',
  platforms: PLATFORM_IDS,
  origins: ['bundle'],
  reads: ['exposed-secrets'],
  *run(view) {
    const files = view.list('exposed-secrets');
    view.examined(); // every file was looked through, also where there is nothing in any
    for (const file of files) yield draftOf(view, file);
  },
});

/** One of a file: who redacts it takes out all of them. */
function draftOf(view: Eyes, file: ExposedSecrets): FindingDraft {
  const rules = Object.entries(file.rules).sort(([a], [b]) => compareText(a, b));
  const total = rules.reduce((sum, [, n]) => sum + n, 0);
  const tenant = tenantOf(view, file.metadata.name);
  return {
    object: refOf('exposed-secrets', file),
    message: `${file.metadata.name} holds ${count(total, 'value')} that ${total === 1 ? 'is a secret or reads' : 'are secrets or read'} like one: ${rules.map(([rule, n]) => `${rule} ${String(n)}`).join(', ')}`,
    // A name such as DB_PASSWORD says what is meant to be in it, not that it is: it may be an example.
    ...(!file.certain && { severity: 'high' as const }),
    confidence: file.certain ? 'certain' : 'likely',
    ...(tenant !== undefined && { tenant }),
    evidence: rules.map(([rule, n]) => ({ type: 'object' as const, message: `rule ${rule}`, count: n })),
    remediation: repair(view.origin),
  };
}

/** Whose namespace a part of the path names; what a tool adds behind it begins with a dot. */
function tenantOf({ platform }: Eyes, path: string): string | undefined {
  const parts = path.split('/').flatMap((part) => [part, part.replace(/\.(?:json|ya?ml)$/, '')]);
  return platform.allTenants.find(({ namespace }) => parts.includes(namespace))?.namespace;
}

function repair(origin: Eyes['origin']): Remediation {
  const file = origin.from === 'bundle' ? shellQuote(origin.file) : 'BUNDLE';
  return manual(
    'Pass on a redacted copy, and renew what has been passed on already',
    `kubectl crewiso bundle redact ${file} redacted.tar.gz`,
    '# renew every credential in it that somebody else may have seen: taking it out here does not take it back',
  );
}
