import { lintSource } from '@secretlint/core';
import { creator } from '@secretlint/secretlint-rule-preset-recommend';

/** Ours in a URL reads like `user:password` to it. */
const MARKER = /<redacted:[a-z0-9-]+:len=[\d-]+:fp=[0-9a-f]{12}>/g;

/** What another scanner, which shares nothing with ours, finds in a text besides our markers. */
export async function secretsSeenIn(content: string): Promise<readonly string[]> {
  const { messages } = await lintSource({
    source: { filePath: 'bundle.json', content: content.replaceAll(MARKER, 'gone'), contentType: 'text' },
    options: {
      config: { rules: [{ id: '@secretlint/secretlint-rule-preset-recommend', rule: creator }] },
      maskSecrets: true,
    },
  });
  return messages.map(({ messageId, ruleId }) => `${ruleId}: ${messageId}`);
}

const letters = (length: number): string => 'Ab3dEfGh1jKlMn0pQrStUvWxYz2'.repeat(20).slice(0, length);
const hex = (length: number): string => '0f1e2d3c4b5a6978'.repeat(20).slice(0, length);

/** Shapes that it knows. */
export const SHAPES: readonly string[] = [
  `ghp_${letters(36)}`,
  `xoxb-123456789012-123456789012-${letters(24)}`,
  `https://hooks.slack.com/services/T12345678/B12345678/${letters(24)}`,
  `sk-ant-api03-${letters(93)}AA`,
  `//registry.npmjs.org/:_authToken=npm_${letters(36)}`,
  `https://user:${letters(20)}@example.com/`,
  `postgres://user:${letters(20)}@db.example.com:5432/app`,
  `-----BEGIN RSA PRIVATE KEY-----\n${`${letters(64)}\n`.repeat(6)}-----END RSA PRIVATE KEY-----`,
  `aws_secret_access_key = ${hex(40)}`,
];

/** A value as it is, and as base64 at any alignment, in a URL, in JSON (also within JSON) and in hexadecimal. */
export function formsOf(value: string): readonly string[] {
  const bytes = Buffer.from(value);
  const aligned = [0, 1, 2].map((before) => {
    const text = Buffer.concat([Buffer.alloc(before), bytes]).toString('base64');
    // What depends on the value alone, not on what stands around it.
    return text.slice(Math.ceil((before * 8) / 6), Math.floor(((before + bytes.length) * 8) / 6));
  });
  const inJson = JSON.stringify(value).slice(1, -1);
  return [
    value,
    ...aligned,
    ...aligned.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
    encodeURIComponent(value),
    inJson,
    JSON.stringify(inJson).slice(1, -1),
    bytes.toString('hex'),
  ];
}
