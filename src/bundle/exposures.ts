import { randomBytes } from 'node:crypto';
import type { ExposedSecrets } from '../model/derived.ts';
import type { Gap, Listing } from '../model/snapshot.ts';
import { clean } from '../model/text.ts';
import { resourceName } from '../kubernetes/resource-of.ts';
import { RESOURCES } from '../model/resource.ts';
import { learnFrom, redactionsOf, type AnyFile } from './redact-content.ts';
import { Redactor } from './redaction/redactor.ts';
import { CERTAIN_RULES, type Rule } from './redaction/rules.ts';

/** What is taken out of every bundle unseen, whether or not there is a secret in it. */
const UNSEEN: readonly Rule[] = [
  ...(['config-map-binary', 'flux-address', 'flux-digest', 'flux-settings', 'last-applied'] as const),
  ...(['sealed-data', 'unreadable'] as const),
];
/** Besides those that know a credential by its shape: what is in a Secret is one. */
const CERTAIN: ReadonlySet<string> = new Set<string>([...CERTAIN_RULES, 'secret-data']);

/**
 * Looks for secrets in the files of a finished bundle: whatever the redactor would still take out of it. Of one that was
 * redacted by it there is nothing.
 */
export class Exposures {
  readonly #redactor = new Redactor({ key: randomBytes(32), reveal: new Set(UNSEEN) });
  readonly #items: ExposedSecrets[] = [];
  readonly #gaps: Gap[] = [];

  /** Takes in the Secrets of a file: their values may stand in all others. */
  learn(file: AnyFile): Promise<void> {
    return learnFrom(file, this.#redactor);
  }

  async look(file: AnyFile): Promise<void> {
    const path = clean(file.path);
    const redacted = await redactionsOf(file, this.#redactor);
    if ('withheld' in redacted) {
      const detail = `${path} could not be looked through: ${redacted.withheld}`;
      this.#gaps.push({ resource: resourceName('exposed-secrets'), reason: 'failed', detail });
      return;
    }
    const { redactions } = redacted;
    if (!redactions) return;
    const { apiVersion, kind } = RESOURCES['exposed-secrets'];
    const certain = Object.keys(redactions).some((rule) => CERTAIN.has(rule.replace(/^decoded-/, '')));
    this.#items.push({ apiVersion, kind, metadata: { name: path }, rules: redactions, certain });
  }

  listing(): Listing<ExposedSecrets> {
    return { items: this.#items, gaps: this.#gaps };
  }
}

/** Of a bundle that nobody has looked through: that is no answer. */
export const UNSEARCHED: Listing<ExposedSecrets> = {
  items: [],
  gaps: [
    { resource: resourceName('exposed-secrets'), reason: 'not-collected', detail: 'nobody looked for secrets in it' },
  ],
};
