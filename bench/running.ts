// What costs something on the engine: bringing pods up, healing one, and the memory of the controller that watches them.
import { join } from 'node:path';
import { dockerRequest } from '../scripts/engine-api.mjs';
import { EngineEvents } from './engine-events.ts';
import { type Figure, median, medianOf } from './figures.ts';
import { containersOf, Floor, type PodBodies, removeCluster } from './floor.ts';
import { pods } from './manifests.ts';
import { Reconciler } from './reconciler.ts';
import { countCalls, createBodies, startRecordingProxy } from './recording-proxy.ts';
import { type BenchRepo, makeRepo } from './workspace.ts';

export const PODS = 50;
/** Pods of the run whose calls are counted. */
const COUNTED_PODS = 8;
/** What a run leaves behind in the collector is let go of within this time. */
const SETTLE_MS = 10_000;
const POLL_MS = 100;

export interface RunningOptions {
  readonly folder: string;
  readonly dockerHost: string;
  /** Ours alone, as a prefix of names and labels. */
  readonly cluster: string;
  readonly repeats: number;
  readonly heals: number;
  readonly say: (text: string) => void;
}

/** Figures (a), (d) and (e). */
export async function measureRunning(options: RunningOptions): Promise<Figure[]> {
  const { folder, dockerHost, cluster, say } = options;
  const repo = makeRepo(join(folder, 'pods'));
  const dataDir = join(folder, 'pods-data');
  say(`counting the engine calls of ${COUNTED_PODS} pods`);
  const { bodies, figure: calls } = await countEngineCalls(repo, dataDir, options);
  const floor = new Floor(dockerHost, bodies, `${cluster}-floor`);
  await floor.prepare();
  const reconciler = new Reconciler({ repo: repo.dir, dataDir, cluster, dockerHost });
  try {
    const up = await measureUp(reconciler, repo, floor, options);
    say('healing containers');
    const heal = await measureHealing(floor, options);
    await pause(SETTLE_MS);
    const memory: Figure = {
      id: 'memory',
      title: `resident memory with ${PODS} pods`,
      unit: 'MB',
      value: reconciler.residentMegabytes(),
      target: 150,
    };
    return [...up, calls, ...heal, memory];
  } finally {
    await reconciler.stop();
  }
}

async function countEngineCalls(
  repo: BenchRepo,
  dataDir: string,
  { folder, dockerHost, cluster }: RunningOptions,
): Promise<{ bodies: PodBodies; figure: Figure }> {
  const proxy = await startRecordingProxy(folder, dockerHost);
  repo.commit(pods(0), 'No pods');
  const reconciler = new Reconciler({ repo: repo.dir, dataDir, cluster, dockerHost: proxy.host });
  try {
    // One pod first: it makes the network and the sandbox image.
    await reconciler.live(repo.commit(pods(1), 'One pod').id);
    proxy.clear();
    await reconciler.live(repo.commit(pods(1 + COUNTED_PODS), 'Some pods').id);
    const calls = [...proxy.calls];
    await reconciler.live(repo.commit(pods(0), 'No pods').id);
    await untilGone(dockerHost, cluster);
    const created = createBodies(calls);
    const sandbox = created.find(({ HostConfig }) => !String(HostConfig['NetworkMode']).startsWith('container:'));
    const app = created.find(({ HostConfig }) => String(HostConfig['NetworkMode']).startsWith('container:'));
    if (sandbox === undefined || app === undefined) throw new Error('no pod was created');
    const note = [...countCalls(calls)].map(([call, times]) => `${times}x ${call}`).join(', ');
    const figure: Figure = { id: 'engine-calls', title: 'engine calls per pod', unit: 'calls', value: calls.length / COUNTED_PODS, note };
    return { bodies: { sandbox, app }, figure };
  } finally {
    await reconciler.stop();
    await proxy.close();
  }
}

