import { isRecord } from '../kubernetes/json-value.ts';
import { FORMAT, hasFile, STATUSES, type Manifest, type ManifestItem, type Plan, type PlanItem } from './format.ts';
import { refuse } from './refusal.ts';

/** Deeper than any document of a bundle, or any object of Kubernetes. */
const MAX_DEPTH = 200;

/**
 * JSON out of an archive.
 * @param path for the message, which never quotes the text
 * @throws CrewisoError (4) for what is none, or nested without end
 */
export function parseJson(bytes: Buffer, path: string): unknown {
  if (isTooDeep(bytes)) throw refuse(`${path} is nested more than ${String(MAX_DEPTH)} levels deep`);
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch {
    throw refuse(`${path} is no JSON`);
  }
}

/** Whether JSON is nested deeper than any object is. */
export function isTooDeep(bytes: Buffer): boolean {
  let depth = 0;
  for (let at = 0; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === 0x22) {
      for (at += 1; at < bytes.length && bytes[at] !== 0x22; at += 1) if (bytes[at] === 0x5c) at += 1;
    } else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > MAX_DEPTH) return true;
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
  return false;
}

/** @throws CrewisoError (4) for what is no plan of a format that is known here */
export function parsePlan(bytes: Buffer): Plan {
  const plan = head(bytes, 'plan.json', 'Plan');
  const { items, namespaces } = plan;
  if (!listOf(items, isPlanItem)) throw refuse('plan.json holds something that is no item');
  if (!listOf(namespaces, (entry) => isRecord(entry) && typeof entry.name === 'string'))
    throw refuse('plan.json does not say which namespaces it is about');
  if (plan.platforms !== undefined && !listOf(plan.platforms, isPlatform))
    throw refuse('plan.json names something that is no platform');
  if (new Set(items.map(({ id }) => id)).size < items.length) throw refuse('plan.json names an item twice');
  return plan as unknown as Plan;
}

/** @throws CrewisoError (4) for what is no manifest */
export function parseManifest(bytes: Buffer): Manifest {
  const manifest = head(bytes, 'manifest.json', 'Manifest');
  const { items, readme } = manifest;
  if (!listOf(items, isManifestItem) || !isRecord(readme))
    throw refuse('manifest.json holds something that is no item');
  return manifest as unknown as Manifest;
}

function head(bytes: Buffer, path: string, kind: 'Plan' | 'Manifest'): Readonly<Record<string, unknown>> {
  const document = parseJson(bytes, path);
  if (!isRecord(document) || document.kind !== kind) throw refuse(`${path} is no ${kind} of a bundle`);
  if (document.format !== FORMAT)
    throw refuse(`its format is not ${FORMAT}`, 'it may need a newer kubectl-crewiso: read docs/bundle-format.md');
  if (
    !isRecord(document.cluster) ||
    typeof document.createdAt !== 'string' ||
    Number.isNaN(Date.parse(document.createdAt))
  )
    throw refuse(`${path} does not say where or when it was made`);
  return document;
}

function listOf<T>(value: unknown, is: (entry: unknown) => entry is T): value is readonly T[];
function listOf(value: unknown, is: (entry: unknown) => boolean): boolean;
function listOf(value: unknown, is: (entry: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(is);
}

const isPlatform = (entry: unknown): boolean =>
  isRecord(entry) &&
  typeof entry.id === 'string' &&
  listOf(entry.namespaces, (namespace) => typeof namespace === 'string');

function isPlanItem(entry: unknown): entry is PlanItem {
  return isRecord(entry) && typeof entry.id === 'string' && typeof entry.path === 'string';
}

function isManifestItem(entry: unknown): entry is ManifestItem {
  if (!isRecord(entry) || typeof entry.id !== 'string') return false;
  if (!STATUSES.some((status) => status === entry.status)) return false;
  const item = entry as unknown as ManifestItem;
  return !hasFile(item) || (typeof item.path === 'string' && typeof item.sha256 === 'string') || item.status === 'ok';
}
