// What a container that was just made looks like. Pure.
import type { ContainerSeen, ContainerSpec } from './engine/container-engine.ts';
import { PLUG_ADDRESS_LABEL } from './labels.ts';

/** A container as it is right after its creation: nobody has to look to know that. */
export function asCreated(id: string, spec: ContainerSpec, now: number): ContainerSeen {
  const { name, memoryBytes, nanoCpus, cpuShares, pidsLimit = 0, network, labels, image } = spec;
  return {
    id,
    labels,
    image,
    imageId: '',
    state: 'created',
    createdAtMs: now,
    startedAtMs: 0,
    finishedAtMs: 0,
    exitCode: 0,
    isOomKilled: false,
    error: '',
    ip: '',
    ...addressOf(spec),
    settings: {
      name,
      memoryBytes,
      nanoCpus,
      cpuShares,
      pidsLimit,
      restartPolicy: 'no',
      networks: network.type === 'network' ? [network.name] : network.type === 'host' ? ['host'] : [],
      others: [],
    },
  };
}

function addressOf({ network, labels }: ContainerSpec): Pick<ContainerSeen, 'address'> {
  const address = network.type === 'network' ? network.address : network.type === 'bare' ? labels[PLUG_ADDRESS_LABEL] : undefined;
  return address === undefined ? {} : { address };
}
