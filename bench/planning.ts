// What planning costs: the control plane in this process, on its real store, git repository and engine, with a thousand manifests.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { applicationSpec } from '../src/control-plane/control-plane.ts';
import { placementCheck } from '../src/control-plane/placement-check.ts';
import { allControllers } from '../src/controllers/controllers.ts';
import { createCommitSource } from '../src/git/commit-source.ts';
import { openOwnStore } from '../src/installation/data-folder.ts';
import { connectEngine } from '../src/installation/engine.ts';
import { ImageManager } from '../src/kubelet/images/images.ts';
import type { Kind } from '../src/model/resource.ts';
import { keyOf, keyString } from '../src/model/resource.ts';
import { type Controller, kindsOf } from '../src/runtime/controller.ts';
import { type RunningController, runController } from '../src/runtime/run-controller.ts';
import { StoreFeed } from '../src/runtime/store-feed.ts';
import { allQuiet } from '../src/runtime/watch-store.ts';
import { manifestLoader } from '../src/sources/manifest-loader.ts';
import type { Store } from '../src/store/store.ts';
import type { CommitSource } from '../src/sync/commit-source.ts';
import { Syncer } from '../src/sync/syncer.ts';
import { systemClock } from '../src/system/clock.ts';
import { systemIds } from '../src/system/ids.ts';
import { silentLogger } from '../src/system/logger.ts';
import { type Figure, medianOf } from './figures.ts';
import { MANY, manyManifests, oneOfMany } from './manifests.ts';
import { type BenchRepo, makeRepo, type TimedCommit } from './workspace.ts';

/** So long that nothing is polled while something else is measured. */
const INTERVAL_MS = 3_600_000;
const TIMEOUT_MS = 600_000;
const clock = systemClock();
const ids = systemIds();

export interface PlanningOptions {
  readonly folder: string;
  readonly dockerHost: string;
  readonly cluster: string;
  readonly repeats: number;
  readonly say: (text: string) => void;
}

/** Times at which things are seen to happen; epoch milliseconds with fractions. */
interface Marks {
  detectedAtMs: number;
  loadedAtMs: number;
  plannedAtMs: number;
  onPlanned: () => void;
}

/** A control plane without kubelet: nothing of the thousand manifests runs. */
interface Plane {
  /** Asks the source and plans the commit, lets every controller look at every object, and waits for the end of it. */
  pass(): Promise<void>;
  settled(): Promise<void>;
  stop(): Promise<void>;
}

/** Figures (b) and (c). */
export async function measurePlanning({ folder, dockerHost, cluster, repeats, say }: PlanningOptions): Promise<Figure[]> {
  const repo = makeRepo(join(folder, 'many'));
  const dataDir = join(folder, 'many-data');
  mkdirSync(dataDir);
  say(`applying ${MANY} manifests`);
  repo.commit(manyManifests(), `${MANY} manifests`);
  const marks: Marks = { detectedAtMs: 0, loadedAtMs: 0, plannedAtMs: 0, onPlanned: () => {} };
  const plane = await startPlane(repo, dataDir, dockerHost, cluster, marks);
  try {
    await plane.settled();
    say('passes without a change, and with one');
    const passes = await cpuOf(() => plane.pass(), repeats);
    const changes = await measureChanges(repo, plane, marks, repeats);
    return [
      medianOf({ id: 'noop-cpu', title: `CPU of a pass over ${MANY} unchanged manifests`, unit: 'ms', target: 100 }, passes),
      medianOf(
        { id: 'change', title: `one changed manifest of ${MANY}: from commit to plan`, unit: 'ms', target: 150 },
        changes.total,
      ),
      medianOf({ id: 'change-detect', title: '  until the new commit is seen', unit: 'ms' }, changes.detect),
      medianOf({ id: 'change-load', title: '  reading and validating', unit: 'ms' }, changes.load),
      medianOf({ id: 'change-plan', title: '  plan and preflight', unit: 'ms' }, changes.plan),
    ];
  } finally {
    await plane.stop();
  }
}

/** User and system time of this process. */
async function cpuOf(work: () => Promise<void>, repeats: number): Promise<number[]> {
  const samples: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const before = process.cpuUsage();
    await work();
    const { user, system } = process.cpuUsage(before);
    samples.push((user + system) / 1000);
  }
  return samples;
}

