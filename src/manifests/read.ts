import { groupOf, type KubeObject } from '../model/object.ts';
import type { Location } from '../model/snapshot.ts';
import { clean } from '../model/text.ts';
import { readDocuments, type Document } from './documents.ts';
import { readFiles, type FileOptions } from './files.ts';
import { objectsOf, type Item } from './objects.ts';
import { createLineIndex, type LineIndex } from './positions.ts';

/** Something about a file that the user should know. After an `error` part of the input is unknown. */
export interface Problem {
  readonly level: 'error' | 'warning';
  readonly file: string;
  readonly line?: number;
  readonly column?: number;
  /** Counts the documents of the file that have content, from 1. */
  readonly document?: number;
  readonly message: string;
}

/** An object, where it starts, and where its fields stand. */
export interface LocatedObject {
  readonly object: KubeObject;
  readonly location: Location;
  /** Place of a JSON pointer (RFC 6901) in the object, as far as it exists; searched when asked, in the file's text. */
  locate(pointer: string): Location;
}

export interface ManifestRead {
  /** In the order of the sources; of an object that appears twice the last one only. */
  readonly objects: readonly LocatedObject[];
  readonly problems: readonly Problem[];
  /** Every file that was opened, in order. */
  readonly files: readonly string[];
}

/**
 * Reads Kubernetes objects from files, folders and standard input (`-`): YAML and JSON, any number of documents, lists.
 * What cannot be read is one problem per document, and the rest is still read.
 * @param sources paths as `-f` takes them, or `-`
 * @throws CrewisoError (4) when a source itself does not exist or cannot be read
 */
export async function readManifests(sources: readonly string[], options: FileOptions = {}): Promise<ManifestRead> {
  const objects: LocatedObject[] = [];
  const problems: Problem[] = [];
  const files: string[] = [];
  for await (const file of readFiles(sources, options)) {
    const name = clean(file.name);
    files.push(name);
    if ('fault' in file) {
      problems.push({ level: 'error', file: name, message: file.fault });
      continue;
    }
    const read = readObjects(file.text, name);
    objects.push(...read.objects);
    problems.push(...read.problems);
  }
  const { kept, repeated } = lastOfEach(objects);
  if (kept.length === 0 && problems.length === 0) {
    problems.push({ level: 'error', file: files.join(' '), message: 'no Kubernetes object in it' });
  }
  return { objects: kept, problems: [...problems, ...repeated], files };
}

/** The objects in one text; `file` is only for naming places. */
export function readObjects(text: string, file: string): Omit<ManifestRead, 'files'> {
  const lines = createLineIndex(text);
  const objects: LocatedObject[] = [];
  const problems: Problem[] = [];
  let number = 0;
  for (const document of readDocuments(text)) {
    number += 1;
    const place = { file, lines, text, document, number };
    problems.push(...worst('warning', place, document.remarks));
    if ('fault' in document.content) {
      problems.push(...worst('error', place, [{ offset: document.offset, message: document.content.fault }]));
      continue;
    }
    const items = objectsOf(document.content.value);
    const faults = items.flatMap((item) =>
      'fault' in item ? [{ offset: offsetOf(item, document), message: item.fault }] : [],
    );
    problems.push(...worst('error', place, faults));
    for (const item of items) if ('object' in item) objects.push(located(item, place));
  }
  return { objects, problems };
}

interface Place {
  readonly file: string;
  readonly text: string;
  readonly lines: LineIndex;
  readonly document: Document;
  readonly number: number;
}

/** One problem for one document: the first, and how many more there are. */
function worst(
  level: Problem['level'],
  place: Place,
  all: readonly { readonly offset: number; readonly message: string }[],
): readonly Problem[] {
  const [first] = all;
  if (!first) return [];
  const more = all.length > 1 ? ` (and ${all.length - 1} more in this document)` : '';
  const source = templateOf(place);
  return [
    {
      level,
      file: place.file,
      ...place.lines.positionOf(first.offset),
      document: place.number,
      message: clean(`${first.message}${more}${source ? ` (from ${source})` : ''}`),
    },
  ];
}

/** The chart's file that `helm template` names in a comment at the start of each document. */
function templateOf({ text, document }: Place): string | undefined {
  const before = text.slice(Math.max(0, document.offset - 500), document.offset);
  return /(?:^|\n)# Source: (\S+)[^\n]*\n[^\n]*$/.exec(before)?.[1];
}

function offsetOf(item: Item, document: Document): number {
  const [field, index, ...rest] = item.path;
  const from = field === 'items' ? document.items?.[Number(index)] : undefined;
  if (from === undefined) return document.locate(item.path, document.offset);
  return rest.length === 0 ? from : document.locate(rest, from, document.items?.[Number(index) + 1]);
}

function located(item: Extract<Item, { object: unknown }>, place: Place): LocatedObject {
  const { document, lines } = place;
  const at = (offset: number): Location => ({
    file: place.file,
    ...lines.positionOf(offset),
    document: place.number,
  });
  return {
    object: item.object,
    location: at(offsetOf(item, document)),
    locate: (pointer) => at(offsetOf({ ...item, path: [...item.path, ...stepsOf(pointer)] }, document)),
  };
}

function stepsOf(pointer: string): readonly string[] {
  const steps = pointer.split('/').slice(1);
  return steps.map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function lastOfEach(objects: readonly LocatedObject[]): { kept: readonly LocatedObject[]; repeated: Problem[] } {
  const last = new Map<string, LocatedObject>();
  const repeated: Problem[] = [];
  for (const entry of objects) {
    const key = keyOf(entry.object);
    const earlier = last.get(key);
    if (earlier) repeated.push(repeatedProblem(earlier, entry));
    last.delete(key);
    last.set(key, entry);
  }
  return { kept: [...last.values()], repeated };
}

function repeatedProblem({ object, location }: LocatedObject, later: LocatedObject): Problem {
  const message = `${object.kind ?? ''} ${object.metadata.name} appears again at ${later.location.file}:${later.location.line}; the later one counts`;
  return { level: 'warning', ...location, message: clean(message) };
}

function keyOf({ apiVersion = '', kind = '', metadata }: KubeObject): string {
  return JSON.stringify([groupOf(apiVersion), kind, metadata.namespace ?? '', metadata.name]);
}
