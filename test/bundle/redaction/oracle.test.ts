import { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';
import { describe, expect, it } from 'vitest';
import { crewaiPlatform } from '../../fixtures/crewai.ts';
import { brokenPlatform } from '../../fixtures/broken.ts';
import { LINES, PLACES } from './places.ts';
import { newRedactor, redactLog, redactObject } from './redacting.ts';

/** What another scanner, which shares nothing with ours, finds in a text. */
async function findings(content: string): Promise<readonly string[]> {
  const { messages } = await lintSource({
    source: { filePath: 'bundle.json', content, contentType: 'text' },
    options: {
      config: { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator }] },
      maskSecrets: true,
    },
  });
  return messages.map(({ messageId, ruleId }) => `${ruleId}: ${messageId}`);
}

const A = (length: number): string => 'Ab3dEfGh1jKlMn0pQrStUvWxYz2'.repeat(20).slice(0, length);
const hex = (length: number): string => '0f1e2d3c4b5a6978'.repeat(20).slice(0, length);
/** Shapes that it knows. */
const KNOWN = [
  `ghp_${A(36)}`,
  `xoxb-123456789012-123456789012-${A(24)}`,
  `https://hooks.slack.com/services/T12345678/B12345678/${A(24)}`,
  `sk-ant-api03-${A(93)}AA`,
  `//registry.npmjs.org/:_authToken=npm_${A(36)}`,
  `https://user:${A(20)}@example.com/`,
  `postgres://user:${A(20)}@db.example.com:5432/app`,
  `-----BEGIN RSA PRIVATE KEY-----\n${`${A(64)}\n`.repeat(6)}-----END RSA PRIVATE KEY-----`,
  `aws_secret_access_key = ${hex(40)}`,
];

describe('an independent scanner', () => {
  it('sees most of the shapes before redaction, so that its silence means something', async () => {
    const seen = await Promise.all(KNOWN.map(findings));
    expect(seen.filter((found) => found.length > 0).length).toBeGreaterThanOrEqual(6);
  });

  it('finds nothing after it: in logs, objects and a platform', async () => {
    const redactor = newRedactor();
    const objects = [...crewaiPlatform(), ...brokenPlatform()];
    const texts = [
      ...KNOWN.map((text) => redactLog(`a line\n${text}\nanother\n`)),
      ...LINES.map(([, line]) => redactLog(line(A(24)))),
      ...KNOWN.flatMap((text) => PLACES.map(([, object]) => redactObject(object(text)).bytes.toString())),
      ...objects.map((object) => redactObject(object, redactor).bytes.toString()),
    ];
    expect(texts.length).toBeGreaterThan(300);
    // Our own marker in a URL reads like `user:password` to it.
    const text = texts.join('\n').replaceAll(/<redacted:[a-z0-9-]+:len=[\d-]+:fp=[0-9a-f]{12}>/g, 'gone');
    expect(await findings(text)).toEqual([]);
  });
});
