import type { Container } from '../model/pods.ts';
import { resolveText, type EnvironmentContext } from './environment.ts';

type Value = { readonly value: string } | { readonly unknown: string };

/** What a process is started with, as far as it can be known. */
export interface CommandFlags {
  /** The last value of each flag; empty text for one without a value. */
  readonly flags: ReadonlyMap<string, Value>;
  /** Why there may be flags that are not seen. */
  readonly opaque?: string;
}

interface Word {
  readonly written: string;
  readonly resolved: Value;
}

/**
 * The long flags of a container's command and args as github.com/spf13/pflag reads them: `--flag=value`, `--flag value`,
 * a switch alone is true and takes no word after it, the last one wins, nothing behind `--` counts. `$(NAME)` is what
 * the kubelet puts there.
 *
 * @param known what the flags that matter take: no word after a switch is its value, any word after a text is
 */
export function commandFlags(
  container: Container,
  context: EnvironmentContext,
  known: ReadonlyMap<string, 'switch' | 'text'>,
): CommandFlags {
  const flags = new Map<string, Value>();
  const words = wordsOf(container, context);
  let opaque: string | undefined;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index];
    if (!word || word.written === '--') break;
    const { name, value } = flagIn(word);
    if (name === undefined) {
      opaque ??= hiddenIn(word);
      continue;
    }
    const next = value ? undefined : valueBehind(words[index + 1], known.get(name));
    if (next) index += 1;
    flags.set(name, value ?? next ?? { value: known.get(name) === 'switch' ? 'true' : '' });
  }
  return { flags, ...(opaque === undefined ? {} : { opaque }) };
}

/** The flag that a word is, with the value behind `=`. */
function flagIn({ written, resolved }: Word): { readonly name?: string; readonly value?: Value } {
  const text = 'value' in resolved ? resolved.value : written;
  const [, name, value] = /^--([^=\s$]+)(?:=(.*))?$/s.exec(text) ?? [];
  if (name === undefined) return {};
  if (value === undefined) return { name };
  return { name, value: 'unknown' in resolved ? resolved : { value } };
}

/** What flags that are not known take cannot be told; what looks like a flag then is one. */
function valueBehind(next: Word | undefined, takes: 'switch' | 'text' | undefined): Value | undefined {
  if (!next || takes === 'switch') return undefined;
  return takes === 'text' || !next.written.startsWith('--') ? next.resolved : undefined;
}

/** `$(FLAGS)` from where nothing can be seen may be any flag. */
const hiddenIn = ({ written, resolved }: Word): string | undefined =>
  'unknown' in resolved && /^(?:-|\$\()/.test(written) ? resolved.unknown : undefined;

function wordsOf(container: Container, context: EnvironmentContext): readonly Word[] {
  return [...(container.command ?? []).slice(1), ...(container.args ?? [])].map((given: unknown) => {
    const written = typeof given === 'string' ? given : JSON.stringify(given);
    return { written, resolved: resolveText(container, written, context) };
  });
}

/** As Go's strconv.ParseBool; undefined for what it refuses. */
export function parseBoolean(text: string): boolean | undefined {
  if (/^(?:1|t|T|TRUE|true|True)$/.test(text)) return true;
  return /^(?:0|f|F|FALSE|false|False)$/.test(text) ? false : undefined;
}
