import type { Plan } from '../../model/fix.ts';
import type { RunDocument } from '../../model/run.ts';
import { cleanDeep } from '../../reporters/clean-report.ts';
import { planText, type Checked } from '../../reporters/plan.ts';
import { eventText, runText } from '../../reporters/run.ts';
import type { Show } from './carry-out.ts';
import type { AnswerFlags } from './access-run.ts';
import { renderOptions } from './terminal.ts';

/** Shows a run to people as it goes; for machines stdout holds the document at the end and nothing else. */
export function showRun(flags: AnswerFlags & { readonly quiet: boolean }, place: string): Show {
  const people = flags.output === 'table';
  const stream = people ? process.stdout : process.stderr;
  const options = renderOptions({ ...flags, 'min-severity': 'info' }, stream, process.env);
  const asked = process.stdin.isTTY && process.stderr.isTTY;
  return {
    options,
    machine: !people,
    preview: (plan, checked) => {
      // Whoever is asked must see what about.
      if (people || asked) stream.write(`${planText(plan, { place, checked }, options)}\n`);
    },
    begin: (run, journal) => {
      if (people) stream.write(`RUN ${run}  journal ${journal}\n`);
    },
    event: (event, plan) => {
      if (people && !flags.quiet) stream.write(eventText(event, plan, options));
    },
  };
}

/** A plan that was written to a file: as text, or as the document itself. */
export async function writePlanAnswer(
  plan: Plan,
  facts: { readonly place: string; readonly checked?: Checked; readonly file?: string },
  flags: AnswerFlags,
): Promise<void> {
  if (flags.output !== 'table') {
    process.stdout.write(await machineText(plan, flags.output));
    return;
  }
  const options = renderOptions({ ...flags, 'min-severity': 'info' }, process.stdout, process.env);
  const next =
    facts.file !== undefined && plan.steps.length > 0 ? `\nnext    kubectl crewiso fix apply ${facts.file}\n` : '';
  process.stdout.write(planText(plan, facts, options) + next);
}

/** The end of a run, and its exit code. */
export async function writeRun(document: RunDocument, flags: AnswerFlags): Promise<void> {
  process.stdout.write(
    flags.output === 'table'
      ? runText(document, renderOptions({ ...flags, 'min-severity': 'info' }, process.stdout, process.env))
      : await machineText(document, flags.output),
  );
  process.exitCode = document.exit.code;
}

/** Any document of ours for machines. */
export async function machineText(document: unknown, format: 'json' | 'yaml'): Promise<string> {
  if (format === 'json') return `${JSON.stringify(cleanDeep(document), null, 2)}\n`;
  const { stringifyYaml } = await import('../../manifests/yaml.ts');
  return stringifyYaml(cleanDeep(document));
}
