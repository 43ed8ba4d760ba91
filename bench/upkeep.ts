// What running pods cost and how soon they see a change: the processor time of a hundred probes a second, and the way of a ConfigMap from
// the commit into the file of a running container.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dockerRequest } from '../scripts/engine-api.mjs';
import { CLUSTER_LABEL } from '../src/kubelet/labels.ts';
import { type Figure, medianOf } from './figures.ts';
import { CONFIG_KEY, configured, probed } from './manifests.ts';
import { Reconciler } from './reconciler.ts';
import { makeRepo } from './workspace.ts';

const PROBED_PODS = 100;
const WATCH_MS = 15_000;
const SETTLE_MS = 5_000;
const POLL_MS = 2;
const CHANGE_TIMEOUT_MS = 60_000;

export interface UpkeepOptions {
  readonly folder: string;
  readonly dockerHost: string;
  /** Ours alone, as a prefix of names and labels. */
  readonly cluster: string;
  readonly changes: number;
  readonly say: (text: string) => void;
}

export async function measureUpkeep(options: UpkeepOptions): Promise<Figure[]> {
  const { folder, dockerHost, cluster, say } = options;
  const repo = makeRepo(join(folder, 'upkeep'));
  const first = repo.commit(configured(0), 'One pod with a ConfigMap');
  const reconciler = new Reconciler({ repo: repo.dir, dataDir: join(folder, 'upkeep-data'), cluster, dockerHost });
  try {
    await reconciler.live(first.id);
    say('changing a ConfigMap');
    const file = await configFile(dockerHost, cluster);
    const samples: number[] = [];
    for (let version = 1; version <= options.changes; version += 1) {
      if (file === undefined) break;
      const commit = repo.commit(configured(version), `Version ${version}`);
      samples.push((await whenItSays(file, String(version))) - commit.atMs);
      await reconciler.live(commit.id);
    }
    const change = {
      id: 'config-change',
      title: 'from the commit of a ConfigMap to the file in a running container',
      unit: 'ms',
    } as const;
    const config: Figure =
      samples.length === 0
        ? { ...change, note: 'the volumes of this engine cannot be read from here' }
        : medianOf(change, samples);
    say(`${PROBED_PODS} pods, each probed once a second`);
    await reconciler.live(repo.commit(probed(PROBED_PODS), 'Probed pods').id);
    return [config, ...(await measureProbes(reconciler))];
  } finally {
    await reconciler.stop();
  }
}

async function measureProbes(reconciler: Reconciler): Promise<Figure[]> {
  await pause(SETTLE_MS);
  const before = reconciler.cpuMs();
  const startedAt = Date.now();
  await pause(WATCH_MS);
  const seconds = (Date.now() - startedAt) / 1000;
  const perSecond = (reconciler.cpuMs() - before) / seconds;
  const probes: Figure = {
    id: 'probe-cpu',
    title: `processor time per second with ${PROBED_PODS} HTTP probes a second`,
    unit: 'ms',
    value: perSecond,
  };
  return [probes, { id: 'probe-cpu-each', title: '  per probe', unit: 'ms', value: perSecond / PROBED_PODS }];
}

/** Where the host has the file that the container sees; undefined when that is not on this machine, or not for us to read. */
async function configFile(host: string, cluster: string): Promise<string | undefined> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`${CLUSTER_LABEL}=${cluster}`] }));
  const { Volumes } = (await dockerRequest(host, 'GET', `/volumes?filters=${filters}`)) as { Volumes: { Mountpoint: string }[] };
  return Volumes.map(({ Mountpoint }) => join(Mountpoint, CONFIG_KEY)).find((path) => existsSync(path));
}

/** Epoch milliseconds at which the file holds the text. */
async function whenItSays(file: string, text: string): Promise<number> {
  const deadline = Date.now() + CHANGE_TIMEOUT_MS;
  while (readFileSync(file, 'utf8') !== text) {
    if (Date.now() > deadline) throw new Error(`${file} does not say ${text}`);
    await pause(POLL_MS);
  }
  return performance.timeOrigin + performance.now();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
