import { EXIT } from '../../model/error.ts';
import { clean } from '../../model/text.ts';
import { nearest } from './selection.ts';

/** How the program ends after an error. */
export interface Failure {
  readonly code: number;
  /** For stderr; empty when everything was said before. */
  readonly lines: readonly string[];
}

interface Thrown {
  readonly message?: string;
  readonly code?: string;
  readonly exitCode?: number;
  readonly suggestions?: readonly string[];
  readonly stack?: string;
  readonly oclif?: { readonly exit?: number };
  /** Of oclif's NonExistentFlagsError. */
  readonly flags?: readonly string[];
  /** Of every parse error of oclif. */
  readonly parse?: { readonly input?: { readonly flags?: object } };
}

/**
 * One line that says what happened, then what to do; a stack only for our own bugs and only with `-v 6` or more.
 * @param argv words after the program's name
 * @returns the exit code: the error's own, oclif's for wrong usage, 70 for anything that nobody foresaw
 */
export function describeFailure(error: unknown, argv: readonly string[]): Failure {
  const thrown = (typeof error === 'object' && error !== null ? error : {}) as Thrown;
  const code = thrown.exitCode ?? thrown.oclif?.exit ?? EXIT.bug;
  if (code === EXIT.ok || thrown.code === 'EEXIT') return { code, lines: [] };
  const ofParser = thrown.exitCode === undefined && code === EXIT.usage;
  const suggestions = ofParser ? usageAdvice(thrown, argv) : (thrown.suggestions ?? []);
  const lines = [
    `error: ${messageOf(thrown, error)}`,
    ...suggestions.map((suggestion) => `  ${clean(suggestion)}`),
    ...(code === EXIT.bug ? bugLines(thrown, argv) : []),
  ];
  return { code, lines };
}

// eslint-disable-next-line no-control-regex -- oclif colours parts of its messages
const COLOR = /\u001b\[[\d;]*m/g;

function messageOf(thrown: Thrown, error: unknown): string {
  const { flags, message = String(error) } = thrown;
  if (thrown.parse && flags) return `unknown flag ${flags.map(clean).join(' ')}`;
  const plain = message.replaceAll(COLOR, '').replace(/\nSee more help with --help$/, '');
  return clean(plain.replace(/^Parsing (--[\w-]+) \n\tE/, '$1: e'));
}

/** Commands of two words. */
const TOPICS: Readonly<Record<string, readonly string[]>> = {
  access: ['why', 'who'],
  bundle: ['collect', 'diff', 'inspect', 'redact', 'verify'],
};

function usageAdvice({ flags = [], parse }: Thrown, argv: readonly string[]): readonly string[] {
  const known = Object.keys(parse?.input?.flags ?? {});
  const near = flags.flatMap((flag) => (flag.startsWith('--') ? nearest(flag.slice(2), known) : []));
  const [first = '', second = ''] = argv;
  const command = TOPICS[first]?.includes(second) ? `${first} ${second}` : first;
  return [
    ...(near.length > 0 ? [`did you mean ${near.map((name) => `--${name}`).join(' or ')}?`] : []),
    `kubectl crewiso ${/^[a-z]+( [a-z]+)?$/.test(command) ? `${command} ` : ''}--help`,
  ];
}

function bugLines({ stack }: Thrown, argv: readonly string[]): readonly string[] {
  const hint = '  this is a bug of kubectl-crewiso; run again with -v 6 for the stack';
  return isVerbose(argv) && stack ? [hint, stack] : [hint];
}

const isVerbose = (argv: readonly string[]): boolean =>
  /(?:^| )(?:-v[ =]?|--verbosity[ =])(?:[6-9]|\d\d)(?= |$)/.test(argv.join(' '));
