// How this node takes part in the network: with a container, whose image is found or made, or without one and why.
import type { NodeChoices } from '../cli/node-options.ts';
import type { PlaceOptions } from '../cli/parts.ts';
import type { DockerHost } from '../docker/docker-host.ts';
import { createNetworkContainer, createPlugContainer, networkImageInUse } from '../docker/network-container.ts';
import type { EngineInfo } from '../kubelet/engine/container-engine.ts';
import { NetworkUnavailable } from '../network/agent/agent.ts';
import { DEFAULT_PORTS } from '../network/ingress/configuration.ts';
import type { Clock } from '../system/clock.ts';
import type { Logger } from '../system/logger.ts';
import { hostFacts } from './host-facts.ts';
import { ensureNetworkImage } from './network-image.ts';
import { NetworkImageSource } from './network-image-source.ts';
import type { NetworkParts } from './network-plane.ts';

export interface NetworkSurroundings {
  readonly info: EngineInfo;
  readonly host: DockerHost;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The script that puts the image of the network container together. */
  readonly collectScript: string;
  readonly signal: AbortSignal;
}

/** Rejects with the engine's error, and with what aborted it. That a node cannot have the network, or not yet, is an answer. */
export async function networkParts(
  options: Pick<PlaceOptions, 'cluster'> & NodeChoices,
  { info, host, env, clock, logger, collectScript, signal }: NetworkSurroundings,
): Promise<NetworkParts> {
  if (options.network === 'none')
    return { mode: 'none', reason: 'NetworkDisabled', message: 'this node was started with --network none' };
  if (info.securityOptions.includes('rootless')) {
    const message = 'a rootless Docker Engine has no access to the network of its host';
    return { mode: 'none', reason: 'NoNetworkContainer', message };
  }
  const { cluster, podRange, serviceRange } = options;
  const wanted = {
    host,
    architecture: info.architecture,
    source: env['HOLDFAST_NETWORK_IMAGE'],
    collect: { script: collectScript },
  };
  const images = new NetworkImageSource({
    ensure: (inner) => ensureNetworkImage(wanted, inner),
    inUse: (inner) => networkImageInUse({ cluster, host }, inner),
    now: () => clock.now(),
    logger,
  });
  const missing = await firstFailure(images, signal);
  return {
    mode: 'container',
    container: createNetworkContainer({ cluster, host, isOwner: true }),
    image: (inner) => images.reference(inner),
    ...(missing === undefined ? {} : { missing }),
    choices: {
      wishes: { ...(podRange === undefined ? {} : { podRange }), ...(serviceRange === undefined ? {} : { serviceRange }) },
      hostFacts: () => hostFacts(host),
      ingressPorts: options.ingressPorts ?? DEFAULT_PORTS,
    },
    ...plugOf(options, { info, host }),
    ...(options.ingressPorts === undefined ? {} : { ingress: options.ingressPorts }),
  };
}

function plugOf(
  { cluster, sandboxNetwork }: Pick<PlaceOptions, 'cluster'> & NodeChoices,
  { info, host }: Pick<NetworkSurroundings, 'info' | 'host'>,
): Pick<Extract<NetworkParts, { mode: 'container' }>, 'plug'> {
  if (sandboxNetwork === 'docker') return {};
  // It is among the host's users, and sandboxes are not.
  if (info.securityOptions.includes('userns'))
    return { plug: { missing: 'the Docker Engine gives containers users of their own' } };
  return { plug: { container: createPlugContainer({ cluster, host }) } };
}

/** Why there is no image yet; undefined when there is one. Whatever else keeps it away is rejected with. */
async function firstFailure(images: NetworkImageSource, signal: AbortSignal): Promise<string | undefined> {
  try {
    await images.reference(signal);
    return undefined;
  } catch (error) {
    if (!(error instanceof NetworkUnavailable)) throw error;
    return error.message;
  }
}
