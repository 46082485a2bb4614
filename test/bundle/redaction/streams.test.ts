import { describe, expect, it } from 'vitest';
import { KnownValues } from '../../../src/bundle/redaction/known-values.ts';
import { WindowedLog } from '../../../src/bundle/redaction/log-redactor.ts';
import { Workspace } from '../../../src/bundle/redaction/pending-bytes.ts';
import { listMarkers } from '../../../src/bundle/redaction/marker.ts';
import { Names } from '../../../src/bundle/redaction/names.ts';
import type { TextRedactor } from '../../../src/bundle/redaction/text-redactor.ts';
import { TextScanner } from '../../../src/bundle/redaction/text-scanner.ts';
import type { Redactor } from '../../../src/bundle/redaction/redactor.ts';
import { fixed, join, omission } from '../../../src/bundle/redaction/redacted.ts';
import { newRedactor, redactFile, redactLog, redactObject } from './redacting.ts';

const MEBI = 1024 * 1024;
const SECRET = 'Zq81kLw02mXv55tRb9';

function learned(value = SECRET): Redactor {
  const redactor = newRedactor();
  redactor.learnSecret({ kind: 'Secret', metadata: { name: 'x' }, ...{ stringData: { value } } });
  return redactor;
}

function newScanner(): TextScanner {
  const names = new Names();
  return new TextScanner({ names, known: new KnownValues(names), without: new Set() });
}

describe('a log', () => {
  it('of many windows comes out as one', () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `line ${index} of a log that is longer than a window\n`);
    const log = lines.map((line, index) => (index % 100 === 7 ? `password=${SECRET}${index}\n${line}` : line)).join('');
    const output = redactLog(log, newRedactor(), [1, 100_000, 300_000, 300_001]);
    expect(output.replaceAll(/password=<redacted:key-value:len=\d+:fp=[0-9a-f]{12}>\n/g, '')).toBe(lines.join(''));
    expect(output.match(/<redacted:/g)).toHaveLength(200);
  });

  it('keeps bytes that are no UTF-8', () => {
    const bytes = Buffer.concat([
      Buffer.from([0xff, 0xfe, 0x00, 0x80, 0x0a]),
      Buffer.from(`password=${SECRET}\n`),
      Buffer.from([0xc3]),
    ]);
    const stream = newRedactor().log();
    const output = Buffer.concat([...stream.write(bytes), ...stream.end().chunks]);
    expect(output.subarray(0, 5)).toEqual(bytes.subarray(0, 5));
    expect(output.at(-1)).toBe(0xc3);
    expect(output.toString('latin1')).toContain('password=<redacted:key-value:');
  });

  it('loses the rest of a line longer than 1 MiB, and says so', () => {
    const log = `before\n${'word '.repeat(MEBI / 2)}${SECRET}\nafter password=${SECRET}\n`;
    const output = redactLog(log, learned(), [17, 400_000, 2_000_000]);
    expect(output.startsWith('before\nword word ')).toBe(true);
    expect(output).toMatch(
      /\[crewiso: \d+ bytes omitted\]\nafter password=<redacted:[a-z-]+:len=18:fp=[0-9a-f]{12}>\n$/,
    );
    expect(output).not.toContain(SECRET);
    expect(output.length).toBeLessThan(1.2 * MEBI);
  });

  it('loses the end of an endless line that never breaks', () => {
    const output = redactLog('x '.repeat(2 * MEBI));
    expect(output).toMatch(/\[crewiso: \d+ bytes omitted\]\n$/);
    expect(output.length).toBeLessThan(1.2 * MEBI);
  });

  it('holds a window and a line, however long it is', () => {
    const stream = newRedactor().log();
    const chunk = Buffer.from(`${'a line of a log '.repeat(8)}\n`.repeat(8192));
    let held = 0;
    let written = 0;
    for (let index = 0; index < 32; index++) {
      written += chunk.length;
      held += chunk.length - stream.write(chunk).reduce((sum, { length }) => sum + length, 0);
      expect(held).toBeLessThan(400 * 1024);
    }
    const { chunks, counts } = stream.end();
    expect(chunks.reduce((sum, { length }) => sum + length, 0)).toBe(held);
    expect(counts).toEqual([]);
    expect(written).toBeGreaterThan(30 * MEBI);
  });

  it('leaves out what cannot be redacted, and all after it', () => {
    const tools = {
      scanner: newScanner(),
      text: { replace: () => '' } as unknown as TextRedactor,
      workspace: new Workspace(),
    };
    const good = new WindowedLog(tools);
    expect(good.write(Buffer.from('a secret line\n'))).toEqual([]);
    expect(good.end().failed).toBe(false);
    const failing = new WindowedLog({
      ...tools,
      text: {
        replace: () => {
          throw new RangeError('a secret line');
        },
      } as unknown as TextRedactor,
    });
    const line = Buffer.from(`${'a secret line '.repeat(10)}\n`.repeat(4000));
    const written = [...failing.write(line), ...failing.write(line)];
    const { chunks, failed } = failing.end();
    expect(failed).toBe(true);
    expect(Buffer.concat([...written, ...chunks]).toString()).toBe(`[crewiso: ${2 * line.length} bytes omitted]\n`);
  });

  it('stays JSON where a line was JSON', () => {
    const inner = Buffer.from(`password=${SECRET}`).toString('base64');
    const known = Buffer.from(`xy${SECRET}`).toString('base64');
    const values = [
      `a\n${inner}\nb`,
      `a\n${known}\t${SECRET}`,
      `\\${SECRET}`,
      { token: SECRET, pin: 481516 },
      [SECRET, inner],
    ];
    for (const value of values) {
      for (const line of [
        JSON.stringify({ msg: value, password: 4815162342 }),
        JSON.stringify({ msg: JSON.stringify({ password: 1, value }) }),
      ]) {
        const output = redactLog(`${line}\n`, learned());
        expect(() => JSON.parse(output) as unknown, output).not.toThrow();
        expect(output).not.toContain(SECRET);
        expect(output).not.toContain(inner);
      }
    }
  });

  it('may be empty', () => {
    expect(redactLog('')).toBe('');
    expect(redactLog('\n\nkind: Secret\ndata:\n  a: YWJjZGVmZ2g=\n')).toMatch(
      /^\n\nkind: Secret\ndata:\n {2}a: PHJlZGFjdGVkO\S+\n$/,
    );
  });
});

