// Whether the fabric of a node is as its script made it: a script of busybox sh for the node's network container, run all the time. Pure.
import type { NodeNetwork } from '../node-network.ts';
import { ROUTES_QUESTION } from './fabric-names.ts';
import { accepted, facts } from './fabric-script.ts';

/**
 * Ends with 0 and says nothing when what the script makes is in force. Reads only, and little: it is run every few seconds. A program's start costs
 * more than what it looks at: three for a host with one variant of iptables, one of which answers for all parts (see BootPart).
 */
export function fabricCheck(node: NodeNetwork): string {
  const rules = accepted(node).length;
  return `${facts(node)}hairpins
mac_of_bridge
[ -n "$mac" ] || { echo "the bridge $bridge is not there"; exit 1; }
routes="
\${seen-$(ip -4 -o ${ROUTES_QUESTION})}"
has_route() { case $routes in *"
$1 "*) ;; *) return 1 ;; esac; }
has_route "$services" || { echo "the route to $services is gone"; exit 1; }
# A host that cannot be reached has none.
${node.peers.map(({ podRange, address: at }) => `has_route ${podRange} || ! way_to ${at} >/dev/null || { echo "the route to ${podRange} is gone"; exit 1; }\n`).join('')}case $(nft list table bridge "$table" 2>/dev/null) in *"ether daddr set $mac"*) ;; *) echo "the rule of the bridge is gone"; exit 1 ;; esac
old=''
while read -r each; do [ "$each" != filter ] || old=iptables-legacy; done 2>/dev/null </proc/net/ip_tables_names
# A chain is taken apart by its lines, and nothing in it is a pattern.
set -f
IFS='
'
for iptables in iptables-nft $old; do
  chain=$($iptables -w 5 -S DOCKER-USER 2>/dev/null)
  [ -n "$chain" ] || continue
  ours=0
  for rule in $chain; do case $rule in *"--comment $comment "*) ours=$((ours + 1)) ;; esac; done
  [ $ours = ${rules} ] || { echo "rules in DOCKER-USER are gone"; exit 1; }
done
exit 0
`;
}
