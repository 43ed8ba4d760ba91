// The program that makes zone files of the records in the container's state (awk of busybox). It runs at every start of the name server, so
// that this needs no controller.
import { CLUSTER_DOMAIN } from '../../model/cluster-domain.ts';
import type { NodeNetwork } from '../node-network.ts';
import { SCHEMA_VERSION, TTL_SECONDS } from './names.ts';
import { zonesOf } from './zones.ts';

const SCHEMA_TTL_SECONDS = 28_800;

/** Function of awk: whether a text is an IPv4 address. */
export const OCTETS = `function octets(text,   part, i) {
  if (split(text, part, ".") != 4) return 0
  for (i = 1; i <= 4; i++) if (part[i] !~ /^[0-9]+$/ || part[i] + 0 > 255) return 0
  return 1
}`;

/**
 * Reads record lines from all its files and writes \`DIRECTORY/ZONE.zone\`; variables: \`directory\`, \`serial\`. One line that the server would
 * not take would cost the whole zone, so such lines, as a file has that was cut off, are left out and told on standard error. The same holds
 * for an alias whose name has something else.
 */
export function zoneProgram(node: NodeNetwork): string {
  return `BEGIN {
  split("${zonesOf(node).join(' ')}", list, " ")
  for (i in list) zones[list[i]] = 1
}
${OCTETS}
function groups(text,   part, n, i, filled) {
  n = split(text, part, ":")
  filled = 0
  for (i = 1; i <= n; i++) {
    if (part[i] == "") continue
    if (part[i] !~ /^[0-9a-f]+$/ || length(part[i]) > 4) return 0
    filled++
  }
  if (text ~ /:::/ || text ~ /::.*::/ || text ~ /^:[^:]/ || text ~ /[^:]:$/) return 0
  return text ~ /::/ ? filled < 8 : filled == 8
}
function name(text,   part, n, i) {
  if (length(text) > 254 || text !~ /^[a-z0-9_-]+(\\.[a-z0-9_-]+)*\\.$/) return 0
  n = split(text, part, ".")
  for (i = 1; i <= n; i++) if (length(part[i]) > 63) return 0
  return 1
}
function number(text) { return text ~ /^[0-9]+$/ && text + 0 <= 65535 }
function zone(text,   rest, cut) {
  rest = substr(text, 1, length(text) - 1)
  while (!(rest in zones)) {
    cut = index(rest, ".")
    if (cut == 0) return ""
    rest = substr(rest, cut + 1)
  }
  return rest
}
function good() {
  if ($3 != "IN" || $2 !~ /^[0-9]+$/ || !name($1)) return 0
  if ($4 == "A") return NF == 5 && octets($5)
  if ($4 == "AAAA") return NF == 5 && groups($5)
  if ($4 == "CNAME" || $4 == "PTR") return NF == 5 && name($5)
  return $4 == "SRV" && NF == 8 && number($5) && number($6) && number($7) && name($8)
}
$0 == "" || ($0 in seen) { next }
{ seen[$0] = 1 }
!good() { print "names: left out of the zones: " $0 >"/dev/stderr"; next }
{
  at = zone($1)
  if (at == "") next
  if ($4 == "CNAME") { if (!($1 in alias)) { alias[$1] = $0; aliasZone[$1] = at }; next }
  taken[$1] = 1
  count++; line[count] = $0; lineZone[count] = at
}
END {
  for (at in zones) {
    file = directory "/" at ".zone"
    print at ". ${TTL_SECONDS} IN SOA ns.dns.${CLUSTER_DOMAIN}. hostmaster.${CLUSTER_DOMAIN}. " serial " 7200 1800 86400 ${TTL_SECONDS}" >file
    print at ". ${TTL_SECONDS} IN NS ns.dns.${CLUSTER_DOMAIN}." >file
  }
  file = directory "/${CLUSTER_DOMAIN}.zone"
  print "ns.dns.${CLUSTER_DOMAIN}. ${TTL_SECONDS} IN A ${node.dnsAddress}" >file
  print "dns-version.${CLUSTER_DOMAIN}. ${SCHEMA_TTL_SECONDS} IN TXT \\"${SCHEMA_VERSION}\\"" >file
  for (i = 1; i <= count; i++) print line[i] >(directory "/" lineZone[i] ".zone")
  for (owner in alias) {
    if (owner in taken) print "names: left out of the zones, its name has other records: " alias[owner] >"/dev/stderr"
    else print alias[owner] >(directory "/" aliasZone[owner] ".zone")
  }
}
`;
}