describe('equal values', () => {
  it('have equal fingerprints in every form, and others under another key', () => {
    const text = Buffer.from(SECRET);
    const log = `${SECRET} ${text.toString('base64')} ${text.toString('hex')}\n`;
    const prints = (output: string) => output.match(/(?<=:fp=)[0-9a-f]{12}/g) ?? [];
    const [first, ...others] = prints(redactLog(log, learned()));
    expect(others).toEqual([first, first]);
    const object = { apiVersion: 'v1', kind: 'Secret', stringData: { a: SECRET } };
    expect(prints(redactObject(object).bytes.toString())).toEqual([first]);
  });

  it('tell no length below 8', () => {
    expect(redactFile('password=abc', 'text')).toContain('len=0-7:');
  });
});

describe('the markers of a text', () => {
  it('are listed with their lines, those in base64 too, and forged ones are none', () => {
    const forged = '<redacted:no-rule:len=9:fp=0123456789ab> <redacted:gcp:len=x:fp=0123456789ab>';
    const output = redactLog(
      `first\n${forged}\npassword=${SECRET} token=abc\nkind: Secret\ndata:\n  a: YWJjZGVmZ2g=\n`,
    );
    const fp = expect.stringMatching(/^[0-9a-f]{12}$/) as string;
    expect(listMarkers(Buffer.from(output))).toEqual([
      { line: 3, rule: 'key-value', len: '18', fp },
      { line: 3, rule: 'key-value', len: '0-7', fp },
      { line: 6, rule: 'secret-data', len: '8', fp },
    ]);
    expect(output).toContain(forged);
  });
});

describe('what cannot be redacted', () => {
  const withheld = (result: object) => ('withheld' in result ? result.withheld : undefined);

  it.each([
    ['no JSON', () => newRedactor().file(Buffer.from('{"a": 1'), 'json')],
    ['JSON nested 300 deep', () => newRedactor().file(Buffer.from(`${'['.repeat(300)}${']'.repeat(300)}`), 'json')],
    ['JSON nested 200,000 deep', () => newRedactor().file(Buffer.from('['.repeat(200_000)), 'json')],
    [
      'an object that contains itself',
      () => {
        const object: Record<string, unknown> = {};
        object.self = object;
        return newRedactor().object(object);
      },
    ],
    ['no value', () => newRedactor().object(undefined)],
    ['repeated keys of different shapes', () => newRedactor().file(Buffer.from('{"a":{"b":1},"a":2}'), 'json')],
    ['a value over several fields', () => learned('"x1","second":"').object({ first: 'x1', second: 'x2' })],
  ])('is withheld without a word of it: %s', (_, redact) => {
    expect(withheld(redact())).toEqual({
      rule: expect.any(String) as string,
      why: expect.not.stringContaining('second') as string,
    });
  });
});

