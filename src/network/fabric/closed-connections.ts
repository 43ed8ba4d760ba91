// What becomes of a connection that was reset: the kernel remembers for ten seconds whom it was led to, and leads there whoever connects from the
// same port meanwhile, though that pod may be gone. It must not reach outside: text of nft alone.

/** Right after destinations were translated, whatever the priority of the chain that did it. */
const TRANSLATED_PRIORITY = -95;
const FIRST_OF_A_CONNECTION = 'tcp flags & (fin | syn | rst | ack) == syn';
const HOOKS = ['prerouting', 'output'] as const;

/** The name of the policy that connections of Services have. Those that are open lose it with the object, so it is made once and then left alone. */
export const CLOSED_POLICY = 'closed';

/** The object of that policy: a second is the least that the kernel knows. A kernel needs CONFIG_NF_CONNTRACK_TIMEOUT. */
export const CLOSED_POLICY_BODY = `ct timeout ${CLOSED_POLICY} {
protocol tcp;
l3proto ip;
policy = { close : 1 }
}`;

/**
 * The chains that use it, as text for a table that has it; `services` and `pods` are ranges, or the names of the shell's variables that hold them.
 * Run again it changes nothing. Who comes in the second after a reset is not let through, and comes again a second later, as TCP does (RFC 6298,
 * section 2.1), to a pod that is there.
 */
export function closedConnectionChains(table: string, services: string, pods: string): string {
  const bodies = [
    `table ip ${table} {`,
    'chain closed {',
    `ct original ip daddr != ${services} ct reply ip saddr != ${pods} return`,
    `ct state new ct timeout set "${CLOSED_POLICY}" return`,
    // Others that are over begin anew by their first packet, and those that are not have more left.
    'ct state established ct expiration < 2s drop',
    '}',
    ...HOOKS.flatMap((hook) => [
      `chain closed-${hook} {`,
      `type filter hook ${hook} priority ${TRANSLATED_PRIORITY}; policy accept;`,
      `${FIRST_OF_A_CONNECTION} ct status dnat jump closed`,
      '}',
    ]),
    '}',
  ];
  const flushed = ['closed', ...HOOKS.map((hook) => `closed-${hook}`)].map((chain) => `flush chain ip ${table} ${chain}`);
  // Once so that there is something to flush.
  return [...bodies, ...flushed, ...bodies].join('\n');
}
