import { createNetworkContainer } from '../../src/docker/network-container.ts';
import { networkContainerName } from '../../src/docker/network-container-body.ts';
import { BUSYBOX, byHand, cleanUp, ensureBusybox, ensureNetworkImage, testDockerHost, uniqueCluster } from '../support/docker.ts';
import { FakeNodeContainer } from '../support/fake-node-container.ts';
import { type NodeContainerHarness, nodeContainerContract } from './node-container.contract.ts';

const INIT = "#!/bin/sh\ntrap 'exit 0' TERM\nwhile :; do sleep 1 & wait $!; done\n";
const files = [{ path: '/test/init', mode: 0o755, content: INIT }];

async function fakeHarness(): Promise<NodeContainerHarness> {
  const container = new FakeNodeContainer();
  return {
    container,
    spec: { image: 'network', files, command: ['/test/init'] },
    makeForeign: async () => {
      container.isForeign = true;
      return async () => void (container.isForeign = false);
    },
    stop: async () => container.kill(),
    close: async () => {},
  };
}

async function dockerHarness(): Promise<NodeContainerHarness> {
  const cluster = uniqueCluster('node');
  await ensureBusybox();
  const name = networkContainerName(cluster);
  const container = createNetworkContainer({ cluster, host: testDockerHost() });
  return {
    container,
    spec: { image: await ensureNetworkImage(), files, command: ['/test/init'] },
    makeForeign: async () => {
      await byHand('POST', `/containers/create?name=${name}`, { Image: BUSYBOX, Cmd: ['sleep', '600'] });
      return async () => void (await byHand('DELETE', `/containers/${name}?force=1`));
    },
    stop: async () => void (await byHand('POST', `/containers/${name}/stop`)),
    close: async () => {
      container.close();
      await cleanUp(cluster);
    },
  };
}

nodeContainerContract('fake', fakeHarness);
nodeContainerContract('Docker', dockerHarness);