/** Both by turns, so that whatever else the machine does hits both; the ratio is taken pair by pair. */
async function measureUp(
  reconciler: Reconciler,
  repo: BenchRepo,
  floor: Floor,
  { dockerHost, cluster, repeats, say }: RunningOptions,
): Promise<Figure[]> {
  const ours: number[] = [];
  const floors: number[] = [];
  const measureOurs = async (): Promise<void> => {
    const commit = repo.commit(pods(PODS), `${PODS} pods`);
    ours.push(((await reconciler.live(commit.id)) - commit.atMs) / 1000);
    await mustRun(dockerHost, cluster, 2 * PODS);
  };
  const clearOurs = async (): Promise<void> => {
    await reconciler.live(repo.commit(pods(0), 'No pods').id);
    await untilGone(dockerHost, cluster);
  };
  const measureFloor = async (): Promise<void> => {
    const startedAt = Date.now();
    await floor.bringUp(PODS);
    floors.push((Date.now() - startedAt) / 1000);
    await removeCluster(dockerHost, `${cluster}-floor`, false);
  };
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    say(`${PODS} pods, pair ${repeat + 1} of ${repeats}`);
    // The order alternates, too. The last pods of ours stay for what follows.
    if (repeat % 2 === 0) await measureFloor();
    await measureOurs();
    if (repeat % 2 !== 0 || repeat + 1 < repeats) await clearOurs();
    if (repeat % 2 !== 0) await measureFloor();
    if (repeat % 2 !== 0 && repeat + 1 === repeats) await reconciler.live(repo.commit(pods(PODS), `${PODS} pods`).id);
  }
  const ratios = ours.map((each, index) => each / (floors[index] ?? Number.NaN));
  return [
    medianOf({ id: 'up-holdfast', title: `${PODS} pods from commit to ready`, unit: 's' }, ours),
    medianOf({ id: 'up-floor', title: `${PODS} equal pods through the Docker API, 8 in flight`, unit: 's' }, floors),
    medianOf({ id: 'up-ratio', title: 'ratio of the two', unit: 'ratio', target: 1.15 }, ratios),
  ];
}

/** From `docker kill` to the start of its successor, against creating and starting such a container by hand, by turns. */
async function measureHealing(floor: Floor, { dockerHost, cluster, heals }: RunningOptions): Promise<Figure[]> {
  const events = new EngineEvents();
  await events.open(dockerHost);
  const samples = { total: [] as number[], dying: [] as number[], mending: [] as number[], floor: [] as number[], killed: [] as number[] };
  try {
    const apps = (await containersOf(dockerHost, cluster)).filter(({ Labels }) => Labels['holdfast.dev/role'] === 'container');
    const [home] = await floor.bringUp(1);
    if (home === undefined) throw new Error('the floor has no pod');
    for (const app of apps.slice(0, heals)) {
      const isSlot = (labels: Readonly<Record<string, string>>): boolean =>
        labels['holdfast.dev/pod-uid'] === app.Labels['holdfast.dev/pod-uid'] && labels['holdfast.dev/container'] === app.Labels['holdfast.dev/container'];
      const died = events.next(({ id, action }) => id === app.Id && action === 'die');
      const back = events.next(({ id, action, labels }) => id !== app.Id && action === 'start' && isSlot(labels));
      const killedAtMs = preciseNow();
      await dockerRequest(dockerHost, 'POST', `/containers/${app.Id}/kill`);
      const [diedAtMs, backAtMs] = [(await died).atMs, (await back).atMs];
      samples.total.push(backAtMs - killedAtMs);
      samples.dying.push(diedAtMs - killedAtMs);
      samples.mending.push(backAtMs - diedAtMs);
      const started = events.next(({ action, labels }) => action === 'start' && labels['holdfast.dev/cluster'] === `${cluster}-floor`);
      const startedAtMs = preciseNow();
      const id = await floor.addContainer(home.sandboxId);
      samples.floor.push((await started).atMs - startedAtMs);
      await dockerRequest(dockerHost, 'DELETE', `/containers/${id}?force=1&v=1`);
    }
  } finally {
    events.close();
  }
  const ratio = (times: readonly number[]): number[] => times.map((each, index) => each / (samples.floor[index] ?? Number.NaN));
  const dying = median(samples.dying).toFixed(1);
  return [
    medianOf({ id: 'heal', title: 'from docker kill to running again', unit: 'ms', note: `of which ${dying} ms until the engine says that it died` }, samples.total),
    medianOf({ id: 'heal-floor', title: 'create and start of an equal container', unit: 'ms' }, samples.floor),
    medianOf({ id: 'heal-ratio', title: 'ratio of the two', unit: 'ratio', target: 1.3 }, ratio(samples.total)),
    medianOf({ id: 'heal-ratio-from-death', title: 'ratio from its death on', unit: 'ratio' }, ratio(samples.mending)),
  ];
}

function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}

async function mustRun(host: string, cluster: string, count: number): Promise<void> {
  const running = (await containersOf(host, cluster)).filter((each) => each.State === 'running').length;
  if (running !== count) throw new Error(`${running} containers run where ${count} should`);
}

async function untilGone(host: string, cluster: string): Promise<void> {
  while ((await containersOf(host, cluster)).length > 0) await pause(POLL_MS);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
