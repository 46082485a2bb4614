import { type Finder, matchAt, NOTHING } from './finder.ts';
import { isNoValue } from './names.ts';
import type { Span } from './spans.ts';

const VALUE = `([^\\s"'\`\\\\]{1,1024})`;
const GAP = `(?:[ \\t]{1,8}|[ \\t]{0,8}\\\\{0,15}["'],?[ \\t]{0,8}\\\\{0,15}["']|=)\\\\{0,15}["']?`;
const COMMAND = String.raw`[^\n]{0,300}?[\s"',]`;

interface Argument {
  readonly keyword: string;
  readonly pattern: RegExp;
}

/** Arguments that hold credentials under names of one letter, by their command; only group 1 is secret. */
const ARGUMENTS: readonly Argument[] = [
  ...['-u ', '-u"', "-u'", '-u=', '-u\\'].map((keyword) => ({
    keyword,
    pattern: new RegExp(`-u${GAP}([^\\s"'\`\\\\:/]{1,128}:[^\\s"'\`\\\\]{1,1024})`, 'iy'),
  })),
  ...['--user ', '--user"', '--user=', '--proxy-user'].map((keyword) => ({
    keyword,
    pattern: new RegExp(`--(?:proxy-)?user${GAP}([^\\s"'\`\\\\:/]{1,128}:[^\\s"'\`\\\\]{1,1024})`, 'iy'),
  })),
  { keyword: 'mysql', pattern: new RegExp(`mysql(?:dump|admin)?${COMMAND}-p${VALUE}`, 'y') },
  { keyword: 'mariadb', pattern: new RegExp(`mariadb(?:-dump|-admin)?${COMMAND}-p${VALUE}`, 'y') },
  { keyword: 'sshpass', pattern: new RegExp(`sshpass${COMMAND}-p(?:${GAP})?${VALUE}`, 'y') },
  { keyword: 'redis-cli', pattern: new RegExp(`redis-cli${COMMAND}-a${GAP}${VALUE}`, 'y') },
  { keyword: 'login', pattern: new RegExp(`login(?:${COMMAND})-p${GAP}${VALUE}`, 'y') },
  { keyword: 'login ', pattern: new RegExp(`login[ \\t]+\\S{1,128}\\s{1,16}password[ \\t]+${VALUE}`, 'y') },
  { keyword: 'identified by ', pattern: /identified by (?:password )?['"]([^'"\n]{1,1024})/iy },
];

/** The finders of arguments such as `curl -u user:password`, one a command. */
export const ARGUMENT_FINDERS: readonly Finder[] = ARGUMENTS.map(({ keyword, pattern }) => ({
  keywords: [keyword],
  find({ text }, at): readonly Span[] {
    const before = text[at - 1] ?? ' ';
    if (/[\w-]/.test(before) && keyword.startsWith('-')) return NOTHING;
    const match = matchAt(pattern, text, at);
    const value = match?.[1] ?? '';
    // `docker run -u 1000:1000` names a user and a group; `-p 8080:80` ports.
    if (!match || isNoValue(value) || /^\d{1,5}(?::\d{1,5})?$/.test(value)) return NOTHING;
    const end = match.index + match[0].length;
    return [{ start: end - value.length, end, rule: 'argument' }];
  },
}));
