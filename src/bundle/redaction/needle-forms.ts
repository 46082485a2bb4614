/**
 * The forms in which a value may stand in a text: as it is, and in the encodings that logs and objects use. Given and
 * returned as bytes in latin1; each at least 8 bytes long. `run`: the encoding goes on around it, and goes with it.
 */
export function formsOf(value: string): readonly { readonly text: string; readonly run: boolean }[] {
  const bytes = Buffer.from(value, 'latin1');
  const plain = new Set([value, ...escapedForms(value), ...urlForms(bytes)]);
  const runs = new Set([...base64Forms(bytes), bytes.toString('hex'), bytes.toString('hex').toUpperCase()]);
  return [
    ...[...plain].map((text) => ({ text, run: false })),
    ...[...runs].filter((text) => !plain.has(text)).map((text) => ({ text, run: true })),
  ].filter(({ text }) => text.length >= SHORTEST);
}

/** Shorter values are not looked for: they occur by chance. */
export const SHORTEST = 8;

/** JSON up to three times (a string of a string in an object), also as Go writes it (`<`, `>`, `&` as `\u0026`); shell and YAML quotes. */
function escapedForms(value: string): readonly string[] {
  const text = Buffer.from(value, 'latin1').toString('utf8');
  const inner = (json: string): string => json.slice(1, -1);
  const escapeHtml = (json: string): string =>
    json.replace(/[<>&]/g, (character) => `\\u00${character.charCodeAt(0).toString(16)}`);
  const once = inner(JSON.stringify(text));
  const go = escapeHtml(once);
  const html = text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;');
  const twice = inner(JSON.stringify(once));
  const forms = [
    ...[once, go, twice, inner(JSON.stringify(go)), inner(JSON.stringify(twice)), html],
    ...[text.replaceAll("'", `'\\''`), text.replaceAll("'", "''"), text.replaceAll('"', '\\"')],
    ...[asciiJson(once)],
  ];
  return forms.map((form) => Buffer.from(form, 'utf8').toString('latin1'));
}

/** As Python's json writes what is not ASCII. */
function asciiJson(json: string): string {
  return json.replace(/[\u007f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

function urlForms(bytes: Buffer): readonly string[] {
  const encode = (kept: RegExp, space: string, upper: boolean): string =>
    Array.from(bytes, (byte) => {
      const character = String.fromCharCode(byte);
      if (kept.test(character)) return character;
      if (character === ' ' && space !== '') return space;
      const hex = byte.toString(16).padStart(2, '0');
      return `%${upper ? hex.toUpperCase() : hex}`;
    }).join('');
  // What JavaScript's encodeURIComponent, RFC 3986 and Go's user info, path and query escaping leave as they are.
  const kept = [/[\w.~-]/, /[\w.~!*'()-]/, /[\w.~$&+,;=-]/, /[\w.~$&+:=@/-]/];
  return kept.flatMap((set) => [true, false].flatMap((upper) => [encode(set, '', upper), encode(set, '+', upper)]));
}

/** Base64, standard and for URLs, of a text that contains the value: what of it does not depend on its neighbours. */
function base64Forms(bytes: Buffer): readonly string[] {
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const rest = (offset + bytes.length) % 3;
    const inner = encoded.slice(offset === 0 ? 0 : offset + 1, rest === 0 ? undefined : -1);
    return [inner, inner.replaceAll('+', '-').replaceAll('/', '_')];
  });
}
