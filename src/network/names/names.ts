// What things in the cluster are called, and who answers for it: Services, pods and endpoints → DNS records (Kubernetes, "DNS-Based Service
// Discovery" 1.1.0), and the configuration and scripts of the node's name server (BIND). Pure: it neither resolves nor sends anything, and
// knows nothing of rules and routes.
import { parseAddress } from '../../model/ipv4.ts';

/** How long an answer about the cluster may be kept, as CoreDNS has it. */
export const TTL_SECONDS = 5;
/** The version of the specification that the records follow. */
export const SCHEMA_VERSION = '1.1.0';

const MAX_LABEL = 63;
const MAX_NAME = 253;
const LABEL = /^[a-z0-9_]([a-z0-9_-]*[a-z0-9_])?$/;
const HEXTET = /^[0-9a-f]{1,4}$/;

/** Text as one label of a name; undefined when it cannot be one. */
export function labelOf(text: string): string | undefined {
  const label = text.toLowerCase();
  return label.length <= MAX_LABEL && LABEL.test(label) ? label : undefined;
}

/** A name with its final dot; undefined when one of its labels cannot be one, or it is too long. */
export function absoluteName(text: string): string | undefined {
  const name = text.replace(/\.$/, '');
  const labels = name.split('.').map(labelOf);
  return name.length > MAX_NAME || labels.includes(undefined) ? undefined : `${labels.join('.')}.`;
}

/** Type and value of an address's record; undefined when the text is no address. */
export function addressData(text: string): string | undefined {
  if (parseAddress(text) !== undefined) return `A ${text.split('.').map(Number).join('.')}`;
  const address = text.toLowerCase();
  return isIpv6(address) ? `AAAA ${address}` : undefined;
}

/** The name under which an IPv4 address is looked up; undefined for anything else. */
export function reverseName(address: string): string | undefined {
  if (parseAddress(address) === undefined) return undefined;
  return `${address.split('.').map(Number).toReversed().join('.')}.in-addr.arpa.`;
}

/** A whole line for Records. */
export function recordLine(name: string, data: string): string {
  return `${name} ${TTL_SECONDS} IN ${data}`;
}

/** Hexadecimal groups alone; an IPv4 tail is not among what the API admits for endpoints. */
function isIpv6(text: string): boolean {
  const halves = text.split('::');
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  if (halves.length > 2 || groups.some((group) => !HEXTET.test(group))) return false;
  return halves.length === 2 ? groups.length < 8 : groups.length === 8;
}
