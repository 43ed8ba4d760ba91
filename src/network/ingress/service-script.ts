// The script that runs the proxy in the network container, as long as there is a configuration. It needs nobody: what it starts from lies on
// the volume.
import type { BootPart } from '../boot/parts.ts';
import { IPV6_VARIABLE } from './configuration.ts';
import { INGRESS_DIRECTORY } from './scripts.ts';

/**
 * Text of the service `ingress`: runs haproxy in the foreground. When one of its ports is taken by another program it says so in the file
 * `problem`, waits a moment and ends; whoever watches it starts it again.
 */
export function ingressServiceScript(directory = INGRESS_DIRECTORY): string {
  return `#!/bin/sh
d=${directory}
cd "$d" && [ -e current/haproxy.cfg ] || { sleep 5; exit 1; }
taken() { cat /proc/net/tcp /proc/net/tcp6 2>/dev/null | grep -q "^ *[0-9]*: 0*[0-9A-F]*:$(printf '%04X' "$1") [0-9A-F]*:0000 0A "; }
for port in $(sed -n 's/^  bind \\*:\\([0-9]*\\).*/\\1/p' current/haproxy.cfg); do
  # Our own process of before may need a moment to end.
  n=0; while [ $n -lt 20 ] && taken "$port"; do n=$((n+1)); sleep 0.1; done
  if [ $n -eq 20 ]; then
    echo "port $port of the host is used by another program: end it, or let Ingresses have another port" > "$d/problem.new"
    mv "$d/problem.new" "$d/problem"
    cat "$d/problem"
    sleep 5
    exit 1
  fi
done
rm -f problem admin.sock master.sock
[ "$(cat /proc/sys/net/ipv6/conf/all/disable_ipv6 2>/dev/null)" != 0 ] || export ${IPV6_VARIABLE}=1
readlink current > serving
exec haproxy -W -S "$d/master.sock" -f "$d/current/haproxy.cfg" -f "$d/current/backends"
`;
}

/** The proxy as a part of the network container. */
export const ingressPart: BootPart = { name: 'ingress', order: 50, service: ingressServiceScript() };
