// The neighbours, for comparison: Docker Compose and a Swarm stack, when they are there. They make one container per replica and no
// sandbox, so they do less work than a pod.
import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dockerRequest } from '../scripts/engine-api.mjs';
import { BUSYBOX } from '../scripts/images.mjs';
import type { Figure } from './figures.ts';
import { PODS } from './running.ts';

const COMMAND_TIMEOUT_MS = 120_000;
const STACK_TIMEOUT_MS = 90_000;
const POLL_MS = 100;

export interface OthersOptions {
  readonly folder: string;
  readonly dockerHost: string;
  /** For what they make; ours alone. */
  readonly name: string;
  /** Whether the engine is ours alone and may become a swarm. */
  readonly isPrivate: boolean;
  readonly say: (text: string) => void;
}

/** Times of the neighbours, or why there is none. */
export async function measureOthers(options: OthersOptions): Promise<Figure[]> {
  options.say('docker compose and docker stack deploy');
  const service = { image: BUSYBOX, command: ['sleep', 'infinity'], stop_grace_period: '0s', deploy: { replicas: PODS } };
  const folder = join(options.folder, 'others');
  mkdirSync(folder);
  const file = join(folder, 'compose.json');
  writeFileSync(file, JSON.stringify({ version: '3.7', services: { app: service } }));
  return [compose(file, options), await stack(file, options)];
}

function compose(file: string, { dockerHost, name }: OthersOptions): Figure {
  const figure = { id: 'compose', title: `docker compose, ${PODS} containers`, unit: 's' } as const;
  const command = [['docker', 'compose'], ['docker-compose']].find(
    ([program = '', ...args]) => spawnSync(program, [...args, 'version']).status === 0,
  );
  if (command === undefined) return { ...figure, note: 'not installed' };
  const [program = '', ...first] = command;
  const run = (...args: string[]): ReturnType<typeof docker> =>
    docker(program, [...first, '-p', name, '-f', file, ...args], dockerHost);
  const startedAt = Date.now();
  // Version 1 looks at the number here, version 2 also at `deploy`.
  const up = run('up', '-d', '--scale', `app=${PODS}`);
  const took = (Date.now() - startedAt) / 1000;
  run('down', '-t', '0');
  return up.status === 0 ? { ...figure, value: took } : { ...figure, note: `failed: ${up.said}` };
}

async function stack(file: string, { dockerHost, name, isPrivate }: OthersOptions): Promise<Figure> {
  const figure = { id: 'stack', title: `docker stack deploy, ${PODS} containers`, unit: 's' } as const;
  if (spawnSync('docker', ['stack', '--help']).status !== 0) return { ...figure, note: 'not installed' };
  if (!isPrivate)
    return {
      ...figure,
      note: 'skipped: it needs a swarm, and this Docker Engine is not ours to change (unset DOCKER_HOST to use a private one)',
    };
  const run = (...args: string[]): ReturnType<typeof docker> => docker('docker', args, dockerHost);
  const init = run('swarm', 'init', '--advertise-addr', '127.0.0.1');
  if (init.status !== 0) return { ...figure, note: `docker swarm init failed: ${init.said}` };
  try {
    const startedAt = Date.now();
    const deploy = run('stack', 'deploy', '-c', file, name);
    if (deploy.status !== 0) return { ...figure, note: `failed: ${deploy.said}` };
    for (let running = 0; running < PODS; running = await countRunning(dockerHost, name)) {
      if (Date.now() - startedAt > STACK_TIMEOUT_MS)
        return { ...figure, note: `only ${running} ran after ${STACK_TIMEOUT_MS / 1000} s` };
      await new Promise((resolve) => {
        setTimeout(resolve, POLL_MS);
      });
    }
    return { ...figure, value: (Date.now() - startedAt) / 1000 };
  } finally {
    run('stack', 'rm', name);
    run('swarm', 'leave', '--force');
  }
}

async function countRunning(host: string, name: string): Promise<number> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`com.docker.stack.namespace=${name}`], status: ['running'] }));
  return ((await dockerRequest(host, 'GET', `/containers/json?filters=${filters}`)) as unknown[]).length;
}

function docker(program: string, args: readonly string[], dockerHost: string): { status: number | null; said: string } {
  const options = { env: { ...process.env, DOCKER_HOST: dockerHost }, encoding: 'utf8', timeout: COMMAND_TIMEOUT_MS } as const;
  const { status, stderr } = spawnSync(program, [...args], options);
  return { status, said: stderr.trim().split('\n').at(-1) ?? '' };
}
