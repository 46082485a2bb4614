import { namespaceOf } from '../../kubernetes/denial-advice.ts';
import type { DenialLog } from '../../kubernetes/denial-log.ts';
import type { ReportedRefusal } from '../../model/derived.ts';
import { CrewisoError, EXIT } from '../../model/error.ts';
import { withListing } from '../../model/snapshot.ts';
import { readDenials, type Input } from './denial-input.ts';
import type { Reading } from './reading.ts';

/**
 * The refusals that `--from-error` hands in.
 * @throws CrewisoError (2) where the files are read from the same standard input, (4) where it cannot be read
 */
export async function readReported(
  text: string,
  filename: readonly string[] | undefined,
  stdin: Input,
  signal: AbortSignal,
): Promise<DenialLog> {
  if (text === '-' && filename?.includes('-')) {
    throw new CrewisoError('--from-error - and -f - cannot both read standard input', {
      code: 'usage',
      exitCode: EXIT.usage,
      suggestions: ['put one of them into a file: --from-error "$(cat FILE)", or -f FILE'],
    });
  }
  return readDenials(text, stdin, signal);
}

/** What was read, with the refusals of a text beside those of logs; a text without any is worth a word. */
export function withReported(reading: Reading, log: DenialLog): Reading {
  const { snapshot, notes } = reading;
  const words = log.denials.length === 0 ? ['there is no refusal of the API server in --from-error'] : [];
  return {
    ...reading,
    snapshot: withListing(snapshot, 'refusals', {
      items: [...snapshot.list('refusals'), ...reportedRefusals(log)],
      gaps: snapshot.gaps('refusals'),
    }),
    notes: [...notes, ...words],
  };
}

/** Refusals of a text as items of the listing, each in the namespace that it names; many name none. */
export function reportedRefusals(log: DenialLog): readonly ReportedRefusal[] {
  return log.denials.map(({ denial, count, firstAt, lastAt }, at): ReportedRefusal => {
    const namespace = namespaceOf(denial);
    return {
      metadata: { name: `text-${String(at + 1)}`, ...(namespace === undefined ? {} : { namespace }) },
      source: 'text',
      message: denial.message,
      count,
      ...(firstAt === undefined ? {} : { firstAt }),
      ...(lastAt === undefined ? {} : { lastAt }),
    };
  });
}
