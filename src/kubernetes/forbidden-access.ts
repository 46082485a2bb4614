import { clean } from '../model/text.ts';
import type { DeniedAccess, Parsed } from './forbidden-denial.ts';
import { firstLine, TextCursor } from './text-cursor.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };
type Draft = Mutable<DeniedAccess> & { danglingRoles: DeniedAccess['danglingRoles'][number][] };

const CLOUD = /\bAzure\b|\bIAM\b|requires one of \[|\bAWS\b|\bAmazon\b|Google Cloud/;

/**
 * `User "u" cannot get resource "pods/log" in API group "" in the namespace "n": RBAC: …`, in its present form and in
 * those of older servers (no API group; `cannot list deployments.apps in the namespace "n".`).
 * Source: k8s.io/apiserver/pkg/endpoints/handlers/responsewriters/errors.go.
 *
 * @param cutAllowed accept a text that ends before it names a resource, where something else says that it is a denial
 * @returns undefined where the text is something else
 */
export function parseAccess(text: string, cutAllowed: boolean): Parsed | undefined {
  const cursor = new TextCursor(text);
  if (!cursor.take(/[Uu]ser\s+/y)) return undefined;
  const draft: Draft = { scope: 'unknown', danglingRoles: [] };
  const whole = readAccess(cursor, draft);
  if (whole === 'other') return undefined;
  if (whole === 'cut' && !(cutAllowed || draft.resource !== undefined)) return undefined;
  if (whole === 'whole') readReason(cursor, draft);
  const found = { ...draft, length: cursor.position, ...(whole === 'cut' ? { truncated: true as const } : {}) };
  return classify(found);
}

type Read = 'whole' | 'cut' | 'other';

function readAccess(cursor: TextCursor, draft: Draft): Read {
  const user = cursor.word();
  if (user === undefined) return stop(cursor);
  draft.user = user;
  if (!cursor.take(/\s+cannot\s+/y)) return stop(cursor);
  const verb = cursor.take(/[\w*][\w*:.-]*/y)?.[0];
  if (verb === undefined) return stop(cursor);
  draft.verb = verb;
  return cursor.take(/\s+path\s+/y) ? readPath(cursor, draft) : readResource(cursor, draft);
}

function stop(cursor: TextCursor): Read {
  return cursor.ended ? 'cut' : 'other';
}

function readPath(cursor: TextCursor, draft: Draft): Read {
  const path = cursor.word();
  if (path === undefined) return stop(cursor);
  draft.path = path;
  draft.scope = 'path';
  return 'whole';
}

function readResource(cursor: TextCursor, draft: Draft): Read {
  const modern = cursor.take(/\s+resource\s+(?=["\w*])/y) !== undefined;
  if (!modern && !cursor.take(/\s+(?=[a-z])/y)) return stop(cursor);
  const resource = cursor.word();
  if (resource === undefined) return stop(cursor);
  setResource(draft, resource, modern);
  const group = cursor.take(/\s+in\s+API\s+group\s+/y) ? cursor.word() : undefined;
  if (group !== undefined) draft.group = group;
  return readScope(cursor, draft, modern);
}

function readScope(cursor: TextCursor, draft: Draft, modern: boolean): Read {
  if (cursor.take(/\s+at\s+the\s+cluster\s+scope/y)) {
    draft.scope = 'cluster';
    return 'whole';
  }
  const position = cursor.position;
  const namespace = cursor.take(/\s+in\s+the\s+namespace\s+/y) ? cursor.word() : undefined;
  if (namespace !== undefined) {
    draft.namespace = namespace;
    draft.scope = 'namespace';
    return 'whole';
  }
  // Without the word `resource` only the place tells a denial from prose about users who cannot do something.
  cursor.position = position;
  if (!modern) return 'other';
  return /^\s+(?:in|at)\b/.test(cursor.text.slice(position, position + 40)) ? 'cut' : 'whole';
}

/** Old servers print `deployments.apps/scale` without a word before it, present ones `"deployments/scale"`. */
function setResource(draft: Draft, text: string, modern: boolean): void {
  const slash = text.indexOf('/');
  const resource = slash < 0 ? text : text.slice(0, slash);
  if (slash >= 0) draft.subresource = text.slice(slash + 1);
  const dot = modern ? -1 : resource.indexOf('.');
  draft.resource = dot < 0 ? resource : resource.slice(0, dot);
  if (dot >= 0) draft.group = resource.slice(dot + 1);
}

/** Several authorizers answer in lines of their own; RBAC's names the roles that are missing. */
function readReason(cursor: TextCursor, draft: Draft): void {
  if (!cursor.take(/:[ \t]+(?=\S)/y)) return;
  const other = cursor.take(/(?!RBAC: )[^\n]{1,500}/y)?.[0].trim();
  if (other) {
    draft.otherAuthorizer = clean(other);
    if (!cursor.take(/\n(?=RBAC: )/y)) return;
  }
  if (cursor.take(/RBAC:\s+\[?/y)) readRbacErrors(cursor, draft);
}

function readRbacErrors(cursor: TextCursor, draft: Draft): void {
  do {
    const kind = cursor.take(/(cluster)?role\.rbac\.authorization\.k8s\.io\s+(?=")/y);
    const name = kind && cursor.word();
    if (name === undefined) {
      // An error that is not about a missing role, such as a kind of role that does not exist.
      const rest = firstLine(cursor.text.slice(cursor.position, cursor.position + 500));
      cursor.position += rest.length;
      draft.otherAuthorizer ??= clean(`RBAC: ${rest}`);
      return;
    }
    draft.danglingRoles.push({ kind: kind?.[1] ? 'ClusterRole' : 'Role', name });
    cursor.take(/\s+not\s+found\]?/y);
  } while (cursor.take(/,\s+/y));
}

function classify(found: DeniedAccess & { readonly length: number; readonly truncated?: true }): Parsed {
  if (found.user === 'system:anonymous') return { class: 'unauthenticated', ...found };
  const wrapped = /^impersonate(?:-on:([^:]+):(.+)|:(.+))?$/.exec(found.verb ?? '');
  if (wrapped) {
    const mode = wrapped[1] ?? wrapped[3];
    const wrappedVerb = wrapped[2];
    return {
      class: 'impersonation',
      ...found,
      ...(mode === undefined ? {} : { mode }),
      ...(wrappedVerb === undefined ? {} : { wrappedVerb }),
    };
  }
  return { class: CLOUD.test(found.otherAuthorizer ?? '') ? 'cloud-iam' : 'rbac', ...found };
}
