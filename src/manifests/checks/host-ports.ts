// Ports of the nodes that the pods of two objects claim.
import type { Facts } from './facts.ts';
import type { ObjectSet, Spot, Tell } from './object-set.ts';
import type { HostPort } from './pod-facts.ts';

interface Claim {
  readonly at: Facts;
  readonly port: HostPort;
}

/** The first claims of each port: at each address, at every address, and at any. */
type Claims = Map<string, Claim>;

/**
 * An error when pods of both have to be on one node; else they cannot share one. A claim at every address (hostIP left out, 0.0.0.0 or ::)
 * meets all others of the port (Kubernetes, HostPortInfo of the scheduler).
 */
export function checkHostPorts(set: ObjectSet, tell: Tell): void {
  const claims: Claims = new Map();
  for (const at of set.members) {
    if (at.pods === undefined || at.pods.hostPorts.length === 0 || at.pods.count === 0) continue;
    const node = nodeOf(at);
    for (const port of at.pods.hostPorts) {
      const claim: Claim = { at, port };
      const [sure, possible] = [node === undefined ? undefined : meet(claims, node.scope, claim), meet(claims, '', claim)];
      const what = `host port ${port.port}/${port.protocol}`;
      if (sure !== undefined && node !== undefined) {
        const message = (name: string): string => `${what} is taken by ${name}, whose pods are on ${node.name} too`;
        tell({ at, path: port.path, severity: 'error', reason: 'Conflict', message, other: spotOf(sure) });
      } else if (possible !== undefined) {
        const message = (name: string): string => `${what} is claimed by ${name} as well: their pods cannot share a node`;
        tell({ at, path: port.path, severity: 'note', reason: 'Conflict', message, other: spotOf(possible) });
      }
    }
  }
}

const spotOf = ({ at, port }: Claim): Spot => ({ at, path: port.path });

/** The node that pods are on as long as they are there, if there is no choice. */
function nodeOf({ key, pods }: Facts): { readonly scope: string; readonly name: string } | undefined {
  if (pods?.isLasting !== true) return undefined;
  const { nodeName = '', nodeSelector = {}, affinity } = pods.spec;
  if (key.kind !== 'DaemonSet') return nodeName === '' ? undefined : { scope: `node ${nodeName}`, name: `node "${nodeName}"` };
  const isEverywhere = nodeName === '' && Object.keys(nodeSelector).length === 0 && affinity === undefined;
  return isEverywhere ? { scope: 'every node', name: 'every node' } : undefined;
}

/** The first other object's claim that meets this one, which is remembered. */
function meet(claims: Claims, scope: string, claim: Claim): Claim | undefined {
  const { port, protocol, address } = claim.port;
  const base = `${scope} ${port}/${protocol}`;
  const [here, everywhere, anywhere] = [`${base} ${address}`, `${base} `, `${base} any`];
  const others = (address === '' ? [anywhere] : [here, everywhere]).map((key) => claims.get(key));
  for (const key of [here, anywhere]) if (!claims.has(key)) claims.set(key, claim);
  return others.find((other) => other !== undefined && other.at !== claim.at);
}
