// All figures of docs/performance.md, from one run, set-up included. Arguments go to bench/main.ts: `npm run bench -- --quick`.
import { spawn, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePackages, root } from './setup.mjs';

ensurePackages();
const { ensureBuilt } = await import('./build.mjs');
await ensureBuilt();
const { ensureDebianPackages, withEngine } = await import('./engine.mjs');
const { hostOfEnvironment } = await import('./engine-api.mjs');
const { ensureTestImages } = await import('./images.mjs');
const { ensureNetworkImage } = await import('./network-image.mjs');

await ensureDebianPackages(['wrk', 'haproxy', 'busybox-static']);
await ensureNeighbours();

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

/** What the starts of pods are compared with. Nobody has to have it: what is not there is left out, and the table says so. */
async function ensureNeighbours() {
  const { only } = parseArgs({ options: { only: { type: 'string' } }, strict: false, allowPositionals: true }).values;
  if (only !== undefined && only !== 'starts') return;
  const hasCompose = spawnSync('docker', ['compose', 'version']).status === 0;
  // The second is the program of Podman's own sandboxes.
  await ensureDebianPackages(['podman', 'catatonit', ...(hasCompose ? [] : ['docker-compose'])]).catch((error) => {
    console.error(`bench: ${error.message}`);
  });
}
