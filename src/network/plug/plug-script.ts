// What is done for a sandbox that the engine has given a network namespace and nothing in it: an end of a cable with the pod's address, as
// Docker would give it, and the files by which programs know names. Scripts of busybox sh for the plug, which is on the host's network and sees the
// host's processes. All are harmless when run again, and whatever one that broke off has left is made good by the next. Pure.
import { quoted } from '../change-script.ts';
import type { NodeNetwork } from '../node-network.ts';
import { linkName, linkPrefix, podMac } from './plug-names.ts';

/** Whose sandbox is to be plugged in, and with what. */
export interface PlugRequest {
  /** The whole id of the running container. */
  readonly containerId: string;
  /** Its first process, as the host counts. */
  readonly pid: number;
  readonly address: string;
  /** Texts by name, written into this directory of the container. */
  readonly directory: string;
  readonly files: Readonly<Record<string, string>>;
}

/** The part of a node's network that pods are plugged into. */
export type PlugNetwork = Pick<NodeNetwork, 'bridge' | 'gateway' | 'podRange'>;

const HEAD = `fault() { echo "$*"; exit 1; }
# The host's end: on the bridge, and let back what came from the same pod by way of a Service.
attaching() {
  echo "link set dev $1 master $bridge up"
  echo "link set dev $1 type bridge_slave hairpin on"
}
`;

/** Plugs a sandbox in. Ends with 0 when it has its address, way out and files; otherwise says what is wrong. */
export function plugScript({ bridge, gateway, podRange }: PlugNetwork, request: PlugRequest): string {
  const { containerId, pid, address, directory, files } = request;
  const prefix = podRange.split('/')[1] ?? '';
  const writes = Object.entries(files).map(
    ([name, text]) => `printf %s ${quoted(text)} >"/proc/$pid/root${directory}/${name}" || fault 'a file could not be written'\n`,
  );
  return `id=${containerId} pid=${pid} bridge=${bridge} gateway=${gateway} link=${linkName(bridge, address)}
address=${address} prefix=${prefix} mac=${podMac(address)}
${HEAD}inside() { nsenter --net=/proc/self/fd/8 /usr/sbin/ip "$@"; }
# Held open first, and looked at then: the number of a process that has ended may be another's.
exec 8<"/proc/$pid/ns/net"
its=''
while read -r line; do case "$line" in *"$id"*) its=1 ;; esac; done <"/proc/$pid/cgroup"
[ -n "$its" ] || fault "process $pid is not that of the sandbox"
${writes.join('')}index=''
[ ! -e "/sys/class/net/$link/ifindex" ] || read -r index <"/sys/class/net/$link/ifindex"
if [ -n "$index" ]; then
  if inside -o link show dev eth0 up 2>/dev/null | grep -q "eth0@if$index:" &&
    inside -4 -o addr show dev eth0 | grep -qF " $address/$prefix " &&
    inside -4 route show default | grep -qF "via $gateway dev eth0"; then
    attaching "$link" | ip -batch -
    exit
  fi
  # Left by a script that broke off, or by the pod's sandbox before this one.
  ip link del "$link"
fi
[ -e "/sys/class/net/$bridge/mtu" ] || fault "the bridge $bridge of the pods is not there"
read -r mtu <"/sys/class/net/$bridge/mtu"
# The host may know the address by the hardware of a pod that had it before.
ip -batch - <<commands || exit
link add name $link mtu $mtu txqueuelen 0 type veth peer name eth0 address $mac mtu $mtu txqueuelen 0 netns /proc/self/fd/8
$(attaching "$link")
neigh replace $address lladdr $mac dev $bridge nud stale
commands
# No addresses of IPv6, which the cluster has none of.
six=''
[ ! -e /proc/net/if_inet6 ] || six='link set dev eth0 addrgenmode none'
inside -batch - <<commands || exit
$six
link set dev eth0 up
addr add $address/$prefix broadcast + dev eth0
route add default via $gateway dev eth0
commands
exit 0
`;
}

/** Puts plugged pods back on the bridge when that was made anew. */
export function attachScript({ bridge }: Pick<PlugNetwork, 'bridge'>): string {
  return `bridge=${bridge}
${HEAD}for each in /sys/class/net/${linkPrefix(bridge)}*; do
  [ ! -e "$each" ] || [ -e "$each/master" ] || attaching "\${each##*/}" | ip -batch -
done
exit 0
`;
}

/** Whether the plug may do what it has to do; says what it may not. */
export const TRY_SCRIPT = `nsenter --net=/proc/self/ns/net true || { echo 'it may not enter network namespaces'; exit 1; }
exit 0
`;
