import { isRecord } from '../../kubernetes/json-value.ts';
import { isSecretValue, type Names } from './names.ts';

/** Fields whose values name something: objects, namespaces, accounts, hosts, images. */
const NAMING = new Set([
  ...['name', 'namespace', 'secretName', 'serviceAccountName', 'serviceAccount', 'nodeName', 'host', 'hostname'],
  ...['image', 'claimName', 'volumeName', 'schedulerName', 'ingressClassName', 'storageClassName', 'generateName'],
]);

/** The names in an object (wire JSON): its own, those it refers to, and its images with their parts. */
export function namesIn(object: unknown): readonly string[] {
  const names: string[] = [];
  walk(object, (key, value) => {
    if (!NAMING.has(key)) return;
    names.push(value);
    if (key === 'image') names.push(...value.split(/[/@]/), value.replace(/[:@][^/]*$/, ''));
  });
  return names;
}

/** Inline `env` values under names of secrets, wherever a pod template stands in the object. */
export function inlineValues(object: unknown, names: Names): readonly { name: string; value: string }[] {
  const found: { name: string; value: string }[] = [];
  walkObjects(object, ({ name, value }) => {
    if (typeof name !== 'string' || typeof value !== 'string') return;
    if (isSecretValue(names.classify(name), value)) found.push({ name, value });
  });
  return found;
}

function walk(value: unknown, visit: (key: string, value: string) => void): void {
  walkObjects(value, (object) => {
    for (const [key, field] of Object.entries(object)) if (typeof field === 'string') visit(key, field);
  });
}

const DEEPEST = 200;

function walkObjects(value: unknown, visit: (object: Readonly<Record<string, unknown>>) => void, depth = 0): void {
  if (depth > DEEPEST) return;
  if (Array.isArray(value)) {
    for (const item of value) walkObjects(item, visit, depth + 1);
  } else if (isRecord(value)) {
    visit(value);
    for (const field of Object.values(value)) walkObjects(field, visit, depth + 1);
  }
}
