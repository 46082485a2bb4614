/**
 * The formats that the API server checks (apiextensions-apiserver `apiserver/validation/formats.go`, kube-openapi
 * `validation/strfmt`). Everything else may stand in a schema and has no effect.
 */
const CHECKED: ReadonlySet<string> = new Set([
  'bsonobjectid',
  'uri',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'cidr',
  'mac',
  'uuid',
  'uuid3',
  'uuid4',
  'uuid5',
  'isbn',
  'isbn10',
  'isbn13',
  'creditcard',
  'ssn',
  'hexcolor',
  'rgbcolor',
  'byte',
  'password',
  'date',
  'duration',
  'datetime',
  // Since Kubernetes 1.34.
  'k8sshortname',
  'k8slongname',
]);

/** Whether the API server knows a format of texts. */
export function isKnownFormat(format: string | undefined): boolean {
  return format !== undefined && CHECKED.has(format.replaceAll('-', ''));
}

const NUMERIC: Readonly<Record<string, readonly string[]>> = {
  integer: ['int32', 'int64'],
  number: ['float', 'double'],
};

/** The format as the API server compares it, or undefined where it has no effect on values of this type. */
export function effectiveFormat(format: string | undefined, type: string | undefined): string | undefined {
  if (format === undefined) return undefined;
  if (type === 'integer' || type === 'number') return NUMERIC[type]?.includes(format) ? format : undefined;
  if (type !== undefined && type !== 'string') return undefined;
  const name = format.replaceAll('-', '');
  // A password is any text.
  return CHECKED.has(name) && name !== 'password' ? name : undefined;
}

/** The shortest and the longest text of a format, where they are known. */
export const FORMAT_LENGTHS: Readonly<Record<string, readonly [number, number]>> = {
  date: [10, 10],
  datetime: [20, Infinity],
  duration: [1, Infinity],
  uuid: [32, 36],
  uuid3: [32, 36],
  uuid4: [32, 36],
  uuid5: [32, 36],
  ipv4: [7, 15],
  byte: [4, Infinity],
  hexcolor: [3, 7],
  k8sshortname: [1, 63],
  k8slongname: [1, 253],
};

const LABEL = '[a-z0-9]([-a-z0-9]*[a-z0-9])?';

const TESTS: Readonly<Record<string, (text: string) => boolean | undefined>> = {
  date: isDate,
  datetime: isDateTime,
  duration: isDuration,
  uuid: matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i),
  uuid3: matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?3[0-9a-f]{3}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i),
  uuid4: matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?4[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i),
  uuid5: matches(/^[0-9a-f]{8}-?[0-9a-f]{4}-?5[0-9a-f]{3}-?[89ab][0-9a-f]{3}-?[0-9a-f]{12}$/i),
  hexcolor: matches(/^#?([0-9a-fA-F]{3}|[0-9a-fA-F]{6})$/),
  byte: matches(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=|[A-Za-z0-9+/]{4})$/),
  ipv4: isIpv4,
  ipv6: (text) => (text.includes(':') && /^[0-9a-f:.]+$/i.test(text) ? undefined : false),
  cidr: (text) => {
    const [address = '', bits = ''] = text.split('/');
    if (!/^\d+$/.test(bits) || text.split('/').length !== 2) return false;
    return address.includes(':') ? undefined : isIpv4(address) && Number(bits) <= 32;
  },
  k8sshortname: (text) => text.length <= 63 && new RegExp(`^${LABEL}$`).test(text),
  k8slongname: (text) => text.length <= 253 && new RegExp(`^${LABEL}(\\.${LABEL})*$`).test(text),
};

/** Whether a text has the format; undefined where that is not decided here. */
export function hasFormat(text: string, format: string): boolean | undefined {
  return TESTS[format]?.(text);
}

function matches(pattern: RegExp): (text: string) => boolean {
  return (text) => pattern.test(text);
}

function isDate(text: string): boolean {
  const [, year = '', month = '', day = ''] = /^(\d{4})-(\d{2})-(\d{2})$/.exec(text) ?? [];
  if (year === '') return false;
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  date.setUTCFullYear(Number(year));
  return date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
}

/** strfmt `IsDateTime`: one digit too many passes there, which is not decided here. */
function isDateTime(text: string): boolean | undefined {
  const [date = '', time, ...rest] = text.toLowerCase().split('t');
  if (time === undefined || !isDate(date)) return false;
  const exact = /^(\d{2}):(\d{2}):(\d{2})(\.\d+)?(z|[+-]\d{2}:\d{2})$/.exec(time);
  if (!exact || rest.length > 0) return /\d{2}:\d{2}:\d{2}/.test(time) ? undefined : false;
  return Number(exact[1]) <= 23 && Number(exact[2]) <= 59 && Number(exact[3]) <= 59;
}

/** Units of strfmt's `ParseDuration`, which takes Scala's words too; of the last of each a beginning is enough. */
const UNITS = ['ns nano', 'us µs micro', 'ms milli', 's sec', 'm min', 'h hr hour', 'd day', 'w wk week'].map((names) =>
  names.split(' '),
);

function isDuration(text: string): boolean {
  if (/^[+-]?(?:\d*\.?\d+|\d+\.)(?:ns|us|µs|μs|ms|s|m|h)(?:(?:\d*\.?\d+|\d+\.)(?:ns|us|µs|μs|ms|s|m|h))*$/.test(text))
    return true;
  if (/^[+-]?0$/.test(text)) return true;
  return [...text.matchAll(/\d+\s*([A-Za-zµ]+)/g)].some(([, word = '']) => {
    const unit = word.toLowerCase();
    return UNITS.some((names) => names.includes(unit) || unit.startsWith(names.at(-1) ?? unit));
  });
}

function isIpv4(text: string): boolean {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => /^\d{1,3}$/.test(part) && Number(part) <= 255);
}
