// What becomes of a connection that was reset: the kernel remembers for ten seconds whom it was led to, and leads there whoever connects from the
// same port meanwhile, though that pod may be gone. It must not reach outside: text of nft alone.

/** Right after destinations were translated, whatever the priority of the chain that did it. */
const TRANSLATED_PRIORITY = -95;
const FIRST_OF_A_CONNECTION = 'tcp flags & (fin | syn | rst | ack) == syn';

/**
 * The rules, for a table that is there: `services` and `pods` are ranges, or the names of the shell's variables that hold them. Connections that a
 * Service leads to are remembered for a second after their reset, which is the least that the kernel knows; who comes in that second is not let
 * through, and comes again a second later, as TCP does (RFC 6298, section 2.1), to a pod that is there. A kernel needs CONFIG_NF_CONNTRACK_TIMEOUT.
 */
export function closedConnectionRules(services: string, pods: string): readonly string[] {
  const base = (hook: string): readonly string[] => [
    `chain closed-${hook} {`,
    `  type filter hook ${hook} priority ${TRANSLATED_PRIORITY}; policy accept;`,
    `  ${FIRST_OF_A_CONNECTION} ct status dnat jump closed`,
    '}',
  ];
  return [
    'ct timeout closed {',
    '  protocol tcp;',
    '  l3proto ip;',
    '  policy = { close : 1 }',
    '}',
    'chain closed {',
    `  ct original ip daddr != ${services} ct reply ip saddr != ${pods} return`,
    '  ct state new ct timeout set "closed" return',
    // Others that are over begin anew by their first packet, and those that are not have more left.
    '  ct state established ct expiration < 2s drop',
    '}',
    ...base('prerouting'),
    ...base('output'),
  ];
}
