/** An address or a block of addresses as a number; IPv4 and IPv6 do not mix. */
interface Address {
  readonly bits: 32 | 128;
  readonly value: bigint;
}

/** Whether a CIDR block (`10.0.0.0/8`, `2001:db8::/32`) holds an address; undefined where either does not parse. */
export function blockHolds(cidr: string, address: string): boolean | undefined {
  const block = parseBlock(cidr);
  const one = parseAddress(address);
  if (!block || !one) return undefined;
  if (block.bits !== one.bits) return false;
  const shift = BigInt(block.bits - block.length);
  return block.value >> shift === one.value >> shift;
}

/** Whether a block holds every address of its family: `0.0.0.0/0`, `::/0`. */
export const isEverything = (cidr: string): boolean => parseBlock(cidr)?.length === 0;

/** Whether the first block holds all of the second. */
export function blockCovers(cidr: string, other: string): boolean {
  const [block, inner] = [parseBlock(cidr), parseBlock(other)];
  if (!block || block.bits !== inner?.bits || inner.length < block.length) return false;
  const shift = BigInt(block.bits - block.length);
  return block.value >> shift === inner.value >> shift;
}

function parseBlock(cidr: string): (Address & { readonly length: number }) | undefined {
  const [, address = '', digits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(cidr) ?? [];
  const parsed = parseAddress(address);
  const length = Number(digits);
  return parsed && length <= parsed.bits ? { ...parsed, length } : undefined;
}

export function parseAddress(text: string): Address | undefined {
  return text.includes(':') ? parseIPv6(text) : parseIPv4(text);
}

function parseIPv4(text: string): Address | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256))
    return undefined;
  return { bits: 32, value: parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n) };
}

/** RFC 4291 2.2, with `::` and an IPv4 address at the end. */
function parseIPv6(text: string): Address | undefined {
  const [head = '', tail, ...rest] = text.split('::');
  if (rest.length > 0) return undefined;
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')];
  if (!before || !after) return undefined;
  const missing = 8 - before.length - after.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...before, ...Array.from({ length: missing }, () => 0n), ...after];
  return { bits: 128, value: groups.reduce((sum, group) => (sum << 16n) | group, 0n) };
}

function groupsOf(text: string): readonly bigint[] | undefined {
  if (text === '') return [];
  const groups: bigint[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    const embedded = index === parts.length - 1 && part.includes('.') ? parseIPv4(part) : undefined;
    if (embedded) groups.push(embedded.value >> 16n, embedded.value & 0xffffn);
    else if (/^[\da-fA-F]{1,4}$/.test(part)) groups.push(BigInt(`0x${part}`));
    else return undefined;
  }
  return groups;
}
