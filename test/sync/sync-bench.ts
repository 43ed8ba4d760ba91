// A syncer on a memory store with everything around it faked: source, images, and controllers that make of every Deployment what its
// image says. Virtual time.
import { afterEach, beforeEach } from 'vitest';
import { createManifestLoader } from '../../src/manifests/loader.ts';
import { isEnding } from '../../src/model/deletion.ts';
import { jobEnd } from '../../src/model/job.ts';
import { controllerOf, controllerReference, type Desired, keyOf, type Resource, type Stored } from '../../src/model/resource.ts';
import type { SyncPolicy } from '../../src/model/sync-policy.ts';
import { KeptTime } from '../../src/runtime/kept-time.ts';
import { StoreFeed } from '../../src/runtime/store-feed.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store, Write } from '../../src/store/store.ts';
import type { AppOrders } from '../../src/sync/gates/orders.ts';
import { keepAttempts } from '../../src/sync/kept-time.ts';
import type { PlacementCheck, PlanAgreement } from '../../src/sync/ports.ts';
import { Syncer } from '../../src/sync/syncer.ts';
import { silentLogger } from '../../src/system/logger.ts';
import { aDeployment, asDesired, aTemplate } from '../support/builders.ts';
import { FakeClock } from '../support/fake-clock.ts';
import { FakeImages } from '../support/fake-images.ts';
import { FakeSource } from '../support/fake-source.ts';
import { aNotary } from '../support/notary.ts';
import { seededIds } from '../support/seeded-ids.ts';

/** Manifests as a file of a commit. JSON is YAML. */
export function fileOf(...resources: readonly (Resource | Desired)[]): string {
  return resources.map((resource) => JSON.stringify(resource)).join('\n---\n');
}

/** A Deployment of one pod that runs this image. */
export function deploymentOf(name: string, image: string): Desired {
  return asDesired(aDeployment({ name, replicas: 1, spec: { template: aTemplate({ container: { image } }) } }));
}

/** A manifest of the application itself, with this in its spec. */
export function settings(spec: SyncPolicy & { readonly timeoutSeconds?: number }): Desired {
  const { timeoutSeconds = 300, ...policy } = spec;
  const all = { repo: '', revision: '', path: '', timeoutSeconds, ...policy };
  // What Holdfast sets itself is not written down.
  const { repo: _repo, revision: _revision, path: _path, ...written } = all;
  return { apiVersion: 'holdfast.dev/v1', kind: 'Application', metadata: { name: 'shop' }, spec: written } as unknown as Desired;
}

/** Gives each test of a file a bench of its own, and stops it when the test is over. */
export function benchForEach(assign: (bench: SyncBench) => void): void {
  let bench: SyncBench;
  beforeEach(() => {
    bench = new SyncBench();
    assign(bench);
  });
  afterEach(async () => {
    await bench.syncer.stop();
    await bench.feed.stop();
  });
}

export class SyncBench {
  readonly clock = new FakeClock();
  readonly ids = seededIds(7);
  readonly store: Store = openMemoryStore({ clock: this.clock, ids: this.ids });
  readonly feed = new StoreFeed({ store: this.store, clock: this.clock, logger: silentLogger });
  readonly source = new FakeSource();
  readonly images = new FakeImages();
  placement: PlacementCheck = () => [];
  /** What the plan of the newest commit must be, asked whenever it might be applied. */
  agreed: PlanAgreement | undefined;
  /** Images that used to work and do no more. */
  readonly sick = new Set<string>();
  /** Pods whose image contains `crash` loop, those with `slow` never get ready, all others are ready at once. So with Jobs, which end. */
  syncer: Syncer = this.#newSyncer(false);

  /** What people have said of the application; `order` changes it. */
  orders: AppOrders = {};
  readonly #listeners = new Set<() => void>();

  constructor() {
    this.feed.start();
  }

