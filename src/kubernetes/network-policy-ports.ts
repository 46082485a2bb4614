/** Protocols that a NetworkPolicy can tell apart (core/v1 Protocol). */
export const PROTOCOLS = ['TCP', 'UDP', 'SCTP'] as const;

/** Ports of one protocol, both ends included. */
export interface PortRange {
  readonly protocol: string;
  readonly first: number;
  readonly last: number;
}

/** Ports in ranges that neither meet nor touch, sorted by protocol and number. */
export type PortSet = readonly PortRange[];

const LAST_PORT = 65_535;

export const NO_PORTS: PortSet = [];
export const ALL_PORTS: PortSet = PROTOCOLS.map((protocol) => ({ protocol, first: 1, last: LAST_PORT }));

/** Every port of a protocol. */
export const wholeProtocol = (protocol: string): PortSet => portRange(protocol, 1, LAST_PORT);

/** The ports from one to another; none where they are the wrong way round. */
export const portRange = (protocol: string, first: number, last = first): PortSet =>
  first > last ? NO_PORTS : [{ protocol, first, last }];

export function unitePorts(a: PortSet, b: PortSet): PortSet {
  if (a.length === 0 || b === ALL_PORTS) return b;
  if (b.length === 0 || a === ALL_PORTS) return a;
  const sorted = [...a, ...b].sort(compareRanges);
  const united: PortRange[] = [];
  for (const range of sorted) {
    const before = united.at(-1);
    if (before?.protocol !== range.protocol || before.last + 1 < range.first) united.push(range);
    else if (range.last > before.last) united[united.length - 1] = { ...before, last: range.last };
  }
  return united;
}

export function intersectPorts(a: PortSet, b: PortSet): PortSet {
  if (a === ALL_PORTS) return b;
  if (b === ALL_PORTS) return a;
  return a
    .flatMap((range) =>
      b.flatMap((other) => {
        if (other.protocol !== range.protocol) return [];
        return portRange(range.protocol, Math.max(range.first, other.first), Math.min(range.last, other.last));
      }),
    )
    .sort(compareRanges);
}

export const hasPort = (ports: PortSet, protocol: string, port: number): boolean =>
  ports.some((range) => range.protocol === protocol && range.first <= port && port <= range.last);

/** `all ports`, or `TCP 80, 8000-8080, UDP`. */
export function portsText(ports: PortSet): string {
  if (ports.length === 0) return 'no port';
  const groups = new Map<string, string[]>();
  for (const range of ports) {
    const words = groups.get(range.protocol) ?? [];
    words.push(rangeText(range));
    groups.set(range.protocol, words);
  }
  const whole = PROTOCOLS.every((protocol) => groups.get(protocol)?.join() === '');
  if (whole) return 'all ports';
  return [...groups].map(([protocol, words]) => `${protocol} ${words.join(', ')}`.trim()).join(', ');
}

function rangeText({ first, last }: PortRange): string {
  if (first === 1 && last === LAST_PORT) return '';
  return first === last ? String(first) : `${String(first)}-${String(last)}`;
}

function compareRanges(a: PortRange, b: PortRange): number {
  if (a.protocol !== b.protocol) return a.protocol < b.protocol ? -1 : 1;
  return a.first - b.first || a.last - b.last;
}
