// Addresses of pools that this node answers for in the subnets of its host, as scripts for its network container: each is an address of the host's device
// there, so that the kernel answers who asks for it, and the neighbours are told when it has just come. All scripts are of busybox sh, need ip and
// arping, and are harmless when run again. Pure.
import { hashOf } from '../../model/hash.ts';
import { tunnelDevice } from '../fabric/fabric-names.ts';
import type { NodeNetwork } from '../node-network.ts';

/** What tells which node this is about. */
export type AnnouncingNode = Pick<NodeNetwork, 'cluster' | 'bridge'>;

/** How often neighbours are told of an address that has come here, a second apart: a frame may be lost, or come before a switch is ready. */
const ROUNDS = 5;
/** Addresses that are told of at the same time. */
const AT_ONCE = 64;
const MARK_DIGITS = 6;

/**
 * What addresses of a cluster are marked with in the kernel, where labels are too short for the names of some devices: the metric of the route to
 * an address's subnet. An address alone has no such route.
 */
export function addressMark(cluster: string): number {
  return 0x100_0000 + Number.parseInt(hashOf(['announce', cluster], MARK_DIGITS), 16);
}

/** What all scripts know. */
function facts({ cluster, bridge }: AnnouncingNode): string {
  return `export PATH=/usr/sbin:/usr/bin:/sbin:/bin
bridge=${bridge} tunnel=${tunnelDevice(cluster)} mark=${addressMark(cluster)}
# busybox has an ip of its own, which knows less.
[ ! -x /usr/sbin/ip ] || ip() { /usr/sbin/ip "$@"; }
# Of routes "RANGE DEVICE METRIC"; the device is - where a router is between, or nobody is there.
ways() {
  awk '$1 == "nexthop" { next }
  { at = $1 ~ /^(unreachable|blackhole|prohibit|throw)$/ ? 2 : 1
    range = $at == "default" ? "0.0.0.0/0" : index($at, "/") > 0 ? $at : $at "/32"
    device = at == 2 ? "-" : ""; metric = 0
    for (i = at + 1; i < NF; i++) {
      if ($i == "via") device = "-"
      if ($i == "dev" && device == "") device = $(i + 1)
      if ($i == "metric") metric = $(i + 1)
    }
    print range, device == "" ? "-" : device, metric }'
}
# Whether hosts without a router between are behind a way, and none of our pods.
is_subnet() {
  case "$1" in */0 | */32) return 1 ;; esac
  case "$2" in - | lo | "$bridge" | "$tunnel") return 1 ;; esac
}
# The device on whose subnet an address is. The address itself may be there already, so that the kernel would lead it to lo.
device_of() {
  set -- $(ip -4 route show match "$1" table main | ways | tr / ' ' | sort -k2,2nr -k4,4n | head -n 1)
  is_subnet "\${1:-0}/\${2:-0}" "\${3:--}" && echo "$3"
}
# "DEVICE ADDRESS/LENGTH" of the host's addresses, of those that we made, and whether it has an address.
all() { ip -4 -o addr show | awk '{ sub(/@.*/, "", $2); print $2, $4 }'; }
ours() { ip -4 -o addr show | awk -v mark="$mark" '$5 == "metric" && $6 == mark { sub(/@.*/, "", $2); print $2, $4 }'; }
has() { all | grep -q " $1/"; }
`;
}

/** Prints the subnets of the host with their devices, one a line: `192.168.1.0/24 eth0`. */
export function subnetsScript(node: AnnouncingNode): string {
  return `(
${facts(node)}ip -4 route show table main | ways | while read -r range device metric; do
  ! is_subnet "$range" "$device" || echo "$range $device"
done | sort -u
exit 0
)
`;
}

/** What that script printed: ranges, in a stable order. */
export function readSubnets(output: string): readonly string[] {
  const ranges = output.split('\n').flatMap((line) => /^(\d+\.\d+\.\d+\.\d+\/\d+) \S+$/.exec(line)?.[1] ?? []);
  return [...new Set(ranges)].toSorted();
}

/**
 * Makes the host have these addresses and none of ours beside. One that somebody else gave it is left alone. Ends with 1, and says which, when one
 * could not be added. Neighbours are told of those that have just come; with the variable \`again\` set to addresses, of those too.
 */
export function announceScript(node: AnnouncingNode, addresses: readonly string[]): string {
  return `${facts(node)}wanted=' ${addresses.map((address) => `${address} `).join('')}' status=0 told=''
ours | while read -r device address; do
  case "$wanted" in *" \${address%/*} "*) [ "$(device_of "\${address%/*}")" != "$device" ] || continue ;; esac
  ip addr del "$address" dev "$device"
done
for address in $wanted; do
  device=$(device_of "$address")
  [ -n "$device" ] || { echo "announce: $address is in no subnet of this host"; status=1; continue; }
  if has "$address"; then
    # Somebody else's is not ours to tell of.
    case " \${again:-} " in *" $address "*) ours | grep -qxF "$device $address/32" || continue ;; *) continue ;; esac
  else
    ip addr add "$address/32" dev "$device" metric "$mark" || { echo "announce: $address was refused"; status=1; continue; }
    if ! ours | grep -qxF "$device $address/32"; then
      # It could not be found again.
      ip addr del "$address/32" dev "$device"
      echo 'announce: the kernel cannot mark addresses: it is older than 4.18'; status=1; continue
    fi
  fi
  told="$told $address@$device"
done
# As a request and as an answer: there are neighbours who hear one alone. Nobody waits for it.
[ -z "$told" ] || (
  round=0
  while [ $round -lt ${ROUNDS} ]; do
    [ $round = 0 ] || sleep 1
    round=$((round + 1)) count=0
    for each in $told; do
      has "\${each%@*}" || continue
      for how in -U -A; do busybox arping -q $how -c 1 -I "\${each#*@}" "\${each%@*}" & done
      count=$((count + 1))
      [ $((count % ${AT_ONCE})) != 0 ] || wait
    done
    wait
  done
) >/dev/null 2>&1 </dev/null 9>&- &
exit $status
`;
}

/** Ends with 0 and says nothing when the host has these addresses, as far as it has their subnets, and none of ours beside. Run every few seconds. */
export function announceCheck(node: AnnouncingNode, addresses: readonly string[]): string {
  return `${facts(node)}wanted=' ${addresses.map((address) => `${address} `).join('')}'
there=" $(all | while read -r device address; do echo "\${address%/*}"; done | tr '\\n' ' ') "
for address in $wanted; do
  case "$there" in *" $address "*) continue ;; esac
  [ -z "$(device_of "$address")" ] || { echo "the address $address is gone"; exit 1; }
done
ours | while read -r device address; do
  case "$wanted" in *" \${address%/*} "*) ;; *) echo "the address \${address%/*} is one too many" ;; esac
done
exit 0
`;
}

/** Takes all of ours away. Harmless when there are none. */
export function announceRemoval(node: AnnouncingNode): string {
  return `${facts(node)}ours | while read -r device address; do ip addr del "$address" dev "$device"; done
exit 0
`;
}
