// How this node takes part in the network: with a container, whose image is found or made, or without one and why.
import type { NodeChoices } from './cli/node-options.ts';
import type { PlaceOptions } from './cli/parts.ts';
import type { DockerHost } from './docker/docker-host.ts';
import { createNetworkContainer } from './docker/network-container.ts';
import { hostFacts } from './host-facts.ts';
import type { EngineInfo } from './kubelet/engine/container-engine.ts';
import { NetworkUnavailable } from './network/agent/agent.ts';
import { ensureNetworkImage } from './network-image.ts';
import type { NetworkParts } from './network-plane.ts';
import type { Logger } from './system/logger.ts';

export interface NetworkSurroundings {
  readonly info: EngineInfo;
  readonly host: DockerHost;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Rejects with the engine's error, and with what aborted it. That a node cannot have the network is an answer. */
export async function networkParts(
  options: Pick<PlaceOptions, 'cluster'> & NodeChoices,
  { info, host, env, logger, signal }: NetworkSurroundings,
): Promise<NetworkParts> {
  if (options.network === 'none')
    return { mode: 'none', reason: 'NetworkDisabled', message: 'this node was started with --network none' };
  if (info.securityOptions.includes('rootless'))
    return without('a rootless Docker Engine has no access to the network of its host');
  try {
    const { reference, how } = await ensureNetworkImage(
      { host, architecture: info.architecture, source: env['HOLDFAST_NETWORK_IMAGE'] },
      signal,
    );
    logger.info({ image: reference, how }, 'image of the network container');
    const { podRange, serviceRange } = options;
    return {
      mode: 'container',
      container: createNetworkContainer({ cluster: options.cluster, host }),
      image: reference,
      choices: {
        wishes: { ...(podRange === undefined ? {} : { podRange }), ...(serviceRange === undefined ? {} : { serviceRange }) },
        hostFacts: () => hostFacts(host),
      },
      ...(options.ingressPorts === undefined ? {} : { ingress: options.ingressPorts }),
    };
  } catch (error) {
    if (!(error instanceof NetworkUnavailable)) throw error;
    logger.warn({ error }, 'this node has no network container');
    return without(error.message);
  }
}

function without(message: string): NetworkParts {
  return { mode: 'none', reason: 'NoNetworkContainer', message };
}
