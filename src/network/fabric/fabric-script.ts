// The fabric between the nodes of a cluster, as scripts for a node's network container: addresses, routes, the tunnel, the bridge's rule and
// the way through Docker's filter. Planned from what the node knows of the others; which way leads to each is found out where the script runs.
// All scripts are of busybox sh, need ip, bridge, nft and iptables, and are harmless when run again. Pure.
import type { NodeNetwork } from '../node-network.ts';
import { CLOSED_POLICY, CLOSED_POLICY_BODY, closedConnectionChains } from './closed-connections.ts';
import {
  fabricComment,
  fabricTable,
  ROUTE_PROTOCOL,
  TUNNEL_BYTES,
  TUNNEL_PORT,
  tunnelDevice,
  tunnelMac,
  tunnelNumber,
} from './fabric-names.ts';

/** Where source addresses of pods are settled on their way to other hosts: before the fabric's part of the frame. */
const SOURCE_PRIORITY = 96;

/** What all scripts know. */
export function facts(node: NodeNetwork): string {
  const { cluster, bridge, podRange, gateway, clusterRange, serviceRange, dnsAddress, address } = node;
  return `export PATH=/usr/sbin:/usr/bin:/sbin:/bin
bridge=${bridge} slice=${podRange} gateway=${gateway} range=${clusterRange} services=${serviceRange} dns=${dnsAddress}
address=${address} tunnel=${tunnelDevice(cluster)} table=${fabricTable(cluster)} comment=${fabricComment(cluster)} proto=${ROUTE_PROTOCOL}
# busybox has an ip of its own, which knows less.
[ ! -x /usr/sbin/ip ] || ip() { /usr/sbin/ip "$@"; }
mac_of_bridge() { mac=''; read -r mac <"/sys/class/net/$bridge/address"; } 2>/dev/null
# A pod that reaches itself through a Service comes back by the port it went out of, where the host's filter sees bridged frames.
hairpins() {
  for port in /sys/class/net/$bridge/brif/*; do
    [ ! -e "$port" ] || { read -r mode <"$port/hairpin_mode" && [ "$mode" = 1 ]; } 2>/dev/null || ip link set dev "\${port##*/}" type bridge_slave hairpin on 2>/dev/null
  done
}
# How a host is reached: "direct DEVICE" without a router between, "routed DEVICE" with one, nothing when it is not.
way_to() {
  set -- $(ip -4 route get "$1" 2>/dev/null | head -n 1)
  case "$1" in '' | local | unreachable | prohibit | blackhole) return 1 ;; esac
  shift
  kind=direct device=''
  while [ $# -gt 1 ]; do
    case "$1" in via) kind=routed ;; dev) device=$2 ;; esac
    shift
  done
  echo "$kind $device"
}
# The variants of iptables whose filter has a chain of this name, as Docker may use either. The old one is not asked when it was never used: that
# would make its tables. What the new one says about the old one is no fault.
listed() { $1 -w 5 -S $2 2>/dev/null; }
variants() {
  [ -z "$(listed iptables-nft "$1")" ] || echo iptables-nft
  ! grep -qx filter /proc/net/ip_tables_names 2>/dev/null || [ -z "$(listed iptables-legacy "$1")" ] || echo iptables-legacy
}
`;
}

/** What Docker's filter must let through, as arguments of iptables without the comment. */
export function accepted(node: NodeNetwork): readonly string[] {
  const { clusterRange, podRange, peers } = node;
  return [
    `-s ${clusterRange} -d ${clusterRange}`,
    // Led here by a Service: node ports and outer addresses.
    `-d ${clusterRange} -m conntrack --ctstate DNAT`,
    `-s ${clusterRange} -m conntrack --ctstate RELATED,ESTABLISHED`,
    ...peers.map(({ address }) => `-s ${address}/32 -d ${podRange}`),
  ];
}

function peerLines(node: NodeNetwork): string {
  const calls = node.peers.map(({ address, podRange }) => {
    const [via = ''] = podRange.split('/');
    return `peer ${address} ${podRange} ${tunnelMac(node.cluster, podRange)} ${via}`;
  });
  return calls.map((call) => `${call}\n`).join('');
}

/**
 * Tables that are left of clusters whose pods' bridge is gone, since their engine was thrown away: they would catch what is meant for others. They
 * go; a cluster that comes back makes its own anew. One whose bridge is just being made anew is looked at twice.
 */
const STRAYS = `tables=$(nft list tables ip 2>/dev/null)
# Of a program that the kernel has ended for a fault of its own.
[ $? != 139 ] || { fault "nft of this image cannot read sets that another program of this host has made with nft 1.1.2 or later: give Holdfast an image with as new a one (HOLDFAST_NETWORK_IMAGE)"; exit 1; }
echo "$tables" | sed -n 's/^table ip \\(hf-.*\\)/\\1/p' | while read -r each; do
  case "$each" in *.fabric | "\${table%.fabric}") continue ;; esac
  its=$(nft list chain ip "$each" fabric-output 2>/dev/null | sed -n 's/.*oifname "\\([^"]*\\)".*/\\1/p' | head -n 1)
  [ -n "$its" ] && [ ! -e "/sys/class/net/$its" ] || continue
  sleep 1
  [ ! -e "/sys/class/net/$its" ] || continue
  for family in ip bridge; do for one in "$each" "$each.fabric"; do nft delete table $family "$one" 2>/dev/null; done; done
  echo "fabric: took away what was left of $each"
done`;

