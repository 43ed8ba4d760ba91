// What pods of a node share: the network and the sandbox image. Made when the first pod needs them, and again when they are gone.
import { type PodNetwork, podNetworkSpec } from './addresses/pod-network.ts';
import type { NetworkSpec } from './engine/container-engine.ts';
import type { EngineCalls } from './engine/engine-calls.ts';
import { type SandboxImage, sandboxImage } from './images/sandbox-image.ts';
import { CLUSTER_LABEL } from './labels.ts';
import { networkName } from './names.ts';

/** Network and sandbox image of one node. */
export class NodePreparation {
  readonly #calls: EngineCalls;
  readonly #architecture: string;
  readonly #network: NetworkSpec;
  readonly #afterwards: () => Promise<void>;
  #image: SandboxImage | undefined;
  #underWay: Promise<void> | undefined;
  #isPrepared = false;

  /** `afterwards`: what else pods wait for. `network`: the one that pods have their addresses from; absent leaves their addresses to the engine. */
  constructor(
    calls: EngineCalls,
    cluster: string,
    architecture: string,
    network?: PodNetwork,
    afterwards = (): Promise<void> => Promise.resolve(),
  ) {
    this.#calls = calls;
    this.#architecture = architecture;
    this.#afterwards = afterwards;
    this.#network =
      network === undefined
        ? { name: networkName(cluster), labels: { [CLUSTER_LABEL]: cluster } }
        : podNetworkSpec(network, cluster);
  }

  get isPrepared(): boolean {
    return this.#isPrepared;
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
    await this.#afterwards();
    this.#isPrepared = true;
  }
}
