import { clean } from '../model/text.ts';
import { parseAccess } from './forbidden-access.ts';
import { otherAdmission, parseAdmission, parseWebhook } from './forbidden-classes.ts';
import type { DenialTarget, Parsed, Refused } from './forbidden-denial.ts';
import { parseEscalation } from './forbidden-escalation.ts';
import type { Sighting } from './forbidden-text.ts';
import { goUnquote } from './go-quote.ts';

const TARGET = /(?:^|[^\w.-])([a-z0-9][a-z0-9.-]*)(?:\s+"([^"\\]*(?:\\[\s\S][^"\\]*)*)")?\s+is\s+$/;

/** A denial, and how much of the text it takes. */
export interface Found {
  readonly denial: Refused;
  readonly length: number;
}

/** The denial at a sighting, if it is one; `text` is what the sighting is in. */
export function denialAt(sighting: Sighting, text: string): Found | undefined {
  switch (sighting.kind) {
    case 'forbidden':
      return forbiddenAt(sighting);
    case 'user':
      return found(parseAccess(sighting.after, false), sighting.after);
    case 'webhook':
      return found(parseWebhook(sighting.after), sighting.after);
    case 'quota':
      return found(parseAdmission(sighting.after), sighting.after);
    case 'registry':
      return registryAt(sighting.after);
    case 'unauthorized':
      return saysUnauthorized(sighting, text)
        ? found({ class: 'unauthenticated', length: UNAUTHORIZED.length }, sighting.after)
        : undefined;
    case 'credentials':
      return found({ class: 'unauthenticated', length: 66 }, sighting.after);
  }
}

function found(parsed: Parsed | undefined, text: string, prefix = '', target?: DenialTarget): Found | undefined {
  if (!parsed) return undefined;
  const { length, ...rest } = parsed;
  const message = clean(`${prefix}${text.slice(0, length)}`).replaceAll(/\s+/g, ' ');
  return { denial: { ...rest, message, ...(target ? { target } : {}) } as Refused, length };
}

function forbiddenAt({ before, after }: Sighting): Found | undefined {
  const inner = after.trimStart();
  const target = targetOf(before);
  const parsed = parseAccess(inner, true) ?? parseEscalation(inner) ?? (target && admissionOf(inner, target.ref));
  if (!parsed) return undefined;
  const result = found(withTarget(parsed, target?.ref), inner, `${target?.text ?? ''}forbidden: `, target?.ref);
  return result && { ...result, length: result.length + 'forbidden:'.length + after.length - inner.length };
}

/**
 * Plugins that nobody here knows are told from prose by the name that every admitted object has, and by the plural of
 * its kind: other programs say that a caller or a user is forbidden.
 */
function admissionOf(inner: string, { name, group, resource }: DenialTarget): Parsed | undefined {
  const known = parseAdmission(inner);
  const isObject = name !== undefined && (group !== '' || resource.endsWith('s'));
  return known ?? (isObject && inner !== '' ? otherAdmission(inner) : undefined);
}

/** The name stands only in the target; so does the resource, where the text was cut before it. */
function withTarget(parsed: Parsed, target: DenialTarget | undefined): Parsed {
  if (!('scope' in parsed) || !target) return parsed;
  const { resource, name } = target;
  return { resource, ...parsed, ...(name === undefined ? {} : { name }) };
}

function targetOf(before: string): { readonly ref: DenialTarget; readonly text: string } | undefined {
  const match = TARGET.exec(before);
  if (!match) return undefined;
  const [, qualified = '', quoted] = match;
  const dot = qualified.indexOf('.');
  const ref = {
    resource: dot < 0 ? qualified : qualified.slice(0, dot),
    group: dot < 0 ? '' : qualified.slice(dot + 1),
    ...(quoted === undefined ? {} : { name: goUnquote(quoted.replaceAll(/\s*\n\s*/g, '')) }),
  };
  return { ref, text: before.slice(match.index + match[0].indexOf(qualified)) };
}

/** A pull that failed for want of rights; all other reasons of failed pulls are no refusals. */
function registryAt(text: string): Found | undefined {
  const line = text.split('\n', 1)[0] ?? '';
  if (!/\b40[13]\b|\b[Ff]orbidden\b|\b[Uu]nauthorized\b|\bdenied\b|no basic auth|authentication required/.test(line))
    return undefined;
  const image = /^(?:Failed to pull|Back-off pulling) image\s+\\*"([^"\\]*)/.exec(line)?.[1];
  return found({ class: 'registry', ...(image ? { image } : {}), length: line.length }, line);
}

/**
 * `Unauthorized` alone is a word of every HTTP library, those of registries and language models included: it counts as
 * the API server's where it is all there is, the reason of a Status, what kubectl or the Python client prints, or the
 * whole error in a line of a Kubernetes client.
 */
function saysUnauthorized({ start }: Sighting, text: string): boolean {
  const before = text.slice(Math.max(0, start - 240), start);
  const line = before.slice(before.lastIndexOf('\n') + 1);
  const after = text.slice(start + UNAUTHORIZED.length, start + UNAUTHORIZED.length + 8);
  if (text.length < 200 && text.trim() === UNAUTHORIZED) return true;
  if (/"reason\\*"\s*:\s*\\*"$/.test(line)) return /"(?:Status|Failure)\\*"/.test(before);
  if (line === 'Reason: ') return /\(401\)\s*Reason: $/.test(before);
  if (/(?:Error from server|logged in to the server)\s*\($/.test(line)) return after.startsWith(')');
  if (/\bfailed to (?:list|watch|get|create|update|patch|delete) [^\n]{1,200}: $/i.test(line))
    return !/image|manifest|\/v2\//i.test(line);
  const wholeError = /\berr(?:or)?\\*"?\s*[=:]\s*\\*"$/.test(line) && /^\\*"/.test(after);
  return wholeError && /reflector|reconcil|controller|kube|k8s|leaderelection/i.test(line);
}

const UNAUTHORIZED = 'Unauthorized';
