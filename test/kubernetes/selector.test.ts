import { describe, expect, it } from 'vitest';
import { fieldsMeetAll, meetsAll, selects } from '../../src/kubernetes/selector.ts';
import { parseFieldSelector, parseLabelSelector, type ParsedSelector } from '../../src/kubernetes/selector-text.ts';
import type { LabelSelector } from '../../src/model/kinds.ts';

const LABELS = { app: 'web', tier: '5', empty: '', in: 'notin', 'k8s.io/name': 'x' };

describe('selects', () => {
  const expression = (key: string, operator: string, values?: string[]): LabelSelector => ({
    matchExpressions: [{ key, operator, ...(values ? { values } : {}) }],
  });
  it.each<[string, LabelSelector | null | undefined, boolean]>([
    ['null', null, false],
    ['absent', undefined, false],
    ['{}', {}, true],
    ['empty parts', { matchLabels: {}, matchExpressions: [] }, true],
    ['null parts', { matchLabels: null, matchExpressions: null }, true],
    ['matchLabels', { matchLabels: { app: 'web' } }, true],
    ['another value', { matchLabels: { app: 'worker' } }, false],
    ['an absent label', { matchLabels: { gone: '' } }, false],
    ['an inherited name', { matchLabels: { constructor: '' } }, false],
    ['all of matchLabels', { matchLabels: { app: 'web', tier: '4' } }, false],
    ['both parts', { matchLabels: { app: 'web' }, ...expression('tier', 'In', ['4', '5']) }, true],
    ['both parts, one failing', { matchLabels: { app: 'web' }, ...expression('tier', 'In', ['4']) }, false],
    ['NotIn', expression('app', 'NotIn', ['web']), false],
    ['NotIn of an absent label', expression('gone', 'NotIn', ['web']), true],
    ['Exists', expression('empty', 'Exists'), true],
    ['DoesNotExist', expression('gone', 'DoesNotExist'), true],
    ['DoesNotExist of a label', expression('app', 'DoesNotExist'), false],
    ['In without values', expression('app', 'In'), false],
    ['an unknown operator', expression('app', 'Gt', ['1']), false],
    ['an inherited operator', expression('app', 'constructor', ['web']), false],
  ])('%s: %#', (_, selector, expected) => {
    expect(selects(selector, LABELS)).toBe(expected);
  });

  it('takes objects without labels', () => {
    expect(selects({ matchLabels: { app: 'web' } }, null)).toBe(false);
    expect(selects({}, undefined)).toBe(true);
  });
});

function requirementsOf(parsed: ParsedSelector): Extract<ParsedSelector, { requirements: unknown }>['requirements'] {
  if ('error' in parsed) throw new Error(parsed.error);
  return parsed.requirements;
}

// Answers of k8s.io/apimachinery 0.36.
describe('parseLabelSelector', () => {
  it.each([
    ['', true],
    ['app', true],
    ['!app', false],
    ['gone', false],
    ['!gone', true],
    ['! gone', true],
    ['app=web', true],
    ['app==web', true],
    ['app = web', true],
    ['app!=web', false],
    ['gone!=web', true],
    ['app in (web, worker)', true],
    ['app in (worker)', false],
    ['app notin (web)', false],
    ['gone notin (web)', true],
    ['app in ()', false],
    ['empty in ()', true],
    ['empty in (a,)', true],
    ['empty in (,a)', true],
    ['empty=', true],
    ['app=', false],
    ['app=,tier=5', false],
    ['tier>4', true],
    ['tier>5', false],
    ['tier<6', true],
    ['app>4', false],
    ['gone<4', false],
    ['app=web,tier=5,!gone', true],
    ['app=web,tier=4', false],
    ['in in (notin)', true],
    ['in', true],
    ['k8s.io/name=x', true],
  ])('%j selects: %s', (text, expected) => {
    expect(meetsAll(requirementsOf(parseLabelSelector(text)), LABELS)).toBe(expected);
  });

  const operators = 'in, notin, =, ==, !=, gt, lt';
  it.each([
    ['app exists', `unable to parse requirement: found 'exists', expected: ${operators}`],
    ['app,', "found '', expected: identifier after ','"],
    ['app,=', "found '=', expected: identifier after ','"],
    [',app', "found ',', expected: !, identifier, or 'end of string'"],
    ['()', "found '(', expected: !, identifier, or 'end of string'"],
    ['=web', "found '=', expected: !, identifier, or 'end of string'"],
    ['app in', "unable to parse requirement: found '' expected: '('"],
    ['app in web', "unable to parse requirement: found 'web' expected: '('"],
    ['app in (web', "unable to parse requirement: found '', expected: ',' or ')'"],
    ['app in (a b)', "unable to parse requirement: found 'b', expected: ',' or ')'"],
    ['!app=web', "found '=', expected: ',' or 'end of string'"],
    ['!!app', "unable to parse requirement: found '!', expected: identifier"],
    ['!', "unable to parse requirement: found '', expected: identifier"],
    ['app===web', "unable to parse requirement: found '=', expected: identifier"],
    ['app=!web', "unable to parse requirement: found '!', expected: identifier"],
    ['app=web tier=5', "found 'tier', expected: ',' or 'end of string'"],
    [
      'app>x',
      "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
    ],
  ])('refuses %j in the words of the API server', (text, error) => {
    expect(parseLabelSelector(text)).toEqual({ error });
  });

  it.each([
    '-app',
    'a/b/c',
    '/a',
    `a${'b'.repeat(63)}`,
    'app=-x',
    `app=${'x'.repeat(64)}`,
    'tier>99999999999999999999',
  ])('refuses %j', (text) => {
    expect(parseLabelSelector(text)).toHaveProperty('error', expect.stringMatching(/^unable to parse requirement: /));
  });
});

describe('parseFieldSelector', () => {
  const fields = new Map([
    ['metadata.name', 'a,b'],
    ['status.phase', 'Running'],
    ['odd', 'x=\\'],
  ]);
  const valueOf = (field: string): string => fields.get(field) ?? '';
  it.each([
    ['', true],
    ['status.phase=Running', true],
    ['status.phase==Running', true],
    ['status.phase!=Running', false],
    ['status.phase!=Pending,metadata.name=a\\,b', true],
    ['metadata.name=a\\,b,', true],
    ['odd=x\\=\\\\', true],
    ['gone=', true],
    ['gone!=x', true],
    ['constructor=', true],
    ['gone=x', false],
    ['!=', true],
  ])('%j selects: %s', (text, expected) => {
    expect(fieldsMeetAll(requirementsOf(parseFieldSelector(text)), valueOf)).toBe(expected);
  });

  it.each(['status.phase', 'a in (b)', 'a=b=c', 'a=\\x', 'a=\\', 'metadata.name=a,b'])('refuses %j', (text) => {
    expect(parseFieldSelector(text)).toHaveProperty('error');
  });
});
