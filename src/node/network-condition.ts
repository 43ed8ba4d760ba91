// What a node says of its network in the store: the condition NetworkUnavailable, and the subnets of its host.
import { findCondition, withCondition } from '../model/conditions.ts';
import { canonicalJson } from '../model/hash.ts';
import { NETWORK_UNAVAILABLE, SUBNETS_ANNOTATION } from '../model/node.ts';
import type { NetworkState } from '../network/agent/agent.ts';
import type { Store } from '../store/store.ts';
import type { Clock } from '../system/clock.ts';

const MAX_TRIES = 5;

/** The condition as it should be. */
export interface NetworkReport {
  readonly type: typeof NETWORK_UNAVAILABLE;
  readonly status: 'True' | 'False' | 'Unknown';
  readonly reason: string;
  /** For people. */
  readonly message: string;
}

/** A node that goes without, and why. */
export function withoutNetwork(reason: string, message: string): NetworkReport {
  return { type: NETWORK_UNAVAILABLE, status: 'True', reason, message };
}

/**
 * The network as its agent has it; `kept`: what was left as it was found and why, undefined for nothing; `unplugged`: why sandboxes cannot be plugged
 * in, undefined when they can be, or are not meant to.
 */
export function networkReport(state: NetworkState, kept: string | undefined, unplugged?: string): NetworkReport {
  switch (state.phase) {
    case 'starting':
      return {
        type: NETWORK_UNAVAILABLE,
        status: 'Unknown',
        reason: 'NetworkStarting',
        message: 'the network container is being started',
      };
    case 'unavailable':
      return withoutNetwork('NoNetworkContainer', state.message);
    // What was programmed holds on, so that the network is there; it only cannot be changed.
    case 'stale':
      return { type: NETWORK_UNAVAILABLE, status: 'False', reason: 'NetworkStale', message: state.message };
    case 'ready':
      break;
  }
  if (kept !== undefined) return { type: NETWORK_UNAVAILABLE, status: 'False', reason: 'NetworkKept', message: kept };
  return {
    type: NETWORK_UNAVAILABLE,
    status: 'False',
    reason: 'NetworkReady',
    message: `the network container holds what it should${unplugged === undefined ? '' : `; sandboxes have Docker's own network, which takes longer: ${unplugged}`}`,
  };
}

/** Writes it unless it is there. A node that is gone is passed over. Rejects when the store fails. */
export async function reportNetwork(store: Store, clock: Clock, nodeName: string, report: NetworkReport): Promise<void> {
  const node = store.get('Node', '', nodeName);
  if (node === undefined) return;
  const before = findCondition(node.status?.conditions, NETWORK_UNAVAILABLE);
  if (before?.status === report.status && before.reason === report.reason && before.message === report.message) return;
  const status = { ...node.status, conditions: withCondition(node.status?.conditions, report, clock.now()) };
  if (canonicalJson(status) === canonicalJson(node.status ?? {})) return;
  await store.write([
    { op: 'updateStatus', key: { kind: 'Node', namespace: '', name: nodeName }, uid: node.metadata.uid, status },
  ]);
}

/** Writes down which subnets the host of a node is in; yields whether that is news. A node that is gone is passed over. Rejects when the store fails. */
export async function reportSubnets(store: Store, nodeName: string, ranges: readonly string[]): Promise<boolean> {
  const text = ranges.join(',');
  // Somebody else may write to the node at the same time.
  for (let tries = 1; ; tries += 1) {
    const node = store.get('Node', '', nodeName);
    if (node === undefined || node.metadata.annotations?.[SUBNETS_ANNOTATION] === text) return false;
    const annotations = { ...node.metadata.annotations, [SUBNETS_ANNOTATION]: text };
    const result = await store.write([{ op: 'update', resource: { ...node, metadata: { ...node.metadata, annotations } } }]);
    if (result.ok) return true;
    if (tries === MAX_TRIES) throw new Error(`could not write down the subnets of node ${nodeName}: ${result.message}`);
  }
}
