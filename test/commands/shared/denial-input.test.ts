import { expect, it } from 'vitest';
import { readDenials, requireDenials, type Input } from '../../../src/commands/shared/denial-input.ts';
import { denialsOf } from '../../../src/kubernetes/denial-log.ts';

const MESSAGE = 'pods is forbidden: User "u" cannot list resource "pods" in API group "" in the namespace "a"';
const never = new AbortController().signal;

function inputOf(pieces: readonly (Uint8Array | string)[], error?: Error): Input {
  return {
    async *[Symbol.asyncIterator]() {
      for (const piece of pieces) yield await Promise.resolve(piece);
      if (error) throw error;
    },
    destroy: () => undefined,
  };
}

it('reads the text itself, and standard input only for -', async () => {
  const broken = inputOf([], new Error('nobody may read this'));
  expect(await readDenials(MESSAGE, broken, never)).toEqual(denialsOf(MESSAGE));
  expect(await readDenials('-', inputOf([MESSAGE.slice(0, 40), MESSAGE.slice(40)]), never)).toEqual(denialsOf(MESSAGE));
});

it('standard input that fails is exit 4', async () => {
  const broken = inputOf([Buffer.from(MESSAGE)], new Error('EIO: i/o error'));
  await expect(readDenials('-', broken, never)).rejects.toMatchObject({
    exitCode: 4,
    message: 'cannot read standard input: EIO: i/o error',
  });
});

it('once it is interrupted, what was read until then counts', async () => {
  const controller = new AbortController();
  let destroyed = false;
  const input: Input = {
    async *[Symbol.asyncIterator]() {
      yield await Promise.resolve(Buffer.from(MESSAGE));
      controller.abort();
      throw new Error('premature close');
    },
    destroy: () => (destroyed = true),
  };
  expect(await readDenials('-', input, controller.signal)).toEqual(denialsOf(MESSAGE));
  expect(destroyed).toBe(true);
});

it.each([
  [false, 4],
  [true, 130],
])('a text without refusals, interrupted %s, is exit %i', (interrupted, exitCode) => {
  const call = (): void => {
    requireDenials(denialsOf('all is well'), interrupted);
  };
  expect(call).toThrow(expect.objectContaining({ exitCode }) as Error);
});
