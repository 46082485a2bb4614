import { isRecord, sameJson } from '../kubernetes/json-value.ts';
import { badRequest, StatusError } from './status.ts';
import { text, type Json } from './wire.ts';

/** 422 without a word about what failed: so the API server answers (Status of a generic server response). */
const rejected = (): StatusError =>
  new StatusError(422, 'Invalid', 'the server rejected our request due to an error in our request', {});

/**
 * RFC 6902. The document is copied as far as it changes.
 *
 * @throws StatusError 422 when an operation does not apply or a test fails, 400 when the body is no list of operations
 */
export function applyJsonPatch(document: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations) || !operations.every(isRecord))
    throw badRequest('a JSON patch is a list of operations');
  return operations.reduce<unknown>(applyOne, document);
}

function applyOne(document: unknown, operation: Json): unknown {
  const path = pointer(text(operation, 'path'));
  const { value } = operation;
  switch (operation.op) {
    case 'test':
      if (!sameJson(read(document, path), value)) throw rejected();
      return document;
    case 'add':
      return write(document, path, value, 'add');
    case 'replace':
      read(document, path);
      return write(document, path, value, 'replace');
    case 'remove':
      return write(document, path, undefined, 'remove');
    case 'copy':
      return write(document, path, read(document, pointer(text(operation, 'from'))), 'add');
    case 'move': {
      const from = pointer(text(operation, 'from'));
      return write(write(document, from, undefined, 'remove'), path, read(document, from), 'add');
    }
    default:
      throw rejected();
  }
}

/** RFC 6901. */
function pointer(path: string): readonly string[] {
  if (path === '') return [];
  if (!path.startsWith('/')) throw rejected();
  return path
    .slice(1)
    .split('/')
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function read(document: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>((node, part) => {
    if (Array.isArray(node)) return node[indexOf(part, node.length - 1)] as unknown;
    if (isRecord(node) && Object.hasOwn(node, part)) return node[part];
    throw rejected();
  }, document);
}

function indexOf(part: string, last: number): number {
  if (!/^(0|[1-9]\d*)$/.test(part) || Number(part) > last) throw rejected();
  return Number(part);
}

function write(node: unknown, path: readonly string[], value: unknown, op: 'add' | 'replace' | 'remove'): unknown {
  const [part, ...rest] = path;
  if (part === undefined) return value;
  if (Array.isArray(node)) return writeItem(node, part, rest, value, op);
  if (!isRecord(node)) throw rejected();
  const exists = Object.hasOwn(node, part);
  if (!exists && (rest.length > 0 || op !== 'add')) throw rejected();
  if (rest.length === 0 && op === 'remove')
    return Object.fromEntries(Object.entries(node).filter(([key]) => key !== part));
  return { ...node, [part]: rest.length > 0 ? write(node[part], rest, value, op) : value };
}

function writeItem(
  items: readonly unknown[],
  part: string,
  rest: readonly string[],
  value: unknown,
  op: 'add' | 'replace' | 'remove',
): unknown {
  if (rest.length > 0) {
    const index = indexOf(part, items.length - 1);
    return items.with(index, write(items[index], rest, value, op));
  }
  if (op === 'add') return items.toSpliced(part === '-' ? items.length : indexOf(part, items.length), 0, value);
  const index = indexOf(part, items.length - 1);
  return op === 'remove' ? items.toSpliced(index, 1) : items.with(index, value);
}
