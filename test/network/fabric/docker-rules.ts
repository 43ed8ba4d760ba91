// What Docker makes in the kernel for its bridge networks, by its version and its firewall backend: the same tables, chains, hooks, priorities and
// policies in the same order, with an address range of 24 bits for each network.

/** A bridge network of Docker. */
export interface DockerNetwork {
  readonly bridge: string;
  /** `10.199.0.0/24`. */
  readonly range: string;
  /** Whether everything that is routed to its containers reaches them (`gateway_mode_ipv4: nat-unprotected`, Docker 28 and later). */
  readonly isOpen: boolean;
  /** Containers by address, with the port of the host that leads to their port 80. */
  readonly published?: ReadonlyMap<string, number>;
}

/** A version of Docker and its backend. */
export interface DockerRules {
  /** Script that makes the rules where there are none. */
  readonly make: (networks: readonly DockerNetwork[]) => string;
  /** Script that makes them anew, as an engine does that starts again. What is the administrator's stays. */
  readonly remake: (networks: readonly DockerNetwork[]) => string;
  /** Script that prints them. */
  readonly print: string;
}

const lines = (networks: readonly DockerNetwork[], of: (network: DockerNetwork) => readonly string[]): string =>
  networks.flatMap(of).join('\n');
const ports = <T>({ published = new Map() }: DockerNetwork, of: (address: string, port: number) => T): readonly T[] =>
  [...published].map(([address, port]) => of(address, port));
const PRINT_IPTABLES = `for table in raw nat filter; do iptables -t $table -S | grep -v -e '-A DOCKER-USER'; done`;
const USER_CHAIN = `iptables -P FORWARD DROP
iptables -N DOCKER-USER
iptables -A DOCKER-USER -s 198.51.100.7 -j DROP`;

