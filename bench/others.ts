// The neighbours, for comparison: Docker Compose, a Swarm stack and Podman, as far as they are there.
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dockerRequest } from '../scripts/engine-api.mjs';
import { BUSYBOX } from '../scripts/images.mjs';
import type { Figure } from './figures.ts';

const COMMAND_TIMEOUT_MS = 180_000;
const STACK_TIMEOUT_MS = 90_000;
const POLL_MS = 100;
const NOT_INSTALLED = 'not installed';
/** Podman raises the limits of what it starts, which not every root may do. */
const PODMAN_CONFIGURATION = '[containers]\ndefault_ulimits = ["nofile=1024:1024", "nproc=4096:4096"]\n';

export interface NeighboursOptions {
  /** For the files that they read. */
  readonly folder: string;
  readonly dockerHost: string;
  /** For what they make; ours alone. */
  readonly name: string;
  /** Whether the engine is ours alone and may become a swarm. */
  readonly isPrivate: boolean;
}

interface Said {
  readonly status: number | null;
  readonly said: string;
}

/** Starts containers with each neighbour in turn. */
export class Neighbours {
  readonly #options: NeighboursOptions;
  readonly #compose: readonly string[] | undefined;
  readonly #podmanConfiguration: string;
  readonly #leftovers: (() => void)[] = [];
  #composeRounds = 0;
  #hasSwarm = false;
  #hasPodmanImage = false;

  constructor(options: NeighboursOptions) {
    this.#options = options;
    this.#podmanConfiguration = join(options.folder, 'containers.conf');
    writeFileSync(this.#podmanConfiguration, PODMAN_CONFIGURATION);
    this.#compose = [['docker', 'compose'], ['docker-compose']].find(
      ([program = '', ...args]) => spawnSync(program, [...args, 'version']).status === 0,
    );
  }

