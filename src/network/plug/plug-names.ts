// What plugged sandboxes have in the kernel. Pure.
import { hashOf } from '../../model/hash.ts';
import { parseAddress } from '../../model/ipv4.ts';

const HASH_LENGTH = 5;
const ADDRESS_DIGITS = 8;

/** What the host's ends of all plugged pods of a bridge begin with. */
export function linkPrefix(bridge: string): string {
  return `hp${hashOf(['plug', bridge], HASH_LENGTH)}`;
}

/** The host's end of a pod: 15 characters, as many as a device may have. Named by the address, so that no address is there twice. */
export function linkName(bridge: string, address: string): string {
  return `${linkPrefix(bridge)}${addressDigits(address)}`;
}

/** The hardware address of a pod's end, made of its address as Docker does: whoever remembers it is right with the next pod too. */
export function podMac(address: string): string {
  return `02:42:${(addressDigits(address).match(/../g) ?? []).join(':')}`;
}

function addressDigits(address: string): string {
  return (parseAddress(address) ?? 0).toString(16).padStart(ADDRESS_DIGITS, '0');
}
