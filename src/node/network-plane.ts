// Puts the network of one node together: the agent with its lanes, what the kubelet has to know of it, and what the store is told. Knows the rooms
// kubelet and network, decides nothing.

import type { SandboxPlug } from '../kubelet/addresses/sandbox-plug.ts';
import type { Kubelet } from '../kubelet/kubelet.ts';
import type { NetworkChoices } from '../kubelet/kubelet-options.ts';
import type { Traffic } from '../kubelet/traffic.ts';
import { NODE_PORTS } from '../model/service.ts';
import { NetworkAgent } from '../network/agent/agent.ts';
import { AnnounceLane } from '../network/agent/announce-lane.ts';
import { FabricLane } from '../network/agent/fabric-lane.ts';
import { FragmentLane } from '../network/agent/fragment-lane.ts';
import { IngressLane } from '../network/agent/ingress-lane.ts';
import { heldBack, LostStore } from '../network/agent/lost-store.ts';
import { PodFragments } from '../network/agent/pod-fragments.ts';
import { PodTraffic } from '../network/agent/pod-traffic.ts';
import { knowsServices, MEMORY_SCRIPT, recoveredAddressWrites } from '../network/agent/recovered-addresses.ts';
import { ServiceFragments } from '../network/agent/service-fragments.ts';
import { announcePart } from '../network/boot/announce.ts';
import { networkContainerSpec } from '../network/boot/container-spec.ts';
import { fabricFrame } from '../network/fabric/fabric-frame.ts';
import { challengesIn } from '../network/ingress/challenges.ts';
import { ingressPart } from '../network/ingress/service-script.ts';
import { dnsPart } from '../network/names/dns-part.ts';
import { type NodeContainer, NodeContainerError, type NodeContainerSpec } from '../network/node-container.ts';
import type { NodeNetwork } from '../network/node-network.ts';
import { PlugAgent } from '../network/plug/plug-agent.ts';
import { policyFrame } from '../network/policies/policies.ts';
import { PolicyFragments } from '../network/policies/policy-fragments.ts';
import { serviceFrame } from '../network/services/service-frame.ts';
import type { Quiet } from '../runtime/watch-store.ts';
import type { Store } from '../store/store.ts';
import { type Clock, sleep } from '../system/clock.ts';
import { withDeadline } from '../system/deadline.ts';
import type { Ids } from '../system/ids.ts';
import type { Logger } from '../system/logger.ts';
import { type NetworkReport, networkReport, reportNetwork, reportSubnets, withoutNetwork } from './network-condition.ts';
import { addressAndZone, peersOf } from './node-routes.ts';

const RECOVERY_DEADLINE_MS = 60_000;
const RECOVERY_TRIES = 5;
const RECOVERY_PAUSE_MS = 1_000;

/** How a node takes part in the network: with a container of its own, or not at all and why. */
export type NetworkParts =
  | {
      readonly mode: 'container';
      readonly container: NodeContainer;
      /** Tells the reference of its image, which the engine has then; asked again and again. Rejects with NetworkUnavailable while there is none. */
      readonly image: (signal: AbortSignal) => Promise<string>;
      /** Why there is no image yet; absent when there is one. */
      readonly missing?: string;
      readonly choices: NetworkChoices;
      /** The container that plugs sandboxes in, or why there is none. */
      readonly plug?: { readonly container: NodeContainer } | { readonly missing: string };
      /** Ports of the host for Ingresses; 80 and 443 when absent. */
      readonly ingress?: NonNullable<NodeNetwork['ingress']>;
    }
  | { readonly mode: 'none'; readonly reason: 'NetworkDisabled' | 'NoNetworkContainer'; readonly message: string };

export interface NetworkPlaneOptions {
  readonly cluster: string;
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly logger: Logger;
  readonly parts: NetworkParts;
}

/** The network of one node. Made before the kubelet, started after it. */
export class NetworkPlane {
  /** For the kubelet. */
  readonly traffic: Traffic;
  /** For the kubelet; absent when pods have their addresses from the engine. */
  readonly choices: NetworkChoices | undefined;
  readonly #options: NetworkPlaneOptions;
  readonly #fragments: FragmentLane;
  readonly #ingress: IngressLane;
  readonly #pods: PodTraffic;
  readonly #lostStore: LostStore;
  readonly #aborter = new AbortController();
  #isOff: boolean;
  #nodeName = '';
  /** What is left as it was found, and why. */
  #kept: string | undefined;
  #agent: NetworkAgent | undefined;
  #plug: PlugAgent | undefined;
  /** Resolves when the plug may be asked for, or never will be. */
  readonly #begun: Promise<void>;
  #begin: () => void = () => {};

