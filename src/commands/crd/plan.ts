import { Flags } from '@oclif/core';
import type { Instance } from '../../kubernetes/crd-plan.ts';
import { CrewisoError, EXIT } from '../../model/error.ts';
import { BaseCommand } from '../shared/base-command.ts';
import { answerFlags, platformFlags } from '../shared/flags.ts';
import { clusterFlags, offlineFlags, runFlags } from '../shared/source-flags.ts';
import { renderOptions } from '../shared/terminal.ts';

const { config } = platformFlags;

export default class CrdPlan extends BaseCommand<typeof CrdPlan> {
  static override summary = 'Print the order in which CRDs and instances are upgraded, with the commands of each step.';

  static override description = `CRDs lead and instances follow, the canary first; what takes something away comes last; the store is migrated before a version is dropped; instances are rolled back, and CRDs stay. Steps that must not be done as things are, and the objects in their way, are marked BLOCKED.

Nothing is written to the cluster: the plan is for whoever carries it out. Instances of OpenCrane are found by their Deployments; others are named with --instance, the canary first.

Exit codes: 0 no step is blocked, or there is nothing to do, 1 a step is blocked, 2 wrong usage, 3 something could not be decided or read, 4 cluster, bundle or files unreadable, 130 interrupted.`;

  static override examples = [
    '<%= config.bin %> crd plan --to ./chart/crds',
    { description: 'From a bundle', command: '<%= config.bin %> crd plan --from bundle.tar.gz --to ./chart/crds' },
    {
      description: 'With the releases that use the CRDs, the canary first',
      command: '<%= config.bin %> crd plan --to ./chart/crds --instance oc-test/oc-test --instance oc-acme/oc-acme',
    },
  ];

  static override flags = {
    to: Flags.string({
      required: true,
      helpValue: 'DIR',
      description: 'folder or file of the new CRDs, or REVISION:PATH',
    }),
    from: offlineFlags.from,
    filename: Flags.string({
      char: 'f',
      helpGroup: 'OFFLINE',
      helpValue: 'FILE',
      description: 'file or folder of CRDs and objects instead of a cluster',
    }),
    instance: Flags.string({
      helpValue: 'NAMESPACE/RELEASE',
      multiple: true,
      multipleNonGreedy: true,
      delimiter: ',',
      description: 'Helm release that uses the CRDs, the canary first (repeatable)',
    }),
    output: answerFlags.output,
    color: answerFlags.color,
    ascii: answerFlags.ascii,
    config,
    ...runFlags,
    ...clusterFlags,
  };

  async run(): Promise<void> {
    const { flags } = this;
    const { from, filename, to } = flags;
    if (from !== undefined && filename !== undefined)
      throw usage('--from reads a bundle and -f reads files', 'leave out one of them');
    const named = flags.instance?.map(instanceOf);
    const { compareSources } = await import('../shared/crd-run.ts');
    const { planCrds } = await import('../../kubernetes/crd-plan.ts');
    const { crdPlanDocument } = await import('../../kubernetes/crd-document.ts');
    const live = { flags, version: this.config.version, signal: () => this.interruptible() };
    const compared = await compareSources(from ?? filename ?? 'cluster:', to, live);
    const { differences, run } = compared;
    const ofOpenCrane = differences.some(({ name }) => name.endsWith('.opencrane.io'));
    const instances = named ?? (ofOpenCrane ? await compared.instances() : []);
    const { definitionsAt } = await import('../shared/crd-sources.ts');
    const plan = planCrds({ differences, to: definitionsAt(to, compared.charts), instances });
    const document = crdPlanDocument(plan, differences, run);
    if (flags.output === 'table') {
      const { crdPlanText } = await import('../../reporters/crd-plan.ts');
      const display = { ...flags, wide: false, 'no-headers': false, 'min-severity': 'info' as const };
      process.stdout.write(crdPlanText(document, renderOptions(display, process.stdout, process.env)));
    } else {
      const { writeDocument } = await import('../shared/verified-text.ts');
      await writeDocument(document, flags.output);
    }
    process.exitCode = document.exit.code;
  }
}

function instanceOf(text: string): Instance {
  const [, namespace, release] = /^([a-z0-9-]+)\/([a-z0-9.-]+)$/.exec(text) ?? [];
  if (namespace === undefined || release === undefined)
    throw usage(`--instance ${text} is not NAMESPACE/RELEASE`, 'write it like --instance oc-acme/oc-acme');
  return { namespace, release };
}

const usage = (message: string, suggestion: string): CrewisoError =>
  new CrewisoError(message, { code: 'usage', exitCode: EXIT.usage, suggestions: [suggestion] });
