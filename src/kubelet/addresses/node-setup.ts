// What a kubelet finds out before it begins: what its node is called, where it is reached, and which network its pods have.
import type { EngineInfo } from '../engine/container-engine.ts';
import type { EngineCalls } from '../engine/engine-calls.ts';
import type { KubeletOptions } from '../kubelet-options.ts';
import { nodeOfEngine } from '../node.ts';
import { ensurePodNetwork, type HostFacts, type PodNetwork } from './pod-network.ts';

/** Where a node is as long as nobody knows how other hosts reach it. */
const DEFAULT_NODE_ADDRESS = '127.0.0.1';

/** A node, as it was set up. */
export interface NodeSetup {
  readonly nodeName: string;
  readonly nodeAddress: string;
  /** Absent when pods have their addresses from the engine. */
  readonly network?: PodNetwork;
  readonly hostResolver?: NonNullable<HostFacts['resolver']>;
}

/** Finds the node and, where it is asked for, has its network. Throws as ensurePodNetwork does. */
export async function setUpNode(
  options: KubeletOptions,
  calls: EngineCalls,
  info: EngineInfo,
  signal: AbortSignal,
): Promise<NodeSetup> {
  const { store, cluster, network: choices } = options;
  const nodeName = options.nodeName ?? nodeOfEngine(store, info.id) ?? info.name;
  const facts: HostFacts = (await choices?.hostFacts?.(signal)) ?? {};
  const known = store.get('Node', '', nodeName)?.status?.addresses?.find(({ type }) => type === 'InternalIP')?.address;
  const nodeAddress = options.nodeAddress ?? facts.address ?? known ?? DEFAULT_NODE_ADDRESS;
  if (choices === undefined) return { nodeName, nodeAddress };
  const network = await ensurePodNetwork({
    store,
    calls,
    cluster,
    nodeName,
    wishes: choices.wishes ?? {},
    hostRanges: facts.ranges ?? [],
    ...(choices.mtu === undefined ? {} : { mtu: choices.mtu }),
  });
  return { nodeName, nodeAddress, network, ...(facts.resolver === undefined ? {} : { hostResolver: facts.resolver }) };
}