  /** Seconds from the command to so many running containers, or why there is no such time. Takes them away again. */
  async start(count: number): Promise<Figure[]> {
    const service = { image: BUSYBOX, command: ['sleep', 'infinity'], stop_grace_period: '0s', deploy: { replicas: count } };
    const file = join(this.#options.folder, 'compose.json');
    writeFileSync(file, JSON.stringify({ version: '3.7', services: { app: service } }));
    return [this.#startCompose(file, count), await this.#startStack(file, count), this.#startPodman(count)];
  }

  /** Leaves the engine as it was. */
  async close(): Promise<void> {
    for (const takeAway of this.#leftovers) takeAway();
    if (this.#hasSwarm) this.#docker('docker', 'swarm', 'leave', '--force');
    await Promise.resolve();
  }

  #startCompose(file: string, count: number): Figure {
    const figure = { id: `compose-${count}`, title: `docker compose, ${count} containers`, unit: 's' } as const;
    if (this.#compose === undefined) return { ...figure, note: NOT_INSTALLED };
    const [program = '', ...first] = this.#compose;
    // Another name each time, and not the stack's: a busy engine may keep a network whose containers are gone.
    this.#composeRounds += 1;
    const project = `${this.#options.name}-compose-${this.#composeRounds}`;
    const run = (...args: string[]): Said => this.#docker(program, ...first, '-p', project, '-f', file, ...args);
    const startedAt = Date.now();
    // Version 1 looks at the number here, version 2 also at `deploy`.
    const up = run('up', '-d', '--scale', `app=${count}`);
    const took = (Date.now() - startedAt) / 1000;
    if (run('down', '-t', '0').status !== 0) this.#leftovers.push(() => void run('down', '-t', '0'));
    return up.status === 0 ? { ...figure, value: took } : { ...figure, note: `failed: ${up.said}` };
  }

  async #startStack(file: string, count: number): Promise<Figure> {
    const { isPrivate, name } = this.#options;
    const figure = { id: `stack-${count}`, title: `docker stack deploy, ${count} containers`, unit: 's' } as const;
    if (spawnSync('docker', ['stack', '--help']).status !== 0) return { ...figure, note: NOT_INSTALLED };
    if (!isPrivate)
      return {
        ...figure,
        note: 'skipped: it needs a swarm, and this Docker Engine is not ours to change (unset DOCKER_HOST to use a private one)',
      };
    const init = this.#hasSwarm ? undefined : this.#docker('docker', 'swarm', 'init', '--advertise-addr', '127.0.0.1');
    if (init !== undefined && init.status !== 0) return { ...figure, note: `docker swarm init failed: ${init.said}` };
    this.#hasSwarm = true;
    try {
      const startedAt = Date.now();
      const deploy = this.#docker('docker', 'stack', 'deploy', '-c', file, name);
      if (deploy.status !== 0) return { ...figure, note: `failed: ${deploy.said}` };
      for (let running = 0; running < count; running = (await this.#stackContainers('running')).length) {
        if (Date.now() - startedAt > STACK_TIMEOUT_MS)
          return { ...figure, note: `only ${running} ran after ${STACK_TIMEOUT_MS / 1000} s` };
        await pause();
      }
      return { ...figure, value: (Date.now() - startedAt) / 1000 };
    } finally {
      this.#docker('docker', 'stack', 'rm', name);
      // Its network goes last, and the next round needs the name.
      while ((await this.#stackContainers()).length > 0 || (await this.#stackNetworks()).length > 0) await pause();
    }
  }

  async #stackNetworks(): Promise<readonly unknown[]> {
    const filters = encodeURIComponent(JSON.stringify({ label: [`com.docker.stack.namespace=${this.#options.name}`] }));
    return (await dockerRequest(this.#options.dockerHost, 'GET', `/networks?filters=${filters}`)) as unknown[];
  }

  async #stackContainers(status?: string): Promise<readonly unknown[]> {
    const label = [`com.docker.stack.namespace=${this.#options.name}`];
    const filters = encodeURIComponent(JSON.stringify({ label, ...(status === undefined ? {} : { status: [status] }) }));
    return (await dockerRequest(this.#options.dockerHost, 'GET', `/containers/json?all=1&filters=${filters}`)) as unknown[];
  }

  #startPodman(count: number): Figure {
    const figure = { id: `podman-${count}`, title: `podman kube play, ${count} pods`, unit: 's' } as const;
    if (spawnSync('podman', ['--version']).status !== 0) return { ...figure, note: NOT_INSTALLED };
    const image = this.#podmanImage();
    if (image !== undefined) return { ...figure, note: image };
    const { name, folder } = this.#options;
    const container = { name: 'app', image: `localhost/${BUSYBOX}`, command: ['sleep', 'infinity'] };
    const manifests = Array.from({ length: count }, (_, index) => ({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: `${name}-${index}` },
      spec: { terminationGracePeriodSeconds: 0, containers: [container] },
    }));
    const file = join(folder, 'pods.yaml');
    writeFileSync(file, manifests.map((each) => JSON.stringify(each)).join('\n---\n'));
    const startedAt = Date.now();
    const up = this.#docker('podman', 'play', 'kube', file);
    const took = (Date.now() - startedAt) / 1000;
    this.#docker('podman', 'play', 'kube', '--down', file);
    return up.status === 0 ? { ...figure, value: took } : { ...figure, note: `failed: ${up.said}` };
  }

  /** Podman has a store of its own; why it lacks the image, or undefined when it has it. */
  #podmanImage(): string | undefined {
    if (this.#hasPodmanImage) return undefined;
    const archive = join(this.#options.folder, 'image.tar');
    const saved = this.#docker('docker', 'save', '-o', archive, BUSYBOX);
    const loaded = saved.status === 0 ? this.#docker('podman', 'load', '-q', '-i', archive) : saved;
    const tagged = loaded.status === 0 ? this.#docker('podman', 'tag', BUSYBOX, `localhost/${BUSYBOX}`) : loaded;
    if (loaded.status !== 0) return `failed: ${loaded.said}`;
    this.#hasPodmanImage = tagged.status === 0 || loaded.status === 0;
    return undefined;
  }

  #docker(program: string, ...args: readonly string[]): Said {
    const env = { ...process.env, DOCKER_HOST: this.#options.dockerHost, CONTAINERS_CONF: this.#podmanConfiguration };
    const options = { env, encoding: 'utf8', timeout: COMMAND_TIMEOUT_MS } as const;
    const { status, stderr } = spawnSync(program, [...args], options);
    return { status, said: stderr.trim().split('\n').at(-1) ?? '' };
  }
}

function pause(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, POLL_MS);
  });
}
