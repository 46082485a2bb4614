import { clean } from '../model/text.ts';
import { DenialScanner } from './denial-scanner.ts';
import { mayHoldAnchor } from './forbidden-text.ts';
import type { Denial, DeniedAccess, DenialTarget } from './forbidden-denial.ts';
import type { Question } from './rbac-question.ts';

export type { Denial, DeniedAccess } from './forbidden-denial.ts';

/**
 * Every refusal that a text tells of, in order: an event, a condition, a log, a pasted terminal, a response body in
 * JSON in Python in JSON. Text that merely contains "forbidden" or "Unauthorized" yields nothing. The time taken is in
 * proportion to the text.
 *
 * @returns never of class `not-a-denial`
 */
export function parseDenials(text: string): Denial[] {
  // Most messages are about something else.
  if (!mayHoldAnchor(text)) return [];
  const scanner = new DenialScanner();
  return [...scanner.push(text), ...scanner.end()].map(({ denial }) => denial);
}

/** The first refusal that a message tells of, or `not-a-denial` with the message, cleaned. */
export function parseDenial(message: string): Denial {
  return parseDenials(message)[0] ?? { class: 'not-a-denial', message: clean(message) };
}

/**
 * The question that was answered with no, to be asked again of the present RBAC objects.
 *
 * @returns undefined where the text does not say verb, resource or scope; a missing API group is taken from the target
 */
export function questionOfDenial(denial: DeniedAccess & { readonly target?: DenialTarget }): Question | undefined {
  const { verb, path, resource, subresource, name, namespace, scope } = denial;
  if (verb === undefined || scope === 'unknown') return undefined;
  if (path !== undefined) return { verb, path };
  if (resource === undefined) return undefined;
  return {
    verb,
    group: denial.group ?? denial.target?.group ?? '',
    resource,
    ...(subresource === undefined ? {} : { subresource }),
    ...(name === undefined ? {} : { name }),
    ...(namespace === undefined ? {} : { namespace }),
  };
}
