// All tests, set-up included: packages, a Docker Engine, the servers that the end-to-end tests talk to.
// Arguments go to vitest: `npm test -- test/kubelet`.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensurePackages, root } from './setup.mjs';

ensurePackages();
const { ensureBuilt } = await import('./build.mjs');
ensureBuilt();
const { ensureDebianPackages, withEngine } = await import('./engine.mjs');
const { ensureTestImages } = await import('./images.mjs');
await ensureDebianPackages(['openssl', 'openssh-client', 'openssh-server', 'busybox-static', 'docker-registry', 'age']);

process.exitCode = await withEngine(async (dockerHost) => {
  await ensureTestImages(dockerHost);
  const vitest = spawn(
    process.execPath,
    [
      join(root, 'node_modules/vitest/vitest.mjs'),
      'run',
      '--reporter=default',
      '--reporter=./scripts/closing-line.mjs',
      ...process.argv.slice(2),
    ],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, DOCKER_HOST: dockerHost } },
  );
  return await new Promise((resolve) => {
    vitest.on('exit', (code) => resolve(code ?? 1));
  });
});