  /** A person says something. */
  order(orders: AppOrders): void {
    this.orders = orders;
    for (const listener of this.#listeners) listener();
  }

  /** Writes that the syncer may still make before it is dead: it then gets neither answer nor effect. */
  writesLeft = Number.POSITIVE_INFINITY;

  /** Pushes a commit of one file with these objects; tells its id. */
  push(resources: readonly Desired[], message?: string): string {
    const files = { 'app.yaml': fileOf(...resources) };
    return this.source.commit(message === undefined ? { files } : { files, message });
  }

  #newSyncer(once: boolean): Syncer {
    const { store } = this;
    const mortal: Store = Object.assign(Object.create(store), {
      write: (writes: readonly Write[]) => {
        if (this.writesLeft <= 0) return Promise.reject(new Error('killed'));
        this.writesLeft -= 1;
        return store.write(writes);
      },
      revision: () => store.revision(),
      get: store.get.bind(store),
      list: store.list.bind(store),
      listOwned: store.listOwned.bind(store),
      listApplied: store.listApplied.bind(store),
      watch: store.watch.bind(store),
    });
    const loader = createManifestLoader();
    const spec = { repo: this.source.description, revision: this.source.revision, path: '', timeoutSeconds: 300 };
    return new Syncer({
      application: { name: 'shop', spec },
      store: mortal,
      feed: this.feed,
      source: this.source,
      load: loader.load,
      images: this.images,
      checkPlacement: (wanted, now) => this.placement(wanted, now),
      notary: aNotary(),
      agreed: (found) => this.agreed?.(found) ?? [],
      keptTime: new KeptTime({ store: mortal, clock: this.clock, logger: silentLogger, keepers: [keepAttempts] }),
      clock: this.clock,
      ids: this.ids,
      logger: silentLogger,
      orders: {
        of: () => this.orders,
        heard: (_name, { at }) => {
          const { retry, undelete, ...rest } = this.orders;
          const [again, back] = [retry?.at === at ? undefined : retry, (undelete ?? []).filter((order) => order.at !== at)];
          this.orders = {
            ...rest,
            ...(again === undefined ? {} : { retry: again }),
            ...(back.length === 0 ? {} : { undelete: back }),
          };
        },
        onChange: (callback) => {
          this.#listeners.add(callback);
          return () => this.#listeners.delete(callback);
        },
      },
      intervalMs: 30_000,
      once,
    });
  }

  /** Another controller process over the same store. */
  async restart(options: { once?: boolean } = {}): Promise<void> {
    await this.syncer.stop();
    this.writesLeft = Number.POSITIVE_INFINITY;
    this.syncer = this.#newSyncer(options.once === true);
    this.syncer.start();
  }

  start(options: { once?: boolean } = {}): void {
    if (options.once === true) this.syncer = this.#newSyncer(true);
    this.syncer.start();
  }

  /** Lets the syncer and the controllers work until neither has anything to do now. */
  async settle(): Promise<void> {
    for (;;) {
      await this.clock.settle();
      if (!(await this.control())) return;
    }
  }

  /** Lets only the syncer work. */
  async settleSyncer(): Promise<void> {
    await this.clock.settle();
  }

  async advance(ms: number): Promise<void> {
    await this.clock.advance(ms);
    await this.settle();
  }

  get status() {
    return this.store.get('Application', '', 'shop')?.status ?? {};
  }

  names(): string[] {
    const kinds = ['Namespace', 'ConfigMap', 'Secret', 'PersistentVolumeClaim', 'Pod', 'Deployment'] as const;
    return kinds.flatMap((kind) =>
      this.store
        .list(kind)
        .filter((object) => controllerOf(object) === undefined)
        .map((object) => `${kind}/${object.metadata.name}`),
    );
  }

  image(name: string): string | undefined {
    return this.store.get('Deployment', 'default', name)?.spec.template.spec.containers[0].image;
  }

  data(name: string): Record<string, string> | undefined {
    return this.store.get('ConfigMap', 'default', name)?.data;
  }

  /** One round of the controllers; whether they did anything. */
  async control(): Promise<boolean> {
    const before = this.store.revision();
    const { store } = this;
    const objects: Stored[] = [
      ...store.list('Namespace').filter(isEnding),
      ...store.list('Pod'),
      ...store.list('ReplicaSet'),
      ...store.list('PersistentVolumeClaim'),
      ...store.list('Job').filter((job) => jobEnd(job) === undefined),
      ...store.list('Deployment'),
    ];
    for (const object of objects) {
      const writes =
        object.kind === 'Deployment' ? deploymentWrites(store, object, this.sick) : simpleWrites(store, object, this.sick);
      if (writes.length > 0) await this.store.write(writes);
    }
    return this.store.revision() !== before;
  }
}

