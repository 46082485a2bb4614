import { describe, expect, it } from 'vitest';
import { ARGUMENT_FINDERS } from '../../../src/bundle/redaction/find-arguments.ts';
import { SHAPES } from '../../../src/bundle/redaction/shapes.ts';
import { Pseudonyms } from '../../../src/bundle/redaction/pseudonyms.ts';
import { newRedactor } from './redacting.ts';

const STARTS = [
  ...SHAPES.flatMap(({ keywords }) => keywords.slice(0, 1)),
  ...ARGUMENT_FINDERS.flatMap(({ keywords }) => keywords),
  ...[
    '://',
    'x://u:',
    'sig=',
    'u:p@tcp(',
    'eyJ.ey',
    '.ey',
    '-----BEGIN PRIVATE KEY-----',
    '-----END PRIVATE KEY-----',
    'ABC\n-----END PRIVATE KEY-----',
  ],
  ...[
    'password=',
    'password: ',
    '"password":"',
    '\\"password\\":\\"',
    'password: |\n',
    '\npassword:\n',
    '"tokens":[',
    '<password>',
    "password '",
  ],
  ...[
    '--password ',
    'api key: ',
    'name: password\n',
    '"name":"password","value":"',
    'value: x\nname: password',
    '"value":"x","name":"password',
  ],
  ...[
    'kind: Secret\n',
    '"kind":"Secret","data":{"a":"',
    'stringData:\n',
    'binaryData: ',
    'last-applied-configuration: ',
    'Authorization: ',
  ],
  ...[
    'Cookie: a=',
    'basic ',
    'bearer ',
    '%3d',
    '<redacted:',
    '<redacted:jwt:len=9:fp=',
    'PHJlZGFjdGVkO',
    'H4sI',
    'YWJjZGVmZ2hpamtsbW5vcHFyc3R1',
  ],
];
const FILLINGS = ['a', '\\', '"', ' ', 'a=', 'a: b\n', '@', '/', '\n', '%41', '-', '{"a":'];
const SIZE = 16 * 1024;
const MOST_GROWTH = 8;

function cost(text: string): number {
  const bytes = Buffer.from(text, 'latin1');
  const redactor = newRedactor();
  const before = process.cpuUsage();
  redactor.file(bytes, 'text');
  return process.cpuUsage(before).user / 1000;
}

/** Collection of garbage and compilation only ever add: the least of several is the work itself. */
const leastCost = (text: string, times: number): number => Math.min(...Array.from({ length: times }, () => cost(text)));

const repeated = (unit: string, size: number): string => unit.repeat(Math.ceil(size / unit.length)).slice(0, size);

describe('the work of a redaction', () => {
  // Looking for the beginning of a line is so quick that it shows in larger texts only.
  it.each(['-----END PRIVATE KEY-----a', '-----BEGIN PRIVATE KEY-----a', 'kind: Secret a'])(
    'grows with one endless line and no faster, of %j',
    (unit) => {
      const [small, large] = [4 * SIZE, 16 * SIZE].map((size) => leastCost(repeated(unit, size), 5)) as [
        number,
        number,
      ];
      expect(large / small).toBeLessThan(MOST_GROWTH);
    },
  );

  it.each(FILLINGS)('grows with the text and no faster, filled with %j', (filling) => {
    for (const start of STARTS) {
      for (const unit of [start + filling, start + filling.repeat(64), undefined]) {
        const text = (size: number): string =>
          unit === undefined ? start + repeated(filling, size) : repeated(unit, size);
        const least = (size: number, times: number): number => leastCost(text(size), times);
        // Below this there is nothing to measure; quadratic work on 64 KiB is far above.
        if (least(4 * SIZE, 1) < 150 || least(4 * SIZE, 2) < 150) continue;
        const growth = (size: number): number => least(4 * size, 3) / Math.max(least(size, 3), 1);
        // 4 where the work grows with the text, 16 where it grows with its square; a busy machine is asked twice.
        const found = growth(SIZE);
        expect(
          found < MOST_GROWTH ? found : Math.min(found, growth(2 * SIZE)),
          `${JSON.stringify(start)}, ${unit === undefined ? 'once' : 'again and again'}`,
        ).toBeLessThan(MOST_GROWTH);
      }
    }
    expect(STARTS.length).toBeGreaterThan(70);
  });
});

const NAME_STARTS = [
  ...['-----BEGIN CERTIFICATE-----', '-----END CERTIFICATE-----', 'MII', 'LS0tLS1CRUdJTi', 'YWNtZQ=='],
  ...['"kind":"User","name":"', 'kind: User\n', 'subjects:\n', 'User "', 'username: ', 'user@', '/devs'],
  ...['org-', '"orgId": 4', 'org-id: "', '--org ', '"name":"ORG_ID","value":"', '{"value":"4","name":"ORG_ID"}'],
  ...['https://', 'https://a.b.c/', 'a.example.com', 'host: ', '"image":"', 'nodeName: ', 'acme-', 'backend'],
  ...['10.0.0.1', '1.', '::', '2001:db8::', '%40', '\\u0022'],
];

describe('the work of pseudonyms', () => {
  const work = (text: string): number => {
    const before = process.cpuUsage();
    const pseudonyms = new Pseudonyms({ key: Buffer.alloc(32, 1), kinds: ['orgs', 'hosts', 'users'] });
    for (const name of ['acme', 'backend']) pseudonyms.learnName({ name });
    try {
      pseudonyms.learnText(text, true);
      pseudonyms.settle();
      pseudonyms.replace(text, true);
    } catch (error) {
      // More addresses than there is room for.
      if (!(error instanceof RangeError)) throw error;
    }
    return process.cpuUsage(before).user / 1000;
  };

  it.each(['', ...FILLINGS, '.', '0:'])('grows with the text and no faster, filled with %j', (filling) => {
    for (const start of NAME_STARTS) {
      for (const text of [
        (size: number) => repeated(start + filling, size),
        (size: number) => start + (filling === '' ? '' : repeated(filling, size)),
      ]) {
        if (Math.min(work(text(2 * SIZE)), work(text(2 * SIZE))) < 150) continue;
        const least = (size: number): number => Math.min(work(text(size)), work(text(size)), work(text(size)));
        expect(least(2 * SIZE) / Math.max(least(SIZE / 2), 1), JSON.stringify(start)).toBeLessThan(MOST_GROWTH);
      }
    }
    expect(NAME_STARTS.length).toBeGreaterThan(25);
  });
});