describe('the scan of a finished archive', () => {
  const archive = (secret: string, at: number) =>
    Buffer.from(
      `${'a quiet line of an archive\n'.repeat(40_000).slice(0, at)} ${secret} ${'and more\n'.repeat(60_000)}`,
    );

  it.each([0, 100, 256 * 1024 - 9, 256 * 1024, 384 * 1024 - 3, 900_000])('finds a known value at %i', (at) => {
    const bytes = archive(SECRET, at);
    const leaks = learned().leaks();
    for (let index = 0; index < bytes.length; index += 65_521) leaks.write(bytes.subarray(index, index + 65_521));
    expect(leaks.end()).toEqual([{ rule: 'known-value', offset: at + 1 }]);
  });

  it('finds what is certain by its shape, encoded too', () => {
    const token = `ghp_${'aB3'.repeat(12)}`;
    const leaks = newRedactor().leaks();
    leaks.write(Buffer.from(`x ${token} y ${Buffer.from(`a b ${token}`).toString('base64')} z`));
    expect(leaks.end().map(({ rule }) => rule)).toEqual(['github', 'decoded-github']);
  });

  it('finds nothing in what was redacted', () => {
    const redactor = learned();
    const object = redactObject(
      { apiVersion: 'v1', kind: 'Secret', data: { a: Buffer.from(SECRET).toString('base64') } },
      redactor,
    );
    const leaks = redactor.leaks();
    leaks.write(join([fixed`{"items":[`, object.bytes, fixed`]}`, omission(12)]));
    leaks.write(Buffer.from(redactLog(`password=${SECRET} https://u:${SECRET}@h/ ${SECRET}\n`, redactor)));
    expect(leaks.end()).toEqual([]);
  });
});

describe('the values learned', () => {
  it('are those of registries, documents, lines and Helm, not what stands beside them', () => {
    const redactor = newRedactor();
    const login = Buffer.from(`licence-77-user:${SECRET}`).toString('base64');
    const values = {
      '.dockerconfigjson': JSON.stringify({ auths: { 'images.crewai.com': { auth: login } } }),
      'app.json': JSON.stringify({ host: 'db.internal.example', nested: { value: 'leaf-of-json-1' } }),
      env: '# comment line here\nHOST=db.internal.example\nKEY=line-of-env-22\nURL=redis://u:userinfo-33@h\n',
      'tls.crt': '-----BEGIN CERTIFICATE-----\nMIIBpublicpublicpublicpublic\n-----END CERTIFICATE-----\n',
      username: 'application-user',
    };
    redactor.learnSecret({ kind: 'Secret', metadata: { name: 'all' }, ...{ stringData: values } });
    const hidden = ['licence-77-user', SECRET, login, 'leaf-of-json-1', 'line-of-env-22', 'userinfo-33'];
    const kept = ['db.internal.example', 'comment line here', 'MIIBpublicpublicpublicpublic', 'application-user'];
    const output = redactLog([...hidden, ...kept].map((text) => `x ${text} y\n`).join(''), redactor);
    expect(hidden.filter((text) => output.includes(text))).toEqual([]);
    expect(kept.filter((text) => !output.includes(text))).toEqual([]);
  });

  it('are those under names of what is open, where they are not what the name says', () => {
    const values = {
      'chat-url': 'https://chat.example.com/v1/messages?key=aBcDeFgH123&thread=5',
      'app.path': 'zq7"p/w=&\\5Tq8',
      'db-url': 'postgres://db.example.com:5432/app?sslmode=require',
      'tenant-name': 'Example & Söhne'.replace('& ', ''),
      login: 'application-user',
      ca: 'TUlJQ0xEQ0NBZEtnQXdJQkFnSQ==',
    };
    const redactor = newRedactor();
    redactor.learnSecret({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 's' },
      ...{
        data: Object.fromEntries(
          Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')]),
        ),
      },
    });
    const kept = Object.entries(values).filter(([, value]) =>
      redactLog(`said ${value} twice\n`, redactor).includes(value),
    );
    expect(kept.map(([key]) => key)).toEqual(['db-url', 'tenant-name', 'login', 'ca']);
  });

  it('are inline environment values under names of secrets', () => {
    const redactor = newRedactor();
    redactor.learnObject({
      kind: 'Pod',
      metadata: { name: 'x' },
      ...{
        spec: {
          containers: [
            {
              env: [
                { name: 'API_KEY', value: SECRET },
                { name: 'MODEL', value: 'gpt-4o-mini-2024' },
              ],
            },
          ],
        },
      },
    });
    expect(redactLog(`${SECRET} gpt-4o-mini-2024\n`, redactor)).toMatch(
      /^<redacted:known-value:\S+> gpt-4o-mini-2024\n$/,
    );
  });
});