  constructor(options: NetworkPlaneOptions) {
    this.#options = options;
    this.#lostStore = new LostStore(
      () => options.clock.now(),
      (message) => this.#keeps(message),
    );
    this.#fragments = new FragmentLane({
      keeps: (id, fragment, store) => this.#lostStore.keeps(id, fragment, store),
      sources: [new ServiceFragments(), new PodFragments(), new PolicyFragments((its) => this.#lostStore.missing(its))],
      frame: (node) => [serviceFrame(node), policyFrame(), fabricFrame(node)],
      onLeft: (uids) => this.#pods.left(uids),
    });
    const { clock, store, parts } = options;
    this.#ingress = new IngressLane({
      now: () => clock.now(),
      challenges: () => challengesIn(store),
      keepsRoutes: (addresses, its) => this.#lostStore.keepsRoutes(addresses, its),
      onLeft: (uids) => this.#pods.left(uids),
    });
    this.#pods = new PodTraffic(clock, [this.#fragments, this.#ingress]);
    this.#isOff = parts.mode === 'none';
    this.traffic = {
      isServed: (uid) => !this.#isOff && this.#agent?.state.phase !== 'unavailable' && this.#pods.isServed(uid),
      onLeft: (callback) => this.#pods.onLeft(callback),
      fault: () => this.#fault(),
    };
    this.#begun = new Promise((resolve) => {
      this.#begin = resolve;
    });
    this.choices = parts.mode === 'container' ? this.#choices(parts) : undefined;
  }

  #choices({ choices, plug }: Extract<NetworkParts, { mode: 'container' }>): NetworkChoices {
    const hasPlug = plug !== undefined && 'container' in plug;
    return {
      ...choices,
      // A kubelet begins to work before the network knows of it.
      prepare: async () => {
        if (hasPlug) await this.#begun;
        await Promise.all([this.#agent?.prepare(), this.#plug?.prepare()]);
      },
      hasNames: () => this.#agent?.state.phase !== 'unavailable',
      ...(hasPlug ? { plug: this.#sandboxPlug() } : {}),
    };
  }

  /** It is not ready before it is there. */
  #sandboxPlug(): SandboxPlug {
    return {
      isReady: () => this.#plug?.state.phase === 'ready',
      plug: (request, signal) => this.#plug?.plug(request, signal) ?? Promise.reject(new Error('there is no plug yet')),
    };
  }

  /**
   * Begins, with a kubelet that has started. A store that knows no Services yet learns of those that the network container remembers. Rejects
   * when the store fails; what the container does not do now is tried again later.
   */
  async start(kubelet: Pick<Kubelet, 'network' | 'nodeName'>): Promise<void> {
    const { parts, store } = this.#options;
    const { network, nodeName } = kubelet;
    if (nodeName === undefined) return;
    this.#nodeName = nodeName;
    if (parts.mode === 'none' || network === undefined) {
      this.#isOff = true;
      const { reason, message } =
        parts.mode === 'none' ? parts : { reason: 'NetworkDisabled', message: 'pods have no network of ours' };
      await reportNetwork(store, this.#options.clock, nodeName, withoutNetwork(reason, message));
      return;
    }
    const { container, ingress, missing } = parts;
    const node = (): NodeNetwork => ({
      cluster: this.#options.cluster,
      name: nodeName,
      podRange: network.slice,
      ...addressAndZone(store, nodeName),
      bridge: network.bridge,
      gateway: network.gateway,
      clusterRange: network.podRange,
      serviceRange: network.serviceRange,
      dnsAddress: network.dnsAddress,
      nodePorts: NODE_PORTS,
      peers: peersOf(store, nodeName),
      ...(ingress === undefined ? {} : { ingress }),
    });
    const containerSpec = (of: NodeNetwork, reference: string): NodeContainerSpec =>
      networkContainerSpec(of, reference, [dnsPart(of), ingressPart, announcePart]);
    const image = async (signal: AbortSignal): Promise<string> => {
      const reference = await parts.image(signal);
      await this.#recover(container, containerSpec(node(), reference), network.serviceRange);
      return reference;
    };
    // Before anything is planned. Where there is no image, no Service is either, until there is one.
    if (missing === undefined) await image(this.#aborter.signal);
    const { clock, ids, logger } = this.#options;
    const announceLane = new AnnounceLane({
      now: () => clock.now(),
      onSubnets: (ranges) => reportSubnets(store, nodeName, ranges),
    });
    const agent = new NetworkAgent({
      store,
      clock,
      logger,
      random: () => ids.random(),
      container,
      node,
      image,
      containerSpec,
      // The ways to other nodes as well: those are not known before all have said who they are.
      lanes: [new FabricLane(), ...this.#pods.lanes(), announceLane].map((lane) => heldBack(lane, this.#lostStore)),
      onState: () => this.#report(),
    });
    this.#agent = agent;
    const report = missing === undefined ? this.#networkReport(agent) : withoutNetwork('NoNetworkContainer', missing);
    await reportNetwork(store, clock, nodeName, report);
    agent.start();
    this.#plug = this.#plugAgent(parts, node);
    this.#begin();
    // What an earlier process has programmed is kept in line even when no pod asks; what is missing is asked for again.
    if (missing !== undefined || store.list('Service').length + store.list('Pod').length > 0) void agent.prepare();
  }

  #plugAgent({ plug, image }: Extract<NetworkParts, { mode: 'container' }>, network: () => NodeNetwork): PlugAgent | undefined {
    if (plug === undefined || 'missing' in plug) return undefined;
    const { clock, logger, ids } = this.#options;
    const { container } = plug;
    const onState = (): void => this.#report();
    return new PlugAgent({ clock, logger, random: () => ids.random(), container, network, image, onState });
  }

  #networkReport({ state }: NetworkAgent): NetworkReport {
    const { parts } = this.#options;
    const missing =
      parts.mode === 'container' && parts.plug !== undefined && 'missing' in parts.plug ? parts.plug.missing : undefined;
    const plug = this.#plug?.state;
    return networkReport(state, this.#kept, plug?.phase === 'unavailable' ? plug.message : missing);
  }

  #keeps(message: string | undefined): void {
    this.#kept = message;
    if (message !== undefined) this.#options.logger.warn({ message }, 'the network is kept as it was found');
    this.#report();
  }

  #fault(): string | undefined {
    const state = this.#agent?.state;
    return state?.phase === 'stale' ? `the network of node ${this.#nodeName}: ${state.message}` : undefined;
  }

  #report(): void {
    const { store, clock, logger } = this.#options;
    if (this.#agent === undefined) return;
    reportNetwork(store, clock, this.#nodeName, this.#networkReport(this.#agent)).catch((error: unknown) =>
      logger.error({ error }, 'could not report the network of the node'),
    );
  }

  async #recover(container: NodeContainer, spec: NodeContainerSpec, serviceRange: string): Promise<void> {
    const { store } = this.#options;
    if (knowsServices(store)) return;
    const read = async (signal: AbortSignal): Promise<string> => {
      await container.ensure(spec, signal);
      return (await container.run(MEMORY_SCRIPT, signal)).output;
    };
    const result = await store.write(recoveredAddressWrites(store, serviceRange, await this.#remembered(read)));
    if (!result.ok) throw new Error(`could not recover the addresses of Services: ${result.message}`);
  }

  /** What is not read now is lost for good: a fault that may pass is waited for. */
  async #remembered(read: (signal: AbortSignal) => Promise<string>): Promise<string> {
    const { clock, logger } = this.#options;
    for (let tries = 1; ; tries += 1)
      try {
        return await withDeadline(clock, 'reading what the network remembers', RECOVERY_DEADLINE_MS, read);
      } catch (error) {
        if (!(error instanceof NodeContainerError)) throw error;
        logger.warn({ error }, 'what the network remembers could not be read');
        if (error.fault === 'Impossible' || tries === RECOVERY_TRIES) return '';
        await sleep(clock, RECOVERY_PAUSE_MS);
      }
  }

  async stop(): Promise<void> {
    this.#aborter.abort(new Error('the network of the node stopped'));
    this.#begin();
    await Promise.all([this.#agent?.stop(), this.#plug?.stop()]);
  }

  /** What is to be quiet with everything else. */
  quiet(): readonly Quiet[] {
    const agent = (): NetworkAgent | undefined => this.#agent;
    return [{ isIdle: () => agent()?.isIdle() ?? true, idle: () => agent()?.idle() ?? Promise.resolve() }];
  }
}
