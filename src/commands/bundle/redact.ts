import { Args, Flags } from '@oclif/core';
import { EXIT } from '../../model/error.ts';
import type { PseudonymKind } from '../../bundle/redaction/learned-names.ts';
import { clean } from '../../model/text.ts';
import { BaseCommand } from '../shared/base-command.ts';

export default class BundleRedact extends BaseCommand<typeof BundleRedact> {
  static override summary = 'Take the secrets out of a bundle, whichever tool made it.';

  static override description = `Writes a new archive with the same files, redacted by the same rules as bundle collect. Values of Secrets that the bundle holds are looked for in everything else of it. What is no text (images, archives within the archive, links) is left out. Redacting what is redacted changes nothing.

With --pseudonyms organizations, hosts and addresses, or users get other names: the same one wherever it stands, of the same form, so that doctor --from finds the same. They are made with a key that is thrown away, or that of --fingerprint-key; the bundle says of what names were changed, and not how. What every cluster has stays (system: users, *.svc, public registries). Certificates go. Read docs/bundle-format.md on what names may still tell.

Exit codes: 0 redacted, 2 wrong usage, 3 some files were left out, 4 unreadable or not writable, 70 a name was left in it (a bug; there is no new bundle).`;

  static override examples = [
    '<%= config.bin %> bundle redact support-bundle.tar.gz for-the-vendor.tar.gz',
    {
      description: 'Leave one rule out',
      command: '<%= config.bin %> bundle redact in.tar.gz out.tar.gz --reveal-rule url-query',
    },
    {
      description: 'For somebody who must not learn whose it is',
      command: '<%= config.bin %> bundle redact in.tar.gz out.tar.gz --pseudonyms orgs,hosts,users',
    },
  ];

  static override args = {
    in: Args.string({ required: true, description: 'the bundle' }),
    out: Args.string({ required: true, description: 'where the redacted one goes' }),
  };

  static override flags = {
    'reveal-rule': Flags.string({
      helpValue: 'RULE',
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      description: 'let what this rule finds stay in it',
    }),
    pseudonyms: Flags.string({
      helpValue: 'KIND',
      options: ['orgs', 'hosts', 'users'],
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      description: 'give these other names, the same one wherever they stand: orgs, hosts, users',
    }),
    'fingerprint-key': Flags.string({
      helpValue: 'FILE',
      description: 'make pseudonyms and fingerprints with this key, so that bundles can be compared by them',
    }),
    quiet: Flags.boolean({ char: 'q', description: 'print the path of the new bundle alone' }),
  };

  async run(): Promise<void> {
    const { redactBundle, redactedText } = await import('../shared/redact-run.ts');
    const redacted = await redactBundle(this.args.in, this.args.out, {
      reveal: this.flags['reveal-rule'] ?? [],
      pseudonyms: (this.flags.pseudonyms ?? []) as readonly PseudonymKind[],
      'fingerprint-key': this.flags['fingerprint-key'],
    });
    process.stdout.write(this.flags.quiet ? `${clean(redacted.file)}\n` : redactedText(redacted));
    process.exitCode = redacted.withheld.length > 0 ? EXIT.incomplete : EXIT.ok;
  }
}
