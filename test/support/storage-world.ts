// Claims and volumes on one node in memory: the binder and the keeper of the node's claims, pass by pass, on a fake engine.
import { claimController, volumeController } from '../../src/controllers/persistentvolume/controller.ts';
import { ephemeralVolumeController } from '../../src/controllers/persistentvolume/ephemeral.ts';
import { engineCalls } from '../../src/kubelet/engine/engine-calls.ts';
import { NodePreparation } from '../../src/kubelet/node-preparation.ts';
import { ClaimKeeper } from '../../src/kubelet/volumes/claims.ts';
import { type Kind, type PersistentVolume, type Resource, type Stored, type StoredOf } from '../../src/model/resource.ts';
import type { Controller } from '../../src/runtime/controller.ts';
import { deletionWrite } from '../../src/runtime/deletion.ts';
import { performActions } from '../../src/runtime/perform-actions.ts';
import { openMemoryStore } from '../../src/store/memory-store.ts';
import type { Store } from '../../src/store/store.ts';
import { aNode, aPod, type PodOptions } from './builders.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeEngine } from './fake-engine.ts';
import { seededIds } from './seeded-ids.ts';

const MAX_ROUNDS = 50;

/** A PersistentVolume `disk` of 1 GiB with a directory of its host. */
export function aVolume(
  spec: Partial<PersistentVolume['spec']> = {},
  options: { name?: string; labels?: Record<string, string> } = {},
): PersistentVolume {
  const { name = 'disk', labels } = options;
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name, ...(labels === undefined ? {} : { labels }) },
    spec: {
      capacity: { storage: '1Gi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      volumeMode: 'Filesystem',
      hostPath: { path: '/srv/disk', type: '' },
      ...spec,
    },
  };
}

/** A pod on node-a that mounts a claim. */
export function aUser(claim: string, options: PodOptions = {}): StoredOf<'Pod'> {
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: claim } }];
  return aPod({ nodeName: 'node-a', ...options, spec: { volumes, ...options.spec } });
}

export class StorageWorld {
  readonly clock = new FakeClock();
  readonly engine = new FakeEngine({ clock: this.clock, name: 'node-a' });
  readonly fresh = new Set<string>();
  readonly ready: string[] = [];
  store: Store;
  keeper: ClaimKeeper;
  #nodeName = 'node-a';
  #generation = 0;

  constructor() {
    this.store = this.#newStore();
    this.keeper = this.#newKeeper();
  }

