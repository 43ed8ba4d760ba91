// IPv4 addresses and ranges as numbers and text (RFC 4632). Pure; one family, as the pod network has.

/** A range of addresses, such as 10.244.0.0/16. */
export interface Range {
  /** The first address as a number. */
  readonly base: number;
  /** Length of the prefix, 0 to 32. */
  readonly prefix: number;
}

const OCTETS = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/;
const ADDRESS_BITS = 32;
const MAX_OCTET = 255;

/** An address as a number; undefined when the text is none. */
export function parseAddress(text: string): number | undefined {
  const octets = OCTETS.exec(text)?.slice(1).map(Number);
  if (octets === undefined || octets.some((octet) => octet > MAX_OCTET)) return undefined;
  return octets.reduce((sum, octet) => sum * 256 + octet, 0);
}

/** The text of an address. */
export function formatAddress(address: number): string {
  return [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256).join('.');
}

/** A range; bits behind the prefix are cut off. Undefined when the text is none. */
export function parseRange(text: string): Range | undefined {
  const [address = '', length = ''] = text.split('/');
  const base = parseAddress(address);
  if (base === undefined || !/^\d{1,2}$/.test(length) || Number(length) > ADDRESS_BITS) return undefined;
  const prefix = Number(length);
  return { base: base - (base % sizeOf({ base, prefix })), prefix };
}

/** The text of a range: `10.244.0.0/16`. */
export function formatRange({ base, prefix }: Range): string {
  return `${formatAddress(base)}/${prefix}`;
}

/** How many addresses a range has. */
export function sizeOf({ prefix }: Range): number {
  return 2 ** (ADDRESS_BITS - prefix);
}

/** Whether an address lies in a range. */
export function contains(range: Range, address: number): boolean {
  return address >= range.base && address < range.base + sizeOf(range);
}

/** Whether two ranges have an address in common. */
export function overlaps(one: Range, other: Range): boolean {
  return one.base < other.base + sizeOf(other) && other.base < one.base + sizeOf(one);
}

/** Without those that lie in another one, each once, by their addresses: what nftables takes as the elements of one set. */
export function outermost(ranges: readonly Range[]): readonly Range[] {
  const kept: Range[] = [];
  // Of two that overlap one lies in the other, and comes after it.
  for (const range of ranges.toSorted((a, b) => a.base - b.base || a.prefix - b.prefix))
    if (!kept.some((wider) => contains(wider, range.base))) kept.push(range);
  return kept;
}

/** The part number `index` of a range that is cut into parts of this prefix; undefined when there is none. */
export function partOf(range: Range, prefix: number, index: number): Range | undefined {
  const part = { base: range.base + index * 2 ** (ADDRESS_BITS - prefix), prefix };
  return prefix >= range.prefix && contains(range, part.base) ? part : undefined;
}
