// The script of a node's checks for the network container, and what it prints. Pure.
import { quoted } from '../change-script.ts';
import { INGRESS_DIRECTORY } from '../ingress/scripts.ts';
import { type Check, type CheckResult, judgeCheck, type Probe } from './plan-checks.ts';

/** Seconds that one probe may take. */
const PROBE_S = 3;
/** Seconds that a refusal of a datagram may take. */
const UDP_WAIT_S = 1;
/** Probes at the same time. */
const AT_ONCE = 16;
const MARK = 'holdfast-check';

/** Finds the ports on which the node serves Ingresses, as its proxy was told. */
const PORTS = `bind=$(grep -E '^ *bind ' ${INGRESS_DIRECTORY}/current/haproxy.cfg 2>/dev/null)
http=$(echo "$bind" | grep -v ' ssl ' | sed -n 's/.*:\\([0-9][0-9]*\\).*/\\1/p' | head -n 1)
https=$(echo "$bind" | grep ' ssl ' | sed -n 's/[^:]*:\\([0-9][0-9]*\\).*/\\1/p' | head -n 1)`;

/**
 * The checks in parts, each for a script of its own: as long as one runs in the network container, nobody else changes the network. At least one
 * part, so that a container that cannot be asked is found out.
 */
export function checkParts(checks: readonly Check[]): readonly (readonly Check[])[] {
  const count = Math.max(1, Math.ceil(checks.length / AT_ONCE));
  return Array.from({ length: count }, (_, index) => checks.slice(index * AT_ONCE, (index + 1) * AT_ONCE));
}

/** A script that makes all probes of a part at the same time, and prints for each its number, exit code and what was said. */
export function checkScript(checks: readonly Check[], dnsAddress: string): string {
  const probes = checks.map(
    ({ probe }, index) =>
      `( said=$(${command(probe, dnsAddress)} 2>&1); printf '${MARK} %s %s\\n%s\\n' ${index} $? "$said" >"$dir/${index}" ) &`,
  );
  return [PORTS, 'dir=$(mktemp -d)', ...probes, 'wait', 'cat "$dir"/*', 'rm -rf "$dir"', ''].join('\n');
}

function command(probe: Probe, dnsAddress: string): string {
  if (probe.type === 'tcp') return `socat -u /dev/null TCP4:${probe.address}:${probe.port},connect-timeout=${PROBE_S}`;
  if (probe.type === 'none') return 'true';
  // A refusal comes back at once; one byte, since an empty datagram is more than many programs have thought of.
  if (probe.type === 'udp')
    return `{ printf '\\0' | timeout ${PROBE_S} socat -t${UDP_WAIT_S} - UDP4:${probe.address}:${probe.port} 2>&1 >/dev/null; }`;
  if (probe.type === 'name')
    return `timeout ${PROBE_S} nslookup -type=a ${quoted(`${probe.name}.`)} ${dnsAddress} | awk '/^Name:/ { found = 1 } found && /^Address/ { print $NF }'`;
  const request = `GET ${probe.path} HTTP/1.1\\r\\nHost: ${probe.host}\\r\\nConnection: close\\r\\n\\r\\n`;
  const to = probe.isTls
    ? `OPENSSL:127.0.0.1:$https,verify=0,connect-timeout=${PROBE_S}${probe.host === '' ? '' : `,snihost=${probe.host}`}`
    : `TCP4:127.0.0.1:$http,connect-timeout=${PROBE_S}`;
  return `printf ${quoted(request.replaceAll('%', '%%'))} | timeout ${PROBE_S} socat -t${PROBE_S} - "${to}" | head -n 1`;
}

/** What the script has printed → the results, in the order of the checks. A probe of which nothing was heard counts as failed. */
export function checkResults(checks: readonly Check[], output: string): readonly CheckResult[] {
  const heard = new Map<number, { exitCode: number; output: string }>();
  for (const block of output.split(`${MARK} `).slice(1)) {
    const [head = '', ...lines] = block.split('\n');
    const [index, exitCode] = head.split(' ').map(Number);
    if (index !== undefined) heard.set(index, { exitCode: exitCode ?? 1, output: lines.join('\n') });
  }
  return checks.map((check, index) => judgeCheck(check, heard.get(index) ?? { exitCode: 1, output: '' }));
}
