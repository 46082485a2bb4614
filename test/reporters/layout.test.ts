import { describe, expect, it } from 'vitest';
import { INDENT, stepLines } from '../../src/reporters/layout.ts';
import { placesOf } from '../../src/reporters/object-names.ts';
import type { ObjectRef } from '../../src/model/object.ts';

describe('stepLines', () => {
  const command = `kubectl exec -n crewai deploy/crewai-web -- bin/rails runner "Flipper.disable(:k8s_namespace_isolation)"`;

  it.each<[string, readonly string[]]>([
    [command, [command]],
    [`# ${command}`, [`# ${command}`]],
    [`# only then: ${command}`, ['# only then:', `# ${command}`]],
    [
      '# helm upgrade crewai <chart> -n crewai -f values.yaml --wait --timeout 10m',
      ['# helm upgrade crewai <chart> -n crewai -f values.yaml --wait --timeout 10m'],
    ],
    [
      '# a note that is longer than one line of the report may be',
      ['# a note that is longer than one line of', '# the report may be'],
    ],
    [
      '# a note: with kubectl in the middle it is prose all the same',
      ['# a note: with kubectl in the middle it', '# is prose all the same'],
    ],
    ['# kubectl', ['# kubectl']],
    [
      '#         value: indented for a file and longer than one line of it',
      ['#         value: indented for a file and longer than one line of it'],
    ],
  ])('%j', (step, lines) => {
    expect(stepLines([step], 50)).toEqual(lines.map((line) => INDENT + line));
  });
});

describe('placesOf', () => {
  const deployment = (namespace: string, name: string, more = {}): { object: ObjectRef } => ({
    object: { apiVersion: 'apps/v1', kind: 'Deployment', namespace, name, ...more },
  });
  const text = (...places: Parameters<typeof placesOf>[0]): string => {
    const { intro, names } = placesOf(places);
    return intro + names.join(', ');
  };

  it.each([
    ['one object', text(deployment('a', 'x')), 'Deployment a/x'],
    ['one name in several namespaces', text(deployment('a', 'x'), deployment('b', 'x')), 'Deployment x in a, b'],
    ['several names in one namespace', text(deployment('a', 'x'), deployment('a', 'y')), 'Deployment in a: x, y'],
    ['one kind', text(deployment('a', 'x'), deployment('b', 'y')), 'Deployment a/x, b/y'],
    [
      'objects that do not exist',
      text(deployment('a', 'x', { absent: true }), deployment('a', 'y', { absent: true })),
      'Deployment (absent) in a: x, y',
    ],
    [
      'some that do and some that do not',
      text(deployment('a', 'x'), deployment('a', 'y', { absent: true })),
      'Deployment a/x, Deployment a/y (absent)',
    ],
    ['several kinds', text(deployment('a', 'x'), deployment('a', 'x', { kind: 'Job' })), 'Deployment a/x, Job a/x'],
    [
      'objects of no namespace',
      text(
        { object: { apiVersion: 'v1', kind: 'Node', name: 'n1' } },
        { object: { apiVersion: 'v1', kind: 'Node', name: 'n2' } },
      ),
      'Node n1, n2',
    ],
    [
      'objects in files',
      text({ ...deployment('a', 'x'), location: { file: 'f.yaml', line: 3 } }, deployment('a', 'y')),
      'Deployment a/x (f.yaml:3), Deployment a/y',
    ],
  ])('%s', (_, found, expected) => {
    expect(found).toBe(expected);
  });
});