async function measureChanges(
  repo: BenchRepo,
  plane: Plane,
  marks: Marks,
  repeats: number,
): Promise<{ total: number[]; detect: number[]; load: number[]; plan: number[] }> {
  const samples = { total: [] as number[], detect: [] as number[], load: [] as number[], plan: [] as number[] };
  for (let repeat = 0; repeat < repeats; repeat += 1) {
    const planned = new Promise<void>((resolve) => {
      marks.onPlanned = resolve;
    });
    // Every kind in turn.
    const [path, content] = oneOfMany((repeat * 7) % MANY, repeat + 1);
    const commit: TimedCommit = await repo.commitBeside({ [path]: content }, `Change ${path}`);
    await planned;
    samples.detect.push(marks.detectedAtMs - commit.atMs);
    samples.load.push(marks.loadedAtMs - marks.detectedAtMs);
    samples.plan.push(marks.plannedAtMs - marks.loadedAtMs);
    samples.total.push(marks.plannedAtMs - commit.atMs);
    await plane.settled();
  }
  return samples;
}

async function startPlane(repo: BenchRepo, dataDir: string, dockerHost: string, cluster: string, marks: Marks): Promise<Plane> {
  const { engine } = await connectEngine({ cluster }, { ...process.env, DOCKER_HOST: dockerHost }, clock);
  const store = openOwnStore(dataDir, clock, ids);
  const options = { repo: repo.dir, revision: undefined, path: '', workingTree: false, cacheDir: join(dataDir, 'git'), clock };
  const source = markedSource(createCommitSource(options), marks);
  const images = new ImageManager({ engine, clock, logger: silentLogger });
  const run = <K extends Kind, Observed>(
    controller: Controller<K, Observed>,
  ): RunningController & { kinds: readonly Kind[] } => ({
    ...runController(controller, { store, clock, ids, logger: silentLogger }),
    kinds: kindsOf(controller),
  });
  const controllers = allControllers(run);
  const application = { name: 'bench', repo: repo.dir, path: '' };
  const load = manifestLoader('');
  const feed = new StoreFeed({ store, clock, logger: silentLogger });
  const syncer = new Syncer({
    application: { name: application.name, spec: applicationSpec({ application, source, timeoutMs: TIMEOUT_MS }) },
    store: markedStore(store, marks),
    feed,
    source,
    load: async (snapshot, signal) => {
      const result = await load(snapshot, signal);
      marks.loadedAtMs = now();
      return result;
    },
    images,
    checkPlacement: placementCheck(store),
    clock,
    ids,
    logger: silentLogger,
    intervalMs: INTERVAL_MS,
  });
  syncer.start();
  feed.start();
  const quiet = allQuiet([...controllers, syncer]);
  const isLive = (head: string): boolean => {
    const status = store.get('Application', '', application.name)?.status;
    return status?.lastGood?.id === head && status.attempt === undefined;
  };
  const never = new AbortController().signal;
  return {
    async pass() {
      const head = await source.head(never);
      syncer.wake();
      for (const { kinds, queue } of controllers)
        for (const each of kinds.flatMap((kind) => store.list<Kind>(kind))) queue.add(keyString(keyOf(each)));
      await quiet.idle();
      if (!isLive(head)) throw new Error('a pass without a change did something');
    },
    async settled() {
      const head = await source.head(never);
      for (let isQuiet = false; !isQuiet || !isLive(head); isQuiet = true) {
        await pause(300);
        await quiet.idle();
      }
    },
    async stop() {
      await syncer.stop();
      await feed.stop();
      for (const controller of controllers) await controller.stop();
      images.stop();
      await source.close();
      await store.close();
    },
  };
}

/** Notes when a new commit is seen. */
function markedSource(source: CommitSource, marks: Marks): CommitSource {
  let last = '';
  return {
    description: source.description,
    get revision() {
      return source.revision;
    },
    async head(signal) {
      const head = await source.head(signal);
      if (head !== last) marks.detectedAtMs = now();
      last = head;
      return head;
    },
    snapshot: (id, signal) => source.snapshot(id, signal),
    changes: (signal) => source.changes(signal),
    close: () => source.close(),
  };
}

/** Notes when a commit's plan is handed to the store: the transaction that brings a new ApplicationRevision. */
function markedStore(store: Store, marks: Marks): Store {
  return {
    revision: () => store.revision(),
    get: (kind, namespace, name) => store.get(kind, namespace, name),
    list: (kind, namespace) => store.list(kind, namespace),
    listOwned: (kind, uid) => store.listOwned(kind, uid),
    listDependents: (uid) => store.listDependents(uid),
    listApplied: (application) => store.listApplied(application),
    podsWith: (namespace, labels) => store.podsWith(namespace, labels),
    servicesSelecting: (namespace, labels) => store.servicesSelecting(namespace, labels),
    write(writes) {
      if (writes.some((write) => write.op === 'create' && write.resource.kind === 'ApplicationRevision')) {
        marks.plannedAtMs = now();
        marks.onPlanned();
      }
      return store.write(writes);
    },
    watch: (from, signal) => store.watch(from, signal),
    lease: (name, holder, durationMs) => store.lease(name, holder, durationMs),
    release: (name, holder) => store.release(name, holder),
    close: () => store.close(),
  };
}

function now(): number {
  return performance.timeOrigin + performance.now();
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
