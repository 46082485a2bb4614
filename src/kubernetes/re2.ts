const CLASSES: Readonly<Record<string, string>> = {
  alnum: '0-9A-Za-z',
  alpha: 'A-Za-z',
  ascii: '\\x00-\\x7F',
  blank: '\\t ',
  digit: '0-9',
  lower: 'a-z',
  punct: '!-\\/:-@\\[-`{-~',
  space: '\\t\\n\\v\\f\\r ',
  upper: 'A-Z',
  word: '0-9A-Za-z_',
  xdigit: '0-9A-Fa-f',
};

/**
 * A pattern of Go's regexp package (RE2) as one of JavaScript, undefined where it has no equal. The API server matches
 * anywhere in the text (kube-openapi `values.go` Pattern).
 */
export function readPattern(pattern: string): RegExp | undefined {
  const [, flags = '', rest = pattern] = /^\(\?([is]+)\)(.*)$/s.exec(pattern) ?? [];
  if (/\(\?[^:P<]|\\[QEpPC]|\(\?P?<[=!]/.test(rest)) return undefined;
  const source = rest
    .replaceAll('(?P<', '(?<')
    .replaceAll('\\A', '^')
    .replaceAll('\\z', '$')
    .replaceAll('\\a', '\\x07')
    .replaceAll(/\[:(\w+):\]/g, (whole, name: string) =>
      Object.hasOwn(CLASSES, name) ? (CLASSES[name] ?? whole) : whole,
    );
  try {
    return new RegExp(source, flags);
  } catch {
    return undefined;
  }
}
