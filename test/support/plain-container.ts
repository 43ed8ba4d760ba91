// A container of which nothing is asked, as a beginning for those of tests.
import type { ContainerSpec } from '../../src/kubelet/engine/container-engine.ts';

/** Neither environment nor mounts, ports or limits; name, image, labels and network are for the test to say. */
export const plainContainer: Omit<ContainerSpec, 'name' | 'image' | 'labels' | 'network'> = {
  env: [],
  mounts: [],
  ports: [],
  memoryBytes: 0,
  nanoCpus: 0,
  cpuShares: 0,
  oomScoreAdj: 0,
};
