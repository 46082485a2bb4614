import { goQuote } from '../kubernetes/go-quote.ts';
import type { Json } from './wire.ts';

/** `metav1.Status` in the key order of the API server. */
export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: Json;
  readonly status: 'Success' | 'Failure';
  readonly message?: string;
  readonly reason?: string;
  readonly details?: Details;
  readonly code?: number;
}

export interface Details {
  readonly name?: string;
  readonly group?: string;
  readonly kind?: string;
  readonly uid?: string;
  readonly causes?: readonly Cause[];
}

export interface Cause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

/** An answer other than success: thrown by whatever handles a request, sent as it is. */
export class StatusError extends Error {
  readonly status: Status;
  readonly code: number;

  constructor(code: number, reason: string, message: string, details?: Details, metadata: Json = {}) {
    super(message);
    this.name = 'StatusError';
    this.code = code;
    this.status = {
      kind: 'Status',
      apiVersion: 'v1',
      metadata,
      status: 'Failure',
      message,
      ...(reason ? { reason } : {}),
      ...(details ? { details } : {}),
      code,
    };
  }
}

/** A path that no handler is registered for: plain text, as Go's mux answers. */
export class PathNotFound extends Error {}

/** How Status names a type: `{group?, kind: plural}`. */
export interface Named {
  readonly group: string;
  readonly resource: string;
  readonly kind: string;
}

const groupPart = (type: Named): { group?: string } => (type.group ? { group: type.group } : {});
const qualified = (type: Named): string => (type.group ? `${type.resource}.${type.group}` : type.resource);
const plural = (type: Named, name: string): Details => ({ name, ...groupPart(type), kind: type.resource });

export function badRequest(message: string): StatusError {
  return new StatusError(400, 'BadRequest', message);
}

export function notFound(type: Named, name: string): StatusError {
  return new StatusError(404, 'NotFound', `${qualified(type)} ${goQuote(name)} not found`, plural(type, name));
}

export function alreadyExists(type: Named, name: string): StatusError {
  const message = `${qualified(type)} ${goQuote(name)} already exists`;
  return new StatusError(409, 'AlreadyExists', message, plural(type, name));
}

/** `details` names the plural for a stale version and the kind for a failed precondition, as the API server does. */
export function conflict(type: Named, name: string, why: string, kind = type.resource): StatusError {
  const what = kind === type.resource ? qualified(type) : [kind, type.group].filter(Boolean).join('.');
  const message = `Operation cannot be fulfilled on ${what} ${goQuote(name)}: ${why}`;
  return new StatusError(409, 'Conflict', message, { name, ...groupPart(type), kind });
}

export const STALE = 'the object has been modified; please apply your changes to the latest version and try again';

export function forbidden(type: Named, name: string, why: string, causes?: readonly Cause[]): StatusError {
  const target = name ? `${qualified(type)} ${goQuote(name)}` : qualified(type);
  const details = { ...(name ? { name } : {}), ...groupPart(type), kind: type.resource, ...(causes ? { causes } : {}) };
  return new StatusError(403, 'Forbidden', `${target} is forbidden: ${why}`, details);
}

/** 422 with one cause per field error, as `errors.NewInvalid` words it. */
export function invalid(type: Named, name: string, causes: readonly Cause[]): StatusError {
  const kind = type.group ? `${type.kind}.${type.group}` : type.kind;
  const texts = causes.map((cause) => `${cause.field}: ${cause.message}`);
  const why = texts.length === 1 ? texts.join('') : `[${texts.join(', ')}]`;
  const details = { name, ...groupPart(type), kind: type.kind, causes };
  return new StatusError(422, 'Invalid', `${kind} ${goQuote(name)} is invalid: ${why}`, details);
}

export const invalidValue = (field: string, value: string, why: string): Cause => ({
  reason: 'FieldValueInvalid',
  message: `Invalid value: ${value}: ${why}`,
  field,
});

export const required = (field: string, why = ''): Cause => ({
  reason: 'FieldValueRequired',
  message: why ? `Required value: ${why}` : 'Required value',
  field,
});

export function methodNotAllowed(message: string): StatusError {
  return new StatusError(405, 'MethodNotAllowed', message, {});
}

export function unsupportedMedia(accepted: readonly string[]): StatusError {
  const message = `the body of the request was in an unknown format - accepted media types include: ${accepted.join(', ')}`;
  return new StatusError(415, 'UnsupportedMediaType', message);
}

/** What a real API server can do and this one cannot: said, never pretended. */
export function notImplemented(what: string): StatusError {
  return new StatusError(
    501,
    'NotImplemented',
    `${what} is not supported by the in-process API server of kubectl-crewiso`,
  );
}
