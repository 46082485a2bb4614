const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/;

/** A copy in which every RFC 3339 time is moved by so many milliseconds, to whole seconds as Kubernetes writes them. */
export function shiftTimes<T>(value: T, milliseconds: number): T {
  return shift(value, milliseconds) as T;
}

function shift(value: unknown, milliseconds: number): unknown {
  if (typeof value === 'string') {
    if (!RFC3339.test(value)) return value;
    return `${new Date(Date.parse(value) + milliseconds).toISOString().slice(0, 19)}Z`;
  }
  if (Array.isArray(value)) return value.map((item) => shift(item, milliseconds));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, shift(item, milliseconds)]));
}
