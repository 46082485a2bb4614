import { json, type Answer } from './answer.ts';
import { mediaOf, parseBody } from './body.ts';
import type { Call } from './call.ts';
import { patched } from './patch.ts';
import { methodNotAllowed } from './status.ts';
import { child, type Json, type Wire } from './wire.ts';
import { change, current } from './write.ts';

/** The scale subresource (autoscaling/v1 Scale): what it shows and changes is `spec.replicas` of its workload. */
export function scale(call: Call): Answer {
  const before = current(call);
  switch (call.question.verb) {
    case 'get':
      return json(200, scaleOf(before));
    case 'patch':
      return json(
        200,
        scaleOf(rescale(call, before, patched(scaleOf(before), mediaOf(call), parseBody(call.request.body)))),
      );
    case 'update':
      return json(200, scaleOf(rescale(call, before, parseBody(call.request.body) as Wire)));
    default:
      throw methodNotAllowed('the server does not allow this method on the requested resource');
  }
}

function rescale(call: Call, before: Wire, wanted: Wire): Wire {
  const replicas = Number(child(wanted, 'spec').replicas ?? 0);
  const { resourceVersion = '' } = wanted.metadata;
  const metadata = { ...before.metadata, resourceVersion };
  return change(call, before, { ...before, metadata, spec: { ...child(before, 'spec'), replicas } });
}

function scaleOf(workload: Wire): Wire {
  const { name, namespace, uid, resourceVersion, creationTimestamp } = workload.metadata;
  const { replicas, selector } = child(workload, 'spec');
  const now = child(workload, 'status').replicas;
  return {
    kind: 'Scale',
    apiVersion: 'autoscaling/v1',
    metadata: {
      name,
      ...(namespace ? { namespace } : {}),
      ...(uid ? { uid } : {}),
      ...(resourceVersion ? { resourceVersion } : {}),
      ...(creationTimestamp ? { creationTimestamp } : {}),
    },
    spec: replicas ? { replicas } : {},
    status: { replicas: now ?? 0, selector: selectorText(selector as Json | undefined) },
  };
}

function selectorText(selector: Json | undefined): string {
  return Object.entries(child(selector, 'matchLabels'))
    .map(([key, value]) => `${key}=${String(value)}`)
    .sort()
    .join(',');
}
