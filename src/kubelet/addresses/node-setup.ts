// What a kubelet finds out before it begins: what its node is called, where it is reached, and which network its pods have.
import { internalAddressOf } from '../../model/node.ts';
import { EngineError, type EngineInfo } from '../engine/container-engine.ts';
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
  /** Where it is now: a lease may end. Undefined when that is not known, and when somebody has decided. */
  readonly addressNow: () => Promise<string | undefined>;
  /** Absent when pods have their addresses from the engine. */
  readonly network?: PodNetwork;
  readonly hostResolver?: NonNullable<HostFacts['resolver']>;
}

/** Two engines of one id would be taken for one: each would stop the pods of the other. */
function takenMessage(nodeName: string, { id }: EngineInfo, store: Pick<KubeletOptions['store'], 'list'>): string {
  if (nodeOfEngine(store, id) !== nodeName)
    return `another Docker Engine is node "${nodeName}" already: give this one another name`;
  return (
    `this Docker Engine has the same id as that of node "${nodeName}", ${id}, as machines have that were cloned: stop the engine of one of them, ` +
    'delete its file engine-id (in /var/lib/docker, before Docker 23 /etc/docker/key.json) and start it again'
  );
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
  if (options.claimName?.(nodeName) === false) throw new EngineError('Conflict', takenMessage(nodeName, info, store));
  const facts: HostFacts = (await choices?.hostFacts?.(signal)) ?? {};
  const before = store.get('Node', '', nodeName);
  const known = before && internalAddressOf(before);
  const nodeAddress = options.nodeAddress ?? facts.address ?? known ?? DEFAULT_NODE_ADDRESS;
  const addressNow = async (): Promise<string | undefined> =>
    options.nodeAddress === undefined ? (await choices?.hostFacts?.(signal))?.address : undefined;
  if (choices === undefined) return { nodeName, nodeAddress, addressNow };
  const network = await ensurePodNetwork({
    store,
    calls,
    cluster,
    nodeName,
    wishes: choices.wishes ?? {},
    hostRanges: facts.ranges ?? [],
  });
  return {
    nodeName,
    nodeAddress,
    addressNow,
    network,
    ...(facts.resolver === undefined ? {} : { hostResolver: facts.resolver }),
  };
}
