import { groupOf, type ObjectRef } from '../model/object.ts';
import type { Reporter } from '../model/report.ts';
import { shellQuote } from '../model/text.ts';
import { isAtLeast } from './counts.ts';
import { soundReport } from './sound-report.ts';

/**
 * One line per distinct object that a finding is about, for `xargs -L1 kubectl get`: `-n NAMESPACE kind.group/name`.
 * What is absent is named by its namespace; what is absent and has none cannot be got and is left out.
 */
export const name: Reporter = (source, options) => {
  const lines = soundReport(source)
    .findings.filter(({ severity }) => isAtLeast(severity, options.minSeverity))
    .flatMap(({ object }) => lineOf(object));
  return [...new Set(lines)].map((line) => `${line}\n`).join('');
};

function lineOf(object: ObjectRef): readonly string[] {
  const { apiVersion, kind, namespace, absent } = object;
  if (absent) return namespace ? [shellQuote(`namespace/${namespace}`)] : [];
  const group = groupOf(apiVersion);
  const word = shellQuote(`${kind.toLowerCase()}${group === '' ? '' : `.${group}`}/${object.name}`);
  return [namespace ? `-n ${shellQuote(namespace)} ${word}` : word];
}
