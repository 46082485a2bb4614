import { isMarker } from './marker.ts';
import {
  ADDRESS_LAST,
  BEFORE_KEY,
  EXEMPT_LAST,
  KEPT_NAMES,
  KEPT_SHAPES,
  KEYS,
  PAIRS,
  PROSE,
  STRONG,
  STRONG_ENDINGS,
  VALUE_WORDS,
  WEAK,
} from './name-words.ts';

/**
 * What a name says about its value: `strong` holds a secret; `weak` holds one unless the value is a switch, a small
 * number or a duration; `plain` says nothing.
 */
export type NameClass = 'strong' | 'weak' | 'plain';

const REMEMBERED = 20_000;
const LONGEST = 256;

/** Classifies names by their segments, and remembers them: the same few stand in every object and line. */
export class Names {
  private readonly known = new Map<string, NameClass>();

  /** The class of an environment variable's, argument's, header's or field's name. */
  classify(name: string): NameClass {
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const found = classify(name);
    if (this.known.size >= REMEMBERED) this.known.clear();
    this.known.set(name, found);
    return found;
  }
}

/** The segments of a name in lower case, split at everything but letters and digits, and at humps: `DBPassWord2`. */
export function segmentsOf(name: string): readonly string[] {
  return name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((segment) => segment !== '');
}

function classify(whole: string): NameClass {
  const name = whole.slice(-LONGEST);
  const upper = name.toUpperCase();
  if (KEPT_NAMES.has(upper) || KEPT_SHAPES.test(upper)) return 'plain';
  const segments = segmentsOf(name);
  const last = segments.at(-1) ?? '';
  if (EXEMPT_LAST.has(last) || isReference(segments)) return 'plain';
  if (isStrong(segments)) return 'strong';
  if (ADDRESS_LAST.some((ending) => last.endsWith(ending))) return 'plain';
  return segments.some((segment) => WEAK.has(segment) || segment.endsWith('token')) ? 'weak' : 'plain';
}

/** `existingSecret`, `imagePullSecrets`: names of Secrets, which are no secret. */
function isReference(segments: readonly string[]): boolean {
  return segments.some(
    (segment, index) =>
      (segment === 'secret' || segment === 'secrets') && ['existing', 'pull'].includes(segments[index - 1] ?? ''),
  );
}

function isStrong(segments: readonly string[]): boolean {
  return segments.some((segment, index) => {
    const next = segments[index + 1] ?? '';
    const word = segment.replace(/\d+$/, '');
    return (
      STRONG.has(word) ||
      STRONG_ENDINGS.some((ending) => word.endsWith(ending)) ||
      (BEFORE_KEY.has(segment) && KEYS.has(next)) ||
      PAIRS.has(`${segment} ${next}`)
    );
  });
}

/** True for a word that needs a value with a digit before it counts in running text: `invalid token: expired`. */
export function isProse(name: string): boolean {
  return PROSE.has(name.toLowerCase());
}

const REFERENCE = /^(?:\$\([\w.-]{1,200}\)|\$\{[^{}]{1,200}\}|\{\{[^{}]{0,500}\}\})$/;
const SMALL = /^-?(?:\d{1,6}(?:\.\d{1,6})?%?|(?:\d{1,6}(?:\.\d{1,6})?(?:ns|us|µs|ms|s|m|h|d))+)$/;

/** What redactors of other tools leave in a value's place (troubleshoot.sh `***HIDDEN***`, tokens of its own), or stars. */
const MASK = /^\*{3,64}(?:(?:HIDDEN|TOKEN_[A-Z_]{1,40}_[\dA-F]{6})\*{3})?$/;

/** True for what another redactor has taken out already. */
export function isMask(value: string): boolean {
  return value.startsWith('***') && MASK.test(value);
}

/** True for a value that is none, or only says where the value comes from. */
export function isNoValue(value: string): boolean {
  return (
    value === '' || VALUE_WORDS.has(value.toLowerCase()) || REFERENCE.test(value) || isMask(value) || isMarker(value)
  );
}

/** `KUBECONFIG=/home/x/.kube/config`: where the secret is. */
const PATH = /^(?:~|\.{0,2})?(?:\/[a-z\d._-]{1,64}){2,16}$/;

/** Whether a value under a name of this class is a secret. */
export function isSecretValue(nameClass: NameClass, value: string): boolean {
  if (nameClass === 'plain') return false;
  const text = value.trim();
  if (isNoValue(text) || PATH.test(text)) return false;
  // Of a sentence the first word decides: `tokens: 12 of 128000`.
  return nameClass === 'strong' || !SMALL.test(text.replace(/ [a-z]{1,12}\b.*$/s, ''));
}