  #newStore(): Store {
    this.#generation += 1;
    return openMemoryStore({ clock: this.clock, ids: seededIds(this.#generation) });
  }

  #newKeeper(): ClaimKeeper {
    const calls = engineCalls(this.engine, this.clock, new AbortController().signal);
    return new ClaimKeeper({
      store: this.store,
      calls,
      preparation: new NodePreparation(calls, 'test', 'amd64'),
      cluster: 'test',
      nodeName: this.#nodeName,
      now: () => this.clock.now(),
      freshVolumes: this.fresh,
      onReady: ({ metadata }) => this.ready.push(metadata.name),
    });
  }

  /** Begins as a kubelet does: with a listing. */
  async start(): Promise<void> {
    if (this.store.get('Node', '', this.#nodeName) === undefined) await this.create(aNode({ name: this.#nodeName }));
    await this.keeper.remember(this.engine.volumes());
    await this.settle();
  }

  /** A new process on the same store. */
  async restart(nodeName = this.#nodeName): Promise<void> {
    this.#nodeName = nodeName;
    this.keeper = this.#newKeeper();
    await this.start();
  }

  /** A new process that knows nothing. */
  async loseStore(nodeName = this.#nodeName): Promise<void> {
    this.store = this.#newStore();
    await this.restart(nodeName);
  }

  async write(...resources: readonly Resource[]): Promise<void> {
    for (const resource of resources) {
      const { metadata } = resource as Stored;
      const { uid: _uid, resourceVersion: _version, ...rest } = metadata;
      const result = await this.store.write([{ op: 'create', resource: { ...resource, metadata: rest } as Resource }]);
      if (!result.ok) throw new Error(result.message);
    }
  }

  async create(...resources: readonly Resource[]): Promise<void> {
    await this.write(...resources);
    await this.settle();
  }

  async update<K extends Kind>(kind: K, name: string, change: (resource: StoredOf<K>) => Stored): Promise<void> {
    const result = await this.store.write([{ op: 'update', resource: change(this.get(kind, name)) }]);
    if (!result.ok) throw new Error(result.message);
    await this.settle();
  }

  /** Asks an object to go, as sync does. */
  async delete(kind: Kind, name: string): Promise<void> {
    const write = deletionWrite(this.get(kind, name), this.clock.now());
    if (write !== undefined) await this.store.write([write]);
    await this.settle();
  }

  /** A pod is gone with its containers. */
  async removePod(name: string): Promise<void> {
    await this.store.write([{ op: 'remove', key: { kind: 'Pod', namespace: 'default', name } }]);
    await this.settle();
  }

  /** The engine is listed anew. */
  async relist(): Promise<void> {
    await this.keeper.compare(this.engine.volumes(), this.keeper.knownNames());
    await this.settle();
  }

  /** Everybody in turn, until nobody writes any more. */
  async settle(): Promise<void> {
    for (let round = 0; round < MAX_ROUNDS; round++) {
      const before = this.store.revision();
      await this.#pass(claimController);
      await this.#pass(volumeController);
      await this.#pass(ephemeralVolumeController);
      for (const key of this.keeper.allKeys()) await this.keeper.work(key);
      if (this.store.revision() === before) return;
    }
    throw new Error('binder and keeper did not come to rest');
  }

  async #pass<K extends Kind, O>(controller: Controller<K, O>): Promise<void> {
    for (const kind of [controller.kind].flat() as readonly K[])
      for (const { metadata } of this.store.list(kind) as readonly Stored[]) {
        const resource = this.store.get(kind, metadata.namespace ?? '', metadata.name);
        if (resource === undefined) continue;
        const plan = controller.plan(resource, controller.observe(this.store, resource), this.clock.now(), () => 'abcde');
        const context = { now: this.clock.now(), component: controller.name };
        await performActions(this.store, resource, plan.actions, plan.status, context);
      }
  }

  get<K extends Kind>(kind: K, name: string): StoredOf<K> {
    const namespace = ['PersistentVolume', 'StorageClass', 'Node'].includes(kind) ? '' : 'default';
    const found = this.store.get(kind, namespace, name);
    if (found === undefined) throw new Error(`no ${kind} ${name}`);
    return found;
  }

  /** `phase volume` of a claim. */
  claim(name = 'data'): string {
    const { status, spec } = this.get('PersistentVolumeClaim', name);
    return `${status?.phase ?? 'none'} ${spec.volumeName ?? '-'}`;
  }

  /** `name phase namespace/claim docker-volume` of every volume. */
  volumes(): readonly string[] {
    return this.store.list('PersistentVolume').map(({ metadata, spec, status }) => {
      const claim = spec.claimRef === undefined ? '-' : `${spec.claimRef.namespace}/${spec.claimRef.name}`;
      return `${metadata.name} ${status?.phase ?? 'none'} ${claim} ${spec.csi?.volumeHandle ?? '-'}`;
    });
  }

  docker(): readonly string[] {
    return this.engine.volumes().map(({ name }) => name);
  }

  /** `Reason: message` of the events about an object, oldest first. */
  events(name = 'data'): readonly string[] {
    return this.store
      .list('Event')
      .filter(({ involvedObject }) => involvedObject.name === name)
      .toSorted((a, b) => Number(a.metadata.resourceVersion) - Number(b.metadata.resourceVersion))
      .map(({ reason, message }) => `${reason}: ${message}`);
  }
}

/** The name of the volume that is made for a claim. */
export function madeFor(world: StorageWorld, claim = 'data'): string {
  return `pvc-${world.get('PersistentVolumeClaim', claim).metadata.uid}`;
}
