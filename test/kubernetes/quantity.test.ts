import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareQuantities, parseQuantity } from '../../src/kubernetes/quantity.ts';

const ONE = 1_000_000_000n;

describe('parseQuantity', () => {
  it.each<[string | number, bigint]>([
    ['0', 0n],
    ['1', ONE],
    ['+1', ONE],
    ['-1', -ONE],
    ['.5', ONE / 2n],
    ['1.', ONE],
    [' 2 ', 2n * ONE],
    [5, 5n * ONE],
    [1.5, (3n * ONE) / 2n],
    [1e21, 10n ** 21n * ONE],
    ['1n', 1n],
    ['1u', 1000n],
    ['100m', ONE / 10n],
    ['8000m', 8n * ONE],
    ['1k', 1000n * ONE],
    ['1M', 10n ** 6n * ONE],
    ['1G', 10n ** 9n * ONE],
    ['1T', 10n ** 12n * ONE],
    ['1P', 10n ** 15n * ONE],
    ['1E', 10n ** 18n * ONE],
    ['1e3', 1000n * ONE],
    ['1E3', 1000n * ONE],
    ['1e-3', ONE / 1000n],
    ['1e+3', 1000n * ONE],
    ['1Ki', 1024n * ONE],
    ['16Gi', 17_179_869_184n * ONE],
    ['1.5Gi', 1_610_612_736n * ONE],
    ['0.1Ki', 102_400_000_000n],
    ['0.1n', 1n],
    ['-0.1n', -1n],
    ['1e-20000', 1n],
    ['0e-20000', 0n],
    ['9Ei', (2n ** 63n - 1n) * ONE],
    ['-9Ei', -(2n ** 63n - 1n) * ONE],
    ['9.3E', 9_300_000_000_000_000_000n * ONE],
  ])('%j', (quantity, nanos) => {
    expect(parseQuantity(quantity)).toBe(nanos);
  });

  it.each<string | number>([
    '',
    ' ',
    '1K',
    '1KI',
    '1Gb',
    '1GiB',
    '1e',
    '1e3Ki',
    '1,5',
    '1Zi',
    '1 Gi',
    '--1',
    '.',
    'Gi',
    '1e1.5',
    'abc',
    '1e99999',
    NaN,
    Infinity,
    'constructor',
  ])('refuses %j', (quantity) => {
    expect(parseQuantity(quantity)).toBeUndefined();
  });
});

describe('compareQuantities', () => {
  it.each([
    ['1536Mi', '1.5Gi', 0],
    ['1024Mi', '1Gi', 0],
    ['16Gi', '17179869184', 0],
    ['8', '8000m', 0],
    ['0.5', '500m', 0],
    ['1G', '1Gi', -1],
    ['900m', '1', -1],
    ['10', '9', 1],
    ['-1', '0', -1],
    ['9007199254740993', '9007199254740992', 1],
    ['x', '1', undefined],
    ['1', '1Gb', undefined],
  ])('%s and %s: %j', (a, b, order) => {
    expect(compareQuantities(a, b)).toBe(order);
  });

  it('orders integers whatever their suffix', () => {
    fc.assert(
      fc.property(fc.bigInt(-(2n ** 40n), 2n ** 40n), fc.bigInt(-(2n ** 40n), 2n ** 40n), (a, b) => {
        const order = a < b ? -1 : a > b ? 1 : 0;
        expect(compareQuantities(`${String(a)}Ki`, String(b * 1024n))).toBe(order);
        expect(compareQuantities(`${String(a)}m`, `${String(b * 1000n)}u`)).toBe(order);
      }),
    );
  });
});
