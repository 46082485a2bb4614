import { explainDenial, namespaceOf, type Explanation } from './denial-advice.ts';
import type { DenialLog, LoggedDenial } from './denial-log.ts';
import type { Standing } from './denial-standing.ts';
import type { Refused } from './forbidden-denial.ts';
import type { ObjectRef } from '../model/object.ts';
import type { Severity } from '../model/finding.ts';
import { EXIT } from '../model/error.ts';
import { count } from '../model/text.ts';

/** Explanation JSON v1 (schemas/explanation.schema.json): within v1 only additions. */
export interface ExplanationDocument {
  readonly apiVersion: 'crewiso/v1';
  readonly kind: 'Explanation';
  readonly tool: { readonly name: 'kubectl-crewiso'; readonly version: string };
  /** Most frequent first. */
  readonly refusals: readonly ExplainedRefusal[];
  /** How many refusals the text tells of. */
  readonly total: number;
  /** Those of the total that are in none of `refusals`: there were too many different ones. */
  readonly left: number;
  readonly exit: { readonly code: number; readonly reasons: readonly string[] };
}

export interface ExplainedRefusal extends Explanation {
  /** The refusal as the API server wrote it, on one line. */
  readonly message: string;
  readonly count: number;
  readonly firstAt?: string;
  readonly lastAt?: string;
  readonly names: readonly string[];
  readonly namespace?: string;
  /** All that the message says. */
  readonly denial: Refused;
  /** Where a cluster or files were looked at. */
  readonly now?: Standing;
  /** What doctor finds in the same place. */
  readonly findings?: readonly RelatedFinding[];
}

export interface RelatedFinding {
  readonly id: string;
  readonly check: string;
  readonly severity: Severity;
  readonly message: string;
  readonly object: ObjectRef;
}

/** What was found out about one refusal besides what it says itself. */
export interface FoundOut {
  readonly now?: Standing;
  readonly findings?: readonly RelatedFinding[];
}

/**
 * Everything that can be said about the refusals of a text.
 * @param options `namespace` is where those happened that do not say; `look` tells of the present
 */
export function explanationDocument(
  log: DenialLog,
  options: {
    readonly version: string;
    readonly namespace?: string;
    readonly look?: (denial: LoggedDenial) => FoundOut;
  },
): ExplanationDocument {
  const refusals = log.denials.map((logged): ExplainedRefusal => {
    const { denial, names, firstAt, lastAt } = logged;
    const namespace = namespaceOf(denial);
    return {
      ...explainDenial(logged, options.namespace),
      message: denial.message,
      count: logged.count,
      names,
      ...(firstAt === undefined ? {} : { firstAt }),
      ...(lastAt === undefined ? {} : { lastAt }),
      ...(namespace === undefined ? {} : { namespace }),
      denial,
      ...options.look?.(logged),
    };
  });
  return {
    apiVersion: 'crewiso/v1',
    kind: 'Explanation',
    tool: { name: 'kubectl-crewiso', version: options.version },
    refusals,
    total: log.total,
    left: log.left,
    exit: exitOf(refusals),
  };
}

/** Without a look at the present everything is explained; with one the worst answer counts. */
function exitOf(refusals: readonly ExplainedRefusal[]): ExplanationDocument['exit'] {
  const of = (state: Standing['state']): number => refusals.filter(({ now }) => now?.state === state).length;
  const [denied, unknown] = [of('denied'), of('unknown')];
  const reasons = [
    ...(denied > 0 ? [`${count(denied, 'refusal')} would be refused again`] : []),
    ...(unknown > 0 ? [`whether ${count(unknown, 'refusal')} would be refused again could not be seen`] : []),
  ];
  return { code: denied > 0 ? EXIT.findings : unknown > 0 ? EXIT.incomplete : EXIT.ok, reasons };
}
