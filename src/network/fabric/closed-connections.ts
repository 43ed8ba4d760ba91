// What becomes of a connection that was reset: the kernel remembers for ten seconds whom it was led to, and leads there whoever connects from the
// same port meanwhile, though that pod may be gone. It must not reach outside: text of nft alone.

/** Before chains that settle what becomes of the source: the kernel asks no further one then. */
const SOURCE_PRIORITY = 94;
const HOOKS = ['postrouting', 'input'] as const;

/** The name of the policy that connections of Services have. Those that are open lose it with the object, so it is made once and then left alone. */
export const CLOSED_POLICY = 'closed';

/** The object of that policy: a second is the least that the kernel knows. A kernel needs CONFIG_NF_CONNTRACK_TIMEOUT. */
export const CLOSED_POLICY_BODY = `ct timeout ${CLOSED_POLICY} {
protocol tcp;
l3proto ip;
policy = { close : 1 }
}`;

/**
 * The chains that give it to connections that a Service leads, as text for a table that has it; `services` and `pods` are ranges, or the names of the
 * shell's variables that hold them. They see no packet but the first of a connection. Run again it changes nothing.
 */
export function closedConnectionChains(table: string, services: string, pods: string): string {
  const bodies = [
    `table ip ${table} {`,
    ...HOOKS.flatMap((hook) => [
      `chain closed-${hook} {`,
      `type nat hook ${hook} priority ${SOURCE_PRIORITY}; policy accept;`,
      `meta l4proto tcp ct status dnat ct original ip daddr ${services} ct timeout set "${CLOSED_POLICY}"`,
      `meta l4proto tcp ct status dnat ct reply ip saddr ${pods} ct timeout set "${CLOSED_POLICY}"`,
      '}',
    ]),
    '}',
  ];
  const flushed = HOOKS.map((hook) => `flush chain ip ${table} closed-${hook}`);
  // Once so that there is something to flush.
  return [...bodies, ...flushed, ...bodies].join('\n');
}

/** The chain that settles what becomes of a packet that comes too early. */
const EARLY_CHAIN = 'closed-early';

/** That chain, for a table with chains that have `closedConnectionRule`. Other connections that are led elsewhere are not ours to judge. */
export function earlyChain(services: string, pods: string): readonly string[] {
  return [`chain ${EARLY_CHAIN} {`, `  ct original ip daddr ${services} drop`, `  ct reply ip saddr ${pods} drop`, '}'];
}

/**
 * The rule for chains that see every packet, one for all of them: who comes in the second after a reset is not let through, and comes again a second
 * later, as TCP does (RFC 6298, section 2.1), to a pod that is there. Connections in other states begin anew by their first packet when they are over,
 * and have more left when they are not.
 */
export const closedConnectionRule = `tcp flags & (fin | syn | rst | ack) == syn ct state established ct status dnat ct expiration < 2s jump ${EARLY_CHAIN}`;