/**
 * Makes the fabric of a node as it should be: run when the container starts and whenever the node or a peer changes. Prints what it could not
 * do, one line each, and ends with 0; with 1 when it could not do something that pods need here.
 */
export function fabricScript(node: NodeNetwork): string {
  const { cluster, podRange } = node;
  return `${facts(node)}status=0
fault() { echo "fabric: $*"; status=1; }
if [ "$(cat /proc/sys/net/ipv4/ip_forward)" != 1 ]; then
  { echo 1 >/proc/sys/net/ipv4/ip_forward; } 2>/dev/null || fault 'the host forwards no packets: set net.ipv4.ip_forward to 1'
fi
${STRAYS}

mac_of_bridge
if [ -z "$mac" ]; then
  fault "the bridge $bridge of the pods is not there"
else
  # Programs of the host reach Services although there is no such network: what matters is that there is a route, and the source address.
  ip route replace "$services" dev "$bridge" src "$gateway" proto $proto || fault "no route for Services"
fi

# Other hosts.
wanted='' tunnelled='' direct='' mtu=''
tunnel_up() {
  [ -n "$tunnelled" ] && return 0
  if ! ip -d link show dev "$tunnel" 2>/dev/null | grep -q "id ${tunnelNumber(cluster)} local $address "; then
    ip link del "$tunnel" 2>/dev/null
    ip link add "$tunnel" address ${tunnelMac(cluster, podRange)} type vxlan id ${tunnelNumber(cluster)} local "$address" dstport ${TUNNEL_PORT} nolearning || return 1
  fi
  ip link set "$tunnel" up
}
peer() {
  set -- "$@" $(way_to "$1")
  case "\${5:-}" in
    direct)
      ip route replace "$2" via "$1" dev "$6" proto $proto || { fault "no route to the pods of $1"; return; }
      direct="$direct, $1" ;;
    routed)
      tunnel_up || { fault "no tunnel to $1: the kernel has no vxlan"; return; }
      under=$(cat "/sys/class/net/$6/mtu" 2>/dev/null || echo 1500)
      [ -n "$mtu" ] && [ "$mtu" -le $((under - ${TUNNEL_BYTES})) ] || mtu=$((under - ${TUNNEL_BYTES}))
      bridge fdb replace "$3" dev "$tunnel" dst "$1" self permanent
      ip neigh replace "$4" lladdr "$3" dev "$tunnel" nud permanent
      ip route replace "$2" via "$4" dev "$tunnel" onlink src "$gateway" proto $proto || { fault "no route to the pods of $1"; return; }
      tunnelled="$tunnelled $3 $4 " ;;
    *) echo "fabric: no way to the host $1"; return ;;
  esac
  wanted="$wanted $2 "
}
${peerLines(node)}
# What was for hosts that went.
ip -4 route show root "$range" proto $proto | while read -r destination rest; do
  case "$wanted" in *" $destination "*) ;; *) ip route del "$destination" proto $proto ;; esac
done
if [ -z "$tunnelled" ]; then
  ip link del "$tunnel" 2>/dev/null
else
  ip link set "$tunnel" mtu "$mtu"
  ip neigh show dev "$tunnel" nud permanent | while read -r via rest; do
    case "$tunnelled" in *" $via "*) ;; *) ip neigh del "$via" dev "$tunnel" ;; esac
  done
  bridge fdb show dev "$tunnel" | while read -r mac_there rest; do
    case "$tunnelled" in *" $mac_there "*) ;; *) bridge fdb del "$mac_there" dev "$tunnel" ;; esac
  done
fi

# Pods keep their address on the way to hosts that know the way back without the tunnel.
${natTable()}
${closedConnections()}
${bridgeTable()}
${dockerAccepts(node)}
for iptables in $(variants INPUT); do
  listed $iptables INPUT | grep -q '^-P INPUT DROP' && echo "fabric: the host's firewall drops what is sent to it: let $range reach $dns, port 53"
done
exit $status
`;
}

/** The table itself stays: connections that are open have its policy. */
function natTable(): string {
  return `{
  echo "table ip $table { chain postrouting { type nat hook postrouting priority ${SOURCE_PRIORITY}; policy accept; }"
  echo '}'
  echo "flush chain ip $table postrouting"
  [ -z "$direct" ] || echo "add rule ip $table postrouting ip saddr $slice ip daddr { \${direct#, } } snat to ip saddr"
} | nft -f - || fault 'the rules for other hosts were refused'`;
}

