// Makes the kernel forget flows that lead where they should not any more, in one pass over its list. Shell of busybox.
import type { Rules } from '../fragment.ts';

/**
 * Reads lines `F PROTOCOL ADDRESS PORT` for what is looked at, `L PROTOCOL ADDRESS PORT ADDRESS PORT` for where it may lead, `A ADDRESS` for the
 * node's own addresses, then those of `conntrack -L`; writes what to delete, as options of `conntrack -D`. A flow that was never translated,
 * since there was no endpoint when it began, is forgotten too once there is one.
 */
const PROGRAM = `
$1 == "F" { front[$2, $3, $4] = 1; next }
$1 == "L" { lead[$2, $3, $4, $5, $6] = 1; leads[$2, $3, $4] = 1; next }
$1 == "A" { sub("/.*", "", $2); own[$2] = 1; next }
{
  split("", there); split("", back)
  for (i = 3; i <= NF; i++) {
    if (split($i, part, "=") != 2 || part[1] !~ /^(src|dst|sport|dport)$/) continue
    if (part[1] in there) { if (!(part[1] in back)) back[part[1]] = part[2] } else there[part[1]] = part[2]
  }
  at = there["dst"]; port = there["dport"]
  if (!(($1, at, port) in front)) {
    if (!(at in own) || !(($1, "*", port) in front)) next
    at = "*"
  }
  if (($1, at, port, back["src"], back["sport"]) in lead) next
  if (back["src"] == there["dst"] && !(($1, at, port) in leads)) next
  gone = "-p " $1 " --orig-dst " there["dst"] " --orig-port-dst " port " --reply-src " back["src"] " --reply-port-src " back["sport"]
  if (!(gone in said)) { said[gone] = 1; print gone }
}`;

/**
 * The script that forgets every flow to these fronts that leads elsewhere than it may; empty for none. It ends with another code than 0 when the
 * flows cannot be listed.
 */
export function flowsScript(flows: NonNullable<Rules['flows']>): string {
  if (flows.size === 0) return '';
  const lines = [...flows].flatMap(([front, leads]) => [`F ${front}`, ...[...leads].map((lead) => `L ${front} ${lead}`)]);
  const protocols = new Set([...flows.keys()].map((front) => front.slice(0, front.indexOf(' '))));
  const lists = [...protocols].map((protocol) => `conntrack -L -p ${protocol} 2>/dev/null`);
  return `stale=$(
  set -o pipefail
  {
    echo '${lines.join('\n')}'
    ip -4 -o addr show | awk '{ print "A", $4 }'
    ${lists.join(' && ')}
  } | awk '${PROGRAM}
') || exit 1
# One that has ended meanwhile is not there to be deleted.
echo "$stale" | while read -r flow; do [ -z "$flow" ] || conntrack -D $flow >/dev/null 2>&1; done
true
`;
}
