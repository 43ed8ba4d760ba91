// All tests, set-up included: packages, a Docker Engine, the servers that the end-to-end tests talk to.
// Arguments go to vitest: `npm test -- test/kubelet`.
import { spawn } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { ensurePackages, root } from './setup.mjs';

ensurePackages();
const { ensureBuilt } = await import('./build.mjs');
await ensureBuilt();
const { ensureDebianPackages, withEngines } = await import('./engine.mjs');
const { ensureTestImages } = await import('./images.mjs');
const { ensureNetworkImage } = await import('./network-image.mjs');
/** The network's programs run on this machine, too: in network namespaces, and as clients. */
const NETWORK_PACKAGES = 'nftables iproute2 conntrack iptables bind9 bind9-dnsutils haproxy socat wrk'.split(' ');
const SERVER_PACKAGES = ['openssl', 'openssh-client', 'openssh-server', 'gnupg', 'busybox-static', 'docker-registry', 'age'];
await ensureDebianPackages([...SERVER_PACKAGES, ...NETWORK_PACKAGES]);

/** Files that run at the same time, each worker on an engine of its own. Most of an end-to-end test is waiting: one more than there are cores. */
const WORKERS = Math.min(availableParallelism() + 1, 4);

process.exitCode = await withEngines(WORKERS, async (dockerHosts) => {
  for (const dockerHost of dockerHosts) {
    await ensureTestImages(dockerHost);
    await ensureNetworkImage(dockerHost);
  }
  const vitest = spawn(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=./scripts/closing-line.mjs',
      ...process.argv.slice(2),
    ],
    {
      cwd: root,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, DOCKER_HOST: dockerHosts[0], HOLDFAST_TEST_ENGINES: dockerHosts.join(' ') },
    },
  );
  return await new Promise((resolve) => {
    vitest.on('exit', (code) => resolve(code ?? 1));
  });
});
