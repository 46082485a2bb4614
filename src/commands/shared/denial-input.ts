import { DenialCollector, type DenialLog } from '../../kubernetes/denial-log.ts';
import { CrewisoError, EXIT } from '../../model/error.ts';

/** Standard input, as far as it is needed here. */
export interface Input extends AsyncIterable<Uint8Array | string> {
  destroy(): unknown;
}

/**
 * The refusals in a text, or with `-` in what comes from standard input, however long that is.
 * @param signal ends reading; what was read until then counts
 * @throws CrewisoError (4) where standard input cannot be read
 */
export async function readDenials(text: string, stdin: Input, signal: AbortSignal): Promise<DenialLog> {
  const collector = new DenialCollector();
  if (text !== '-') {
    collector.push(text);
    return collector.end();
  }
  const stop = (): void => {
    stdin.destroy();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    for await (const piece of decoded(stdin)) collector.push(piece);
  } catch (cause) {
    if (!signal.aborted) throw unreadable(cause);
  } finally {
    signal.removeEventListener('abort', stop);
  }
  return collector.end();
}

/** Characters may be cut between two pieces. PowerShell writes UTF-16 where a program's output goes to a file. */
async function* decoded(stdin: Input): AsyncGenerator<string> {
  let decoder: InstanceType<typeof TextDecoder> | undefined;
  for await (const piece of stdin) {
    if (typeof piece === 'string') {
      yield piece;
      continue;
    }
    decoder ??= new TextDecoder(piece[0] === 0xff && piece[1] === 0xfe ? 'utf-16le' : 'utf-8');
    yield decoder.decode(piece, { stream: true });
  }
  if (decoder) yield decoder.decode();
}

/** @throws CrewisoError (4) where a text tells of no refusal, (130) where reading it was interrupted before one */
export function requireDenials(log: DenialLog, interrupted: boolean): void {
  if (log.denials.length > 0) return;
  if (interrupted) {
    throw new CrewisoError('interrupted before a refusal was read', {
      code: 'interrupted',
      exitCode: EXIT.interrupted,
    });
  }
  throw new CrewisoError('no refusal of the API server in it', {
    code: 'no-denial',
    exitCode: EXIT.unreachable,
    suggestions: [
      'paste the whole message in quotes, from the name of the object to the namespace',
      'or pipe the log: kubectl logs deploy/NAME | kubectl crewiso explain -',
      'kubectl crewiso doctor looks for refusals in Events and conditions by itself',
    ],
  });
}

function unreadable(cause: unknown): CrewisoError {
  return new CrewisoError(`cannot read standard input: ${cause instanceof Error ? cause.message : String(cause)}`, {
    code: 'input',
    exitCode: EXIT.unreachable,
    cause,
  });
}
