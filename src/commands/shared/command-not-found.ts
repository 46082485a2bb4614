import { type Hook } from '@oclif/core';
import { CrewisoError, EXIT } from '../../model/error.ts';
import { clean, shellQuote } from '../../model/text.ts';
import { nearest } from './selection.ts';

/** Says what to type instead: help for `help X`, the right order for a flag before the command, the nearest command. */
const commandNotFound: Hook<'command_not_found'> = async function ({ id, argv, config }) {
  const words = [...id.split(':'), ...(argv ?? [])];
  const [first = '', second] = words;
  if (first === 'help' && (second === undefined || config.commandIDs.includes(second))) {
    const { Help } = await import('@oclif/core');
    await new Help(config).showHelp(words.slice(1));
    return;
  }
  if (first.startsWith('-')) {
    throw usage(`${first} stands before the command`, `flags come after it: ${commandFirst(words, config.commandIDs)}`);
  }
  refuseInside(first, second, config.commandIDs);
  if (config.commandIDs.includes(first)) {
    throw usage(`${first} takes no argument ${second ?? ''}`, `kubectl crewiso ${first} --help`);
  }
  const unknown = first === 'help' ? (second ?? '') : first;
  const near = nearest(
    unknown,
    config.commandIDs.filter((known) => !known.includes(':')),
  );
  throw usage(
    `there is no command ${unknown}`,
    near.length > 0
      ? `did you mean kubectl crewiso ${near.join(' or ')}?`
      : 'kubectl crewiso --help lists the commands',
  );
};

export default commandNotFound;

/** @throws CrewisoError (2) where the first word is a command that has others inside, and the second is none of them */
function refuseInside(first: string, second: string | undefined, commands: readonly string[]): void {
  const names = commands.filter((known) => known.startsWith(`${first}:`)).map((known) => known.slice(first.length + 1));
  if (second === undefined || names.length === 0) return;
  const close = nearest(second, names);
  const meant = (close.length > 0 ? close : names).map((name) => `kubectl crewiso ${first} ${name}`);
  throw usage(`${first} has no command ${second}`, `did you mean ${meant.join(' or ')}?`);
}

function commandFirst(words: readonly string[], commands: readonly string[]): string {
  const at = words.findIndex((word) => commands.includes(word));
  const rest = words.filter((_, index) => index !== at);
  return ['kubectl crewiso', words[at] ?? 'COMMAND', ...rest.map(shellQuote)].map(clean).join(' ');
}

const usage = (message: string, suggestion: string): CrewisoError =>
  new CrewisoError(message, { code: 'usage', exitCode: EXIT.usage, suggestions: [suggestion] });
