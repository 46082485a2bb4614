import { isRecord } from '../kubernetes/json-value.ts';
import { apply } from './apply.ts';
import { json, type Answer } from './answer.ts';
import { mediaOf, parseBody } from './body.ts';
import type { Call } from './call.ts';
import { applyJsonPatch } from './json-patch.ts';
import { mergePatch, strategicMerge } from './merge-patch.ts';
import { badRequest, notImplemented, unsupportedMedia } from './status.ts';
import type { Json, Wire } from './wire.ts';
import { change, current } from './write.ts';

const JSON_PATCH = 'application/json-patch+json';
const MERGE = 'application/merge-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

/** PATCH by its media type; custom resources take no strategic merge patch. */
export function patch(call: Call): Answer {
  const media = mediaOf(call);
  const accepted = [JSON_PATCH, MERGE, ...(call.type.custom ? [] : [STRATEGIC]), APPLY];
  if (!accepted.includes(media)) throw unsupportedMedia(accepted);
  if (call.type.custom) throw notImplemented('writing custom resources');
  if (media === APPLY) return apply(call);
  const before = current(call);
  return json(200, change(call, before, patched(before, media, parseBody(call.request.body))));
}

/**
 * The object after a patch of one of the three kinds that need a stored object.
 *
 * @throws StatusError 400 for a body of the wrong shape, 422 for a JSON patch whose operations do not hold
 */
export function patched(before: Wire, media: string, body: unknown): Wire {
  if (media === JSON_PATCH) return applyJsonPatch(before, body) as Wire;
  if (!isRecord(body)) throw badRequest('the patch is not an object');
  const merge: (target: Json, patch: Json) => Json = media === STRATEGIC ? strategicMerge : mergePatch;
  return merge(before, body) as Wire;
}
