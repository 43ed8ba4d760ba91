// What pods of a node share: the network and the sandbox image, and a container that keeps the network there where Docker does not know of the pods
// on it. Made when the first pod needs them, and again when they are gone.
import { type PodNetwork, podNetworkSpec } from './addresses/pod-network.ts';
import { type ContainerSeen, type ContainerSpec, EngineError, type NetworkSpec } from './engine/container-engine.ts';
import type { EngineCalls } from './engine/engine-calls.ts';
import { type SandboxImage, sandboxImage } from './images/sandbox-image.ts';
import type { NetworkChoices } from './kubelet-options.ts';
import { BRIDGE_ROLE, CLUSTER_LABEL, ROLE_LABEL } from './labels.ts';
import { bridgeContainerName, networkName } from './names.ts';
import { SANDBOX_OOM_SCORE } from './spec/resources.ts';

/** The least weight that Docker knows: it only waits. */
const LEAST_CPU_SHARES = 2;

/** Network and sandbox image of one node. */
export class NodePreparation {
  readonly #calls: EngineCalls;
  readonly #architecture: string;
  readonly #network: NetworkSpec;
  readonly #choices: Pick<NetworkChoices, 'prepare' | 'plug'>;
  readonly #cluster: string;
  #image: SandboxImage | undefined;
  #underWay: Promise<void> | undefined;
  #isPrepared = false;
  #isHeld = false;

  /** `network`: the one that pods have their addresses from; absent leaves their addresses to the engine. */
  constructor(
    calls: EngineCalls,
    cluster: string,
    architecture: string,
    network?: PodNetwork,
    choices: Pick<NetworkChoices, 'prepare' | 'plug'> = {},
  ) {
    this.#calls = calls;
    this.#cluster = cluster;
    this.#architecture = architecture;
    this.#choices = choices;
    this.#network =
      network === undefined
        ? { name: networkName(cluster), labels: { [CLUSTER_LABEL]: cluster } }
        : podNetworkSpec(network, cluster);
  }

  get isPrepared(): boolean {
    return this.#isPrepared;
  }

  /** Whether Docker keeps the network although it may not know of the pods that are on it. */
  get isHeld(): boolean {
    return this.#isHeld;
  }

  /** Docker's name of the network. */
  get networkName(): string {
    return this.#network.name;
  }

  /** Reference of the sandbox image. Throws EngineError Invalid when there is none for this architecture. */
  get imageReference(): string {
    return this.#sandboxImage.reference;
  }

  get #sandboxImage(): SandboxImage {
    this.#image ??= sandboxImage(this.#architecture);
    return this.#image;
  }

  /** Something that was there is gone: look again before the next sandbox. */
  forget(): void {
    this.#isPrepared = false;
  }

  /** Makes both unless they are there. Pods that ask at the same time wait for the same work. */
  prepare(): Promise<void> {
    this.#underWay ??= this.#prepare().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  async #prepare(): Promise<void> {
    const { reference, files, entrypoint } = this.#sandboxImage;
    const found = await this.#calls.image(reference);
    if (found === undefined) await this.#calls.importImage(reference, files, { entrypoint });
    await this.#calls.ensureNetwork(this.#network);
    await this.#holdNetwork();
    await this.#choices.prepare?.();
    this.#isPrepared = true;
  }

  /** Somebody may have ended the container that keeps the network. `seen`: all containers. Rejects as the engine's calls do. */
  async hold(seen: readonly ContainerSeen[]): Promise<void> {
    const isRunning = seen.some(({ labels, state }) => labels[ROLE_LABEL] === BRIDGE_ROLE && state === 'running');
    if (this.#choices.plug === undefined || !this.#isPrepared || (this.#isHeld && isRunning)) return;
    this.forget();
    await this.prepare();
  }

  /** Where that cannot be, pods have Docker's network. */
  async #holdNetwork(): Promise<void> {
    this.#isHeld = false;
    if (this.#choices.plug === undefined) return;
    try {
      const id = await this.#calls.create(this.#holder());
      await this.#calls.start(id);
      this.#isHeld = true;
    } catch (error) {
      if (!(error instanceof EngineError) || error.fault === 'Unreachable') throw error;
      // One whose network is gone never starts again: the next attempt makes another.
      if (error.fault !== 'StartFailed') return;
      const old = (await this.#calls.list()).find(({ labels }) => labels[ROLE_LABEL] === BRIDGE_ROLE);
      if (old !== undefined) await this.#calls.remove(old.id);
    }
  }

  #holder(): ContainerSpec {
    return {
      name: bridgeContainerName(this.#cluster),
      image: this.imageReference,
      labels: { [CLUSTER_LABEL]: this.#cluster, [ROLE_LABEL]: BRIDGE_ROLE },
      env: [],
      mounts: [],
      network: { type: 'network', name: this.#network.name },
      ports: [],
      memoryBytes: 0,
      nanoCpus: 0,
      cpuShares: LEAST_CPU_SHARES,
      oomScoreAdj: SANDBOX_OOM_SCORE,
    };
  }
}
