// The network of a node's pods: which ranges it has, and that Docker has it. What was chosen is kept where it outlives everything else:
// in the labels of Docker's network, and in the Node.
import {
  type ClusterRanges,
  chooseRanges,
  chooseSlice,
  dynamicPartOf,
  gatewayOf,
  type RangeResult,
} from '../../model/cluster-ranges.ts';
import type { StoredOf } from '../../model/resource.ts';
import { dnsAddressOf, SERVICE_CIDR_NAME } from '../../model/service-address.ts';
import type { StoreReader } from '../../store/store.ts';
import { EngineError, type NetworkSeen, type NetworkSpec, type ResolverSettings } from '../engine/container-engine.ts';
import type { EngineCalls } from '../engine/engine-calls.ts';
import { CLUSTER_LABEL, POD_RANGE_LABEL, SERVICE_RANGE_LABEL } from '../labels.ts';
import { bridgeName, podNetworkName } from '../names.ts';

/** Choices that the engine refuses before it is given up: other networks that the engine does not show have their ranges. */
const MAX_TRIES = 64;

/** The network of a node's pods. */
export interface PodNetwork {
  /** Docker's name of it. */
  readonly name: string;
  /** The bridge on the host. */
  readonly bridge: string;
  /** The node's slice: `10.244.3.0/24`. */
  readonly slice: string;
  /** The bridge's own address. */
  readonly gateway: string;
  /** The range of all pods of the cluster. */
  readonly podRange: string;
  readonly serviceRange: string;
  /** Where pods find DNS. */
  readonly dnsAddress: string;
}

/** What the host says of itself. All of it may be unknown. */
export interface HostFacts {
  /** Ranges that its routes and addresses have. */
  readonly ranges?: readonly string[];
  /** Its own resolver. */
  readonly resolver?: ResolverSettings;
  /** The address at which the other hosts reach it. */
  readonly address?: string;
}

/** What choosing a network needs. */
export interface PodNetworkInput {
  readonly store: StoreReader;
  readonly calls: EngineCalls;
  readonly cluster: string;
  readonly nodeName: string;
  readonly wishes: Partial<ClusterRanges>;
  /** Ranges that the host has beside the engine's networks. */
  readonly hostRanges: readonly string[];
}

/** What Docker is asked for. */
export function podNetworkSpec(network: PodNetwork, cluster: string): NetworkSpec {
  const { name, bridge, slice, gateway, podRange, serviceRange } = network;
  return {
    name,
    labels: { [CLUSTER_LABEL]: cluster, [POD_RANGE_LABEL]: podRange, [SERVICE_RANGE_LABEL]: serviceRange },
    addresses: { subnet: slice, gateway, dynamic: dynamicPartOf(slice) },
    bridge,
    isOpen: true,
  };
}

/**
 * Chooses the ranges unless they were chosen before, and makes the network. Throws EngineError Invalid with a reason for the operator when a
 * wish cannot be met or nothing is free, Conflict when somebody else's network has the name, and whatever the engine's calls end in.
 */
export async function ensurePodNetwork(input: PodNetworkInput): Promise<PodNetwork> {
  const { store, calls, cluster, nodeName, wishes, hostRanges } = input;
  const name = podNetworkName(cluster);
  const networks = await calls.networks();
  const found = networks.find((network) => network.name === name && network.labels[CLUSTER_LABEL] === cluster);
  const nodes = store.list('Node');
  const own = nodes.find(({ metadata }) => metadata.name === nodeName);
  const recorded = recordedRanges(found, own, nodes, store);
  const others = nodes.flatMap(({ metadata, spec }) => (metadata.name === nodeName ? [] : [spec?.podCIDR ?? '']));
  const taken = [...networks.filter((network) => network !== found).flatMap(({ subnets }) => subnets), ...hostRanges];
  let slice = found?.subnets[0] ?? own?.spec?.podCIDR;
  // A cluster of one node whose network is gone has nothing that holds it to its ranges.
  let fixed = recorded;
  for (let tries = 1; ; tries += 1) {
    const ranges = orThrow(chooseRanges({ wishes, recorded: fixed, taken }));
    const choice = orThrow(
      chooseSlice({ podRange: ranges.podRange, ...(slice === undefined ? {} : { recorded: slice }), others, taken }),
    );
    const network = networkOf(input, ranges, choice, found);
    try {
      await calls.ensureNetwork(podNetworkSpec(network, cluster));
      return network;
    } catch (error) {
      if (!(error instanceof EngineError) || error.fault !== 'Invalid' || tries >= MAX_TRIES) throw error;
      taken.push(choice);
      slice = undefined;
      if (others.length === 0) fixed = withoutPodRange(recorded);
    }
  }
}

function withoutPodRange({ serviceRange }: Partial<ClusterRanges>): Partial<ClusterRanges> {
  return serviceRange === undefined ? {} : { serviceRange };
}

function orThrow<T>(result: RangeResult<T>): T {
  if (result.ok) return result.value;
  throw new EngineError('Invalid', result.message);
}

function networkOf(
  { cluster }: PodNetworkInput,
  { podRange, serviceRange }: ClusterRanges,
  slice: string,
  found: NetworkSeen | undefined,
): PodNetwork {
  return {
    name: podNetworkName(cluster),
    bridge: found?.bridge || bridgeName(cluster, slice),
    slice,
    gateway: found?.gateway || gatewayOf(slice),
    podRange,
    serviceRange,
    dnsAddress: dnsAddressOf(serviceRange),
  };
}

/** What was chosen before: as Docker has it, or else the node, another node, or the store's own range of Services. */
function recordedRanges(
  found: NetworkSeen | undefined,
  own: StoredOf<'Node'> | undefined,
  nodes: readonly StoredOf<'Node'>[],
  store: StoreReader,
): Partial<ClusterRanges> {
  const sources = [found?.labels, own?.metadata.annotations, ...nodes.map(({ metadata }) => metadata.annotations)];
  const first = (key: string): string | undefined => sources.map((source) => source?.[key]).find((value) => value !== undefined);
  const podRange = first(POD_RANGE_LABEL);
  const serviceRange = first(SERVICE_RANGE_LABEL) ?? store.get('ServiceCIDR', '', SERVICE_CIDR_NAME)?.spec?.cidrs?.[0];
  return { ...(podRange === undefined ? {} : { podRange }), ...(serviceRange === undefined ? {} : { serviceRange }) };
}