function iptables20(networks: readonly DockerNetwork[]): string {
  return lines(networks, (network) => [
    `iptables -A FORWARD -o ${network.bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
    `iptables -A FORWARD -o ${network.bridge} -j DOCKER`,
    `iptables -A FORWARD -i ${network.bridge} -j ACCEPT`,
    `iptables -A DOCKER-ISOLATION-STAGE-1 -i ${network.bridge} ! -o ${network.bridge} -j DOCKER-ISOLATION-STAGE-2`,
    `iptables -A DOCKER-ISOLATION-STAGE-2 -o ${network.bridge} -j DROP`,
    `iptables -t nat -A POSTROUTING -s ${network.range} ! -o ${network.bridge} -j MASQUERADE`,
    ...ports(network, (address, port) => publish(network, address, port)),
  ]);
}

const publish = ({ bridge }: DockerNetwork, address: string, port: number): string =>
  `iptables -A DOCKER -d ${address} ! -i ${bridge} -o ${bridge} -p tcp --dport 80 -j ACCEPT
iptables -t nat -A DOCKER ! -i ${bridge} -p tcp --dport ${port} -j DNAT --to-destination ${address}:80`;

const NAT_JUMPS = `iptables -t nat -N DOCKER
iptables -t nat -A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
iptables -t nat -A OUTPUT ! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j DOCKER`;

/** The part that an engine of 20.10 makes anew when it starts. */
const remake20 = (networks: readonly DockerNetwork[]): string => `iptables -F FORWARD
for chain in DOCKER DOCKER-ISOLATION-STAGE-1 DOCKER-ISOLATION-STAGE-2; do iptables -F $chain; done
iptables -t nat -F; iptables -t nat -X
${NAT_JUMPS}
iptables -A FORWARD -j DOCKER-USER
iptables -A FORWARD -j DOCKER-ISOLATION-STAGE-1
${iptables20(networks)}`;

/** Docker 20.10: all networks let in what the administrator lets in. */
export const DOCKER_20: DockerRules = {
  make: (networks) => `${USER_CHAIN}
iptables -A DOCKER-USER -j RETURN
for chain in DOCKER DOCKER-ISOLATION-STAGE-1 DOCKER-ISOLATION-STAGE-2; do iptables -N $chain; done
${remake20(networks)}`,
  remake: remake20,
  print: PRINT_IPTABLES,
};

const CHAINS_28 = ['DOCKER', 'DOCKER-FORWARD', 'DOCKER-BRIDGE', 'DOCKER-CT', 'DOCKER-INTERNAL'];

function iptables28(networks: readonly DockerNetwork[]): string {
  const drops = (network: DockerNetwork): readonly string[] =>
    network.isOpen
      ? []
      : ports(network, (address) => `iptables -t raw -A PREROUTING -d ${address} ! -i ${network.bridge} -j DROP`);
  return `for chain in ${CHAINS_28.join(' ')}; do iptables -N $chain; done
${NAT_JUMPS}
iptables -I FORWARD -j DOCKER-FORWARD
for chain in DOCKER-BRIDGE DOCKER-INTERNAL DOCKER-CT; do iptables -I DOCKER-FORWARD -j $chain; done
iptables -D FORWARD -j DOCKER-USER 2>/dev/null
iptables -I FORWARD -j DOCKER-USER
${lines(networks, (network) => [
  `iptables -A DOCKER-CT -o ${network.bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
  `iptables -A DOCKER-BRIDGE -o ${network.bridge} -j DOCKER`,
  `iptables -A DOCKER-FORWARD -i ${network.bridge} -j ACCEPT`,
  `iptables -t nat -A POSTROUTING -s ${network.range} ! -o ${network.bridge} -j MASQUERADE`,
  ...ports(network, (address, port) => publish(network, address, port)),
  `iptables -A DOCKER ! -i ${network.bridge} -o ${network.bridge} -j ${network.isOpen ? 'ACCEPT' : 'DROP'}`,
  ...drops(network),
])}`;
}

/** Docker 28 and 29 with iptables: what is routed to a container of a network that is not open is dropped, before connections are known. */
export const DOCKER_28: DockerRules = {
  make: (networks) => `${USER_CHAIN}\n${iptables28(networks)}`,
  remake: (networks) => `iptables -D FORWARD -j DOCKER-FORWARD
for chain in ${CHAINS_28.join(' ')}; do iptables -F $chain; done
for chain in ${CHAINS_28.join(' ')}; do iptables -X $chain; done
iptables -t raw -F; iptables -t nat -F; iptables -t nat -X
${iptables28(networks)}`,
  print: PRINT_IPTABLES,
};

/** `hasProxy`: whether Docker's own program leads to published ports what the kernel does not. */
function bridgesTable(networks: readonly DockerNetwork[], hasProxy: boolean): string {
  const jumps = (name: string, chain: string): string =>
    `map ${name} { type ifname : verdict; elements = { ${networks.map(({ bridge }) => `"${bridge}" : jump ${chain}__${bridge}`).join(', ')} }; }`;
  const toPublished = (network: DockerNetwork): readonly string[] =>
    ports(network, (address, port) => {
      const from = hasProxy ? `iifname != "${network.bridge}" ` : '';
      return `${from}tcp dport ${port} counter dnat to ${address}:80 comment "DNAT"`;
    });
  const direct = (network: DockerNetwork): readonly string[] =>
    network.isOpen
      ? []
      : ports(
          network,
          (address) => `ip daddr ${address} iifname != "${network.bridge}" counter drop comment "DROP DIRECT ACCESS"`,
        );
  return `table ip docker-bridges {
${jumps('filter-forward-in-jumps', 'filter-forward-in')}
${jumps('filter-forward-out-jumps', 'filter-forward-out')}
${jumps('nat-postrouting-in-jumps', 'nat-postrouting-in')}
${jumps('nat-postrouting-out-jumps', 'nat-postrouting-out')}
chain filter-FORWARD { type filter hook forward priority 0; policy accept;
oifname vmap @filter-forward-in-jumps
iifname vmap @filter-forward-out-jumps
}
chain nat-OUTPUT { type nat hook output priority -100; policy accept;
${hasProxy ? 'ip daddr != 127.0.0.1/8 ' : ''}fib daddr type local counter jump nat-prerouting-and-output
}
chain nat-POSTROUTING { type nat hook postrouting priority 100; policy accept;
iifname vmap @nat-postrouting-out-jumps
oifname vmap @nat-postrouting-in-jumps
}
chain nat-PREROUTING { type nat hook prerouting priority -100; policy accept;
fib daddr type local counter jump nat-prerouting-and-output
}
chain nat-prerouting-and-output {
${lines(networks, toPublished)}
}
chain raw-PREROUTING { type filter hook prerouting priority -300; policy accept;
${lines(networks, direct)}
}
${lines(networks, (network) => [
  `chain filter-forward-in__${network.bridge} {`,
  'ct state established,related counter accept',
  `iifname == ${network.bridge} counter accept comment "ICC"`,
  ...(network.isOpen ? [] : ports(network, (address) => `ip daddr ${address} tcp dport 80 counter accept`)),
  network.isOpen ? 'counter accept comment "UNPROTECTED"' : 'counter drop comment "UNPUBLISHED PORT DROP"',
  '}',
  `chain filter-forward-out__${network.bridge} {`,
  'ct state established,related counter accept',
  'counter accept comment "OUTGOING"',
  '}',
  `chain nat-postrouting-in__${network.bridge} {`,
  ...(hasProxy ? [] : ['fib saddr type local counter masquerade comment "MASQUERADE FROM HOST"']),
  ...(hasProxy
    ? []
    : ports(
        network,
        (address) => `ip saddr ${address} ip daddr ${address} tcp dport 80 counter masquerade comment "MASQ TO OWN PORT"`,
      )),
  '}',
  `chain nat-postrouting-out__${network.bridge} {`,
  `oifname != ${network.bridge} ip saddr ${network.range} counter masquerade comment "MASQUERADE"`,
  '}',
])}
}`;
}

/** Docker 29 with `--firewall-backend=nftables`: a table for IPv4 and one for IPv6, which it replaces whole when one of its changes is refused. */
function nftables(hasProxy: boolean): DockerRules {
  const make = (networks: readonly DockerNetwork[]): string => `nft -f - <<rules
table ip docker-bridges {}
delete table ip docker-bridges
${bridgesTable(networks, hasProxy)}
table ip6 docker-bridges {}
delete table ip6 docker-bridges
table ip6 docker-bridges { chain filter-FORWARD { type filter hook forward priority 0; policy accept; }
}
rules`;
  return { make, remake: make, print: 'for family in ip ip6; do nft -s list table $family docker-bridges; done' };
}

export const DOCKER_29 = nftables(true);
/** With `"userland-proxy": false`. */
export const DOCKER_29_WITHOUT_PROXY = nftables(false);
