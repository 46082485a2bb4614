import { isIPv4, isIPv6 } from 'node:net';
import type { Range } from './marker.ts';

/** What a key makes of a text. */
export type Mac = (text: string) => Buffer;

const V4 = /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?:\/\d{1,2})?(?![\w])/g;
/** In names of nodes and pods: `ip-10-0-1-23`, `10-0-1-23.crewai.pod`. */
const DASHED =
  /(?<=\bip-)\d{1,3}(?:-\d{1,3}){3}(?!\d|-\d)|(?<![\w.-])\d{1,3}(?:-\d{1,3}){3}(?=\.[a-z0-9-]+\.pod\b|\.pod\b)/g;
const V6 = /(?<![\w:.])[\da-f]{0,4}(?::[\da-f]{0,4}){2,7}(?:\/\d{1,3})?(?![\w:])/gi;
/** Blocks that say something by themselves: whatever is in them stays in them. By first octets and bits of the next. */
const BLOCKS: readonly (readonly [first: readonly number[], second: number, bits: number])[] = [
  [[10], 0, 0],
  [[172], 16, 4],
  [[192], 168, 8],
  [[100], 64, 2],
];

/** Where addresses stand in a text, with the length of their network where there is one. */
export function addressesIn(text: string): readonly Range[] {
  return [...matches(V4, text), ...matches(DASHED, text), ...matches(V6, text)].filter(({ start, end }) =>
    isAddress(text.slice(start, end)),
  );
}

function matches(shape: RegExp, text: string): readonly Range[] {
  return [...text.matchAll(shape)].map(({ 0: all, index }) => ({ start: index, end: index + all.length }));
}

function isAddress(token: string): boolean {
  const [address = '', length] = token.split('/');
  if (isIPv4(address)) return (length === undefined || Number(length) <= 32) && !isFixedV4(address);
  if (/^[\d-]+$/.test(address)) return isIPv4(dotted(address)) && !isFixedV4(dotted(address));
  return (
    isIPv6(address) &&
    /^[\da-f].*[\da-f]$/i.test(address) &&
    (length === undefined || Number(length) <= 128) &&
    !/^(?:::|::1|f[ef].*)$/i.test(address)
  );
}

const dotted = (address: string): string => address.replaceAll('-', '.');

/** This host, loopback, link-local with the metadata service, multicast and masks: nobody's. */
const isFixedV4 = (address: string): boolean => /^(?:0|127|169\.254|22[4-9]|2[3-5]\d)\./.test(address);

/**
 * Another address for one, or another network: those with a common beginning still have one, so that an address is in
 * a network just when it was. The first octet, and a private block, stay.
 */
export function otherAddress(token: string, mac: Mac): string {
  const [address = '', length] = token.split('/');
  if (address.includes(':')) return otherV6(address, length, mac);
  const dash = address.includes('-');
  const octets = (dash ? dotted(address) : address).split('.').map(Number);
  const masked = (bits: number): readonly number[] => networkOf(octets, bits);
  const isNetwork = length !== undefined && String(masked(Number(length))) === String(octets);
  const mixed = mixedV4(octets, mac);
  const other = isNetwork ? networkOf(mixed, Number(length)) : mixed;
  return `${other.join(dash ? '-' : '.')}${length === undefined ? '' : `/${length}`}`;
}

function mixedV4(octets: readonly number[], mac: Mac): readonly number[] {
  return octets.map((octet, index) => {
    if (index === 0) return octet;
    const mask = mac(`v4 ${octets.slice(0, index).join('.')}`)[0] ?? 0;
    return index === 1 ? octet ^ (mask & secondMask(octets)) : octet ^ mask;
  });
}

/** Which bits of the second octet may change without leaving, or entering, a private block. */
function secondMask([first = 0, second = 0]: readonly number[]): number {
  const block = BLOCKS.find(([firsts]) => firsts.includes(first));
  if (!block) return 255;
  const [, start, bits] = block;
  const free = 255 >> bits;
  return (second & ~free) === start ? free : 0;
}

function networkOf(octets: readonly number[], length: number): readonly number[] {
  return octets.map((octet, index) => octet & (0xff00 >> Math.min(8, Math.max(0, length - index * 8))) & 255);
}

function otherV6(address: string, length: string | undefined, mac: Mac): string {
  const groups = groupsOf(address);
  const mixed = groups.map((group, index) =>
    index === 0 ? group : group ^ mac(`v6 ${groups.slice(0, index).join(':')}`).readUInt16BE(0),
  );
  const bits = Number(length ?? 128);
  const isNetwork = length !== undefined && String(network6(groups, bits)) === String(groups);
  const other = (isNetwork ? network6(mixed, bits) : mixed).map((group) => group.toString(16)).join(':');
  return `${other}${length === undefined ? '' : `/${length}`}`;
}

const network6 = (groups: readonly number[], length: number): readonly number[] =>
  groups.map((group, index) => group & (0xffff0000 >> Math.min(16, Math.max(0, length - index * 16))) & 0xffff);

function groupsOf(address: string): readonly number[] {
  const [head = '', tail] = address.split('::');
  const parse = (part: string): number[] => (part === '' ? [] : part.split(':').map((group) => parseInt(group, 16)));
  const [before, after] = [parse(head), parse(tail ?? '')];
  const zeros = tail === undefined ? 0 : 8 - before.length - after.length;
  return [...before, ...Array.from({ length: zeros }, () => 0), ...after];
}

const ALL_ONES = Buffer.alloc(32, 0xff);
/** So often is it tried to find addresses that are none of those that were there. */
const MOST_TRIES = 200;

/**
 * Other addresses for all of these that have one: none of the others is one of these.
 * @param mac by the number of the try
 * @throws RangeError where so many of a block are used that there is no such choice
 */
export function otherAddresses(
  addresses: ReadonlySet<string>,
  mac: (salt: number) => Mac,
): ReadonlyMap<string, string> {
  const changeable = [...addresses].filter((address) => otherAddress(address, () => ALL_ONES) !== address);
  for (let salt = 0; salt < MOST_TRIES; salt++) {
    const others = new Map(changeable.map((address) => [address, otherAddress(address, mac(salt))]));
    if ([...others.values()].every((other) => !addresses.has(other))) return others;
  }
  throw new RangeError('it has so many addresses that others for them cannot be told from these');
}
