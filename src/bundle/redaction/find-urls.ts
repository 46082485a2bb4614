import { type Finder, type Looked, matchAt, NOTHING, runEnd, runStart, spanOf } from './finder.ts';
import { isMask } from './names.ts';
import type { Span } from './spans.ts';

const LONGEST_URL = 8192;
const isScheme = (code: number): boolean =>
  (code >= 97 && code <= 122) ||
  (code >= 65 && code <= 90) ||
  (code >= 48 && code <= 57) ||
  code === 43 ||
  code === 45 ||
  code === 46;

/** Blanks, quotes and backslashes end a URL in any text; nothing else may, because passwords hold everything else. */
const isUrl = (code: number): boolean =>
  code > 32 && code !== 34 && code !== 39 && code !== 92 && code !== 96 && code !== 127;

/** Account names in URLs that are the same everywhere and come without a password. */
const BARE_USERS = /^(?:git|hg|svn|anonymous)$/;
const REFERENCES = /^(?:[\w.-]{0,64}:)?(?:\$\([\w.-]{1,200}\)|\$\{[\w.-]{1,200}\}|\{\{[^{}]{1,200}\}\})$/;

/** `scheme://…@`: all of the user info, for tokens stand as user names too. */
export const URL_USERINFO: Finder = {
  keywords: ['://'],
  find({ text }, at) {
    const start = at + 3;
    if (runStart(text, at, 64, isScheme) === at) return NOTHING;
    const end = userinfoEnd(text, start);
    if (end === undefined || end === start) return NOTHING;
    const userinfo = text.slice(start, end);
    const harmless = userinfo === ':' || BARE_USERS.test(userinfo) || REFERENCES.test(userinfo) || isMasked(userinfo);
    return harmless ? NOTHING : [{ start, end, rule: 'url-userinfo' }];
  },
};

/** `user:***HIDDEN***`: whose redactor knew the password told the user apart from it. */
const isMasked = (userinfo: string): boolean => isMask(userinfo.slice(userinfo.lastIndexOf(':') + 1));

const DIGEST = /@sha(?:256|512):/y;
const isAuthority = (code: number): boolean => isUrl(code) && code !== 47 && code !== 63 && code !== 35;

function userinfoEnd(text: string, start: number): number | undefined {
  // The `<…>` and `,` of prose around a URL belong to it here: better too much than half a password.
  const authorityEnd = runEnd(text, start, LONGEST_URL, isAuthority);
  const authority = text.slice(start, authorityEnd);
  let last = authority.lastIndexOf('@');
  // An unescaped `/`, `?` or `#` after `user:` that no port explains is part of the password.
  if (last < 0 && /^[^:[\]]{0,256}:(?!\d{0,5}$)/.test(authority)) {
    last = text.slice(start, runEnd(text, start, LONGEST_URL, isUrl)).lastIndexOf('@');
  }
  return last < 0 || matchAt(DIGEST, text, start + last) ? undefined : start + last;
}

const QUERY =
  /(?:sig|key|code|assertion|code_verifier|client_assertion|x-amz-(?:signature|credential|security-token)|x-goog-(?:signature|credential))=([^&\s"'`<>\\#]{6,8192})/iy;

/** Parameters of URLs that hold credentials under names that are none elsewhere. */
export const URL_QUERY: Finder = {
  keywords: [
    'sig=',
    'key=',
    'code=',
    'assertion=',
    'code_verifier=',
    'x-amz-signature=',
    'x-amz-credential=',
    'x-amz-security-token=',
    'x-goog-signature=',
    'x-goog-credential=',
  ],
  find({ text }, at) {
    const match = matchAt(QUERY, text, at);
    return match && startsParameter(text, at) ? [spanOf('url-query', match)] : NOTHING;
  },
};

/** `?`, `&` or `;` before the name, also as Go's JSON encoder (`\u0026`) and HTML (`&amp;`) write them. */
function startsParameter(text: string, at: number): boolean {
  return /(?:[?&;]|\\u0026)$/.test(text.slice(Math.max(0, at - 6), at));
}

/** `user:password@tcp(host:3306)/db`, the data source names of Go drivers. */
export const CONNECTION: Finder = {
  keywords: ['@tcp(', '@unix(', '@udp('],
  find({ text }, at) {
    const start = runStart(text, at, 1024, (code) => isUrl(code) && code !== 61);
    const span: Span = { start, end: at, rule: 'connection' };
    const account = text.slice(start, at);
    const secret = account.includes(':') && !isMasked(account) && !within(text, start, at);
    return secret ? [span] : NOTHING;
  },
};

/** A `scheme://` inside is the other rule's. */
function within(text: string, start: number, end: number): boolean {
  return text.slice(start, end).includes('://');
}

const isToken = (code: number): boolean =>
  (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || code === 95 || code === 45;
const JWT_REST = /\.ey[\w/\\-]{17,32768}\.[\w/\\-]{10,8192}(?:\.[\w-]{0,8192}){0,2}/y;

/** JSON Web Tokens, signed or encrypted, by the `ey` with which both of their first parts begin. */
export const JWT: Finder = {
  keywords: ['.ey'],
  find({ text }: Looked, at) {
    const run = runStart(text, at, 8192, isToken);
    // Words may be glued to the front of it: the last `ey` that leaves a header of a sensible length.
    const start = text.indexOf('ey', run);
    if (start < 0 || at - start < 19) return NOTHING;
    const match = matchAt(JWT_REST, text, at);
    return match ? [{ start, end: at + match[0].length, rule: 'jwt' }] : NOTHING;
  },
};
