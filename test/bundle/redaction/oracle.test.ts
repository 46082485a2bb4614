import { describe, expect, it } from 'vitest';
import { crewaiPlatform } from '../../fixtures/crewai.ts';
import { brokenPlatform } from '../../fixtures/broken.ts';
import { secretsSeenIn, SHAPES } from '../../support/secret-scanner.ts';
import { LINES, PLACES } from './places.ts';
import { newRedactor, redactLog, redactObject } from './redacting.ts';

const A = (length: number): string => 'Ab3dEfGh1jKlMn0pQrStUvWxYz2'.repeat(20).slice(0, length);

describe('an independent scanner', () => {
  it('sees most of the shapes before redaction, so that its silence means something', async () => {
    const seen = await Promise.all(SHAPES.map(secretsSeenIn));
    expect(seen.filter((found) => found.length > 0).length).toBeGreaterThanOrEqual(6);
  });

  it('finds nothing after it: in logs, objects and a platform', async () => {
    const redactor = newRedactor();
    const objects = [...crewaiPlatform(), ...brokenPlatform()];
    const texts = [
      ...SHAPES.map((text) => redactLog(`a line\n${text}\nanother\n`)),
      ...LINES.map(([, line]) => redactLog(line(A(24)))),
      ...SHAPES.flatMap((text) => PLACES.map(([, object]) => redactObject(object(text)).bytes.toString())),
      ...objects.map((object) => redactObject(object, redactor).bytes.toString()),
    ];
    expect(texts.length).toBeGreaterThan(300);
    expect(await secretsSeenIn(texts.join('\n'))).toEqual([]);
  });
});
