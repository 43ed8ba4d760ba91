// All figures of docs/performance.md, from one run, set-up included. Arguments go to bench/main.ts: `npm run bench -- --quick`.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ensurePackages, root } from './setup.mjs';

ensurePackages();
const { ensureBuilt } = await import('./build.mjs');
ensureBuilt();
const { ensureDebianPackages, withEngine } = await import('./engine.mjs');
const { hostOfEnvironment } = await import('./engine-api.mjs');
const { ensureTestImages } = await import('./images.mjs');
const { ensureNetworkImage } = await import('./network-image.mjs');

await ensureDebianPackages(['wrk', 'haproxy', 'busybox-static']);

process.exitCode = await withEngine(async (dockerHost, signal) => {
  await ensureTestImages(dockerHost);
  await ensureNetworkImage(dockerHost);
  // Only an engine that nobody else uses may be made a swarm.
  const isPrivate = dockerHost !== hostOfEnvironment();
  const bench = spawn(
    process.execPath,
    ['--import', 'tsx', join(root, 'bench', 'main.ts'), ...(isPrivate ? ['--private-engine'] : []), ...process.argv.slice(2)],
    { cwd: root, stdio: ['ignore', 'inherit', 'inherit'], env: { ...process.env, DOCKER_HOST: dockerHost } },
  );
  signal.addEventListener('abort', () => bench.kill('SIGTERM'), { once: true });
  return await new Promise((resolve) => {
    bench.on('exit', (code) => resolve(code ?? 1));
  });
});