function statusWrite(object: Stored, status: unknown): Write {
  return { op: 'updateStatus', key: keyOf(object), uid: object.metadata.uid, status };
}

function simpleWrites(store: Store, object: Stored, sick: ReadonlySet<string>): readonly Write[] {
  if (object.kind === 'PersistentVolumeClaim')
    return [statusWrite(object, { phase: 'Bound', volume: `vol-${object.metadata.name}` })];
  if (object.kind === 'Job') return jobWrites(object);
  const owner = controllerOf(object);
  const ownerKind = owner?.kind === 'Deployment' ? 'Deployment' : 'ReplicaSet';
  const isOrphan = owner !== undefined && store.get(ownerKind, 'default', owner.name)?.metadata.uid !== owner.uid;
  if (object.metadata.deletionTimestamp !== undefined || isOrphan)
    return [{ op: 'remove', key: keyOf(object), uid: object.metadata.uid }];
  if (object.kind !== 'Pod') return [];
  const node: readonly Write[] =
    object.spec.nodeName === undefined
      ? [{ op: 'update', resource: { ...object, spec: { ...object.spec, nodeName: 'node-a' } } }]
      : [];
  return [...node, statusWrite(object, podStatus(object.spec.containers[0].image, sick))];
}

/** How a Job ends that is left alone. */
function jobWrites(job: Stored & { kind: 'Job' }): readonly Write[] {
  const { image } = job.spec.template.spec.containers[0];
  return image.includes('slow') ? [] : [jobEndWrite(job, image.includes('crash') ? 'Failed' : 'Complete')];
}

/** The end of a Job, as its controller would tell it. */
export function jobEndWrite(job: Stored & { kind: 'Job' }, type: 'Complete' | 'Failed'): Write {
  const reason = type === 'Failed' ? { reason: 'BackoffLimitExceeded', message: 'it failed 6 times' } : {};
  return statusWrite(job, { conditions: [{ type, status: 'True', ...reason }] });
}

function isWell(image: string, sick: ReadonlySet<string>): boolean {
  return !image.includes('crash') && !image.includes('slow') && !sick.has(image);
}

function podStatus(image: string, sick: ReadonlySet<string>): unknown {
  const isReady = isWell(image, sick);
  const waiting = { waiting: { reason: 'CrashLoopBackOff' } };
  return {
    phase: 'Running',
    conditions: [{ type: 'Ready', status: isReady ? 'True' : 'False' }],
    containerStatuses: [
      {
        name: 'main',
        ready: isReady,
        restartCount: image.includes('crash') ? 4 : 0,
        image,
        state: image.includes('crash') ? waiting : { running: {} },
      },
    ],
  };
}

/** One ReplicaSet per image, one pod in it. */
function deploymentWrites(
  store: Store,
  deployment: Stored & { kind: 'Deployment' },
  sick: ReadonlySet<string>,
): readonly Write[] {
  const { name, generation, uid } = deployment.metadata;
  const { image } = deployment.spec.template.spec.containers[0];
  const setName = `${name}-${image.replaceAll(/[^a-z0-9]/g, '')}-${uid.slice(0, 4)}`;
  const sets = store.listOwned('ReplicaSet', uid);
  const current = sets.find((set) => set.metadata.name === setName);
  const metadata = {
    name: setName,
    namespace: 'default',
    ownerReferences: [controllerReference(deployment)],
    annotations: deployment.metadata.annotations ?? {},
  };
  if (current === undefined)
    return [
      {
        op: 'create',
        resource: { apiVersion: 'apps/v1', kind: 'ReplicaSet', metadata, spec: { selector: deployment.spec.selector } },
      },
      ...sets.map((set): Write => ({ op: 'remove', key: keyOf(set), uid: set.metadata.uid })),
    ];
  const pods = store.listOwned('Pod', current.metadata.uid);
  const ready = isWell(image, sick) ? 1 : 0;
  const status = {
    observedGeneration: generation,
    replicas: 1,
    updatedReplicas: 1,
    readyReplicas: ready,
    availableReplicas: ready,
  };
  const pod: Resource = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${setName}-0`,
      namespace: 'default',
      ownerReferences: [controllerReference(current)],
      annotations: metadata.annotations,
    },
    spec: deployment.spec.template.spec,
  };
  return [...(pods.length === 0 ? [{ op: 'create', resource: pod } as const] : []), statusWrite(deployment, status)];
}
