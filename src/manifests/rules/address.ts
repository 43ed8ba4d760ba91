// Rules for IP addresses and networks (apimachinery, util/validation/ip.go; core, ValidateNonSpecialIP). Leading zeros, zones and prefixes
// that stick out of their network's address are read as Kubernetes' newest releases read them.
import { Address4, Address6 } from 'ip-address';
import type { Fault } from './syntax.ts';

export type IpFamily = 'IPv4' | 'IPv6';

const addressFault = 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)';
const cidrFault = 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)';
/** Longer texts are no addresses; parsing them is not worth the time. */
const MAX_ADDRESS_CHARACTERS = 64;

type Address = Address4 | Address6;

function parse(text: string): Address | undefined {
  if (text.length > MAX_ADDRESS_CHARACTERS || text.includes('%')) return undefined;
  try {
    return text.includes(':') ? new Address6(text) : new Address4(text);
  } catch {
    return undefined;
  }
}

function parseAddress(text: string): Address | undefined {
  return text.includes('/') ? undefined : parse(text);
}

function parseNetwork(text: string): Address | undefined {
  return /\/(?:0|[1-9]\d{0,2})$/.test(text) ? parse(text) : undefined;
}

/** The family of an address; undefined when it is none. */
export function familyOf(text: string): IpFamily | undefined {
  const address = parseAddress(text);
  if (address === undefined) return undefined;
  return address instanceof Address4 || address.isMapped4() ? 'IPv4' : 'IPv6';
}

/** An address of either family, or of a certain one. */
export function checkIpAddress(text: string, family?: IpFamily): Fault {
  const found = familyOf(text);
  if (family === undefined) return found === undefined ? addressFault : undefined;
  return found === family ? undefined : `must be a valid ${family} address`;
}

/** A network. */
export function checkCidr(text: string): Fault {
  return parseNetwork(text) === undefined ? cidrFault : undefined;
}

/** Whether a network is a part of another one, and not all of it. Both must be networks. */
export function isStrictlyInside(inner: string, outer: string): boolean {
  const [part, whole] = [parseNetwork(inner), parseNetwork(outer)];
  if (part instanceof Address4 && whole instanceof Address4) return whole.subnetMask < part.subnetMask && part.isInSubnet(whole);
  if (part instanceof Address6 && whole instanceof Address6) return whole.subnetMask < part.subnetMask && part.isInSubnet(whole);
  return false;
}

interface SpecialRange {
  readonly networks: readonly string[];
  readonly fault: (text: string) => string;
}

const specialRanges: readonly SpecialRange[] = [
  { networks: ['0.0.0.0/32', '::/128'], fault: (text) => `may not be unspecified (${text})` },
  { networks: ['127.0.0.0/8', '::1/128'], fault: () => 'may not be in the loopback range (127.0.0.0/8, ::1/128)' },
  { networks: ['169.254.0.0/16', 'fe80::/10'], fault: () => 'may not be in the link-local range (169.254.0.0/16, fe80::/10)' },
  {
    networks: ['224.0.0.0/24', 'ff02::/16'],
    fault: () => 'may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)',
  },
];

/** An address that can lead to a program elsewhere: neither unspecified, nor loopback, nor link-local. */
export function checkNonSpecialIp(text: string): Fault {
  const address = parseAddress(text);
  if (address === undefined) return addressFault;
  const real = address instanceof Address6 && address.isMapped4() ? address.to4() : address;
  return specialRanges
    .find(({ networks: [v4 = '', v6 = ''] }) =>
      real instanceof Address4 ? real.isInSubnet(new Address4(v4)) : real.isInSubnet(new Address6(v6)),
    )
    ?.fault(text);
}
