import { describe, expect, it } from 'vitest';
import { nearest, selectChecks, unknownCheck, type Selection } from '../../../src/commands/shared/selection.ts';
import type { Area, Check } from '../../../src/model/check.ts';

const check = (id: string, area: Area): Check => ({
  id,
  title: id,
  severity: 'high',
  area,
  platforms: ['crewai'],
  reads: [],
  run: () => [],
});
const ALL = [
  check('rbac-access-missing', 'rbac'),
  check('rbac-access-partial', 'rbac'),
  check('registry-secret-missing', 'registry'),
  check('image-pull-failing', 'image'),
];

describe('checks', () => {
  it.each<[Selection, string[]]>([
    [{}, ['rbac-access-missing', 'rbac-access-partial', 'registry-secret-missing', 'image-pull-failing']],
    [{ check: ['image-pull-failing'] }, ['image-pull-failing']],
    [
      { check: ['image-pull-failing', 'rbac-access-missing', 'image-pull-failing'] },
      ['rbac-access-missing', 'image-pull-failing'],
    ],
    [{ area: ['rbac'] }, ['rbac-access-missing', 'rbac-access-partial']],
    [{ area: ['rbac', 'image'], 'skip-check': ['rbac-access-partial'] }, ['rbac-access-missing', 'image-pull-failing']],
    [{ area: ['rbac'], check: ['rbac-access-missing', 'image-pull-failing'] }, ['rbac-access-missing']],
  ])('%j selects %j', (selection, ids) => {
    expect(selectChecks(ALL, selection).map(({ id }) => id)).toEqual(ids);
  });

  it.each<[Selection, string, string]>([
    [{ check: ['rbac-acces-missing'] }, '--check rbac-acces-missing', 'rbac-access-missing'],
    [{ check: ['secret'] }, '--check secret', 'registry-secret-missing'],
    [{ 'skip-check': ['image-pul-failing'] }, '--skip-check image-pul-failing', 'image-pull-failing'],
    [{ check: ['zzzzzzzz'] }, '--check zzzzzzzz', 'kubectl crewiso explain'],
    [{ check: ['rbac-access-missing'], 'skip-check': ['rbac-access-missing'] }, 'no check', 'explain'],
    [{ area: ['rbac'], check: ['image-pull-failing'] }, 'no check', 'explain'],
  ])('%j is wrong usage that says what to do', (selection, message, suggestion) => {
    expect(() => selectChecks(ALL, selection)).toThrow(
      expect.objectContaining({
        exitCode: 2,
        message: expect.stringContaining(message) as string,
        suggestions: [expect.stringContaining(suggestion) as string],
      }) as Error,
    );
  });
});

describe('nearest', () => {
  it.each<[string, string[], string[]]>([
    ['doctr', ['demo', 'doctor', 'explain'], ['doctor']],
    ['rbac', ['rbac-b', 'rbac-a', 'image'], ['rbac-a', 'rbac-b']],
    ['x', ['abcdef'], []],
    ['', [], []],
    ['aa', ['ab', 'ac', 'ad', 'ae'], ['ab', 'ac', 'ad']],
    ['kitten', ['sitting'], []],
    ['kitten', ['kittne', 'sitten'], ['sitten', 'kittne']],
  ])('%j among %j: %j', (word, candidates, expected) => {
    expect(nearest(word, candidates)).toEqual(expected);
  });
});

it('names the unknown check as it was given', () => {
  expect(unknownCheck(ALL, 'image', 'explain image')).toMatchObject({
    message: 'explain image: there is no such check',
    suggestions: ['did you mean image-pull-failing?'],
    exitCode: 2,
  });
});
