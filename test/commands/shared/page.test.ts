import { expect, it } from 'vitest';
import { listChecks, wrapPage } from '../../../src/commands/shared/page.ts';

const LONG = 'one two three four five six seven';

it.each<[string, string]>([
  [LONG, 'one two three four\nfive six seven'],
  [`- ${LONG}`, '- one two three four\n  five six seven'],
  [`  10. ${LONG}`, '  10. one two three\n      four five six\n      seven'],
  ['# A heading that is longer than the line', '# A heading that is longer than the line'],
  ['| a | table | that | is | long |', '| a | table | that | is | long |'],
  [`\`\`\`bash\n${LONG}\n\`\`\`\n${LONG}\n`, `\`\`\`bash\n${LONG}\n\`\`\`\none two three four\nfive six seven\n`],
  ['', ''],
])('%j', (page, expected) => {
  expect(wrapPage(page, 20)).toBe(expected);
});

it('lists checks by area', () => {
  const check = (id: string, area: string, severity: string) => ({ id, area, severity, title: 'All is as it should' });
  const text = listChecks(
    [check('b-b', 'rbac', 'high'), check('a-aaa', 'image', 'low')],
    ['image', 'quota', 'rbac'],
    24,
  );
  expect(text.split('\n').slice(0, 7)).toEqual([
    'IMAGE',
    '  L a-aaa  All is as it',
    '           should',
    '',
    'RBAC',
    '  H b-b    All is as it',
    '           should',
  ]);
});
