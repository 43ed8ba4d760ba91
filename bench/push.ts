// The time from a push to the changed container: a change of one line in a repository on this machine, which is watched, and in one on a server, which
// tells of it by a webhook. Beside it, by turns, an equal container that is created and started by hand.
import { execFileSync } from 'node:child_process';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { dockerRequest } from '../scripts/engine-api.mjs';
import { BUSYBOX } from '../scripts/images.mjs';
import { CLUSTER_LABEL, ROLE_LABEL } from '../src/kubelet/labels.ts';
import { startGitHttpServer } from '../test/support/git-server-http.ts';
import { EngineEvents } from './engine-events.ts';
import { type Figure, median, medianOf } from './figures.ts';
import { removeCluster } from './floor.ts';
import { versioned } from './manifests.ts';
import { Reconciler, uninstall } from './reconciler.ts';
import { makeRepo } from './workspace.ts';

/** What a controller may add to the making of a container. */
const TARGET_MS = 150;
const SECRET = 'bench';

export interface PushOptions {
  readonly folder: string;
  readonly dockerHost: string;
  /** Ours alone, as a prefix of names and labels. */
  readonly cluster: string;
  readonly repeats: number;
  readonly say: (text: string) => void;
}

/** A repository that a controller follows. */
interface Followed {
  readonly repo: string;
  /** What else the controller is told of it. */
  readonly args: readonly string[];
  /** Pushes a version of the only container. Resolves with when the branch pointed at it, in epoch milliseconds, and with its commit. */
  push(version: number): Promise<{ id: string; atMs: number }>;
  close(): Promise<void>;
}

export async function measurePush(options: PushOptions): Promise<Figure[]> {
  const watched = await measureWay('watch', 'a repository on this machine', await watchedRepository(options), options);
  const told = await measureWay('webhook', 'a webhook', await toldRepository(options), options);
  return [...watched, ...told];
}

async function measureWay(id: string, title: string, followed: Followed, options: PushOptions): Promise<Figure[]> {
  const { folder, dockerHost, repeats, say } = options;
  const cluster = `${options.cluster}-${id}`;
  const events = new EngineEvents();
  await events.open(dockerHost);
  const place = { dataDir: join(folder, `push-${id}-data`), cluster, dockerHost };
  const reconciler = new Reconciler({ ...place, repo: followed.repo, args: followed.args });
  const [ours, floors]: [number[], number[]] = [[], []];
  try {
    await reconciler.live((await followed.push(0)).id);
    for (let version = 1; version <= repeats; version += 1) {
      say(`a push, by ${title}, ${version} of ${repeats}`);
      floors.push(await makeByHand(dockerHost, `${cluster}-floor`));
      const running = events.next(
        ({ action, labels }) => action === 'start' && labels[CLUSTER_LABEL] === cluster && labels[ROLE_LABEL] === 'container',
      );
      const { id: commit, atMs } = await followed.push(version);
      ours.push((await running).atMs - atMs);
      await reconciler.live(commit);
    }
  } finally {
    events.close();
    await reconciler.stop();
    await followed.close();
    // As long as its network container is there: only that can take from the kernel what it has put there.
    await uninstall(dockerHost, cluster, folder);
    await removeCluster(dockerHost, `${cluster}-floor`, true);
  }
  return [
    medianOf({ id: `push-${id}`, title: `from a push to the changed container, by ${title}`, unit: 'ms' }, ours),
    medianOf({ id: `push-${id}-floor`, title: '  create and start of an equal container by hand', unit: 'ms' }, floors),
    { id: `push-${id}-added`, title: '  what is added', unit: 'ms', value: median(ours) - median(floors), target: TARGET_MS },
  ];
}

async function watchedRepository({ folder }: PushOptions): Promise<Followed> {
  const repo = makeRepo(join(folder, 'push-watched'));
  return {
    repo: repo.dir,
    args: [],
    push: async (version) => repo.commit(versioned(version), `Version ${version}`),
    close: async () => {},
  };
}

/** Served over HTTP, and asked once an hour: only the webhook tells of a push. */
async function toldRepository({ folder }: PushOptions): Promise<Followed> {
  const repo = makeRepo(join(folder, 'push-told'));
  const served = join(folder, 'push-served');
  const bare = join(served, 'app.git');
  mkdirSync(served);
  execFileSync('git', ['clone', '--quiet', '--bare', repo.dir, bare]);
  const server = await startGitHttpServer({ dir: served });
  const secretFile = join(folder, 'push-secret');
  writeFileSync(secretFile, SECRET, { mode: 0o600 });
  const port = await freePort();
  return {
    repo: `${server.url}/app.git`,
    args: ['--branch', 'main', '--interval', '1h', '--listen', `127.0.0.1:${port}`, '--webhook-secret-file', secretFile],
    async push(version) {
      const { id } = repo.commit(versioned(version), `Version ${version}`);
      execFileSync('git', ['push', '--quiet', bare, 'main'], { cwd: repo.dir });
      const atMs = Number(statSync(join(bare, 'refs/heads/main'), { bigint: true }).mtimeNs) / 1e6;
      // Before it listens it has not asked yet, either.
      await fetch(`http://127.0.0.1:${port}/hooks/generic`, {
        method: 'POST',
        headers: { authorization: `Bearer ${SECRET}`, 'content-type': 'application/json' },
        body: '{}',
      }).catch(() => undefined);
      return { id, atMs };
    },
    close: () => server.close(),
  };
}

/** Milliseconds that the engine takes to create and start a container like the one that is pushed; it is removed then. */
async function makeByHand(dockerHost: string, cluster: string): Promise<number> {
  const body = {
    Image: BUSYBOX,
    Cmd: ['sleep', 'infinity'],
    Labels: { [CLUSTER_LABEL]: cluster },
    HostConfig: { Memory: 32 << 20 },
  };
  const startedAtMs = performance.now();
  const { Id } = (await dockerRequest(dockerHost, 'POST', '/containers/create', body)) as { Id: string };
  await dockerRequest(dockerHost, 'POST', `/containers/${Id}/start`);
  const tookMs = performance.now() - startedAtMs;
  await dockerRequest(dockerHost, 'DELETE', `/containers/${Id}?force=1`);
  return tookMs;
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}
