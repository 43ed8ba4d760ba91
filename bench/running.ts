// What costs something on the engine: bringing pods up, healing one, and the memory of the controller that watches them.
import { join } from 'node:path';
import { dockerRequest } from '../scripts/engine-api.mjs';
import { CLUSTER_LABEL, CONTAINER_LABEL, POD_UID_LABEL, ROLE_LABEL } from '../src/kubelet/labels.ts';
import { EngineEvents } from './engine-events.ts';
import { type Figure, medianOf } from './figures.ts';
import { Floor, type ListedContainer, type PodBodies, podContainersOf, removeCluster } from './floor.ts';
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
    const figure: Figure = {
      id: 'engine-calls',
      title: 'engine calls per pod',
      unit: 'calls',
      value: calls.length / COUNTED_PODS,
      note,
    };
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

interface HealSamples {
  /** From the call of kill to the start of the successor. */
  readonly total: number[];
  /** Of it: until the container was dead. */
  readonly dying: number[];
  /** By hand: kill, create and start. */
  readonly floorTotal: number[];
  /** Of it: create and start. */
  readonly floor: number[];
}

/** From `docker kill` to the start of its successor, against the same by hand, by turns. */
async function measureHealing(floor: Floor, { dockerHost, cluster, heals }: RunningOptions): Promise<Figure[]> {
  const events = new EngineEvents();
  await events.open(dockerHost);
  const samples: HealSamples = { total: [], dying: [], floorTotal: [], floor: [] };
  try {
    const apps = (await podContainersOf(dockerHost, cluster)).filter(({ Labels }) => Labels[ROLE_LABEL] === 'container');
    const [home] = await floor.bringUp(1);
    if (home === undefined) throw new Error('the floor has no pod');
    let mine = home.appId;
    for (const app of apps.slice(0, heals)) {
      await healOne(app, events, dockerHost, samples);
      mine = await replaceByHand(mine, home.sandboxId, floor, events, dockerHost, samples);
    }
  } finally {
    events.close();
  }
  const quotients = (times: readonly number[], by: readonly number[]): number[] =>
    times.map((each, index) => each / (by[index] ?? Number.NaN));
  const mending = samples.total.map((each, index) => each - (samples.dying[index] ?? 0));
  return [
    medianOf({ id: 'heal', title: 'from docker kill to running again', unit: 'ms' }, samples.total),
    medianOf({ id: 'heal-dying', title: '  until it is dead (docker kill returns)', unit: 'ms' }, samples.dying),
    medianOf({ id: 'heal-mending', title: '  until its successor runs', unit: 'ms' }, mending),
    medianOf({ id: 'heal-floor', title: 'create and start of an equal container', unit: 'ms' }, samples.floor),
    medianOf({ id: 'heal-floor-total', title: 'kill, create and start by hand', unit: 'ms' }, samples.floorTotal),
    medianOf(
      { id: 'heal-ratio', title: 'ratio: dead to running, to create and start', unit: 'ratio', target: 1.3 },
      quotients(mending, samples.floor),
    ),
    medianOf(
      { id: 'heal-ratio-total', title: 'ratio: kill to running, to the same by hand', unit: 'ratio', target: 1.3 },
      quotients(samples.total, samples.floorTotal),
    ),
    medianOf(
      {
        id: 'heal-ratio-mixed',
        title: 'ratio: kill to running, to create and start',
        unit: 'ratio',
        note: 'counts the killing on one side only',
      },
      quotients(samples.total, samples.floor),
    ),
  ];
}

async function healOne(app: ListedContainer, events: EngineEvents, dockerHost: string, samples: HealSamples): Promise<void> {
  const isSlot = (labels: Readonly<Record<string, string>>): boolean =>
    [POD_UID_LABEL, CONTAINER_LABEL].every((label) => labels[label] === app.Labels[label]);
  const died = events.next(({ id, action }) => id === app.Id && action === 'die');
  const back = events.next(({ id, action, labels }) => id !== app.Id && action === 'start' && isSlot(labels));
  const killedAtMs = preciseNow();
  await dockerRequest(dockerHost, 'POST', `/containers/${app.Id}/kill`);
  const [diedAtMs, backAtMs] = [(await died).atMs, (await back).atMs];
  samples.total.push(backAtMs - killedAtMs);
  samples.dying.push(diedAtMs - killedAtMs);
}

/** Returns the id of the successor. */
async function replaceByHand(
  old: string,
  sandboxId: string,
  floor: Floor,
  events: EngineEvents,
  dockerHost: string,
  samples: HealSamples,
): Promise<string> {
  const started = events.next(
    ({ id, action, labels }) => id !== old && action === 'start' && labels[CLUSTER_LABEL] === floor.cluster,
  );
  const killedAtMs = preciseNow();
  await dockerRequest(dockerHost, 'POST', `/containers/${old}/kill`);
  const deadAtMs = preciseNow();
  const id = await floor.addContainer(sandboxId);
  const startedAtMs = (await started).atMs;
  samples.floorTotal.push(startedAtMs - killedAtMs);
  samples.floor.push(startedAtMs - deadAtMs);
  return id;
}

function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}

async function mustRun(host: string, cluster: string, count: number): Promise<void> {
  const running = (await podContainersOf(host, cluster)).filter((each) => each.State === 'running').length;
  if (running !== count) throw new Error(`${running} containers run where ${count} should`);
}

async function untilGone(host: string, cluster: string): Promise<void> {
  while ((await podContainersOf(host, cluster)).length > 0) await pause(POLL_MS);
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
