const NANO_DIGITS = 9;
const MAX_INT64 = 2n ** 63n - 1n;
/** Far beyond every real amount, and small enough to compute with. */
const MAX_EXPONENT = 10_000;

const DECIMAL: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, '': 0, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };
const BINARY: Readonly<Record<string, bigint>> = { Ki: 10n, Mi: 20n, Gi: 30n, Ti: 40n, Pi: 50n, Ei: 60n };

/**
 * A Kubernetes quantity (`500m`, `1.5Gi`, `1e3`, JSON numbers) in billionths, exactly. As the API server reads it
 * (apimachinery pkg/api/resource `ParseQuantity`): finer amounts are rounded away from zero, binary ones stop at the
 * largest int64. Undefined for what it refuses.
 */
export function parseQuantity(quantity: string | number): bigint | undefined {
  const text = String(quantity).trim();
  const [, sign, whole = '', fraction = '', suffix = ''] = /^([+-]?)(\d*)(?:\.(\d*))?(.*)$/s.exec(text) ?? [];
  // ParseQuantity takes some texts without any digit for zero (`m`, `Ki`) and refuses others (`Pi`): all are typing errors.
  if (whole === '' && fraction === '') return undefined;
  const digits = BigInt(whole + fraction);
  const magnitude = scale(digits, fraction.length, suffix);
  return magnitude !== undefined && sign === '-' ? -magnitude : magnitude;
}

/** `digits / 10^places`, times what the suffix says, in billionths. */
function scale(digits: bigint, places: number, suffix: string): bigint | undefined {
  const binary = Object.hasOwn(BINARY, suffix) ? BINARY[suffix] : undefined;
  if (binary !== undefined) {
    const nanos = shift(digits << binary, NANO_DIGITS - places);
    const most = shift(MAX_INT64, NANO_DIGITS);
    return nanos > most ? most : nanos;
  }
  const exponent = decimalExponent(suffix);
  if (exponent === undefined || exponent > MAX_EXPONENT) return undefined;
  return shift(digits, exponent + NANO_DIGITS - places);
}

function decimalExponent(suffix: string): number | undefined {
  if (Object.hasOwn(DECIMAL, suffix)) return DECIMAL[suffix];
  const [, exponent] = /^[eE]([+-]?\d+)$/.exec(suffix) ?? [];
  return exponent === undefined ? undefined : Number(exponent);
}

/** `value * 10^exponent`, rounded up where digits are cut off. */
function shift(value: bigint, exponent: number): bigint {
  if (exponent >= 0) return value * 10n ** BigInt(exponent);
  if (value === 0n) return 0n;
  if (-exponent > value.toString().length) return 1n;
  const divisor = 10n ** BigInt(-exponent);
  return (value + divisor - 1n) / divisor;
}

/** Negative, zero or positive as `a` is less than, equal to or greater than `b`; undefined when either is no quantity. */
export function compareQuantities(a: string | number, b: string | number): number | undefined {
  const [left, right] = [parseQuantity(a), parseQuantity(b)];
  if (left === undefined || right === undefined) return undefined;
  return left < right ? -1 : left > right ? 1 : 0;
}
