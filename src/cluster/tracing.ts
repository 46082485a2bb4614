import { clean } from '../model/text.ts';

/** Receives what `-v` shows: 2 one line per listing, 6 one per request, 8 headers without credentials. */
export type Trace = (level: number, line: string) => void;

const HIDDEN = /auth|cookie|token|secret|key|impersonate-extra/i;

/** Header lines for `-v 8`: the values of anything that may be a credential are masked, bodies are never shown. */
export function headerLines(
  mark: '>' | '<',
  headers: Readonly<Record<string, string | readonly string[] | undefined>>,
  scrub: (text: string) => string,
): readonly string[] {
  return Object.entries(headers).flatMap(([name, value]) => {
    if (value === undefined) return [];
    const text = typeof value === 'string' ? value : value.join(', ');
    return [`${mark} ${name}: ${HIDDEN.test(name) ? '<redacted>' : clean(scrub(text))}`];
  });
}

/** A path with query for `-v 6`; continue tokens are cut, they say nothing to people. */
export function pathLine(url: URL): string {
  return `${url.pathname}${url.search.replace(/([?&]continue=[^&]{8})[^&]+/, '$1…')}`;
}

/** Texts of `Warning: 299 - "text"` headers (RFC 7234, as the API server sends them). */
export function warningTexts(header: string | undefined): readonly string[] {
  return [...(header ?? '').matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) =>
    clean(text.replace(/\\(.)/g, '$1')),
  );
}
