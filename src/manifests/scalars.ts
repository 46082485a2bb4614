import { Scalar, type CreateNodeOptions, type DocumentOptions, type ParseOptions, type SchemaOptions } from 'yaml';

const INT = /^([-+]?)(?:0[bB]([01]+)|0[oO]?([0-7]+)|0[xX]([\da-fA-F]+)|(0|[1-9]\d*))$/;
const FLOAT = /^[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?$/;

/**
 * The number that a plain YAML scalar is for kubectl, or undefined where it is something else (`0777` is 511, `1_000` is
 * 1000, `0o17` is 15, `0778` is 778, `1e400` is a text). Integers above 2^53 lose digits, as they do in JSON.
 * Source: `resolve` in goyaml.v2 of sigs.k8s.io/yaml.
 */
export function numberOf(source: string): number | undefined {
  if (!/^[-+.\d]/.test(source)) return undefined;
  // After a leading dot Go's ParseFloat decides, which wants every underscore between two digits.
  if (source.startsWith('.') && /(?<!\d)_|_(?!\d)/.test(source)) return undefined;
  const plain = source.replaceAll('_', '');
  const integer = integerOf(plain);
  if (integer !== undefined) return integer;
  const value = FLOAT.test(plain) ? Number(plain.replace(/\.(?=e|E|$)/, '')) : NaN;
  return Number.isFinite(value) ? value || 0 : undefined;
}

/** Undefined also where it fits neither int64 nor uint64: then it is a float or, in hexadecimal, a text. */
function integerOf(plain: string): number | undefined {
  const match = INT.exec(plain);
  if (!match) return undefined;
  const [, sign, binary, octal, hexadecimal, decimal = '0'] = match;
  const literal = binary ? `0b${binary}` : octal ? `0o${octal}` : hexadecimal ? `0x${hexadecimal}` : decimal;
  const size = BigInt(literal);
  if (size >= 2n ** (sign ? 63n : 64n) && !(sign === '-' && size === 2n ** 63n)) return undefined;
  return Number(sign === '-' ? -size : size) || 0;
}

const NULL = /^(?:~|null|Null|NULL)?$/;
const BOOLEAN = /^(?:y|Y|yes|Yes|YES|on|On|ON|true|True|TRUE|n|N|no|No|NO|off|Off|OFF|false|False|FALSE)$/;
export const NOT_FINITE_REFUSED = '.inf and .nan, which are no JSON numbers';
const NOT_FINITE = /^(?:[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$/;

const tag = (name: string): { tag: string; default: true } => ({ tag: `tag:yaml.org,2002:${name}`, default: true });

const TAGS: SchemaOptions['customTags'] = [
  {
    ...tag('null'),
    test: NULL,
    resolve: () => new Scalar(null),
    identify: (value) => value === null,
    createNode: () => new Scalar(null),
  },
  {
    ...tag('bool'),
    test: BOOLEAN,
    resolve: (source) => /^(?:y|t|on$)/i.test(source),
    identify: (value) => typeof value === 'boolean',
  },
  {
    ...tag('float'),
    test: NOT_FINITE,
    // JSON has no such numbers: kubectl fails on them ("unsupported value").
    resolve: (source, onError) => {
      onError(NOT_FINITE_REFUSED);
      return source;
    },
  },
  {
    ...tag('float'),
    // Any object with `test` serves where `yaml` declares a RegExp.
    test: { test: (source: string) => numberOf(source) !== undefined } as RegExp,
    resolve: numberOf,
    identify: (value) => typeof value === 'number',
  },
];

/**
 * Options that make npm `yaml` read scalars as kubectl does (YAML 1.1 as go-yaml v2), which neither of its own versions
 * 1.1 and 1.2 is. Merge keys and duplicate keys are left to the conversion.
 */
export const DIALECT: ParseOptions & DocumentOptions & SchemaOptions & CreateNodeOptions = {
  version: '1.1',
  schema: 'failsafe',
  customTags: TAGS,
  merge: false,
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'silent',
  aliasDuplicateObjects: false,
};