/** Apart from the table's other rules: a kernel without it serves Services all the same. */
function closedConnections(): string {
  return `nft list ct timeout ip $table ${CLOSED_POLICY} >/dev/null 2>&1 || nft -f - 2>/dev/null <<rules
table ip $table {
${CLOSED_POLICY_BODY}
}
rules
nft -f - 2>/dev/null <<rules || echo "fabric: the kernel lets nobody say how long it remembers connections: for 10 s after a pod has reset one, its port may lead to a pod that is gone"
${closedConnectionChains('$table', '$services', '$range')}
rules`;
}

/**
 * Script text. Frames between pods of the bridge are given to the bridge itself, so that they are routed and replies of Services pass the
 * connection tracking. The hardware address of the bridge is known only where it is: Docker makes it anew with every network.
 */
function bridgeTable(): string {
  return `[ -z "$mac" ] || nft -f - <<rules || fault 'the rule of the bridge was refused: the kernel has no nftables for bridges'
table bridge $table {}
delete table bridge $table
table bridge $table { chain prerouting { type filter hook prerouting priority -300; policy accept;
ip daddr $slice ip daddr != $gateway meta pkttype set host ether daddr set $mac
}
}
rules`;
}

/** Behind what the administrator has in Docker's chain, and before the RETURN that old versions of Docker end it with. */
function dockerAccepts(node: NodeNetwork): string {
  const rules = accepted(node).map((rule) => `accept ${rule}`);
  return `for iptables in $(variants DOCKER-USER); do
  asked='|'
  accept() {
    asked="$asked-A DOCKER-USER $* -m comment --comment $comment -j ACCEPT|"
    $iptables -w 5 -C DOCKER-USER "$@" -m comment --comment "$comment" -j ACCEPT 2>/dev/null && return
    count=$(listed $iptables DOCKER-USER | grep -c '^-A')
    if listed $iptables DOCKER-USER | tail -n 1 | grep -q -e '-j RETURN$'; then place="-I DOCKER-USER $count"; else place='-A DOCKER-USER'; fi
    $iptables -w 5 $place "$@" -m comment --comment "$comment" -j ACCEPT 2>/dev/null || fault "Docker's chain DOCKER-USER took no rule"
  }
${rules.map((rule) => `  ${rule}`).join('\n')}
  # Those for hosts that went.
  listed $iptables DOCKER-USER | grep -e "--comment $comment " | while read -r rule; do
    case "$asked" in *"|$rule|"*) ;; *) $iptables -w 5 -D \${rule#-A } 2>/dev/null ;; esac
  done
done
for iptables in $(variants FORWARD); do
  listed $iptables FORWARD | grep -q '^-P FORWARD DROP' || continue
  if [ -z "$(variants DOCKER-USER)" ]; then
    echo "fabric: the host's firewall drops what it forwards: let $range through"
  elif nft list table ip docker-bridges >/dev/null 2>&1; then
    echo "fabric: Docker filters by nftables now, and its iptables rules of before drop what pods send out of the cluster: $iptables -P FORWARD ACCEPT"
  fi
done
${closedNetwork()}`;
}

/**
 * From version 28 on Docker drops what other hosts send to containers, but for networks that were made to be open. With nftables nobody else can
 * let it through: whoever drops, decides.
 */
function closedNetwork(): string {
  return `closed=''
! nft list chain ip docker-bridges "filter-forward-in__$bridge" 2>/dev/null | grep -q ' drop' || closed='to pods'
for iptables in $(variants DOCKER); do
  ! listed $iptables DOCKER | grep -qFx -e "-A DOCKER ! -i $bridge -o $bridge -j DROP" || closed='to pods that it connects itself'
done
[ -z "$closed" ] || echo "fabric: the network of the pods was made by an engine before Docker 28, and this one lets nothing in $closed from other hosts: stop Holdfast, run holdfast uninstall --pods, and start it again (volumes of claims stay)"`;
}

/** For pods that have just come: lets frames back out of the ports that they came from. */
export function hairpinScript(node: NodeNetwork): string {
  return `(\n${facts(node)}hairpins\nexit 0\n)\n`;
}

/** Takes all that the script made out of the kernel. Harmless when nothing is there. Docker's network and its bridge stay. */
export function fabricRemoval(node: NodeNetwork): string {
  return `${facts(node)}for family in ip bridge; do nft delete table $family "$table" 2>/dev/null; done
ip -4 route show proto $proto | while read -r destination rest; do
  case "$destination" in "$services") ip route del "$destination" proto $proto ;; esac
done
ip -4 route show root "$range" proto $proto | while read -r destination rest; do ip route del "$destination" proto $proto; done
ip link del "$tunnel" 2>/dev/null
for iptables in $(variants DOCKER-USER); do
  listed $iptables DOCKER-USER | grep -e "--comment $comment " | sed 's/^-A/-D/' | while read -r rule; do $iptables -w 5 $rule 2>/dev/null; done
done
exit 0
`;
}
